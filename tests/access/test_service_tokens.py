from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import select

from access.models import AccessTokenRecord, UsedAssertionRecord
from access.rules import write_client_id
from access.service import (
    add_client,
    deactivate_client,
    find_actor_by_token,
    issue_token,
    may_fhir,
    revoke_token,
)
from access.values import TokenRefusedError
from audit.service import reading, writing
from config.finding import MissingError
from config.ids import uuid7
from tests.factories.access import EC, RSA, TOKEN_URL, make_assertion, make_form, make_jwks

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

    from access.values import AccessToken, ApiClient
    from config.actor import Actor
    from config.ids import PracticeId
    from config.tenancy import Database

NOW = dt.datetime(2026, 9, 15, 14, 0, tzinfo=dt.UTC)
SECONDS = int(NOW.timestamp())


@pytest.fixture
def client(database: Database, actor: Actor) -> ApiClient:
    with writing(database, actor, purpose="operations") as session:
        return add_client(
            session,
            "Harbor EHR",
            jwks=make_jwks(),
            now=NOW,
            scopes=["system/Patient.cu", "system/Encounter.c"],
        )


def _ask(database: Database, assertion: str, **changes: str) -> AccessToken:
    form = make_form(assertion, **changes)
    return issue_token(database, form, token_url=TOKEN_URL, now=NOW)


def _refused(database: Database, assertion: str, **changes: str) -> tuple[str, str]:
    with pytest.raises(TokenRefusedError) as refused:
        _ask(database, assertion, **changes)
    return refused.value.error, refused.value.description


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS384", "ES384"])
def test_signed_assertion_gets_a_token_of_its_scopes(
    database: Database, client: ApiClient, practice_id: PracticeId, key: RSAKey | ECKey
) -> None:
    token = _ask(database, make_assertion(client.client_id, SECONDS, key=key))
    actor = find_actor_by_token(database, token.token, now=NOW)
    assert actor is not None
    assert (actor.id, actor.name, actor.practice_id) == (client.id, "Harbor EHR", practice_id)
    assert token.expires_in == 300
    assert may_fhir(actor, "Patient", "u")
    assert may_fhir(actor, "Encounter", "c")
    assert not may_fhir(actor, "Encounter", "u")
    assert not may_fhir(actor, "Patient", "r")
    assert actor.may("intake.write")
    assert not actor.may("intake.read")


def test_token_itself_is_not_stored(database: Database, client: ApiClient, actor: Actor) -> None:
    token = _ask(database, make_assertion(client.client_id, SECONDS))
    with reading(database, actor, purpose="operations") as session:
        (row,) = session.scalars(select(AccessTokenRecord)).all()
    stored = repr({column.name: getattr(row, column.name) for column in row.__table__.columns})
    assert token.token not in stored
    assert len(row.token_hash) == 32


def test_assertion_is_good_once_even_in_another_process(
    database: Database, client: ApiClient, database_urls: tuple[str, str]
) -> None:
    assertion = make_assertion(client.client_id, SECONDS)
    _ask(database, assertion)
    again = type(database)(database_urls[0], keyring=database.keyring)
    error, description = _refused(again, assertion)
    again.dispose()
    assert error == "invalid_client"
    assert "jti" in description


def test_same_jti_of_another_client_is_another_one(
    database: Database, client: ApiClient, actor: Actor
) -> None:
    with writing(database, actor, purpose="operations") as session:
        other = add_client(session, "Second EHR", jwks=make_jwks(), now=NOW)
    _ask(database, make_assertion(client.client_id, SECONDS, jti="one"))
    assert _ask(database, make_assertion(other.client_id, SECONDS, jti="one")).token


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"aud": "http://elsewhere.example/token"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [TOKEN_URL, "http://elsewhere.example"]}, "aud"),
        ({"exp": SECONDS - 60}, "expired"),
        ({"exp": SECONDS + 600}, "5 minutes"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 1e308}, "exp"),
        ({"iat": SECONDS + 120}, "iat"),
        ({"iat": SECONDS - 900}, "iat"),
        ({"nbf": SECONDS + 120}, "nbf"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": "x" * 256}, "jti"),
        ({"jti": 7}, "jti"),
        ({"sub": "somebody else"}, "sub"),
    ],
)
def test_assertion_with_wrong_claims_is_refused(
    database: Database, client: ApiClient, changes: dict[str, Any], word: str
) -> None:
    error, description = _refused(database, make_assertion(client.client_id, SECONDS, **changes))
    assert error == "invalid_client"
    assert word in description


def test_assertion_with_right_claims_but_a_strangers_key_is_refused(
    database: Database, client: ApiClient
) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "ec-1"})
    assertion = make_assertion(client.client_id, SECONDS, key=stranger)
    assert _refused(database, assertion) == ("invalid_client", "the signature does not hold")


def test_shared_secret_made_of_the_public_key_is_refused(
    database: Database, client: ApiClient
) -> None:
    """The classic confusion: HS256 with the public key's bytes as its secret."""
    secret = OctKey.import_key(make_jwks(EC))
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": TOKEN_URL}
    forged = jwt.encode({"alg": "HS256", "kid": "ec-1"}, claims, secret)
    assert _refused(database, forged) == ("invalid_client", "alg must be RS384 or ES384")


def test_unsigned_assertion_is_refused(database: Database, client: ApiClient) -> None:
    signed = make_assertion(client.client_id, SECONDS)
    _, claims, _ = signed.split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{claims}."
    assert _refused(database, unsigned) == ("invalid_client", "alg must be RS384 or ES384")


def test_unknown_clients_look_all_alike(
    database: Database, client: ApiClient, practice_id: PracticeId, other_practice_id: PracticeId
) -> None:
    """No such client, no such practice, and a client under another practice's key."""
    answers = {
        _refused(database, make_assertion(write_client_id(practice, key), SECONDS))
        for practice, key in (
            (practice_id, uuid7()),
            (uuid7(), uuid7()),
            (other_practice_id, client.id),
        )
    }
    assert len(answers) == 1


@pytest.mark.parametrize("assertion", ["x", "a.b.c", "e30.e30.e30", "..", "é.é.é", "W10.W10."])
def test_what_is_no_assertion_is_refused(database: Database, assertion: str) -> None:
    assert _refused(database, assertion)[0] == "invalid_client"


def test_request_without_its_fields_is_refused(database: Database, client: ApiClient) -> None:
    assertion = make_assertion(client.client_id, SECONDS)
    assert _refused(database, assertion, grant_type="password")[0] == "unsupported_grant_type"
    assert _refused(database, assertion, client_assertion_type="x")[0] == "invalid_request"
    assert _refused(database, "")[0] == "invalid_request"
    assert _refused(database, "x" * 10_000)[0] == "invalid_request"


def test_scope_is_cut_to_what_the_client_holds(database: Database, client: ApiClient) -> None:
    token = _ask(
        database,
        make_assertion(client.client_id, SECONDS),
        scope="system/Patient.c system/Patient.d system/*.c",
    )
    assert token.scope == "system/Patient.c"
    error, _ = _refused(database, make_assertion(client.client_id, SECONDS), scope="system/*.cruds")
    assert error == "invalid_scope"


def test_expired_token_finds_nobody(database: Database, client: ApiClient) -> None:
    token = _ask(database, make_assertion(client.client_id, SECONDS)).token
    almost = NOW + dt.timedelta(seconds=299)
    assert find_actor_by_token(database, token, now=almost) is not None
    assert find_actor_by_token(database, token, now=NOW + dt.timedelta(seconds=300)) is None


def test_deactivated_client_is_out_at_once(
    database: Database, client: ApiClient, actor: Actor, other_actor: Actor
) -> None:
    token = _ask(database, make_assertion(client.client_id, SECONDS)).token
    with (
        pytest.raises(MissingError),
        writing(database, other_actor, purpose="operations") as session,
    ):
        deactivate_client(session, client.client_id, now=NOW)
    assert find_actor_by_token(database, token, now=NOW) is not None
    with writing(database, actor, purpose="operations") as session:
        assert not deactivate_client(session, client.client_id, now=NOW).is_active
    assert find_actor_by_token(database, token, now=NOW) is None
    assert _refused(database, make_assertion(client.client_id, SECONDS))[0] == "invalid_client"


def test_revoked_token_finds_nobody_and_others_stay(database: Database, client: ApiClient) -> None:
    first = _ask(database, make_assertion(client.client_id, SECONDS)).token
    second = _ask(database, make_assertion(client.client_id, SECONDS)).token
    revoke_token(database, first, now=NOW)
    revoke_token(database, "unknown", now=NOW)
    assert find_actor_by_token(database, first, now=NOW) is None
    assert find_actor_by_token(database, second, now=NOW) is not None


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 64, "A" * 1_000_000])
def test_what_is_no_token_finds_nobody(database: Database, token: str) -> None:
    assert find_actor_by_token(database, token, now=NOW) is None


def test_token_of_one_practice_is_none_of_another(
    database: Database, client: ApiClient, other_practice_id: PracticeId
) -> None:
    """The practice's key in a token's text is only where to look, not what is believed."""
    from access.rules import decode_base64url, encode_base64url  # noqa: PLC0415  # here only

    token = _ask(database, make_assertion(client.client_id, SECONDS)).token
    raw = decode_base64url(token)
    assert raw is not None
    moved = encode_base64url(other_practice_id.bytes + raw[16:])
    assert find_actor_by_token(database, moved, now=NOW) is None


def test_used_assertions_are_kept_no_longer_than_they_could_be_used(
    database: Database, client: ApiClient, actor: Actor
) -> None:
    _ask(database, make_assertion(client.client_id, SECONDS))
    later = NOW + dt.timedelta(hours=1)
    form = make_form(make_assertion(client.client_id, int(later.timestamp())))
    issue_token(database, form, token_url=TOKEN_URL, now=later)
    with reading(database, actor, purpose="operations") as session:
        assert len(session.scalars(select(UsedAssertionRecord)).all()) == 1
        assert len(session.scalars(select(AccessTokenRecord)).all()) == 1


def test_practice_mode_takes_assertions_by_the_clients_clock(
    database: Database, client: ApiClient
) -> None:
    played = NOW - dt.timedelta(days=70)
    form = make_form(make_assertion(client.client_id, SECONDS))
    token = issue_token(database, form, token_url=TOKEN_URL, now=played, peer_now=NOW)
    assert find_actor_by_token(database, token.token, now=played) is not None
