"""What always holds: the book balances, reversal restores it, and every remittance ties."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.service import writing
from config.ids import uuid7
from config.money import Money
from ledger import service
from ledger.values.accounts import Account
from ledger.values.balances import AgingStart
from ledger.values.postings import ABOUT_KEYS, About, Draft, EntryKind, Posting, PostingKind
from ledger.values.remittance import Cas, PayerTerms, Plb, RemitClaim, RemitLine
from practice.values import PayerKind

if TYPE_CHECKING:
    from config.actor import Actor
    from config.tenancy import Database, PracticeSession

DAY = dt.date(2026, 9, 15)
PAYER, SECOND = UUID(int=1), UUID(int=2)
KEYS = [UUID(int=number) for number in range(20, 23)]
# A fixture's database serves all examples of a test; each example makes rows with keys of its own.
QUICK = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

amounts = st.integers(1, 10_000_000).map(Money)
accounts = st.sampled_from([account for account in Account if account is not Account.TRANSFER])


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    debit, credit = draw(st.lists(accounts, min_size=2, max_size=2, unique=True))
    keys = {name: draw(st.sampled_from(KEYS)) for name in ABOUT_KEYS if name.endswith("_id")}
    about = About(**keys, service_month=dt.date(2026, 9, 1))
    return Draft(debit, credit, draw(amounts), EntryKind.OPENING, about, "test")


@st.composite
def remittance_claims(draw: st.DrawFn) -> RemitClaim:
    """Generate an answer that balances at line and claim: any groups, reasons and amounts."""
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        charge = draw(st.integers(0, 50_000))
        left, taken = charge, []
        for _ in range(draw(st.integers(0, 4))):
            group = draw(st.sampled_from(["CO", "OA", "PI", "PR"]))
            carc = draw(
                st.sampled_from(["1", "2", "3", "16", "23", "24", "45", "97", "209", "253"])
            )
            cents = draw(st.integers(-200, left))
            left -= cents
            taken.append(Cas(group, carc, Money(cents)))
        about = About(
            visit_id=uuid7(),
            charge_line_id=uuid7(),
            guarantor_id=draw(st.sampled_from(KEYS)),
            provider_id=KEYS[0],
        )
        remarks = draw(st.sampled_from([(), ("N781",), ("MA130",), ("N807",)]))
        lines.append(RemitLine(about, Money(charge), Money(left), tuple(taken), remarks))
    kind = draw(st.sampled_from(list(PayerKind)))
    return RemitClaim(
        draw(st.sampled_from(["1", "2", "3", "4"])),
        Money.total(line.charge for line in lines),
        Money.total(line.paid for line in lines),
        tuple(lines),
        PayerTerms(PAYER, kind, draw(st.sampled_from(["pr", "copay", "none"]))),
        DAY,
        next_payer_id=draw(st.sampled_from([None, SECOND])),
        sequence=draw(st.sampled_from([1, 2])),
    )


@dataclass(frozen=True)
class Remittance:
    claims: list[RemitClaim]
    is_quarantined: list[bool]
    plb: list[tuple[str, Money]]
    bpr02: Money


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    """Generate a whole check that balances; some of its claims will wait."""
    claims = draw(st.lists(remittance_claims(), max_size=4))
    codes = st.sampled_from(["WO", "FB", "72", "L6", "CS", "IR", "E3", "LE", "J1", "ZZ"])
    plb = draw(st.lists(st.tuples(codes, st.integers(-5_000, 5_000).map(Money)), max_size=4))
    total = Money.total(c.paid for c in claims) - Money.total(amount for _, amount in plb)
    if total.cents < 0:  # a payer forwards what is below nil: FB in its X12 sign
        plb.append(("FB", total))
        total = Money(0)
    waits = draw(st.lists(st.booleans(), min_size=len(claims), max_size=len(claims)))
    return Remittance(claims, waits, plb, total)


@QUICK
@given(st.lists(st.lists(drafts(), min_size=1, max_size=5), min_size=1, max_size=6))
def test_the_book_balances_after_any_postings(
    database: Database, actor: Actor, batches: list[list[Draft]]
) -> None:
    with writing(database, actor, purpose="payment") as session:
        before = service.get_trial_balance(session)
        ids = [
            service.post(
                session,
                actor,
                Posting(str(uuid7()), PostingKind.OPENING, DAY, tuple(batch)),
            )
            for batch in batches
        ]
        balance = service.get_trial_balance(session)
        assert balance.debit == balance.credit
        totals = service.get_totals(session)
        assert totals.billed == totals.paid + totals.adjusted + totals.patient + totals.open
        aging = service.list_aging(session, on=DAY, start=AgingStart.SERVICE)
        assert aging.open - aging.credit == totals.patient + totals.open
        assert Money.total(aging.buckets) == aging.open
        for posting_id in ids:
            service.reverse_posting(session, actor, posting_id, key=f"undo:{posting_id}", on=DAY)
        assert service.get_trial_balance(session) == before


def _post_remittance(
    session: PracticeSession, actor: Actor, given_: Remittance, remittance_id: UUID
) -> None:
    prefix = f"era:{remittance_id}"
    service.post_all(
        session,
        actor,
        [
            service.build_receipt(
                prefix, DAY, remittance_id=remittance_id, payer_id=PAYER, bpr02=given_.bpr02
            ),
            service.build_plb(
                f"{prefix}:plb",
                DAY,
                remittance_id=remittance_id,
                payer_id=PAYER,
                adjustments=[
                    Plb(code, service.control_key(session, PAYER, code), amount)
                    for code, amount in given_.plb
                ],
            ),
        ],
    )
    for number, answer in enumerate(given_.claims):
        if given_.is_quarantined[number]:
            continue
        lines = tuple(
            replace(line, about=replace(line.about, remittance_id=remittance_id))
            for line in answer.lines
        )
        answer_ = replace(answer, lines=lines)
        charge_lines = [
            (replace(line.about, payer_id=PAYER, remittance_id=None), line.charge) for line in lines
        ]
        decided = service.decide_claim(answer_)
        service.post_all(
            session,
            actor,
            [
                service.build_charge(f"{prefix}:{number}:charge", DAY, charge_lines),
                service.build_claim_posting(f"{prefix}:{number}", DAY, answer_, decided),
            ],
        )
        _check_lines(session, answer_)


def _check_lines(session: PracticeSession, answer: RemitClaim) -> None:
    """Every line ties: charged = paid + adjusted + patient + payers; the patient has PR at most."""
    keys = [line.about.charge_line_id for line in answer.lines if line.about.charge_line_id]
    balances = service.get_line_balances(session, keys)
    for line in answer.lines:
        if line.about.charge_line_id not in balances:
            assert not line.charge
            assert not line.paid
            continue
        found = balances[line.about.charge_line_id]
        rest = Money.total(found.insurance.values())
        assert found.charged == line.charge
        assert found.paid == line.paid
        assert found.charged == found.paid + found.adjusted + found.patient + rest
        shares = [cas.amount.cents for cas in line.adjustments if cas.group == "PR"]
        assert found.patient.cents <= sum(cents for cents in shares if cents > 0)


@QUICK
@given(remittances())
def test_every_remittance_ties(database: Database, actor: Actor, given_: Remittance) -> None:
    remittance_id = uuid7()
    paid = [answer.paid for answer in given_.claims]
    plb = [amount for _, amount in given_.plb]
    assert service.check_remittance_balance(given_.bpr02, paid, plb) == []
    for answer in given_.claims:
        assert service.check_line_balances(answer) == []
        assert service.check_claim_balance(answer) == []
    quarantined = Money.total(
        answer.paid
        for answer, waits in zip(given_.claims, given_.is_quarantined, strict=True)
        if waits
    )
    with writing(database, actor, purpose="payment") as session:
        _post_remittance(session, actor, given_, remittance_id)
        _post_remittance(session, actor, given_, remittance_id)  # the same again changes nothing
        rows = [r for r in service.list_clearing(session) if r.remittance_id == remittance_id]
        balance = service.get_trial_balance(session)
    assert balance.debit == balance.credit
    assert all(row.account is not Account.TRANSFER for row in balance.rows)
    if not rows:
        assert given_.bpr02 == quarantined == Money(0)
        return
    [row] = rows
    assert row.received == given_.bpr02
    assert row.left == quarantined
    assert row.posted + row.left == Money.total(paid)
    assert row.plb == Money.total(plb)
    assert (
        service.check_remittance_identity(
            row.received, posted=row.posted, quarantined=row.left, plb=row.plb
        )
        == []
    )
