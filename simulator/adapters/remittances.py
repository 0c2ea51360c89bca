"""Writes decisions as an 835: one interchange a payer, one transaction a payee.

Source:
    TR3 005010X221A1.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from edi.amounts import write_cents
from edi.writer import NewGroup, NewInterchange, NewTransaction, write

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from edi.writer import SegmentData
    from simulator.values import (
        BillingProvider,
        Check,
        ClaimDecision,
        Cut,
        LineDecision,
        Party,
        PayerContract,
        Route,
    )

_GUIDE = "005010X221A1"
_MOA_REMARKS_MAX = 5
_CAS_REASONS_MAX = 6
_PLB_PAIRS_MAX = 6


def write_835(
    payer: PayerContract,
    checks: Sequence[Check],
    *,
    route: Route,
    at: dt.datetime,
    control: int,
) -> bytes:
    """Return an 835 file with one transaction for each check.

    Args:
        payer: Who pays.
        checks: At least one.
        route: Between whom: the clearinghouse relays, the payer signs the group.
        at: When it was made; payment is on that day.
        control: ISA13 and GS06.
    """
    made = NewInterchange(
        sender=route.house,
        receiver=route.practice,
        at=at,
        control=control,
        is_test=route.is_test,
        groups=[
            NewGroup(
                functional_id="HP",
                sender=payer.payer_id,
                receiver=route.practice_group,
                at=at,
                control=control,
                version=_GUIDE,
                transactions=[
                    NewTransaction(
                        st="835",
                        control=f"{number:04d}",
                        guide="",
                        segments=tuple(_write_check(payer, check, at)),
                    )
                    for number, check in enumerate(checks, 1)
                ],
            )
        ],
    )
    return write(made, faults=[])


def _write_check(payer: PayerContract, check: Check, at: dt.datetime) -> Iterator[SegmentData]:
    today = f"{at:%Y%m%d}"
    yield _payment(payer, check, today)
    yield ("TRN", "1", check.trace, f"1{payer.tax_id}")
    yield ("DTM", "405", today)
    yield from _payer(payer)
    yield from _payee(check.payee)
    if check.decisions:
        yield ("LX", "1")
    for decision in check.decisions:
        yield from _write_claim(decision, payer)
    yield from _provider_level(check, at)


def _payment(payer: PayerContract, check: Check, today: str) -> SegmentData:
    amount = write_cents(check.bpr02_cents)
    if check.bpr02_cents == 0:
        return ("BPR", "H", "0", "C", "NON", *([""] * 11), today)
    bank = (
        "01",
        "999999992",
        "DA",
        "123456",
        f"1{payer.tax_id}",
        "",
        "01",
        "999988880",
        "DA",
        "98765",
    )
    return ("BPR", "I", amount, "C", "ACH", "CCP", *bank, today)


def _payer(payer: PayerContract) -> Iterator[SegmentData]:
    yield ("N1", "PR", payer.name)
    yield ("N3", payer.street)
    yield ("N4", payer.city, payer.state, payer.postal)
    yield ("REF", "2U", payer.payer_id)
    yield ("PER", "BL", "PROVIDER SERVICES", "TE", "5555550100")


def _payee(payee: BillingProvider) -> Iterator[SegmentData]:
    party = payee.party
    name = " ".join(part for part in (party.first, party.last_or_organization) if part)
    if party.id_qualifier == "XX" and party.id:
        yield ("N1", "PE", name or "PAYEE", "XX", party.id)
    else:
        yield ("N1", "PE", name or "PAYEE", "FI", payee.tax_id or "000000000")
    if payee.street and payee.city:
        yield ("N3", payee.street)
        yield ("N4", payee.city, payee.state, payee.postal)
    if payee.tax_id and party.id_qualifier == "XX":
        yield ("REF", "TJ", payee.tax_id)


def _write_claim(decision: ClaimDecision, payer: PayerContract) -> Iterator[SegmentData]:
    claim = decision.claim
    yield (
        "CLP",
        claim.claim_number,
        decision.status,
        write_cents(claim.charge_cents),
        write_cents(decision.paid_cents),
        write_cents(decision.patient_cents) if decision.patient_cents else "",
        payer.filing,
        decision.payer_claim_number,
        claim.place,
        claim.frequency,
    )
    yield from _write_cuts(decision.cuts)
    yield _person("QC", claim.patient, claim.member_id)
    if claim.patient != claim.subscriber and claim.member_id:
        yield _person("IL", claim.subscriber, claim.member_id)
    if claim.rendering.id:
        yield _rendering(claim.rendering)
    if decision.remarks:
        yield ("MOA", "", "", *decision.remarks[:_MOA_REMARKS_MAX])
    yield from _claim_dates(decision)
    for line in decision.lines:
        yield from _write_line(line)


def _claim_dates(decision: ClaimDecision) -> Iterator[SegmentData]:
    days = [line.service_from for line in decision.claim.lines if line.service_from]
    ends = [line.service_to for line in decision.claim.lines if line.service_to]
    if days and not decision.lines:
        yield ("DTM", "232", min(days))
        yield ("DTM", "233", max(ends))
    if decision.claim.received_on:
        yield ("DTM", "050", decision.claim.received_on)


def _person(role: str, party: Party, member_id: str) -> SegmentData:
    kind = party.kind or "1"
    names = (party.last_or_organization, party.first, party.middle)
    ids = ("MI", member_id) if member_id else ()
    return ("NM1", role, "1" if role == "QC" else kind, *names, "", "", *ids)


def _rendering(party: Party) -> SegmentData:
    names = (party.last_or_organization, party.first, party.middle)
    return ("NM1", "82", party.kind or "1", *names, "", "", "XX", party.id)


def _write_cuts(cuts: Sequence[Cut]) -> Iterator[SegmentData]:
    """Write one CAS per group with all of its reasons, six at most in each."""
    ordered = sorted(cuts, key=lambda cut: cut.group)
    for group, same in groupby(ordered, key=lambda cut: cut.group):
        reasons = list(same)
        for start in range(0, len(reasons), _CAS_REASONS_MAX):
            part = reasons[start : start + _CAS_REASONS_MAX]
            triplets = [text for cut in part for text in (cut.carc, write_cents(cut.cents), "")]
            yield ("CAS", group, *triplets)


def _write_line(decision: LineDecision) -> Iterator[SegmentData]:
    line = decision.line
    yield (
        "SVC",
        (line.qualifier or "HC", line.procedure, *line.modifiers),
        write_cents(line.charge_cents),
        write_cents(decision.paid_cents),
        "",
        line.units,
    )
    if line.service_from and line.service_from == line.service_to:
        yield ("DTM", "472", line.service_from)
    elif line.service_from:
        yield ("DTM", "150", line.service_from)
        yield ("DTM", "151", line.service_to)
    yield from _write_cuts(decision.cuts)
    if line.line_control:
        yield ("REF", "6R", line.line_control)
    if decision.allowed_cents:
        yield ("AMT", "B6", write_cents(decision.allowed_cents))
    for remark in decision.remarks:
        yield ("LQ", "HE", remark)


def _provider_level(check: Check, at: dt.datetime) -> Iterator[SegmentData]:
    provider = check.payee.party.id or check.payee.tax_id or "UNKNOWN"
    year_end = f"{at:%Y}1231"
    for start in range(0, len(check.plb), _PLB_PAIRS_MAX):
        pairs = check.plb[start : start + _PLB_PAIRS_MAX]
        elements = [
            part
            for pair in pairs
            for part in ((pair.reason, pair.reference), write_cents(pair.cents))
        ]
        yield ("PLB", provider, year_end, *elements)
