"""Registering the payments of an 835: each once, and held where the book must not take it.

A check that doesn't balance, isn't ours, or whose payer nobody knows posts nothing (DESIGN 7.4).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

import edi
from claims.models import RemittanceRow
from claims.values import RemittanceDetails, RemittanceId
from config.finding import Finding, Level, has_errors
from config.ids import uuid7
from config.money import Money
from config.sealed import keyring_of, seal, unseal
from ledger import service as ledger
from ledger.values.postings import ENTRY_CENTS_MAX
from practice import service as practice

if TYPE_CHECKING:
    import datetime as dt
    from typing import BinaryIO
    from uuid import UUID

    from config.tenancy import PracticeSession
    from practice.values import Payer, Practice

_PLB_REASON: Final = re.compile(r"[A-Z0-9]{2}")


def register_remittances(
    session: PracticeSession, stream: BinaryIO, file_id: UUID, *, on: dt.date
) -> list[Finding]:
    """Store the payments of an 835 file, each once: the same payment in another file is known.

    A payment that is held, because its check didn't balance, takes the place of its earlier form
    when the payer sends it again in order.

    Args:
        session: A writing session.
        stream: The file, seekable.
        file_id: The received file that holds it.
        on: The day of receipt, for a payment that names none.

    Returns:
        A finding for each payment that is held, and for each that was here before.
    """
    practice_row = practice.get_practice(session)
    findings: list[Finding] = []
    for remittance in edi.read_835(stream):
        findings += _register(session, remittance, (file_id, on, practice_row))
    return findings


def _register(
    session: PracticeSession,
    remittance: edi.Remittance835,
    facts: tuple[UUID, dt.date, Practice],
) -> list[Finding]:
    file_id, on, own = facts
    where = f"835 transaction {remittance.index + 1}"
    payer = practice.find_payer(session, payer_code=remittance.payer.id, name=remittance.payer.name)
    findings = _check_payment(session, remittance, own)
    findings += check_stored(
        (remittance.bpr02_cents, remittance.clp04_cents, remittance.plb_cents), payer, where
    )
    key = _make_key(session, remittance, file_id)
    row = session.scalars(
        select(RemittanceRow).where(RemittanceRow.remittance_key == key).with_for_update()
    ).one_or_none()
    if row is None:
        row = RemittanceRow(id=uuid7(), remittance_key=key, generation=1, next_claim=0)
    elif row.state != "held" or has_errors(findings):
        return [_repeat(where)]
    row.file_id = file_id
    row.place = remittance.index
    row.payer_id = payer.id if payer is not None else None
    row.state = "held" if has_errors(findings) else "waiting"
    row.bpr02_cents = remittance.bpr02_cents
    row.clp04_cents = remittance.clp04_cents
    row.plb_cents = remittance.plb_cents
    row.claims = remittance.claim_count
    row.paid_on = remittance.paid_on or remittance.produced_on or on
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


def _make_key(session: PracticeSession, remittance: edi.Remittance835, file_id: UUID) -> bytes:
    """Return what tells a payment from all others: payer, trace, amount and date (R49)."""
    parts = (
        remittance.payer.tax_id,
        remittance.trace or f"{file_id}/{remittance.index}",
        str(remittance.bpr02_cents),
        str(remittance.paid_on),
    )
    return keyring_of(session).unique_key(
        session.own_practice_id, "remittance", "remittance_key", "|".join(parts)
    )


def check_stored(cents: tuple[int, int, int], payer: Payer | None, where: str) -> list[Finding]:
    """Check what is stored of a payment: BPR02, ΣCLP04 and ΣPLB tie, and its payer is known."""
    bpr02, clp04, plb = cents
    findings = ledger.check_remittance_balance(
        Money(bpr02), claims_paid=[Money(clp04)], plb=[Money(plb)]
    )
    if payer is None:
        findings.append(_unknown_payer(where))
    return findings


def _check_payment(
    session: PracticeSession, remittance: edi.Remittance835, own: Practice
) -> list[Finding]:
    """Check that the payment is one, that it is ours, and that the book can take it."""
    findings = []
    if remittance.credit_or_debit == "D":
        findings.append(
            Finding(
                "remittance-debit",
                "BPR03",
                "it takes money from the practice's account",
                "Find out with the payer and the bank what it is for.",
            )
        )
    if not remittance.trace:
        findings.append(
            Finding(
                "remittance-trace",
                "TRN02",
                "the payment has no trace number",
                "Ask the payer for a corrected remittance.",
            )
        )
    amounts = (remittance.bpr02_cents, *(adjustment.cents for adjustment in remittance.plb))
    if any(abs(cents) > ENTRY_CENTS_MAX for cents in amounts):
        findings.append(
            Finding(
                "remittance-amount",
                "BPR02, PLB",
                "an amount is larger than any that the book takes",
                "Ask the payer for a corrected remittance.",
            )
        )
    if any(not _PLB_REASON.fullmatch(adjustment.reason) for adjustment in remittance.plb):
        findings.append(
            Finding(
                "remittance-reason",
                "PLB03-1",
                "a provider adjustment's reason is no code",
                "Ask the payer what it took or added.",
            )
        )
    if not _is_ours(session, remittance, own):
        findings.append(
            Finding(
                "payee-unknown",
                "N1*PE",
                "the money is for somebody else than this practice",
                "Find out whose it is; nothing of it was posted.",
            )
        )
    return findings


def _is_ours(session: PracticeSession, remittance: edi.Remittance835, own: Practice) -> bool:
    ids = {remittance.payee.id, remittance.payee.tax_id} - {""}
    if not ids or ids & {own.npi, own.tax_id}:
        return True
    return any(provider.npi in ids for provider in practice.list_providers(session))


def release_held(session: PracticeSession) -> list[RemittanceId]:
    """Let payments go on whose payer was unknown and is known by now; return them."""
    released = []
    for row in session.scalars(
        select(RemittanceRow)
        .where(RemittanceRow.state == "held", RemittanceRow.payer_id.is_(None))
        .order_by(RemittanceRow.id)
        .with_for_update()
    ):
        details = unseal(session, row, RemittanceDetails)
        payer = practice.find_payer(
            session, payer_code=details.payer_identifier, name=details.payer_name
        )
        if payer is None:
            continue
        row.payer_id = payer.id
        left = tuple(f for f in details.findings if f.code != "payer-unknown")
        if not has_errors(left):
            row.state = "waiting"
            released.append(RemittanceId(row.id))
        seal(session, row, replace(details, findings=left))
    return released


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
