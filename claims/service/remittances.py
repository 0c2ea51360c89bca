"""Remittances: registering the payments of an 835, and posting one claim of one.

An 835 whose check doesn't balance posts nothing. Else the check's money goes to the remittance
clearing account in one entry, and each claim that balances and is found moves from there to its
lines, one transaction a claim, at most once. What doesn't stays in clearing, named and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

import edi
from claims.models import RemittanceClaimRow, RemittanceRow
from claims.values import RemittanceDetails, RemittanceId
from config.finding import Finding, Level, has_errors
from config.ids import uuid7
from config.money import Money
from config.sealed import keyring_of, seal, unseal
from ledger import service as ledger
from ledger.values.remittance import Plb
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from typing import BinaryIO
    from uuid import UUID

    from config.actor import Actor
    from config.tenancy import PracticeSession

@dataclass(frozen=True, slots=True)
class RemittanceSummary:
    """How a remittance's money stands.

    Attributes:
        posted: Σ CLP04 of the claims whose money moved from clearing to lines.
        quarantined: Σ CLP04 of the claims that wait.
    """

    id: RemittanceId
    trace: str
    state: str
    bpr02: Money
    clp04: Money
    plb: Money
    posted: Money
    quarantined: Money
    claims: int


def register_remittances(
    session: PracticeSession, stream: BinaryIO, file_id: UUID
) -> list[Finding]:
    """Store the payments of an 835 file, each once: the same payment in another file is known.

    Returns:
        A finding for each payment that is held, and for each that was here before.
    """
    findings: list[Finding] = []
    for remittance in edi.read_835(stream):
        findings += _register(session, remittance, file_id)
    return findings


def _register(
    session: PracticeSession, remittance: edi.Remittance835, file_id: UUID
) -> list[Finding]:
    payer = practice.find_payer(
        session, payer_code=remittance.payer.id, name=remittance.payer.name
    )
    name = "|".join(
        (
            remittance.payer_tax_id,
            remittance.trace,
            str(remittance.bpr02_cents),
            str(remittance.paid_on),
        )
    )
    key = keyring_of(session).unique_key(
        session.own_practice_id, "remittance", "remittance_key", name
    )
    where = f"835 transaction {remittance.index + 1}"
    known = session.scalar(select(RemittanceRow.id).where(RemittanceRow.remittance_key == key))
    if known is not None:
        return [_repeat(where)]
    findings = ledger.check_remittance_balance(
        bpr02=Money(remittance.bpr02_cents),
        claims_paid=Money(remittance.clp04_cents),
        plb=Money(remittance.plb_cents),
    )
    if payer is None:
        findings.append(_unknown_payer(where))
    row = RemittanceRow(
        id=uuid7(),
        remittance_key=key,
        file_id=file_id,
        place=remittance.index,
        payer_id=payer.id if payer is not None else None,
        state="held" if has_errors(findings) else "waiting",
        generation=1,
        next_claim=0,
        bpr02_cents=remittance.bpr02_cents,
        clp04_cents=remittance.clp04_cents,
        plb_cents=remittance.plb_cents,
        claims=remittance.claim_count,
        paid_on=remittance.paid_on,
    )
    details = RemittanceDetails(
        trace=remittance.trace,
        payer_name=remittance.payer.name,
        payer_identifier=remittance.payer.id,
        method=remittance.method,
        findings=tuple(findings),
    )
    seal(session, row, details)
    session.add(row)
    session.flush()
    # The file itself was read rightly: what is held is this payment, on its own list.
    return [_held(where, finding) for finding in findings]


def _repeat(where: str) -> Finding:
    return Finding(
        "remittance-repeated",
        where,
        "the same payment (payer, trace number, amount, date) was taken in before",
        "Nothing to do: it is posted once.",
        Level.INFO,
    )


def _unknown_payer(where: str) -> Finding:
    return Finding(
        "payer-unknown",
        f"{where}, N1*PR",
        "no payer of this practice has this id or name",
        "Import the payer, then post this remittance.",
    )


def _held(where: str, finding: Finding) -> Finding:
    return Finding(
        finding.code,
        f"{where}, {finding.where}",
        f"held, nothing of it posted: {finding.message}",
        finding.fix,
        Level.WARNING,
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


def list_remittances(session: PracticeSession) -> list[RemittanceSummary]:
    """Return all remittances, oldest first, with how their money stands."""
    rows = session.scalars(select(RemittanceRow).order_by(RemittanceRow.id)).all()
    sums: dict[tuple[UUID, str], int] = {}
    for remittance_id, state, cents in session.execute(
        select(
            RemittanceClaimRow.remittance_id,
            RemittanceClaimRow.state,
            RemittanceClaimRow.paid_cents,
        )
    ):
        sums[remittance_id, state] = sums.get((remittance_id, state), 0) + cents
    return [
        RemittanceSummary(
            id=RemittanceId(row.id),
            trace=unseal(session, row, RemittanceDetails).trace,
            state=row.state,
            bpr02=Money(row.bpr02_cents),
            clp04=Money(row.clp04_cents),
            plb=Money(row.plb_cents),
            posted=Money(sums.get((row.id, "posted"), 0)),
            quarantined=Money(sums.get((row.id, "quarantined"), 0)),
            claims=row.claims,
        )
        for row in rows
    ]
