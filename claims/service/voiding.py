"""Voiding a claim that no payer has taken or that none has paid anything on.

Its charges are taken back exactly, so that the visit can be built again from its coding. A claim
that a payer has or has decided is not voided here: that is a claim of its own (frequency 8).

Source:
    P6, R4; House: DESIGN 7.1, 7.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from claims import queries
from claims.models import DenialRow
from claims.rules.states import LEGAL_MOVES
from claims.service.building import charge_key
from claims.service.moving import move_claim
from claims.service.withholding import WITHHELD, withhold_key
from claims.values import ClaimState, EventDetails
from config.finding import Finding, RefusedError
from config.money import Money
from ledger import service as ledger
from ledger.values.postings import About, EntryKind

if TYPE_CHECKING:
    import datetime as dt

    from claims.models import ClaimRow
    from claims.values import ClaimId, ClaimLine
    from config.actor import Actor
    from config.tenancy import PracticeSession
    from ledger.values.postings import PostingRecord

_S = ClaimState
_DECIDED: Final = frozenset({_S.ADJUDICATED, _S.SETTLED})


def void_claim(
    session: PracticeSession, actor: Actor, claim_id: ClaimId, note: str, *, at: dt.datetime
) -> None:
    """Void a claim, take its charges back, and close its denials.

    Args:
        session: A writing session.
        actor: Who does it.
        claim_id: The claim.
        note: Why, in a person's words; it stands on the timeline.
        at: The present instant.

    Raises:
        RefusedError: The note says nothing, the claim is with the partner or a payer, was decided
            (`claim-with-payer`, `claim-decided`…), or money stands on it (`claim-money-stands`).
        MissingError: There is no such claim.
    """
    row = queries.get_claim_row(session, claim_id, is_locked=True)
    if findings := _check_state(row, note):
        raise RefusedError(findings)
    lines = queries.get_lines(session, [claim_id]).get(claim_id, [])
    charged = ledger.find_posting(session, charge_key(row.id))
    if charged is not None and charged.is_standing:
        _take_back(session, actor, row, (charged, lines), at)
    _close_denials(session, row)
    for place in queries.list_open_batch_rows(session, claim_id):
        place.open_claim_id = None
    move_claim(
        session, actor, row, _S.VOIDED, kind="voided", at=at, details=EventDetails(note.strip())
    )
    session.flush()


def _check_state(row: ClaimRow, note: str) -> list[Finding]:
    state = _S(row.state)
    if _S.VOIDED in LEGAL_MOVES[state]:
        if note.strip():
            return []
        return [_refuse(row, "void-note-missing", "the reason is missing",
                        "Write why the claim is void.")]  # fmt: skip
    if state is _S.VOIDED:
        return [_refuse(row, "claim-void", "the claim is void already",
                        "Build the visit again: cleanclaim claims build.")]  # fmt: skip
    if state is _S.BATCHED:
        return [_refuse(row, "claim-batched", "the claim lies in a file that is about to be sent",
                        "Send the file and wait for the answer.")]  # fmt: skip
    if state in _DECIDED:
        return [_refuse(row, "claim-decided", f"a payer has decided the claim ({state})",
                        "Take it back with the payer as its contract asks: a void (frequency 8)"
                        " or a corrected claim.")]  # fmt: skip
    return [_refuse(row, "claim-with-payer", f"the claim is under way ({state})",
                    "Wait for the answer: a rejected claim can be voided here, a decided one with"
                    " the payer.")]  # fmt: skip


def _refuse(row: ClaimRow, code: str, message: str, fix: str) -> Finding:
    return Finding(code, f"claim {row.number}", message, fix)


def _take_back(
    session: PracticeSession,
    actor: Actor,
    row: ClaimRow,
    pieces: tuple[PostingRecord, list[ClaimLine]],
    at: dt.datetime,
) -> None:
    """Turn the claim's charges round; what the guarantor was charged instead stays charged."""
    charged, lines = pieces
    moved = {
        line: found
        for line in lines
        if line.state == WITHHELD
        and (found := ledger.find_posting(session, withhold_key(line.id))) is not None
    }
    _check_money(session, row, [line for line in lines if line not in moved], moved)
    on = at.date()
    for line, posting in moved.items():
        ledger.reverse_posting(
            session, actor, posting.id, key=f"void:{row.id}:{line.number}", on=on
        )
    ledger.reverse_posting(session, actor, charged.id, key=f"void:{row.id}", on=on)
    by_line = {entry.about.charge_line_id: entry.about for entry in charged.entries}
    for line in moved:
        about = by_line[line.charge_line_id]
        own = About(
            visit_id=about.visit_id,
            charge_line_id=about.charge_line_id,
            guarantor_id=about.guarantor_id,
            patient_id=about.patient_id,
            provider_id=about.provider_id,
            location_id=about.location_id,
            service_month=about.service_month,
        )
        posting_again = ledger.build_charge(
            charge_key(line.charge_line_id), on, [(own, line.charge)]
        )
        if posting_again is not None:
            ledger.post(session, actor, posting_again)


def _check_money(
    session: PracticeSession,
    row: ClaimRow,
    lines: list[ClaimLine],
    moved: dict[ClaimLine, PostingRecord],
) -> None:
    """Refuse where a payer's money, a write-off or the patient's share stands on a line."""
    balances = ledger.get_line_balances(session, [line.charge_line_id for line in lines])
    is_clear = all(
        line.charge_line_id not in balances
        or balances[line.charge_line_id].insurance == {row.payer_id: line.charge}
        for line in lines
    ) and all(_moved(posting) == line.charge for line, posting in moved.items())
    if not is_clear:
        raise RefusedError(
            [
                _refuse(
                    row,
                    "claim-money-stands",
                    "money was posted on the claim and stands",
                    "Let the payer take its answer back first, or correct the claim with it.",
                )
            ]
        )


def _moved(posting: PostingRecord) -> Money:
    return Money.total(e.amount for e in posting.entries if e.kind is EntryKind.TO_PATIENT)


def _close_denials(session: PracticeSession, row: ClaimRow) -> None:
    for denial in session.scalars(
        select(DenialRow).where(DenialRow.claim_id == row.id, DenialRow.state == "open")
    ):
        denial.state, denial.next_on = "closed", None
