"""API clients: who they are, by which keys they prove it, and what they may ask for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from access import rules
from access.models import AccessTokenRecord, ApiClientRecord
from access.values import ApiClient, ApiClientId
from audit.service import note
from config.finding import Finding, MissingError, RefusedError
from config.ids import PracticeId, uuid7

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from config.tenancy import PracticeSession

# What an EHR's feed needs: send and update, and read back what was taken in.
DEFAULT_SCOPES: Final = ("system/*.cru", "system/*.s")


def to_client(record: ApiClientRecord) -> ApiClient:
    """Read a client's row."""
    return ApiClient(
        id=ApiClientId(record.id),
        practice_id=PracticeId(record.practice_id),
        client_id=rules.write_client_id(record.practice_id, record.id),
        name=record.name,
        scopes=tuple(record.scopes.split()),
        is_active=record.is_active,
    )


def add_client(
    session: PracticeSession,
    name: str,
    *,
    jwks: str | bytes,
    now: dt.datetime,
    scopes: Sequence[str] = DEFAULT_SCOPES,
) -> ApiClient:
    """Register a client of the session's practice.

    Args:
        session: A writing session.
        name: What people call it; unique in the practice.
        jwks: Its public keys as a JSON Web Key Set.
        now: When it is registered.
        scopes: What it may ask for.

    Raises:
        RefusedError: Findings about name, keys or scopes.
    """
    keys, findings = rules.read_jwks(jwks)
    findings += rules.check_client_name(name)
    findings += rules.check_scopes(scopes)
    taken = session.scalars(select(ApiClientRecord.id).where(ApiClientRecord.name == name)).first()
    if taken:
        findings.append(
            Finding(
                "client-name-taken",
                "name",
                "a client of this practice has this name",
                "choose another name, or deactivate the old client and name the new one anew",
            )
        )
    if findings:
        raise RefusedError(findings)
    record = ApiClientRecord(
        practice_id=session.own_practice_id,
        id=uuid7(),
        name=name,
        jwks=json.dumps({"keys": keys}, sort_keys=True),
        scopes=" ".join(scopes),
        is_active=True,
        created_at=now,
        deactivated_at=None,
    )
    session.add(record)
    session.flush()
    note(session, "client.added", client=record.id)
    return to_client(record)


def list_clients(session: PracticeSession) -> list[ApiClient]:
    """Return the practice's clients by name, the deactivated ones too."""
    statement = select(ApiClientRecord).order_by(ApiClientRecord.name)
    return [to_client(record) for record in session.scalars(statement)]


def find_client(session: PracticeSession, name_or_client_id: str) -> ApiClient | None:
    """Return the practice's client with a name or client_id, if any."""
    record = _find_record(session, name_or_client_id)
    return to_client(record) if record else None


def _find_record(session: PracticeSession, name_or_client_id: str) -> ApiClientRecord | None:
    keys = rules.read_client_id(name_or_client_id)
    by_name = ApiClientRecord.name == name_or_client_id
    condition = by_name | (ApiClientRecord.id == keys[1]) if keys else by_name
    return session.scalars(select(ApiClientRecord).where(condition)).first()


def deactivate_client(
    session: PracticeSession, name_or_client_id: str, *, now: dt.datetime
) -> ApiClient:
    """Take a client's rights away at once, its tokens' too.

    Raises:
        MissingError: The practice has no such client.

    Source:
        S5.
    """
    record = _find_record(session, name_or_client_id)
    if record is None:
        raise MissingError("this practice has no such client")
    if record.is_active:
        record.is_active, record.deactivated_at = False, now
        session.flush()
        session.execute(delete(AccessTokenRecord).where(AccessTokenRecord.client_id == record.id))
        note(session, "client.deactivated", client=record.id)
    return to_client(record)
