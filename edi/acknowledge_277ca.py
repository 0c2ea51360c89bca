"""Writes the 277CA: for each claim of an 837 whether it goes on, and why not.

Source:
    TR3 005010X214. Provider totals are always sent: the map of a common validator demands them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edi.acknowledge_values import ACCEPTING_CATEGORIES, Entity, StatusCode
from edi.amounts import write_cents
from edi.writer import NewTransaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edi.writer import ElementData, SegmentData

GUIDE_277CA = "005010X214"


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What to say of one claim; `codes` are STC01, STC10 and STC11 in this order.

    Service dates are CCYYMMDD as they came; both the same for a single day.
    """

    claim_number: str
    charge_cents: int
    patient: Entity
    codes: tuple[StatusCode, ...]
    service_from: str
    service_to: str
    payer_claim_number: str = ""
    clearinghouse_claim_number: str = ""
    text: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether every code lets the claim go on."""
        return all(code.category in ACCEPTING_CATEGORIES for code in self.codes)


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """The claims of one billing provider."""

    provider: Entity
    claims: tuple[ClaimAnswer, ...]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What to say of one 837 transaction.

    `batch_reference` is its BHT03. With no providers the whole batch is answered by `code` alone.
    """

    source: Entity
    receiver: Entity
    batch_reference: str
    trace: str
    code: StatusCode
    received_on: dt.date
    providers: tuple[ProviderAnswer, ...]
    charge_cents: int = 0


def to_277ca(answer: BatchAnswer, *, control: str, at: dt.datetime) -> NewTransaction:
    """Return the 277CA for one batch.

    Args:
        answer: What is said of it.
        control: ST02 of the answer.
        at: When it was made.
    """
    return NewTransaction(
        st="277", control=control, guide=GUIDE_277CA, segments=tuple(_write(answer, at))
    )


def _write(answer: BatchAnswer, at: dt.datetime) -> Iterator[SegmentData]:
    today = f"{at:%Y%m%d}"
    claims = [claim for provider in answer.providers for claim in provider.claims]
    yield ("BHT", "0085", "08", answer.trace, today, f"{at:%H%M}", "TH")
    yield ("HL", "1", "", "20", "1")
    yield _name(answer.source)
    yield ("TRN", "1", answer.trace)
    yield ("DTP", "050", "D8", f"{answer.received_on:%Y%m%d}")
    yield ("DTP", "009", "D8", today)
    yield ("HL", "2", "1", "21", "1" if answer.providers else "0")
    yield _name(answer.receiver)
    yield ("TRN", "2", answer.batch_reference)
    total = sum(claim.charge_cents for claim in claims) if claims else answer.charge_cents
    yield ("STC", _code(answer.code), today, _action(answer.code), write_cents(total))
    yield from _totals(claims, "90", "AA")
    number = 3
    for provider in answer.providers:
        yield from _provider(provider, number, answer.code)
        level = number
        number += 1
        for claim in provider.claims:
            yield ("HL", str(number), str(level), "PT")
            yield from _claim(claim, today)
            number += 1


def _provider(provider: ProviderAnswer, number: int, code: StatusCode) -> Iterator[SegmentData]:
    yield ("HL", str(number), "2", "19", "1")
    yield _name(provider.provider)
    yield ("TRN", "1", "0")
    total = sum(claim.charge_cents for claim in provider.claims)
    yield ("STC", _code(code), "", _action(code), write_cents(total))
    yield from _totals(provider.claims, "QA", "QC")


def _claim(claim: ClaimAnswer, today: str) -> Iterator[SegmentData]:
    yield _name(claim.patient)
    yield ("TRN", "2", claim.claim_number)
    first, *more = claim.codes
    rest = [_code(code) for code in more[:2]] + [""] * (2 - len(more[:2]))
    action = "WQ" if claim.is_accepted else "U"
    amount = write_cents(claim.charge_cents)
    yield (
        *("STC", _code(first), today, action, amount, "", "", "", "", ""),
        *rest,
        claim.text,
    )
    if claim.payer_claim_number:
        yield ("REF", "1K", claim.payer_claim_number)
    if claim.clearinghouse_claim_number:
        yield ("REF", "D9", claim.clearinghouse_claim_number)
    if claim.service_from == claim.service_to:
        yield ("DTP", "472", "D8", claim.service_from)
    else:
        yield ("DTP", "472", "RD8", f"{claim.service_from}-{claim.service_to}")


def _totals(claims: Sequence[ClaimAnswer], accepted: str, rejected: str) -> Iterator[SegmentData]:
    yes = [claim.charge_cents for claim in claims if claim.is_accepted]
    no = [claim.charge_cents for claim in claims if not claim.is_accepted]
    if yes:
        yield ("QTY", accepted, str(len(yes)))
    if no:
        yield ("QTY", rejected, str(len(no)))
    if yes:
        yield ("AMT", "YU", write_cents(sum(yes)))
    if no:
        yield ("AMT", "YY", write_cents(sum(no)))


def _action(code: StatusCode) -> str:
    return "WQ" if code.category in ACCEPTING_CATEGORIES else "U"


def _code(code: StatusCode) -> ElementData:
    parts = (code.category, code.code, code.entity)
    return parts if code.entity else parts[:2]


def _name(entity: Entity) -> SegmentData:
    return (
        "NM1",
        entity.role,
        entity.kind,
        entity.last_or_organization,
        entity.first,
        entity.middle,
        "",
        entity.suffix,
        entity.id_qualifier,
        entity.id,
    )
