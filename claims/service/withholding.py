"""Withholding: lines that the law keeps from a payer are taken off a claim that was built before.

Their charges go from the payer's account to the guarantor's, as they would have if the claim had
been built after the hold.

Source:
    P40; 45 CFR 164.522(a)(1)(vi), 42 CFR Part 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from claims.models import ClaimLineRow
from claims.service.moving import move_claim, note_event
from claims.values import ClaimState, EventDetails
from encounters.values import VisitId
from ledger import service as ledger
from ledger.values.postings import About

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from claims.models import ClaimRow
    from claims.service.gathering import World
    from claims.values import ClaimLine
    from config.actor import Actor
    from config.tenancy import PracticeSession

WITHHELD = "held"


def withhold_key(line_id: UUID) -> str:
    """Return the key of the posting that moves a claim line's charge to the guarantor."""
    return f"withhold:{line_id}"


def withhold_lines(  # a claim with its lines and world, each part of it named
    session: PracticeSession,
    actor: Actor,
    row: ClaimRow,
    lines: list[ClaimLine],
    world: World,
    *,
    at: dt.datetime,
) -> list[ClaimLine]:
    """Take held lines off a claim and charge them to the guarantor; a claim left empty is voided.

    Args:
        session: A writing session.
        actor: Who does it.
        row: The claim, locked.
        lines: Its lines, in order.
        world: What the visits and their coding say now.
        at: The present instant.

    Returns:
        The lines that may still go to the payer.

    Raises:
        RefusedError: The charge can't be moved, such as where the patient has no guarantor.
    """
    coded = world.coded.get(VisitId(row.visit_id))
    reasons: dict[UUID, str] = (
        {line.id: line.hold for line in coded.lines if line.hold} if coded else {}
    )
    billed = [line for line in lines if line.state != WITHHELD]
    held = {line: reasons[line.charge_line_id] for line in billed if line.charge_line_id in reasons}
    if not held:
        return billed
    _charge_guarantor(session, actor, row, world, held, at)
    for line in held:
        stored = session.get_one(ClaimLineRow, (session.own_practice_id, line.id))
        stored.state = WITHHELD
    left = [line for line in billed if line not in held]
    words = EventDetails(", ".join(sorted(set(held.values()))))
    if left:
        note_event(session, actor, row, "lines-withheld", at=at, details=words)
    else:
        move_claim(
            session, actor, row, ClaimState.VOIDED, kind="lines-withheld", at=at, details=words
        )
    session.flush()
    return left


def _charge_guarantor(
    session: PracticeSession,
    actor: Actor,
    row: ClaimRow,
    world: World,
    held: dict[ClaimLine, str],
    at: dt.datetime,
) -> None:
    visit = world.visits[VisitId(row.visit_id)]
    patient = world.patients[visit.patient_id]
    balances = ledger.get_line_balances(session, [line.charge_line_id for line in held])
    for line, reason in held.items():
        about = About(
            visit_id=visit.id,
            claim_id=row.id,
            charge_line_id=line.charge_line_id,
            payer_id=row.payer_id,
            guarantor_id=patient.guarantor_id,
            patient_id=patient.id,
            provider_id=line.provider_id,
            location_id=line.location_id,
            service_month=row.service_month,
        )
        amount = balances[line.charge_line_id].insurance.get(row.payer_id)
        if amount is None:
            continue
        posting = ledger.build_move_to_patient(
            withhold_key(line.id),
            at.date(),
            [(about, amount, reason)],
        )
        if posting is not None:
            ledger.post(session, actor, posting)
