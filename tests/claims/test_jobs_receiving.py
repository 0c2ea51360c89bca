"""Receiving: each file is kept first, read once, and held with its place where it can't be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.service import reading
from claims.models import ReceivedFileRow, RemittanceRow
from claims.service.remittances import list_remittances
from claims.values import ClaimState
from config.blobs import read_blob
from practice import service as practice
from simulator.service import scenario_contract
from simulator.values import Stage
from tests.factories.practice import make_payer
from tests.factories.remittances import Check, Svc, write_835

if TYPE_CHECKING:
    from config.actor import Actor
    from tests.factories.remittances import BilledClaim, Clp, Desk


def _paid(claim: BilledClaim) -> Clp:
    return claim.clp(Svc("99213", 15_000, 9_200, "CO-45 5800"))


def _codes(desk: Desk) -> list[str]:
    return [finding.code for finding in desk.receive().findings]


def _files(desk: Desk) -> list[tuple[str, str]]:
    with reading(desk.database, desk.actor, purpose="payment") as session:
        rows = session.scalars(select(ReceivedFileRow).order_by(ReceivedFileRow.id))
        return [(row.kind, row.state) for row in rows]


def test_same_file_twice_changes_nothing(desk: Desk) -> None:
    claim = desk.bill()
    content = write_835(Check((_paid(claim),)))
    desk.drop(content)
    desk.receive()
    desk.post()
    before = desk.read_book()
    desk.drop(content)
    report = desk.receive()
    assert desk.post() == []
    assert (report.repeats, report.kinds.total()) == (1, 0)
    assert desk.read_book() == before
    assert list((desk.home / "inbox").iterdir()) == []


def test_same_payment_in_another_file_is_posted_once(desk: Desk) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    before = desk.read_book()
    desk.drop(write_835(Check((_paid(claim),)), control=2))
    assert _codes(desk) == ["remittance-repeated"]
    assert desk.post() == []
    assert desk.read_book() == before
    assert _files(desk) == [("835", "applied"), ("835", "applied")]


@pytest.mark.parametrize("share", [0.35, 0.6, 0.9, 0.98])
def test_truncated_835_is_held_with_its_place_and_nothing_posts(desk: Desk, share: float) -> None:
    claim = desk.bill()
    content = write_835(Check((_paid(claim),)))
    desk.drop(content[: int(len(content) * share)])
    report = desk.receive()
    assert report.findings
    assert any(finding.where.startswith("segment ") for finding in report.findings)
    assert desk.post() == []
    assert [state for _, state in _files(desk)] == ["held"]
    assert claim.state is ClaimState.SENT
    desk.prove()


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00\xff" * 50, b"ISA*00*"])
def test_what_is_no_x12_is_kept_and_held(desk: Desk, content: bytes) -> None:
    desk.drop(content)
    assert _codes(desk)
    assert [state for _, state in _files(desk)] == ["held"]
    with reading(desk.database, desk.actor, purpose="payment") as session:
        row = session.scalars(select(ReceivedFileRow)).one()
        assert read_blob(session, row.blob_id) == content


def test_837_in_the_inbox_is_held(desk: Desk) -> None:
    desk.bill()
    (sent,) = (desk.home / "outbox").iterdir()
    desk.drop(sent.read_bytes())
    assert "file-no-answer" in _codes(desk)
    assert [state for _, state in _files(desk)] == ["held"]


def test_check_that_does_not_balance_is_held_with_nothing_posted(desk: Desk) -> None:
    claim = desk.bill()
    before = desk.read_book()
    desk.drop(write_835(Check((_paid(claim),), bpr02=9_300)))
    assert _codes(desk) == ["remittance-balance"]
    assert desk.post() == []
    assert desk.read_book() == before
    assert [each.state for each in desk.prove()] == ["held"]
    assert claim.state is ClaimState.SENT


def test_one_check_of_a_file_is_held_and_the_other_posts(desk: Desk) -> None:
    first, second = desk.bill(), desk.bill()
    checks = (
        Check((_paid(first),), bpr02=9_300),
        Check((_paid(second),), trace="T0002"),
    )
    desk.drop(write_835(*checks))
    assert _codes(desk) == ["remittance-balance"]
    desk.post()
    assert [each.state for each in desk.prove()] == ["held", "posted"]
    assert (first.state, second.state) == (ClaimState.SENT, ClaimState.SETTLED)


def test_held_payment_is_replaced_by_its_corrected_form(desk: Desk) -> None:
    claim = desk.bill()
    desk.drop(write_835(Check((_paid(claim),), bpr02=9_300)))
    desk.receive()
    line = Svc("99213", 15_000, 9_300, "CO-45 5700")
    (found,) = desk.answer(Check((claim.clp(line),), bpr02=9_300))
    assert found.state == "posted"
    assert claim.sums == (9_300, 5_700, 0, 0)


def test_payment_of_an_unknown_payer_posts_once_the_payer_is_known(desk: Desk) -> None:
    claim = desk.bill()
    desk.drop(write_835(Check((_paid(claim),), payer="88888")))
    assert _codes(desk) == ["payer-unknown"]
    assert desk.post() == []
    with desk.write() as session:
        practice.save_payer(session, make_payer(payer_code="88888", name="Newcomer Health"))
    desk.post()
    (found,) = desk.prove()
    assert found.quarantined.cents == 9_200
    assert desk.list_held() == ["claim-other-payer"]


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (Check((), payee="1999999984"), "payee-unknown"),
        (Check((), direction="D"), "remittance-debit"),
        (Check((), trace=""), "remittance-trace"),
    ],
)
def test_payment_that_is_not_plainly_ours_is_held(desk: Desk, check: Check, code: str) -> None:
    claim = desk.bill()
    desk.drop(write_835(replace(check, claims=(_paid(claim),))))
    assert code in _codes(desk)
    assert desk.post() == []
    assert claim.sums == (0, 0, 0, 15_000)


def test_payment_without_a_date_is_taken_for_the_day_of_receipt(desk: Desk) -> None:
    claim = desk.bill()
    content = write_835(Check((_paid(claim),)))
    desk.drop(
        content.replace(b"*98765*20260915~", b"*98765*20261399~").replace(b"DTM*405*20260915~", b"")
    )
    desk.receive()
    desk.post()
    with reading(desk.database, desk.actor, purpose="payment") as session:
        for row in session.scalars(select(RemittanceRow)):
            assert row.paid_on == dt.date(2026, 9, 15)


def test_files_are_read_in_the_order_in_which_answers_come_about(desk: Desk) -> None:
    claim = desk.bill()
    contract = scenario_contract("all-paid")
    desk.simulate(Stage.ACKNOWLEDGE, contract)
    desk.simulate(Stage.ADJUDICATE, contract)
    report = desk.receive()
    assert report.findings == []
    desk.post()
    assert claim.events == [
        "built",
        "scrubbed",
        "batched",
        "sent",
        "received-by-clearinghouse",
        "accepted-by-clearinghouse",
        "accepted-by-payer",
        "remittance-settled",
    ]


def test_another_practice_sees_nothing_of_it(desk: Desk, other_actor: Actor) -> None:
    claim = desk.bill()
    desk.answer(Check((_paid(claim),)))
    with reading(desk.database, other_actor, purpose="payment") as session:
        assert list_remittances(session) == []
        assert session.scalars(select(ReceivedFileRow)).all() == []
