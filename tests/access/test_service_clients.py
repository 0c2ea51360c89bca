from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import ECKey, OctKey

from access.rules import covers, list_permissions, read_scope
from access.service import add_client, find_client, list_clients
from audit.service import reading, writing
from config.finding import RefusedError
from tests.factories.access import EC, RSA, make_jwks

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database

NOW = dt.datetime(2026, 9, 15, 14, 0, tzinfo=dt.UTC)


def _codes(
    database: Database, actor: Actor, jwks: str, *scopes: str, name: str = "EHR"
) -> set[str]:
    with (
        pytest.raises(RefusedError) as refused,
        writing(database, actor, purpose="operations") as session,
    ):
        add_client(session, name, jwks=jwks, now=NOW, scopes=scopes or ("system/*.c",))
    return {finding.code for finding in refused.value.findings}


def test_client_is_found_by_name_and_client_id_in_its_practice_only(
    database: Database, actor: Actor, other_actor: Actor
) -> None:
    with writing(database, actor, purpose="operations") as session:
        client = add_client(session, "Harbor EHR", jwks=make_jwks(), now=NOW)
    with reading(database, actor, purpose="operations") as session:
        assert find_client(session, "Harbor EHR") == client
        assert find_client(session, client.client_id) == client
        assert list_clients(session) == [client]
    with reading(database, other_actor, purpose="operations") as session:
        assert find_client(session, "Harbor EHR") is None
        assert find_client(session, client.client_id) is None
        assert list_clients(session) == []


def test_weak_private_and_shared_keys_are_refused(database: Database, actor: Actor) -> None:
    weak = json.dumps({"keys": [{"kty": "RSA", "kid": "a", "n": "-" * 170, "e": "AQAB"}]})
    assert _codes(database, actor, weak) == {"jwks-algorithm"}
    curve = make_jwks(ECKey.generate_key("P-256", {"kid": "a"}))
    assert _codes(database, actor, curve) == {"jwks-algorithm"}
    private = json.dumps({"keys": [EC.as_dict(private=True)]})
    assert _codes(database, actor, private) == {"jwks-private"}
    shared = json.dumps({"keys": [OctKey.generate_key(256, {"kid": "a"}).as_dict(private=True)]})
    assert _codes(database, actor, shared) == {"jwks-private"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"keys": {}}', '{"keys": [1]}', "null", "[" * 9999]
)
def test_what_is_no_key_set_is_refused(database: Database, actor: Actor, text: str) -> None:
    assert _codes(database, actor, text) == {"jwks-form"}


def test_keys_need_ids_of_their_own(database: Database, actor: Actor) -> None:
    assert _codes(database, actor, '{"keys": []}') == {"jwks-keys"}
    assert _codes(database, actor, make_jwks(RSA, RSA)) == {"jwks-keys"}
    nameless = RSA.as_dict(private=False)
    del nameless["kid"]
    assert _codes(database, actor, json.dumps({"keys": [nameless]})) == {"jwks-kid"}


def test_taken_name_and_unknown_scope_are_refused(database: Database, actor: Actor) -> None:
    with writing(database, actor, purpose="operations") as session:
        add_client(session, "EHR", jwks=make_jwks(), now=NOW)
    assert _codes(database, actor, make_jwks(), "user/*.read") == {
        "client-name-taken",
        "scope-form",
    }
    assert _codes(database, actor, make_jwks(), name="a\nb") == {"client-name"}


@pytest.mark.parametrize(
    ("scope", "meaning"),
    [
        ("system/Patient.c", ("Patient", "c")),
        ("system/*.cruds", ("*", "cruds")),
        ("system/*.write", ("*", "cud")),
        ("system/Coverage.read", ("Coverage", "rs")),
        ("system/Patient.*", ("Patient", "cruds")),
        ("system/Patient.uc", None),
        ("system/Patient.cc", None),
        ("system/patient.c", None),
        ("user/Patient.c", None),
        ("system/Patient.c?x=1", None),
        ("system/Patient.c\n", None),
    ],
)
def test_scopes_are_read(scope: str, meaning: tuple[str, str] | None) -> None:
    assert read_scope(scope) == meaning


def test_scopes_cover_only_what_they_say() -> None:
    assert covers(["system/Patient.c", "system/*.u"], "system/Patient.cu")
    assert not covers(["system/Patient.c"], "system/*.c")
    assert not covers(["system/Patient.cu"], "system/Patient.cud")
    assert not covers(["system/*.cruds"], "user/Patient.c")
    assert not covers([], "system/Patient.c")


def test_reading_scopes_give_no_right_to_write() -> None:
    assert list_permissions(["system/*.rs"]) == {"fhir.*.r", "fhir.*.s", "intake.read"}
    assert list_permissions(["system/Patient.d"]) == {"fhir.Patient.d"}
