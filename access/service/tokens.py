"""Access tokens: given for a signed assertion, looked up at every call, dead at once when revoked.

Before a token is given or found there is no actor; so these functions open their own sessions,
of the practice that the client's own text names, and whatever a known client tries is recorded.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from access import rules
from access.models import AccessTokenRecord, ApiClientRecord, UsedAssertionRecord
from access.values import AccessToken, TokenRefusedError
from audit.service import note, writing
from config.actor import Actor, ActorKind
from config.ids import PracticeId, uuid7

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from config.tenancy import Database, PracticeSession

TOKEN_SECONDS: Final = 300
TOKEN_BYTES: Final = 32
ASSERTION_CHARACTERS_MAX: Final = 8192
SCOPE_CHARACTERS_MAX: Final = 2000
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class _Claimed(NamedTuple):
    """An assertion whose signature nobody has checked yet."""

    assertion: str
    header: dict[str, Any]
    practice_id: PracticeId
    client_key: UUID
    client_id: str


def issue_token(
    database: Database,
    form: Mapping[str, str],
    *,
    token_url: str,
    now: dt.datetime,
    peer_now: dt.datetime | None = None,
) -> AccessToken:
    """Give a client a token for its signed assertion.

    Args:
        database: The installation's database.
        form: The fields of the request.
        token_url: The address that the assertion must be for.
        now: The present instant.
        peer_now: The instant on the client's clock where practice mode plays another day.

    Raises:
        TokenRefusedError: With the OAuth error and what to mend.

    Source:
        SMART Backend Services 2.2; RFC 6749 section 4.4; RFC 7523.
    """
    claimed = _read_form(form)
    client = _find_client(database, claimed)
    actor = Actor(ActorKind.API_CLIENT, client.id, client.name, claimed.practice_id)
    scopes = _choose_scopes(form.get("scope", ""), client.scopes.split())
    with writing(database, actor, purpose="operations") as session:
        claims = _verify(claimed, client, token_url=token_url, now=peer_now or now)
        _forget_expired(session, now=now, peer_now=peer_now or now)
        _use_once(session, client.id, claims)
        return _give(session, client.id, scopes, now)


def _read_form(form: Mapping[str, str]) -> _Claimed:
    if form.get("grant_type") != "client_credentials":
        raise TokenRefusedError("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefusedError(
            "invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}"
        )
    assertion = form.get("client_assertion", "")
    if not 0 < len(assertion) <= ASSERTION_CHARACTERS_MAX:
        raise TokenRefusedError(
            "invalid_request",
            f"client_assertion must be a JWT of at most {ASSERTION_CHARACTERS_MAX} characters",
        )
    parts = rules.read_unverified(assertion)
    if parts is None:
        raise _unknown("client_assertion is not a JWT")
    header, claims = parts
    issuer = claims.get("iss")
    keys = rules.read_client_id(issuer) if isinstance(issuer, str) else None
    if keys is None or not isinstance(issuer, str):
        raise _unknown("iss is no client_id of this installation")
    return _Claimed(assertion, header, PracticeId(keys[0]), keys[1], issuer)


def _unknown(description: str) -> TokenRefusedError:
    return TokenRefusedError("invalid_client", description, status=401)


def _find_client(database: Database, claimed: _Claimed) -> ApiClientRecord:
    with database.session(claimed.practice_id) as session:
        record = session.get(ApiClientRecord, (claimed.practice_id, claimed.client_key))
    if record is None or not record.is_active:
        raise _unknown("iss is no client_id of this installation")
    return record


def _choose_scopes(asked: str, held: list[str]) -> list[str]:
    """Return the asked scopes that the client holds; all of its own where it asks for none."""
    if len(asked) > SCOPE_CHARACTERS_MAX:
        raise TokenRefusedError("invalid_scope", "scope is too long")
    wanted = list(dict.fromkeys(asked.split()))
    if not wanted:
        return held
    granted = [scope for scope in wanted if rules.covers(held, scope)]
    if not granted:
        raise TokenRefusedError(
            "invalid_scope", "the client holds none of these scopes; it holds: " + " ".join(held)
        )
    return granted


def _verify(
    claimed: _Claimed, client: ApiClientRecord, *, token_url: str, now: dt.datetime
) -> dict[str, Any]:
    """Return the claims of an assertion that the client itself signed, for us and just now."""
    algorithm = claimed.header.get("alg")
    if algorithm not in rules.ALGORITHMS:
        raise _unknown("alg must be RS384 or ES384")
    keys = [
        key
        for key in json.loads(client.jwks)["keys"]
        if key["kid"] == claimed.header.get("kid") and key["kty"] == rules.ALGORITHMS[algorithm]
    ]
    if not keys:
        raise _unknown("kid names no key of this client for that alg")
    try:
        key_set = KeySet.import_key_set({"keys": keys})
        claims = jwt.decode(claimed.assertion, key_set, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError):
        raise _unknown("the signature does not hold") from None
    wrong = rules.check_claims(
        claims, client_id=claimed.client_id, token_url=token_url, now=int(now.timestamp())
    )
    if wrong is not None:
        raise _unknown(wrong)
    return claims


def _forget_expired(session: PracticeSession, *, now: dt.datetime, peer_now: dt.datetime) -> None:
    """Drop what can no longer be used again, so that the tables stay small."""
    skew = dt.timedelta(seconds=2 * rules.SKEW_SECONDS)
    session.execute(delete(AccessTokenRecord).where(AccessTokenRecord.expires_at < now))
    session.execute(
        delete(UsedAssertionRecord).where(UsedAssertionRecord.expires_at < peer_now - skew)
    )


def _use_once(session: PracticeSession, client_id: UUID, claims: dict[str, Any]) -> None:
    """Write down that an assertion was used; the database lets that happen once."""
    session.add(
        UsedAssertionRecord(
            practice_id=session.own_practice_id,
            client_id=client_id,
            jti_hash=hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).digest(),
            expires_at=dt.datetime.fromtimestamp(claims["exp"], dt.UTC),
        )
    )
    try:
        session.flush()
    except IntegrityError:
        raise _unknown("this jti was used before; make a new assertion for each token") from None


def _give(
    session: PracticeSession, client_id: UUID, scopes: list[str], now: dt.datetime
) -> AccessToken:
    practice_id = session.own_practice_id
    token = rules.encode_base64url(practice_id.bytes + os.urandom(TOKEN_BYTES))
    row_id = uuid7()
    session.add(
        AccessTokenRecord(
            practice_id=practice_id,
            id=row_id,
            client_id=client_id,
            token_hash=_hash(token),
            scopes=" ".join(scopes),
            issued_at=now,
            expires_at=now + dt.timedelta(seconds=TOKEN_SECONDS),
        )
    )
    session.flush()
    note(session, "token.issued", client=client_id, token=row_id)
    return AccessToken(token, TOKEN_SECONDS, " ".join(scopes))


def _hash(token: str) -> bytes:
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def find_actor_by_token(database: Database, token: str, *, now: dt.datetime) -> Actor | None:
    """Return whose token it is, with what its scopes allow.

    Asks the database at every call, so that a deactivated client is out with its next one.

    Returns:
        None where the token is unknown, expired or revoked, or its client is deactivated.

    Source:
        S5.
    """
    practice_id = rules.read_token(token, TOKEN_BYTES)
    if practice_id is None:
        return None
    statement = (
        select(AccessTokenRecord.scopes, ApiClientRecord.id, ApiClientRecord.name)
        .join(
            ApiClientRecord,
            (ApiClientRecord.practice_id == AccessTokenRecord.practice_id)
            & (ApiClientRecord.id == AccessTokenRecord.client_id),
        )
        .where(
            AccessTokenRecord.token_hash == _hash(token),
            AccessTokenRecord.expires_at > now,
            ApiClientRecord.is_active,
        )
    )
    with database.session(PracticeId(practice_id)) as session:
        row = session.execute(statement).one_or_none()
    if row is None:
        return None
    return Actor(
        ActorKind.API_CLIENT,
        row.id,
        row.name,
        PracticeId(practice_id),
        rules.list_permissions(row.scopes.split()),
    )


def revoke_token(database: Database, token: str, *, now: dt.datetime) -> None:
    """Make a token worthless at once; an unknown one is none of our business."""
    actor = find_actor_by_token(database, token, now=now)
    if actor is None:
        return
    with writing(database, actor, purpose="operations") as session:
        session.execute(
            delete(AccessTokenRecord).where(AccessTokenRecord.token_hash == _hash(token))
        )
        note(session, "token.revoked", client=actor.id)


def may_fhir(actor: Actor, resource_type: str, action: str) -> bool:
    """Say whether an actor may do an action (one of c r u d s) to a FHIR resource type."""
    return actor.may(f"fhir.{resource_type}.{action}")
