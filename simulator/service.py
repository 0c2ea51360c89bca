"""Plays the other side: reads the practice's uploads and writes what comes back, round by round.

A run is a function of the seed, the day, the files in the inbox and the memory of earlier runs:
the same again gives the same bytes. It reads no clock and nothing but 837s and the contract.
"""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import edi
from edi.acknowledge import acknowledge
from simulator.adapters.acknowledgement import (
    Desk,
    Intake,
    find_duplicates,
    find_refusals,
    let_in,
    read_route,
    take_in,
)
from simulator.adapters.contract import ContractError, read_contract
from simulator.adapters.memory import ClaimRecord, load_memory
from simulator.adapters.office import PayerOffice
from simulator.adapters.remittances import write_835
from simulator.adapters.status import write_277ca
from simulator.rules.draws import draw_number
from simulator.rules.scenarios import SCENARIOS, bend_contract
from simulator.values import RemittanceSummary, RunResult, Stage

if TYPE_CHECKING:
    from edi.report import FileReport
    from simulator.adapters.memory import Memory
    from simulator.values import Check, Contract, PayerContract, Route

__all__ = [
    "SCENARIOS",
    "ContractError",
    "demo_contract",
    "read_contract",
    "run",
    "scenario_contract",
]

_DEMO_CONTRACT = Path(__file__).with_name("demo_contract.toml")
_ANSWERED_AT = dt.time(9, 30)
_PAID_AT = dt.time(17, 0)


def demo_contract() -> Contract:
    """Return the contract of the demo's five payers."""
    return read_contract(_DEMO_CONTRACT)


def scenario_contract(name: str) -> Contract:
    """Return the demo's payers as one scenario has them.

    Args:
        name: One of SCENARIOS.

    Raises:
        KeyError: There is no such scenario.
    """
    return bend_contract(demo_contract(), name)


def run(  # noqa: PLR0913  # a round is its folders, its contract, and what fixes its bytes
    inbox: Path,
    outbox: Path,
    contract: Contract,
    *,
    seed: int,
    today: dt.date,
    stage: Stage,
    memory: Path,
) -> RunResult:
    """Play one round.

    Args:
        inbox: Where the practice uploads its 837 files; they are only read.
        outbox: Where answers go: the practice's own inbox.
        contract: What the clearinghouse and the payers do.
        seed: Decides every draw and control number.
        today: The day of the answers.
        stage: Which round.
        memory: A folder of the simulator's own.

    Returns:
        What was read and written. A file that was seen before is not read again.
    """
    first = 1 + draw_number(seed, "control", below=900_000) * 1000
    kept = load_memory(memory, first_control=first)
    outbox.mkdir(parents=True, exist_ok=True)
    round_ = _Round(outbox, contract, seed, today, kept)
    if stage is Stage.ACKNOWLEDGE:
        result = round_.acknowledge(inbox)
    elif stage is Stage.ADJUDICATE:
        result = round_.pay(Stage.ADJUDICATE)
    else:
        result = round_.pay(Stage.REVERSE)
    kept.save()
    return result


class _Round:
    """One run: its folders, day and memory."""

    def __init__(
        self, outbox: Path, contract: Contract, seed: int, today: dt.date, memory: Memory
    ) -> None:
        self.outbox = outbox
        self.contract = contract
        self.seed = seed
        self.today = today
        self.memory = memory
        self.read: list[Path] = []
        self.written: list[Path] = []
        self.accepted: list[str] = []
        self.rejected: list[str] = []

    def _result(self, stage: Stage, remittances: tuple[RemittanceSummary, ...] = ()) -> RunResult:
        return RunResult(
            stage=stage,
            today=self.today,
            files_read=tuple(self.read),
            files_written=tuple(self.written),
            claims_accepted=tuple(self.accepted),
            claims_rejected=tuple(self.rejected),
            remittances=remittances,
        )

    def _write(self, stem: str, suffix: str, data: bytes) -> Path:
        """Write an answer whole or not at all, so that nobody reads half of it."""
        name = self.memory.name_file(stem, suffix)
        beside, path = self.outbox / f".{name}.part", self.outbox / name
        beside.write_bytes(data)
        beside.replace(path)
        self.written.append(path)
        return path

    # ------------------------------------------------------------ acknowledge

    def acknowledge(self, inbox: Path) -> RunResult:
        """Answer each new file."""
        for path in sorted(p for p in inbox.iterdir() if p.is_file() and p.name[0] != "."):
            data = path.read_bytes()
            copy = self.memory.keep(data, path.name)
            if copy is not None:
                self.read.append(path)
                self._answer(data, copy)
        return self._result(Stage.ACKNOWLEDGE)

    def _answer(self, data: bytes, copy: str) -> None:
        at = dt.datetime.combine(self.today, _ANSWERED_AT)
        report = edi.check(BytesIO(data)).files[0]
        struck = self.memory.struck_pairs()
        desk, intake = (
            Desk(self.contract, self.seed, at, struck, self.memory.open_numbers),
            Intake(),
        )
        more = [*find_duplicates(report, self.memory.controls), *find_refusals(data, desk, intake)]
        control = self.memory.next_control
        answers = acknowledge(report, BytesIO(data), at=at, control=control, more_faults=more)
        self.memory.take_control(len(answers))
        for answer in answers:
            if answer.kind != "277CA":  # the clearinghouse and the payers each write their own
                self._write(answer.interchange_control, f".{answer.kind.lower()}", answer.data)
        take_in(data, let_in(report, more), desk, intake)
        self._write_statuses(data, report, intake, at)
        self._remember(copy, intake)

    def _write_statuses(
        self, data: bytes, report: FileReport, intake: Intake, at: dt.datetime
    ) -> None:
        route = read_route(data)
        if route is None or not intake.house_batches:
            return
        answered = report.interchanges[0].interchange.control
        house = write_277ca(
            intake.house_batches,
            sender_group=route.house_group,
            route=route,
            at=at,
            control=self.memory.take_control(),
        )
        self._write(f"{answered}-ch", ".277", house)
        for payer_id, batches in sorted(intake.payer_batches.items()):
            told = write_277ca(
                batches,
                sender_group=payer_id,
                route=route,
                at=at + dt.timedelta(hours=3),
                control=self.memory.take_control(),
            )
            self._write(f"{answered}-{payer_id}", ".277", told)

    def _remember(self, copy: str, intake: Intake) -> None:
        for rule, claim_number in intake.struck:
            self.memory.strike(rule, claim_number)
        self.rejected.extend(intake.rejected)
        for taken in intake.taken:
            claim = taken.claim
            self.accepted.append(claim.claim_number)
            self.memory.claims.append(
                ClaimRecord(
                    copy=copy,
                    transaction=taken.transaction,
                    place=taken.place,
                    claim_number=claim.claim_number,
                    payer_id=claim.payer_id,
                    member=claim.member_id,
                    received_on=f"{self.today:%Y%m%d}",
                    payer_claim_number=taken.payer_claim_number,
                )
            )

    # ------------------------------------------------------- adjudicate, reverse

    def pay(self, stage: Stage) -> RunResult:
        """Write one 835 for each payer that has something to say."""
        remittances = []
        for payer in self.contract.payers:
            office = PayerOffice(payer, self.contract.faults, self.seed, self.today, self.memory)
            if stage is Stage.ADJUDICATE:
                self._write_late(office)
            checks = office.adjudicate() if stage is Stage.ADJUDICATE else office.reverse()
            if not checks or office.route is None:
                continue
            remittances.extend(self._write_checks(payer, checks, office.route, stage))
        return self._result(stage, tuple(remittances))

    def _write_late(self, office: PayerOffice) -> None:
        """Write a payer's second thoughts: claims it accepted and rejects after all."""
        at = dt.datetime.combine(self.today, _ANSWERED_AT)
        batches = office.reject_late(at)
        if not batches or office.route is None:
            return
        payer_id = office.payer.payer_id
        told = write_277ca(
            batches,
            sender_group=payer_id,
            route=office.route,
            at=at,
            control=self.memory.take_control(),
        )
        self._write(f"{payer_id}-{self.today:%Y%m%d}-late", ".277", told)
        self.rejected.extend(
            claim.claim_number
            for batch in batches
            for provider in batch.providers
            for claim in provider.claims
        )

    def _write_checks(
        self, payer: PayerContract, checks: list[Check], route: Route, stage: Stage
    ) -> list[RemittanceSummary]:
        at = dt.datetime.combine(self.today, _PAID_AT)
        control = self.memory.take_control()
        data = write_835(payer, checks, route=route, at=at, control=control)
        mark = "-r" if stage is Stage.REVERSE else ""
        path = self._write(f"{payer.payer_id}-{self.today:%Y%m%d}{mark}", ".835", data)
        return [
            RemittanceSummary(
                payer_id=payer.payer_id,
                trace=check.trace,
                file=path,
                bpr02_cents=check.bpr02_cents,
                clp04_cents=sum(d.paid_cents for d in check.decisions),
                plb_cents=sum(pair.cents for pair in check.plb),
                claim_count=len(check.decisions),
            )
            for check in checks
        ]
