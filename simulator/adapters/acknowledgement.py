"""How the simulated clearinghouse and payers take in one 837 file: TA1, 999, 277CA twice.

What is wrong with the file is what `edi.check` finds; what the contract turns down beyond that is
decided here, claim by claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

import edi
from edi.acknowledge import find_ta1_note
from edi.acknowledge_277ca import BatchAnswer
from edi.acknowledge_999 import is_guide_unknown, is_turned_down
from edi.acknowledge_submission import answer_batch
from edi.acknowledge_values import StatusCode
from simulator.adapters.status import answer_as_clearinghouse, answer_as_payer
from simulator.adapters.submissions import read_batch
from simulator.rules.adjudication import number_claim
from simulator.rules.matching import find_claim_rule
from simulator.values import Contract, Route, RuleAt, SubmittedClaim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edi.transaction import Transaction
    from simulator.values import Batch, Rule

# STC codes (507 category, 508 status). Source: X12 external code lists 507 and 508.
_FORWARDED = StatusCode("A0", "16", "PR")
_ACCEPTED = StatusCode("A2", "20", "PR")
_WRONG_PAYER = StatusCode("A3", "116", "")
_ORIGINAL_UNKNOWN = StatusCode("A4", "35", "")
_REFERRING_FREQUENCIES = frozenset(("7", "8"))
_STATUS_DEFAULT = "21"
_837 = "837"


@dataclass(frozen=True, slots=True)
class TakenClaim:
    """A claim that its payer accepted, and where it stands in the file (both from 0)."""

    transaction: int
    place: int
    claim: SubmittedClaim
    payer_claim_number: str


@dataclass(slots=True)
class Intake:
    """What became of one file: answers to write and claims taken."""

    house_batches: list[BatchAnswer] = field(default_factory=list)
    payer_batches: dict[str, list[BatchAnswer]] = field(default_factory=dict)
    taken: list[TakenClaim] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    struck: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks at the file: contract, seed, moment, and what was struck and taken before.

    `open_numbers` gives the payer's own numbers for a payer id and claim number.
    """

    contract: Contract
    seed: int
    at: dt.datetime
    struck: frozenset[tuple[str, str]]
    open_numbers: Callable[[str, str], frozenset[str]]

    def find_rule(self, claim: SubmittedClaim, at: RuleAt) -> Rule | None:
        """Return the clearinghouse's or the payer's rule that strikes this claim at a door."""
        if at is RuleAt.PAYER:
            payer = self.contract.find_payer(claim.payer_id)
            rules = payer.rules if payer is not None else ()
        else:
            rules = self.contract.clearinghouse.rules
        return find_claim_rule(rules, claim, at=at, seed=self.seed, struck=self.struck)


def read_route(data: bytes) -> Route | None:
    """Return between whom the file's first group goes, None where there is no group."""
    for transaction in edi.read(BytesIO(data)):
        interchange, group = transaction.interchange, transaction.group
        return Route(
            practice=interchange.sender,
            house=interchange.receiver,
            practice_group=group.sender,
            house_group=group.receiver,
            is_test=interchange.is_test,
        )
    return None


def read_batches(data: bytes) -> Iterator[tuple[Transaction, Batch | None]]:
    """Yield every transaction of a file with its batch, None for what is no 837."""
    for transaction in edi.read(BytesIO(data)):
        yield transaction, read_batch(transaction) if transaction.st == _837 else None


def find_refusals(data: bytes, desk: Desk, intake: Intake) -> list[edi.Fault]:
    """Return a fault for each claim that the contract turns down at the 999 already."""
    faults = []
    for transaction, batch in read_batches(data):
        for claim in batch.claims if batch is not None else ():
            rule = desk.find_rule(claim, RuleAt.TRANSACTION)
            if rule is None:
                continue
            intake.struck.append((rule.name, claim.claim_number))
            faults.append(_refuse(transaction, claim))
    return faults


def _refuse(transaction: Transaction, claim: SubmittedClaim) -> edi.Fault:
    return edi.Fault(
        code="partner-pattern",
        message="the claim number doesn't fit this receiver's pattern",
        fix="send the claim again as the receiver's companion guide wants it",
        snip=2,
        interchange=transaction.interchange.control,
        group=transaction.group.control,
        transaction=transaction.control,
        segment_index=claim.segment_index,
        segment="CLM",
        loop="2300",
        element=1,
        x12="IK403:I12",
    )


def find_duplicates(report: edi.FileReport, controls: list[str]) -> list[edi.Fault]:
    """Return a fault for each interchange whose number its sender has used before.

    Args:
        report: What the checker found in the file.
        controls: Senders and numbers seen so far; those of this file are added.
    """
    faults = []
    for received in report.interchanges:
        interchange = received.interchange
        key = "|".join((*interchange.sender, interchange.control))
        if key in controls:
            faults.append(
                edi.Fault(
                    code="isa-duplicate",
                    message="this interchange control number was received before",
                    fix="send it under a new number (ISA13)",
                    interchange=interchange.control,
                    segment_index=interchange.header.index,
                    segment="ISA",
                    element=13,
                    x12="TA105:025",
                )
            )
        controls.append(key)
    return faults


def let_in(report: edi.FileReport, more: list[edi.Fault]) -> dict[int, edi.TransactionReport]:
    """Return the reports of the transactions that neither TA1 nor 999 turns down."""
    reports: dict[int, edi.TransactionReport] = {}
    for received in report.interchanges:
        own = [f for f in more if f.interchange == received.interchange.control]
        whole = [fault for fault in own if fault.transaction is None]
        if find_ta1_note((*received.faults, *whole)) != "000":
            continue
        for group in received.groups:
            for each in group.transactions:
                added = [f for f in own if f.transaction == each.control]
                if not is_turned_down(each, added) and not is_guide_unknown(each):
                    reports[each.first_index] = each
    return reports


def take_in(
    data: bytes, reports: dict[int, edi.TransactionReport], desk: Desk, intake: Intake
) -> None:
    """Judge each claim of the transactions that the 999 lets in.

    Args:
        data: The file.
        reports: Those transactions' reports, by the index of their ST.
        desk: Who judges.
        intake: Takes the answers and the claims.
    """
    again = iter(edi.read(BytesIO(data)))
    for number, (transaction, batch) in enumerate(read_batches(data)):
        twin = next(again)
        report = reports.get(transaction.header.index)
        if batch is None or report is None:
            continue
        answer = answer_batch(twin, report, at=desk.at)
        _judge(number, batch, answer, desk, intake)


def _judge(number: int, batch: Batch, answer: BatchAnswer, desk: Desk, intake: Intake) -> None:
    faulty = {
        claim.claim_number: claim.codes
        for provider in answer.providers
        for claim in provider.claims
        if not claim.is_accepted
    }
    house = {c.claim_number: _judge_at_house(c, faulty, desk, intake) for c in batch.claims}
    intake.house_batches.append(answer_as_clearinghouse(answer, desk.contract.clearinghouse, house))
    forwarded = [
        (place, claim)
        for place, claim in enumerate(batch.claims)
        if house[claim.claim_number] == (_FORWARDED,)
    ]
    for payer in desk.contract.payers:
        own = [(place, c) for place, c in forwarded if c.payer_id == payer.payer_id]
        if not own:
            continue
        codes = {claim.claim_number: _judge_at_payer(claim, desk, intake) for _, claim in own}
        numbers = {claim.claim_number: number_claim(desk.seed, payer, claim) for _, claim in own}
        told = answer_as_payer(answer, payer, codes, numbers)
        intake.payer_batches.setdefault(payer.payer_id, []).append(told)
        intake.taken.extend(
            TakenClaim(number, place, claim, numbers[claim.claim_number])
            for place, claim in own
            if codes[claim.claim_number] == (_ACCEPTED,)
        )
    accepted = {taken.claim.claim_number for taken in intake.taken}
    intake.rejected.extend(c.claim_number for c in batch.claims if c.claim_number not in accepted)


def _judge_at_house(
    claim: SubmittedClaim,
    faulty: dict[str, tuple[StatusCode, ...]],
    desk: Desk,
    intake: Intake,
) -> tuple[StatusCode, ...]:
    if claim.claim_number in faulty:
        return faulty[claim.claim_number]
    if desk.contract.find_payer(claim.payer_id) is None:
        return (_WRONG_PAYER,)
    return _judge_by_rule(claim, RuleAt.CLEARINGHOUSE, _FORWARDED, desk, intake)


def _judge_at_payer(claim: SubmittedClaim, desk: Desk, intake: Intake) -> tuple[StatusCode, ...]:
    if claim.frequency in _REFERRING_FREQUENCIES:
        known = desk.open_numbers(claim.payer_id, claim.claim_number)
        if claim.payer_claim_number not in known:
            return (_ORIGINAL_UNKNOWN,)
    return _judge_by_rule(claim, RuleAt.PAYER, _ACCEPTED, desk, intake)


def _judge_by_rule(
    claim: SubmittedClaim, at: RuleAt, otherwise: StatusCode, desk: Desk, intake: Intake
) -> tuple[StatusCode, ...]:
    rule = desk.find_rule(claim, at)
    if rule is None:
        return (otherwise,)
    intake.struck.append((rule.name, claim.claim_number))
    return (StatusCode(rule.category, rule.status or _STATUS_DEFAULT, rule.entity),)
