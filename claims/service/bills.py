"""What bills ask of claims: is every payer done with a visit?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims.models import ClaimRow
from claims.values import ClaimState
from encounters.values import VisitId
from practice.values import PayerId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.tenancy import PracticeSession

_CHUNK: Final = 500
# Answered: what a payer still owes of these stands in the ledger, not in the claim's state.
_ANSWERED: Final = (
    ClaimState.ADJUDICATED.value,
    ClaimState.DENIED.value,
    ClaimState.SETTLED.value,
    ClaimState.VOIDED.value,
)


def list_waiting_payers(
    session: PracticeSession, visit_ids: Iterable[VisitId]
) -> dict[VisitId, tuple[PayerId, ...]]:
    """Return the payers of each visit's claims that wait for an answer, or for being sent again.

    Visits without such a claim are left out. A denied claim isn't under way by itself: as long as
    its amount is open with the payer, the ledger says so.

    Source:
        House: DESIGN 7.7.
    """
    wanted = sorted(set(visit_ids))
    found: dict[VisitId, list[PayerId]] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(ClaimRow.visit_id, ClaimRow.payer_id)
            .where(
                ClaimRow.visit_id.in_(wanted[start : start + _CHUNK]),
                ClaimRow.state.not_in(_ANSWERED),
            )
            .order_by(ClaimRow.payer_sequence, ClaimRow.id)
        )
        for visit_id, payer_id in session.execute(query):
            found.setdefault(VisitId(visit_id), []).append(PayerId(payer_id))
    return {visit_id: tuple(dict.fromkeys(payers)) for visit_id, payers in found.items()}
