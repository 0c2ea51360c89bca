"""What of signed visits is claimed and charged by nobody yet: what there is to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from claims import queries
from claims.models import ClaimLineRow, ClaimRow
from claims.values import ClaimState
from coding import service as coding
from coding.values import CodingState
from ledger import service as ledger

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from coding.values import CodedLine, CodedVisit
    from config.tenancy import PracticeSession
    from encounters.values import VisitId


def list_visits_to_build(session: PracticeSession, visit_ids: Sequence[VisitId]) -> list[VisitId]:
    """Return which of these visits have something that no claim carries and nobody was charged.

    Plain columns leave out what was built since it was signed; only the rest is opened.

    Args:
        session: An open session.
        visit_ids: Signed visits.
    """
    suspects = _list_suspects(session, visit_ids)
    coded = coding.get_coded_visits(session, suspects)
    unclaimed = list_unclaimed_lines(session, coded.values())
    return [key for key in suspects if key in coded and unclaimed[key]]


def _list_suspects(session: PracticeSession, visit_ids: Sequence[VisitId]) -> list[VisitId]:
    built: dict[UUID, dt.datetime] = {}
    voided: set[UUID] = set()
    for part in queries.in_chunks(visit_ids):
        rows = session.execute(
            select(ClaimRow.visit_id, ClaimRow.state, ClaimRow.created_at).where(
                ClaimRow.visit_id.in_(part)
            )
        )
        for visit_id, state, created_at in rows:
            built[visit_id] = max(created_at, built.get(visit_id, created_at))
            if state == ClaimState.VOIDED:
                voided.add(visit_id)
    signed = coding.get_signing_times(session, built)
    return [
        key
        for key in visit_ids
        if key not in built or key in voided or (key in signed and signed[key] >= built[key])
    ]


def list_unclaimed_lines(
    session: PracticeSession, coded: Iterable[CodedVisit]
) -> dict[VisitId, tuple[CodedLine, ...]]:
    """Return for each signed visit its lines that no live claim carries and nobody was charged.

    A void takes its lines' charges back, so they come again; a line that the guarantor was
    charged stays with the guarantor.
    """
    signed = {visit.visit_id: visit for visit in coded if visit.state is CodingState.SIGNED}
    claimed = _read_claimed(session, signed)
    keys = [line.id for visit in signed.values() for line in visit.lines if line.id not in claimed]
    charged = {
        key for key, balance in ledger.get_line_balances(session, keys).items() if balance.charged
    }
    taken = claimed | charged
    return {
        key: tuple(line for line in visit.lines if line.id not in taken)
        for key, visit in signed.items()
    }


def _read_claimed(session: PracticeSession, visit_ids: Iterable[VisitId]) -> set[UUID]:
    """Return the charge lines of these visits that stand on a claim which isn't void."""
    found: set[UUID] = set()
    for part in queries.in_chunks(visit_ids):
        found |= set(
            session.scalars(
                select(ClaimLineRow.charge_line_id)
                .join(
                    ClaimRow,
                    (ClaimRow.practice_id == ClaimLineRow.practice_id)
                    & (ClaimRow.id == ClaimLineRow.claim_id),
                )
                .where(ClaimLineRow.visit_id.in_(part), ClaimRow.state != ClaimState.VOIDED)
            )
        )
    return found
