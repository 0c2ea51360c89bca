"""The ledger's commands print tables that tie, and the same as JSON."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from audit.service import writing
from config.money import Money
from config.people import PersonName
from ledger import service
from ledger.cli import ledger
from ledger.values.postings import About
from ledger.values.remittance import Cas, PayerTerms, Plb, RemitClaim, RemitLine
from patients.service import add_guarantor
from patients.values import GuarantorDetails
from practice.service import save_payer
from practice.values import FilingLimits, Payer, PayerId, PayerKind
from tests.factories.cli import make_context

if TYPE_CHECKING:
    from config.actor import Actor
    from config.cli import Context
    from config.tenancy import Database

DAY = dt.date(2026, 9, 15)
PAYER = UUID(int=1)
ERA = UUID(int=14)
LINE = About(
    visit_id=UUID(int=10),
    charge_line_id=UUID(int=11),
    payer_id=PAYER,
    guarantor_id=UUID(int=12),
    provider_id=UUID(int=13),
    service_month=dt.date(2026, 6, 1),
)


def _post_a_remittance(database: Database, actor: Actor) -> None:
    """Charge 120, paid 70, CO-45 30, PR-1 20; another claim of 50 waits; interest of 1."""
    with writing(database, actor, purpose="payment") as session:
        details = GuarantorDetails(PersonName("Castellanos", "Mariana"))
        guarantor = add_guarantor(session, details, today=DAY)
    line = replace(LINE, guarantor_id=guarantor.id)
    about = replace(line, remittance_id=ERA)
    answer = RemitClaim(
        "1",
        Money(12_000),
        Money(7_000),
        (
            RemitLine(
                about,
                Money(12_000),
                Money(7_000),
                (Cas("CO", "45", Money(3_000)), Cas("PR", "1", Money(2_000))),
            ),
        ),
        PayerTerms(PAYER, PayerKind.COMMERCIAL),
        DAY,
    )
    with writing(database, actor, purpose="payment") as session:
        plb = Plb("L6", service.control_key(session, PAYER, "x"), Money(-100))
        service.post_all(
            session,
            actor,
            [
                service.build_charge("charge", dt.date(2026, 7, 1), [(line, Money(12_000))]),
                service.build_receipt(
                    "era", DAY, remittance_id=ERA, payer_id=PAYER, bpr02=Money(12_100)
                ),
                service.build_claim_posting("era:1", DAY, answer, service.decide_claim(answer)),
                service.build_plb(
                    "era:plb", DAY, remittance_id=ERA, payer_id=PAYER, adjustments=[plb]
                ),
            ],
        )


@pytest.fixture
def context(database: Database, actor: Actor) -> Context:
    _post_a_remittance(database, actor)

    return make_context(database=database, actor=actor)


def run(context: Context, *words: str) -> str:
    result = CliRunner().invoke(ledger, words, obj=context, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def run_json(context: Context, *words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(context, *words, "--on", "2026-09-30", "--json"))
    return answer


def test_trial_balance_ties(context: Context) -> None:
    printed = run(context, "balance", "--on", "2026-09-30")
    assert printed.splitlines() == [
        "Trial balance on 2026-09-30",
        "Account                           Debit  Credit",
        "Owed by patients                  20.00",
        "Charges                                  120.00",
        "Contractual adjustments           30.00",
        "Remittance clearing                       50.00",
        "Payments on the way to the bank  121.00",
        "Interest from payers                       1.00",
        "Total                            171.00  171.00",
        "Billed 120.00 = paid 70.00 + adjusted 30.00 + patients 20.00 + payers 0.00",
    ]
    answer = run_json(context, "balance")
    assert answer["debit"] == answer["credit"] == 17_100
    assert answer["totals"] == {
        "billed": 12_000,
        "paid": 7_000,
        "adjusted": 3_000,
        "patient": 2_000,
        "open": 0,
    }


def test_nothing_counts_before_it_was_posted(context: Context) -> None:
    assert "Total" in run(context, "balance", "--on", "2026-06-30")
    printed = run(context, "balance", "--on", "2026-07-31")
    assert "payers 120.00" in printed


def test_aging_counts_from_when_it_became_the_patients_or_from_service(context: Context) -> None:
    posted = run_json(context, "aging")
    [row] = posted["rows"]
    assert (row["account"], row["open"], row["credit"]) == ("patient-ar", 2_000, 0)
    assert row["buckets"] == [2_000, 0, 0, 0, 0]
    served = run_json(context, "aging", "--start", "service")
    assert served["rows"][0]["buckets"] == [0, 0, 0, 0, 2_000]


def test_aging_names_payers_and_folds_patients_unless_asked(
    context: Context, database: Database, actor: Actor
) -> None:
    with writing(database, actor, purpose="payment") as session:
        limits = FilingLimits(90, 90, 180, 90, "contract")
        payer_id = save_payer(
            session,
            Payer(
                PayerId(PAYER),
                "99001",
                "Evergreen Health Plan",
                PayerKind.COMMERCIAL,
                "CI",
                None,
                limits,
                "pr",
                allows_replacement=True,
                partner_id=None,
            ),
        )
        guarantor = add_guarantor(
            session, GuarantorDetails(PersonName("Castellanos", "Ana")), today=DAY
        )
        waiting = replace(LINE, payer_id=payer_id, charge_line_id=UUID(int=77))
        own = replace(waiting, payer_id=None, guarantor_id=guarantor.id)
        charge = service.build_charge("more", DAY, [(waiting, Money(700)), (own, Money(300))])
        service.post_all(session, actor, [charge])
    printed = run(context, "aging", "--on", "2026-11-01")
    # It ages from the visit's first charge, of July.
    [named] = [line for line in printed.splitlines() if line.startswith("Evergreen")]
    assert named.split() == ["Evergreen", "Health", "Plan", "7.00", "7.00"]
    assert printed.count("Patients") == 1
    assert printed.splitlines()[-1].split()[-3:] == ["7.00", "30.00", "0.00"]
    split = run(context, "aging", "--on", "2026-09-30", "--guarantors")
    assert f"Account {guarantor.account_number}" in split


def test_clearing_lists_takebacks_until_they_are_matched(
    context: Context, database: Database, actor: Actor
) -> None:
    def take(key: str, on: dt.date, code: str, cents: int) -> None:
        with writing(database, actor, purpose="payment") as session:
            plb = Plb(code, service.control_key(session, PAYER, "FCN 1"), Money(cents))
            posting = service.build_plb(
                key, on, remittance_id=UUID(int=15), payer_id=PAYER, adjustments=[plb]
            )
            service.post_all(session, actor, [posting])

    take("plb:1", DAY, "WO", 900)
    [taken] = run_json(context, "clearing")["takebacks"]
    assert (taken["cents"], taken["since"]) == (900, "2026-09-15")
    assert "since 2026-09-15: 9.00" in run(context, "clearing", "--on", "2026-09-30")
    take("plb:2", dt.date(2026, 10, 2), "72", -900)
    assert len(run_json(context, "clearing")["takebacks"]) == 1  # as it stood in September
    assert "Open with" not in run(context, "clearing", "--on", "2026-10-02")


def test_clearing_shows_what_waits(context: Context) -> None:
    answer = run_json(context, "clearing")
    assert answer["remittances"] == [
        {
            "remittance_id": str(ERA),
            "received": 12_100,
            "posted": 7_000,
            "plb": -100,
            "left": 5_000,
        }
    ]
    assert run(context, "clearing", "--on", "2026-09-30").splitlines()[-1].split() == [
        "Total",
        "121.00",
        "70.00",
        "-1.00",
        "50.00",
    ]
