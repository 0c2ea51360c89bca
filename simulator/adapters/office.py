"""One payer at work: reads the claims it accepted from its copies, decides them, makes checks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from simulator.adapters.acknowledgement import read_batches, read_route
from simulator.adapters.memory import Memory
from simulator.adapters.status import answer_late
from simulator.rules.adjudication import (
    Chance,
    decide_claim,
    deny_duplicate,
    find_deductible,
    reverse_decision,
)
from simulator.rules.matching import find_claim_rule
from simulator.rules.payment import make_check, spoil_check
from simulator.rules.settling import Course, choose_course
from simulator.values import (
    Batch,
    Fault,
    PayerContract,
    Route,
    RuleAt,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edi.acknowledge_277ca import BatchAnswer
    from simulator.adapters.memory import ClaimRecord
    from simulator.values import (
        BillingProvider,
        Check,
        ClaimDecision,
        Rule,
        SubmittedClaim,
    )

_ACCEPTED, _DECIDED, _REVERSED, _CORRECTED = "accepted", "decided", "reversed", "corrected"
_DUPLICATE, _REJECTED = "duplicate", "rejected"
_STANDING = (_DECIDED, _CORRECTED)


@dataclass(slots=True)
class PayerOffice:
    """A payer in one run. `route` is known once a claim was read."""

    payer: PayerContract
    faults: frozenset[Fault]
    seed: int
    today: dt.date
    memory: Memory
    route: Route | None = None
    _batches: dict[str, list[Batch | None]] = field(default_factory=dict)

    def reject_late(self, at: dt.datetime) -> list[BatchAnswer]:
        """Return a 277CA batch for claims that this payer accepted and now rejects after all."""
        struck: dict[tuple[str, int], dict[str, Rule]] = {}
        for record in [r for r in self._own_records() if r.state == _ACCEPTED]:
            claim, before = self._read_claim(record), self.memory.struck_pairs()
            rule = find_claim_rule(
                self.payer.rules, claim, at=RuleAt.LATE, seed=self.seed, struck=before
            )
            if rule is not None:
                self.memory.strike(rule.name, record.claim_number)
                record.state = _REJECTED
                own = struck.setdefault((record.copy, record.transaction), {})
                own[record.claim_number] = rule
        return [
            answer_late(self.memory.read_copy(copy), transaction, self.payer, rules, at=at)
            for (copy, transaction), rules in struck.items()
        ]

    def adjudicate(self) -> list[Check]:
        """Decide everything accepted and not decided yet; return the checks, one a payee."""
        waiting = [r for r in self._own_records() if r.state == _ACCEPTED]
        decisions = [d for record in waiting for d in self._settle(record)]
        return self._make_checks(decisions, "pay")

    def reverse(self) -> list[Check]:
        """Take back what the contract's reversal rules pick; return the checks, one a payee."""
        decisions: list[ClaimDecision] = []
        for record in [r for r in self._own_records() if r.state == _DECIDED]:
            decisions.extend(self._take_back(record))
        return self._make_checks(decisions, "take")

    def _own_records(self) -> list[ClaimRecord]:
        return [r for r in self.memory.claims if r.payer_id == self.payer.payer_id]

    # --------------------------------------------------------------- decide

    def _read_claim(self, record: ClaimRecord) -> SubmittedClaim:
        if record.copy not in self._batches:
            data = self.memory.read_copy(record.copy)
            self._batches[record.copy] = [batch for _, batch in read_batches(data)]
            self.route = read_route(data) or self.route
        batch = self._batches[record.copy][record.transaction]
        if batch is None:
            raise LookupError(f"{record.copy}: transaction {record.transaction} holds no claims")
        return replace(batch.claims[record.place], received_on=record.received_on)

    def _member_key(self, record: ClaimRecord) -> str:
        return f"{self.payer.payer_id}|{record.member}"

    def _decide(self, record: ClaimRecord) -> ClaimDecision:
        """Decide by what the record holds: the same again for a claim decided before."""
        claim = self._read_claim(record)
        if record.is_duplicate:
            return deny_duplicate(claim, self.payer, seed=self.seed)
        struck = frozenset((rule, record.claim_number) for rule in record.struck_before)
        chance = Chance(self.seed, struck, record.allowed_permille)
        return decide_claim(
            claim,
            self.payer,
            deductible_left_cents=record.deductible_left_cents,
            chance=chance,
        )

    def _decide_anew(self, record: ClaimRecord) -> ClaimDecision:
        """Decide for the first time and remember what the decision stood on."""
        key = self._member_key(record)
        used = self.memory.deductible_used.get(key, 0)
        record.deductible_left_cents = find_deductible(
            self.payer, record.member, used_cents=used, seed=self.seed
        )
        record.struck_before = [r for r, c in self.memory.struck if c == record.claim_number]
        record.state = _DECIDED
        decision = self._decide(record)
        self.memory.deductible_used[key] = used + decision.deductible_used_cents
        for rule in decision.struck_rules:
            self.memory.strike(rule, record.claim_number)
        return decision

    def _find_standing(self, record: ClaimRecord) -> ClaimRecord | None:
        """Return the newest earlier record of the same claim number that still stands."""
        same = [
            r
            for r in self._own_records()
            if r.claim_number == record.claim_number and r.state in _STANDING
        ]
        return same[-1] if same else None

    def _settle(self, record: ClaimRecord) -> list[ClaimDecision]:
        earlier = self._find_standing(record)
        before = self._decide(earlier) if earlier is not None else None
        course = choose_course(self._read_claim(record).frequency, before)
        if course is Course.DUPLICATE:
            record.is_duplicate, record.state = True, _DUPLICATE
            return [self._decide(record)]
        if course is Course.DECIDE or earlier is None or before is None:
            return [self._decide_anew(record)]
        reversal = self._reverse(earlier, before)
        if course is Course.VOID:
            record.state = _REVERSED
            return [reversal]
        return [reversal, self._decide_anew(record)]

    def _reverse(self, record: ClaimRecord, decision: ClaimDecision) -> ClaimDecision:
        record.state = _REVERSED
        key = self._member_key(record)
        used = self.memory.deductible_used.get(key, 0)
        self.memory.deductible_used[key] = max(0, used - decision.deductible_used_cents)
        return reverse_decision(decision)

    def _take_back(self, record: ClaimRecord) -> list[ClaimDecision]:
        claim = self._read_claim(record)
        struck = self.memory.struck_pairs()
        rule = find_claim_rule(
            self.payer.rules, claim, at=RuleAt.REVERSAL, seed=self.seed, struck=struck
        )
        before = self._decide(record)
        if rule is None or before.paid_cents <= 0:
            return []
        self.memory.strike(rule.name, record.claim_number)
        reversal = self._reverse(record, before)
        if not rule.has_correction:
            return [reversal]
        record.allowed_permille = rule.correction_permille
        corrected = self._decide_anew(record)
        record.state = _CORRECTED
        return [reversal, corrected]

    # --------------------------------------------------------------- checks

    def _make_checks(self, decisions: Sequence[ClaimDecision], stage: str) -> list[Check]:
        payees: dict[str, tuple[BillingProvider, list[ClaimDecision]]] = {}
        for decision in decisions:
            payee = decision.claim.billing
            key = payee.party.id or payee.tax_id
            payees.setdefault(key, (payee, []))[1].append(decision)
        checks = []
        for key, (payee, own) in payees.items():
            carried = f"{self.payer.payer_id}|{key}"
            check = make_check(
                self.payer,
                payee,
                own,
                seed=self.seed,
                run_name=f"{self.today:%Y%m%d}{stage}{self.memory.next_control}",
                carried_cents=self.memory.carried.get(carried, 0),
            )
            self.memory.carried[carried] = check.carried_cents
            checks.append(spoil_check(check, self.faults))
        return checks
