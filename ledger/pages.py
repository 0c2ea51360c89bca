"""What the ledger pages show: each number with the address of the rows that it adds up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import url_for
from flask_babel import lazy_gettext

from config.finding import MissingError
from config.money import Money
from config.pages import PAGE_ROWS, Words
from ledger import service
from ledger.values.accounts import Account
from ledger.values.balances import AGING_DAYS, Totals
from ledger.values.postings import Entry, EntryKind, PostingId, PostingKind
from patients import service as patients
from patients.values import GuarantorId
from practice import service as practice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from config.tenancy import PracticeSession
    from ledger.values.balances import AgingRow, OpenItem
    from ledger.values.postings import EntryFilter, EntryId

ACCOUNTS: Final[dict[Account, Words]] = {
    Account.INSURANCE_AR: lazy_gettext("Owed by insurers"),
    Account.PATIENT_AR: lazy_gettext("Owed by patients"),
    Account.TRANSFER: lazy_gettext("Moved between payers (always nil)"),
    Account.CHARGES: lazy_gettext("Charges"),
    Account.CONTRACTUAL: lazy_gettext("Contractual adjustments"),
    Account.SEQUESTRATION: lazy_gettext("Sequestration"),
    Account.INCENTIVE: lazy_gettext("Payer's quality adjustments"),
    Account.CAPITATION: lazy_gettext("Covered by capitation"),
    Account.QMB: lazy_gettext("Written off: Qualified Medicare Beneficiary"),
    Account.MEDICAID: lazy_gettext("Written off: Medicaid pays in full"),
    Account.WORKERS_COMP: lazy_gettext("Written off: workers' compensation"),
    Account.VETERANS: lazy_gettext("Written off: VA community care"),
    Account.NO_SURPRISES: lazy_gettext("Written off: No Surprises Act"),
    Account.PAYER_RULE: lazy_gettext("Written off: payer's rule on billing patients"),
    Account.SMALL_BALANCE: lazy_gettext("Small balances"),
    Account.CHARITY: lazy_gettext("Charity care"),
    Account.COURTESY: lazy_gettext("Courtesy discounts"),
    Account.TIMELY_FILING: lazy_gettext("Written off: filed too late"),
    Account.DENIAL: lazy_gettext("Written off: denied"),
    Account.BAD_DEBT: lazy_gettext("Bad debt"),
    Account.REMITTANCE_CLEARING: lazy_gettext("Remittance clearing"),
    Account.PAYER_CLEARING: lazy_gettext("Payer takebacks and offsets"),
    Account.EFT_IN_TRANSIT: lazy_gettext("Payments on the way to the bank"),
    Account.UNDEPOSITED: lazy_gettext("Cash and checks not yet deposited"),
    Account.BANK: lazy_gettext("Bank"),
    Account.UNAPPLIED: lazy_gettext("Patients' unapplied money"),
    Account.REFUNDS_PAYABLE: lazy_gettext("Refunds owed"),
    Account.INTEREST_INCOME: lazy_gettext("Interest from payers"),
    Account.CAPITATION_INCOME: lazy_gettext("Capitation"),
    Account.INCENTIVE_INCOME: lazy_gettext("Incentive payments"),
    Account.PENALTY: lazy_gettext("Payers' penalties"),
    Account.PAYER_WITHHOLD: lazy_gettext("Withheld by payers"),
    Account.TAX_WITHHELD: lazy_gettext("Tax withheld by payers"),
    Account.LEVY: lazy_gettext("Levies"),
    Account.OPENING: lazy_gettext("Opening balances"),
}
ENTRY_KINDS: Final[dict[EntryKind, Words]] = {
    EntryKind.CHARGE: lazy_gettext("Charge"),
    EntryKind.RECEIPT: lazy_gettext("Payment received from payer"),
    EntryKind.PAYMENT: lazy_gettext("Insurance payment"),
    EntryKind.ADJUSTMENT: lazy_gettext("Adjustment"),
    EntryKind.TO_NEXT_PAYER: lazy_gettext("Moved to the next payer"),
    EntryKind.TO_PATIENT: lazy_gettext("Moved to the patient"),
    EntryKind.PROVIDER_ADJUSTMENT: lazy_gettext("Provider-level adjustment"),
    EntryKind.DEPOSIT: lazy_gettext("Bank deposit"),
    EntryKind.PATIENT_PAYMENT: lazy_gettext("Patient payment"),
    EntryKind.APPLICATION: lazy_gettext("Patient money applied"),
    EntryKind.REFUND: lazy_gettext("Refund"),
    EntryKind.OPENING: lazy_gettext("Opening balance"),
}
POSTING_KINDS: Final[dict[PostingKind, Words]] = {
    PostingKind.CHARGE: lazy_gettext("Charge"),
    PostingKind.REMITTANCE_RECEIPT: lazy_gettext("Payment received from payer"),
    PostingKind.CLAIM_PAYMENT: lazy_gettext("Claim paid"),
    PostingKind.PROVIDER_ADJUSTMENT: lazy_gettext("Provider-level adjustment"),
    PostingKind.BANK_LINE: lazy_gettext("Bank line"),
    PostingKind.PATIENT_PAYMENT: lazy_gettext("Patient payment"),
    PostingKind.APPLICATION: lazy_gettext("Patient money applied"),
    PostingKind.PATIENT_REFUND: lazy_gettext("Refund to a patient"),
    PostingKind.WRITE_OFF: lazy_gettext("Write-off"),
    PostingKind.RESPONSIBILITY: lazy_gettext("Moved to the patient"),
    PostingKind.OPENING: lazy_gettext("Opening balance"),
    PostingKind.REVERSAL: lazy_gettext("Reversal"),
}
_PATIENTS: Final = "patients"


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """An account with its balance and the address of its entries."""

    name: Words
    debit: Money
    credit: Money
    url: str


@dataclass(frozen=True, slots=True)
class BalancePage:
    """The trial balance of a day, with the practice's five sums."""

    on: dt.date
    rows: tuple[BalanceRow, ...]
    debit: Money
    credit: Money
    totals: Totals


@dataclass(frozen=True, slots=True)
class Cell:
    """An amount and the address of the rows that add up to it; empty where it is nil."""

    amount: Money
    url: str = ""


@dataclass(frozen=True, slots=True)
class AgingLine:
    """What one party owes, by age."""

    name: Words
    cells: tuple[Cell, ...]
    open: Cell
    credit: Cell


@dataclass(frozen=True, slots=True)
class AgingPage:
    """The receivables of a day: payers by name, then all patients together."""

    on: dt.date
    bounds: tuple[Words, ...]
    lines: tuple[AgingLine, ...]
    total: AgingLine


@dataclass(frozen=True, slots=True)
class EntryPageShown:
    """Entries that match, oldest first, with the page's sum as seen from the account."""

    name: Words
    account: Account | None
    lines: tuple[Entry, ...]
    next_url: str
    sum: Money


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One open item: a visit's amount with a party."""

    name: Words
    service_month: dt.date | None
    posted_from: dt.date
    days: int
    amount: Money
    url: str


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The open items behind a number of the aging page; they add up to it."""

    lines: tuple[OpenLine, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class PostingPage:
    """One posting with its entries."""

    kind: Words
    posted_on: dt.date
    key: str
    is_standing: bool
    reverses_url: str
    lines: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class OpenChoice:
    """Which open items are asked for.

    Attributes:
        party: A payer's key, `patients` for all of them, empty for everybody.
        bucket: Place among the aging columns; None for all ages.
        is_credit: What we owe instead of what is owed to us.
    """

    party: str = ""
    bucket: int | None = None
    is_credit: bool = False


def build_balance(session: PracticeSession, *, on: dt.date) -> BalancePage:
    """Return the trial balance of a day."""
    found = service.get_trial_balance(session, on=on)
    rows = tuple(
        BalanceRow(
            ACCOUNTS[row.account],
            row.debit,
            row.credit,
            url_for("ledger.list_entries", account=row.account.value, on=on.isoformat()),
        )
        for row in found.rows
    )
    return BalancePage(on, rows, found.debit, found.credit, service.get_totals(session, on=on))


def build_aging(session: PracticeSession, *, on: dt.date) -> AgingPage:
    """Return what payers and patients owe by age on a day."""
    found = service.list_aging(session, on=on)
    names = {payer.id: payer.name for payer in practice.list_payers(session)}
    payers = [row for row in found.rows if row.account is Account.INSURANCE_AR]
    lines = [
        _to_aging_line(names.get(row.party_id, "?"), str(row.party_id), [row], on)  # type: ignore[call-overload]  # a payer's key is one
        for row in payers
    ]
    lines.sort(key=lambda line: str(line.name))
    owing = [row for row in found.rows if row.account is Account.PATIENT_AR]
    if owing:
        lines.append(_to_aging_line(lazy_gettext("Patients"), _PATIENTS, owing, on))
    total = _to_aging_line(lazy_gettext("Total"), "", found.rows, on)
    return AgingPage(on, name_buckets(), tuple(lines), total)


def name_buckets() -> tuple[Words, ...]:
    """Return the aging columns' names, in days."""
    bounds = [
        f"{low}\N{EN DASH}{high}"
        for low, high in zip((0, *(d + 1 for d in AGING_DAYS)), AGING_DAYS, strict=False)
    ]
    return (*bounds, lazy_gettext("over %(days)s", days=AGING_DAYS[-1]))


def _to_aging_line(name: Words, party: str, rows: Iterable[AgingRow], on: dt.date) -> AgingLine:
    rows = list(rows)
    day = on.isoformat()

    def cell(amount: Money, **more: Any) -> Cell:  # noqa: ANN401  # parts of an address
        if not amount:
            return Cell(amount)
        url = url_for("ledger.list_open_items", party=party or None, on=day, **more)
        return Cell(amount, url)

    columns = zip(*(row.buckets for row in rows), strict=True)
    return AgingLine(
        name,
        tuple(cell(Money.total(column), bucket=place) for place, column in enumerate(columns)),
        cell(Money.total(row.open for row in rows)),
        cell(Money.total(row.credit for row in rows), credit=1),
    )


def build_open_items(session: PracticeSession, choice: OpenChoice, *, on: dt.date) -> OpenPage:
    """Return the open items behind a number of the aging page, oldest first."""
    names: dict[UUID, Words] = {payer.id: payer.name for payer in practice.list_payers(session)}
    chosen = [
        item for item in service.list_open_items(session, on=on) if _is_chosen(item, choice, on)
    ]
    chosen.sort(key=lambda item: (item.posted_from, str(item.visit_id)))
    wanted = [GuarantorId(i.party_id) for i in chosen if _is_patient(i) and i.party_id]
    for key, guarantor in patients.get_guarantors(session, wanted).items():
        names[key] = lazy_gettext("Account %(number)s", number=guarantor.account_number)
    lines = tuple(_to_open_line(item, names, on) for item in chosen)
    return OpenPage(lines, Money.total(line.amount for line in lines))


def _is_patient(item: OpenItem) -> bool:
    return item.account is Account.PATIENT_AR


def _is_chosen(item: OpenItem, choice: OpenChoice, on: dt.date) -> bool:
    if choice.party == _PATIENTS and not _is_patient(item):
        return False
    if choice.party not in ("", _PATIENTS) and str(item.party_id) != choice.party:
        return False
    if choice.is_credit != (item.amount.cents < 0):
        return False
    return choice.bucket is None or _bucket(on, item.posted_from) == choice.bucket


def _bucket(on: dt.date, begins: dt.date) -> int:
    days = (on - begins).days
    return sum(1 for bound in AGING_DAYS if days > bound)


def _to_open_line(item: OpenItem, names: Mapping[UUID, Words], on: dt.date) -> OpenLine:
    party: dict[str, Any] = {"guarantor" if _is_patient(item) else "payer": item.party_id}
    return OpenLine(
        name=names.get(item.party_id, "") if item.party_id else "",
        service_month=item.service_month,
        posted_from=item.posted_from,
        days=(on - item.posted_from).days,
        amount=item.amount,
        url=url_for(
            "ledger.list_entries", account=item.account.value, visit=item.visit_id, **party
        ),
    )


def build_entries(
    session: PracticeSession,
    chosen: EntryFilter,
    *,
    after: EntryId | None,
    address: Mapping[str, str],
) -> EntryPageShown:
    """Return a page of entries.

    Args:
        session: A reading session.
        chosen: Which entries.
        after: Behind which entry the page begins.
        address: The address's own parts, for the link to the next page.
    """
    found = service.list_entries(session, chosen, after=after, limit=PAGE_ROWS)
    account = chosen.account
    next_url = ""
    if found.next_after is not None:
        more: dict[str, Any] = {**address, "after": found.next_after}
        next_url = url_for("ledger.list_entries", **more)
    name = ACCOUNTS[account] if account else lazy_gettext("All accounts")
    total = Money.total(
        -entry.amount if entry.credit is account else entry.amount for entry in found.entries
    )
    return EntryPageShown(name, account, found.entries, next_url, total)


def build_posting(session: PracticeSession, posting_id: UUID) -> PostingPage:
    """Return a posting with its entries.

    Raises:
        MissingError: There is none in this practice.
    """
    found = service.get_posting(session, PostingId(posting_id))
    reverses = found.reverses_id
    return PostingPage(
        kind=POSTING_KINDS[found.kind],
        posted_on=found.posted_on,
        key=found.key,
        is_standing=found.is_standing,
        reverses_url=url_for("ledger.show_posting", posting_id=reverses) if reverses else "",
        lines=found.entries,
    )


def read_account(name: str) -> Account | None:
    """Return the account that an address names; None where it names none.

    Raises:
        MissingError: There is no such account.
    """
    if not name:
        return None
    if name not in set(Account):
        raise MissingError("no such account")
    return Account(name)
