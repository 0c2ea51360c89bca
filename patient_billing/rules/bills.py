"""Which visits may be billed now, how old what they owe is, and which notice it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.values.accounts import Account
from patient_billing.rules.shares import compute_share

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from patient_billing.values.bills import LineForBill, LineShare, VisitForBill


def compute_shares(visit: VisitForBill) -> list[tuple[LineForBill, LineShare]]:
    """Return the lines of a visit that this guarantor may see, with what they owe of each.

    Source:
        House: decision 0006 (shares and open amounts).
    """
    return [(line, compute_share(line.entries)) for line in visit.lines if not line.is_hidden]


def is_done(visit: VisitForBill) -> bool:
    """Say whether every payer is done with the visit, so that its share may be billed.

    No claim may be under way, and no line, hidden or not, may be open with a payer: also not
    below nil, where a payer will take money back.

    Source:
        House: DESIGN 7.7, R54.
    """
    shares = [compute_share(line.entries) for line in visit.lines]
    return not visit.waiting_payer_ids and all(share.insurance_open == 0 for share in shares)


def is_billable(visit: VisitForBill, guarantor_id: UUID) -> bool:
    """Say whether the visit can stand on this guarantor's bill now.

    A visit that two guarantors share, and one that owes less than nil on any line, wait for a
    person.
    """
    parties = {
        entry.about.guarantor_id
        for line in visit.lines
        for entry in line.entries
        if Account.PATIENT_AR in (entry.debit, entry.credit)
    }
    shares = compute_shares(visit)
    is_sound = all(
        share.open >= 0 and share.insurance_paid >= 0 and share.charge >= 0 for _, share in shares
    )
    return parties == {guarantor_id} and is_sound and is_done(visit)


def compute_open(visit: VisitForBill) -> int:
    """Return the cents that the guarantor owes for the lines that they may see.

    Source:
        House: decision 0006 (shares and open amounts).
    """
    return sum(share.open for _, share in compute_shares(visit))


def compute_aging(visits: Iterable[VisitForBill], *, on: dt.date) -> list[tuple[str, int]]:
    """Return what is owed by how long it has been the patient's; empty buckets left out.

    Source:
        House: decision 0006 (aging).
    """
    sums = {"new": 0, "days_31_60": 0, "days_61_90": 0, "days_over_90": 0}
    for visit in visits:
        for _, share in compute_shares(visit):
            sums[_age(on, share.since)] += share.open
    return [(kind, cents) for kind, cents in sums.items() if cents]


def _age(on: dt.date, since: dt.date | None) -> str:
    days = (on - (since or on)).days
    if days <= 30:
        return "new"
    if days <= 60:
        return "days_31_60"
    return "days_61_90" if days <= 90 else "days_over_90"


def choose_notice(visit_ids: Iterable[UUID], sent: Mapping[UUID, int]) -> str:
    """Return first, reminder or final, by how often each visit stood on a statement before.

    Args:
        visit_ids: The visits of the new statement.
        sent: Count of earlier statements by visit.
    """
    least = min((sent.get(visit_id, 0) for visit_id in visit_ids), default=0)
    return ("first", "reminder", "final")[min(least, 2)]
