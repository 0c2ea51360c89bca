"""Remittances: booking a check and its provider adjustments, and how each one's money stands.

An 835 whose check doesn't balance posts nothing. Else the check's money goes to the remittance
clearing account in one entry, and each claim that balances and is found moves from there to its
lines, one transaction a claim, at most once. What doesn't stays in clearing, named and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from claims.models import RemittanceClaimRow, RemittanceRow
from claims.values import RemittanceDetails, RemittanceId
from config.finding import Finding
from config.money import Money
from config.sealed import unseal
from ledger import service as ledger
from ledger.values.remittance import Plb

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection
    from uuid import UUID

    import edi
    from config.actor import Actor
    from config.tenancy import PracticeSession


@dataclass(frozen=True, slots=True)
class RemittanceSummary:
    """How a remittance's money stands.

    Attributes:
        posted: Σ CLP04 of the claims whose money moved from clearing to lines.
        quarantined: Σ CLP04 of the claims that wait; `waiting` counts them by reason.
        findings: Why it is held, where it is.
    """

    id: RemittanceId
    trace: str
    payer_name: str
    state: str
    bpr02: Money
    clp04: Money
    plb: Money
    posted: Money
    quarantined: Money
    claims: int
    waiting: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def ties(self) -> bool:
        """Say whether posted + quarantined = ΣCLP04, and less ΣPLB = BPR02, once it posted."""
        return self.state != "posted" or (
            self.posted + self.quarantined == self.clp04
            and self.bpr02 == self.posted + self.quarantined - self.plb
        )


def start_posting(
    session: PracticeSession, actor: Actor, row: RemittanceRow, *, on: dt.date
) -> None:
    """Book the check into the clearing account; done once, however often it is tried."""
    assert row.payer_id is not None  # noqa: S101  # one without a payer is held
    posting = ledger.build_receipt(
        _key(row, "receipt"),
        on,
        remittance_id=row.id,
        payer_id=row.payer_id,
        bpr02=Money(row.bpr02_cents),
    )
    if posting is not None:
        ledger.post(session, actor, posting)
    row.state = "posting"


def finish_posting(
    session: PracticeSession,
    actor: Actor,
    row: RemittanceRow,
    adjustments: tuple[edi.ProviderAdjustment, ...],
    *,
    on: dt.date,
) -> None:
    """Book what the payer took or added at provider level; the remittance is posted then."""
    assert row.payer_id is not None  # noqa: S101  # one without a payer is held
    plbs = [
        Plb(
            adjustment.reason,
            ledger.control_key(session, row.payer_id, adjustment.reference or row.id.hex),
            Money(adjustment.cents),
        )
        for adjustment in adjustments
    ]
    posting = ledger.build_plb(
        _key(row, "plb"), on, remittance_id=row.id, payer_id=row.payer_id, adjustments=plbs
    )
    if posting is not None:
        ledger.post(session, actor, posting)
    row.state = "posted"


def _key(row: RemittanceRow, part: str) -> str:
    return f"era:{row.id}:{row.generation}:{part}"


def claim_key(row: RemittanceRow, place: int) -> str:
    """Return the key under which a claim of a remittance is posted at most once."""
    return _key(row, f"claim:{place}")


def list_settled_places(session: PracticeSession, remittance_id: RemittanceId) -> list[int]:
    """Return the places of a remittance's claims that were posted or quarantined before."""
    return list(
        session.scalars(
            select(RemittanceClaimRow.place).where(
                RemittanceClaimRow.remittance_id == remittance_id
            )
        )
    )


def list_quarantined_places(session: PracticeSession) -> dict[RemittanceId, frozenset[int]]:
    """Return the places of the quarantined claims of each posted remittance, oldest first."""
    rows = session.execute(
        select(RemittanceClaimRow.remittance_id, RemittanceClaimRow.place)
        .join(
            RemittanceRow,
            (RemittanceRow.practice_id == RemittanceClaimRow.practice_id)
            & (RemittanceRow.id == RemittanceClaimRow.remittance_id),
        )
        .where(RemittanceClaimRow.state == "quarantined", RemittanceRow.state == "posted")
        .order_by(RemittanceRow.id, RemittanceClaimRow.place)
    )
    found: dict[RemittanceId, set[int]] = {}
    for remittance_id, place in rows:
        found.setdefault(RemittanceId(remittance_id), set()).add(place)
    return {remittance_id: frozenset(places) for remittance_id, places in found.items()}


def list_held_ids(session: PracticeSession) -> list[RemittanceId]:
    """Return the remittances of which nothing may be posted, oldest first."""
    query = select(RemittanceRow.id).where(RemittanceRow.state == "held").order_by(RemittanceRow.id)
    return [RemittanceId(key) for key in session.scalars(query)]


def list_remittances(
    session: PracticeSession, remittance_ids: Collection[RemittanceId] | None = None
) -> list[RemittanceSummary]:
    """Return these or all remittances, oldest first, with how their money stands."""
    query = select(RemittanceRow).order_by(RemittanceRow.id)
    counted = select(
        RemittanceClaimRow.remittance_id,
        RemittanceClaimRow.state,
        RemittanceClaimRow.reason,
        func.sum(RemittanceClaimRow.paid_cents),
        func.count(),
    ).group_by(
        RemittanceClaimRow.remittance_id, RemittanceClaimRow.state, RemittanceClaimRow.reason
    )
    if remittance_ids is not None:
        query = query.where(RemittanceRow.id.in_(remittance_ids))
        counted = counted.where(RemittanceClaimRow.remittance_id.in_(remittance_ids))
    rows = session.scalars(query).all()
    sums: dict[tuple[UUID, str], int] = {}
    waiting: dict[UUID, dict[str, int]] = {}
    for remittance_id, state, reason, cents, count in session.execute(counted):
        sums[remittance_id, state] = sums.get((remittance_id, state), 0) + int(cents)
        if state == "quarantined":
            waiting.setdefault(remittance_id, {})[reason] = count
    return [
        _summarise(
            unseal(session, row, RemittanceDetails),
            row,
            (sums.get((row.id, "posted"), 0), sums.get((row.id, "quarantined"), 0)),
            waiting.get(row.id, {}),
        )
        for row in rows
    ]


def _summarise(
    details: RemittanceDetails, row: RemittanceRow, cents: tuple[int, int], waiting: dict[str, int]
) -> RemittanceSummary:
    return RemittanceSummary(
        id=RemittanceId(row.id),
        trace=details.trace,
        payer_name=details.payer_name,
        state=row.state,
        bpr02=Money(row.bpr02_cents),
        clp04=Money(row.clp04_cents),
        plb=Money(row.plb_cents),
        posted=Money(cents[0]),
        quarantined=Money(cents[1]),
        claims=row.claims,
        waiting=waiting,
        findings=details.findings,
    )
