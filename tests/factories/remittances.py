"""A practice with claims under way and payers that answer them: by simulator or by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

import edi
from audit.service import reading, writing
from claims import queries
from claims.jobs.posting import post_remittances, retry_quarantined
from claims.jobs.receiving import receive_files
from claims.jobs.sending import send_batches
from claims.models import DenialRow, RemittanceClaimRow
from claims.service.batching import batch_claims
from claims.service.building import build_claims
from claims.service.moving import move_claim
from claims.service.remittances import list_remittances
from claims.values import ClaimId, ClaimState
from coding.models import CodedVisitRow
from coding.values import ChargeLineId, CodedDiagnosis, CodedLine, CodingState, VisitCoding
from config.actor import Actor
from config.ids import uuid7
from config.money import Money
from config.people import Address, Identifier, PersonName, Sex
from config.provenance import Source, SourceKind
from config.sealed import seal
from config.tenancy import Database
from encounters.models import VisitRow
from encounters.values import VisitDetails, VisitId, VisitState
from ledger import service as ledger
from patients import service as patients
from practice import service as practice
from practice.values import PayerId, PayerKind
from simulator.service import demo_contract, run
from tests.factories.patients import make_entry, make_guarantor, make_patient
from tests.factories.practice import (
    make_location,
    make_partner,
    make_payer,
    make_practice,
    make_provider,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from claims.jobs.posting import PostedReport
    from claims.jobs.receiving import ReceivedReport
    from claims.service.remittances import RemittanceSummary
    from claims.values import ClaimDetails, ClaimLine
    from config.tenancy import PracticeSession
    from edi.writer import SegmentData
    from ledger.values.balances import LineBalance
    from practice.values import PartnerId
    from simulator.values import Contract, RunResult, Stage

AT = dt.datetime(2026, 9, 15, 13, 0, tzinfo=dt.UTC)
SERVED_ON = dt.date(2026, 9, 14)
TYPED = Source(SourceKind.PERSON, "tester")
HOME = Address("7 Lighthouse Lane", "", "Portland", "ME", "041011234")
PAYERS = {
    "99001": ("PRAIRIE MUTUAL", PayerKind.COMMERCIAL, "CI"),
    "99002": ("LONE STAR HEALTH PLAN", PayerKind.HMO, "HM"),
    "99003": ("MEDICARE SIMULATED", PayerKind.MEDICARE, "MB"),
    "99004": ("STATE MEDICAID SIMULATED", PayerKind.MEDICAID, "MC"),
    "99005": ("HARBOR CHOICE", PayerKind.COMMERCIAL, "CI"),
}


@dataclass(frozen=True)
class Billed:
    """One line to bill: code, cents, modifiers, units."""

    code: str = "99213"
    cents: int = 15_000
    modifiers: tuple[str, ...] = ()
    units: int = 1


@dataclass(frozen=True)
class Svc:
    """One SVC of an answer; amounts in cents, CAS as `CO-45 5800, PR-1 1000`."""

    code: str
    charge: int
    paid: int
    cas: str = ""
    control: str = ""
    modifiers: tuple[str, ...] = ()
    units: int = 1
    remarks: tuple[str, ...] = ()
    original: str = ""


@dataclass(frozen=True)
class Clp:
    """One CLP of an answer; charge and paid are the lines' sums where not given."""

    number: str
    lines: tuple[Svc, ...] = ()
    status: str = "1"
    charge: int | None = None
    paid: int | None = None
    cas: str = ""
    remarks: tuple[str, ...] = ()
    payer_number: str = "ICN0001"

    def get_charge(self) -> int:
        return sum(s.charge for s in self.lines) if self.charge is None else self.charge

    def get_paid(self) -> int:
        own = sum(int(part.split()[1]) for part in self.cas.split(", ") if part)
        return sum(s.paid for s in self.lines) - own if self.paid is None else self.paid


@dataclass(frozen=True)
class Check:
    """One 835 transaction; BPR02 is made to balance where not given."""

    claims: tuple[Clp, ...]
    payer: str = "99001"
    trace: str = "T0001"
    plb: tuple[tuple[str, str, int], ...] = ()
    bpr02: int | None = None
    payee: str = "1234567893"
    paid_on: str = "20260915"
    direction: str = "C"

    def get_bpr02(self) -> int:
        made = sum(c.get_paid() for c in self.claims if c.status != "25")
        return made - sum(p[2] for p in self.plb) if self.bpr02 is None else self.bpr02


def write_835(*checks: Check, control: int = 1) -> bytes:
    """Return a file with these checks."""
    return edi.write(
        edi.NewInterchange(
            sender=("ZZ", "COASTAL"),
            receiver=("ZZ", "HARBORVIEW"),
            at=AT,
            control=control,
            is_test=True,
            groups=[
                edi.NewGroup(
                    functional_id="HP",
                    sender="COASTAL",
                    receiver="HARBORVIEW",
                    at=AT,
                    control=control,
                    version="005010X221A1",
                    transactions=[
                        edi.NewTransaction(
                            st="835", control=f"{n:04d}", guide="", segments=list(_check(check))
                        )
                        for n, check in enumerate(checks, 1)
                    ],
                )
            ],
        )
    )


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    text = f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return text.rstrip("0").rstrip(".")


def _check(check: Check) -> Iterator[SegmentData]:
    name = PAYERS[check.payer][0] if check.payer in PAYERS else "NOBODY KNOWN"
    bank = ("01", "999999992", "DA", "123456", "1990010001", "", "01", "999988880", "DA", "98765")
    if check.get_bpr02():
        yield (
            "BPR",
            "I",
            _money(check.get_bpr02()),
            check.direction,
            "ACH",
            "CCP",
            *bank,
            check.paid_on,
        )
    else:
        yield ("BPR", "H", "0", "C", "NON", *([""] * 11), check.paid_on)
    yield ("TRN", "1", check.trace, "1990010001")
    yield ("DTM", "405", check.paid_on)
    yield ("N1", "PR", name)
    yield ("N3", "1 PRAIRIE WAY")
    yield ("N4", "OMAHA", "NE", "681021234")
    yield ("REF", "2U", check.payer)
    yield ("PER", "BL", "PROVIDER SERVICES", "TE", "8005550100")
    yield ("N1", "PE", "HARBORVIEW", "XX", check.payee)
    yield ("LX", "1")
    for claim in check.claims:
        yield from _claim(claim)
    for reason, reference, cents in check.plb:
        yield ("PLB", "1234567893", "20261231", (reason, reference), _money(cents))


def _claim(claim: Clp) -> Iterator[SegmentData]:
    amounts = (_money(claim.get_charge()), _money(claim.get_paid()))
    yield ("CLP", claim.number, claim.status, *amounts, "", "12", claim.payer_number, "11", "1")
    yield from _cas(claim.cas)
    yield ("NM1", "QC", "1", "VANDERSLOOT", "MARIGOLD")
    if claim.remarks:
        yield ("MOA", "", "", *claim.remarks)
    yield ("DTM", "232", "20260914")
    for line in claim.lines:
        original = ("HC", line.original) if line.original else ""
        units = str(line.units) if line.units != 1 else ""
        procedure = ("HC", line.code, *line.modifiers)
        yield ("SVC", procedure, _money(line.charge), _money(line.paid), "", units, original)
        yield ("DTM", "472", "20260914")
        yield from _cas(line.cas)
        if line.control:
            yield ("REF", "6R", line.control)
        for remark in line.remarks:
            yield ("LQ", "HE", remark)


def _cas(text: str) -> Iterator[SegmentData]:
    for part in filter(None, text.split(", ")):
        code, cents = part.split(" ")
        group, reason = code.split("-")
        yield ("CAS", group, reason, _money(int(cents)))


@dataclass
class Desk:
    """The practice's biller, with a folder that the partner reads and one that it writes to."""

    database: Database
    actor: Actor
    home: Path
    payers: dict[str, PayerId] = field(default_factory=dict)
    controls: int = 0
    people: int = 0
    at: dt.datetime = AT

    def __post_init__(self) -> None:
        for name in ("outbox", "inbox"):
            (self.home / name).mkdir(parents=True)
        with writing(self.database, self.actor, purpose="payment") as session:
            practice.save_practice(session, make_practice(session.own_practice_id))
            partner = make_partner(outbox=str(self.home / "outbox"), inbox=str(self.home / "inbox"))
            self.partner_id: PartnerId = practice.save_partner(session, partner)
            self.provider_id = practice.save_provider(session, make_provider())
            self.location_id = practice.save_location(session, make_location())
            for code, (name, kind, filing) in PAYERS.items():
                self.payers[code] = practice.save_payer(
                    session,
                    make_payer(
                        payer_code=code,
                        name=name,
                        kind=kind,
                        claim_filing_code=filing,
                        partner_id=self.partner_id,
                        address=HOME,
                    ),
                )

    def write(self) -> AbstractContextManager[PracticeSession]:
        return writing(self.database, self.actor, purpose="payment")

    # ------------------------------------------------------------ on the way out

    def bill(
        self,
        *lines: Billed,
        payer: str = "99001",
        then: str = "",
        **person: Any,  # noqa: ANN401  # any field of a patient
    ) -> BilledClaim:
        """Bill one visit of a new patient and send the claim."""
        return self.bill_all([lines or (Billed(),)], payer=payer, then=then, **person)[0]

    def bill_all(
        self,
        visits: Sequence[tuple[Billed, ...]],
        *,
        payer: str = "99001",
        then: str = "",
        has_guarantor: bool = True,
        is_sent: bool = True,
        **person: Any,  # noqa: ANN401  # any field of a patient
    ) -> list[BilledClaim]:
        """Bill visits, each of a new patient, and send their claims in one file."""
        with writing(self.database, self.actor, purpose="payment") as session:
            visit_ids = [
                self._add_visit(session, lines, (payer, then), person, has_guarantor=has_guarantor)
                for lines in visits
            ]
            built = build_claims(session, self.actor, visit_ids, at=AT)
            assert not built.findings
            claims = [
                BilledClaim(self, claim_id, self._number(session, claim_id))
                for claim_id in built.claims
            ]
        if is_sent:
            self.send(claims)
        return claims

    def _number(self, session: PracticeSession, claim_id: ClaimId) -> str:
        return queries.get_claim_row(session, claim_id).number

    def send(self, claims: Sequence[BilledClaim]) -> list[str]:
        """Batch claims, whatever state they may be batched from, and upload the file."""
        self.batch(claims)
        return send_batches(self.database, self.actor, keys=self.home, at=AT)

    def batch(self, claims: Sequence[BilledClaim]) -> None:
        with writing(self.database, self.actor, purpose="payment") as session:
            for claim in claims:
                row = queries.get_claim_row(session, claim.id)
                if row.state not in (ClaimState.BUILT, ClaimState.READY):
                    move_claim(session, self.actor, row, ClaimState.BUILT, kind="built", at=AT)
                move_claim(session, self.actor, row, ClaimState.READY, kind="scrubbed", at=AT)
            batch_claims(session, self.actor, self.partner_id, at=AT)

    def _add_visit(
        self,
        session: PracticeSession,
        lines: tuple[Billed, ...],
        payers: tuple[str, str],
        person: dict[str, Any],
        *,
        has_guarantor: bool,
    ) -> VisitId:
        self.people += 1
        name = PersonName(f"Vander{_letters(self.people)}", "Marigold")
        details = make_patient(
            name=name,
            address=HOME,
            sex=Sex.FEMALE,
            identifiers=(Identifier("test", f"MRN-{self.people}"),),
            **person,
        )
        patient = patients.register_patient(session, details, today=SERVED_ON)
        if has_guarantor:
            guarantor = patients.add_guarantor(
                session, make_guarantor(name=name, address=HOME), today=SERVED_ON
            )
            patients.set_guarantor(session, patient.id, guarantor.id)
        for priority, code in enumerate(filter(None, payers), 1):
            entry = make_entry(
                self.payers[code], priority=priority, member_id=f"MBR{self.people:05d}"
            )
            patients.add_coverage(session, patient.id, entry, today=SERVED_ON)
        visit = VisitRow(
            id=uuid7(),
            number=f"V{self.people:05d}",
            patient_id=patient.id,
            provider_id=self.provider_id,
            location_id=self.location_id,
            identifier_key=uuid7().bytes,
            day_key=uuid7().bytes,
            service_month=SERVED_ON.replace(day=1),
            state=VisitState.READY.value,
        )
        seal(session, visit, VisitDetails(SERVED_ON))
        session.add(visit)
        session.flush()
        self._code(session, visit, lines)
        return VisitId(visit.id)

    def _code(self, session: PracticeSession, visit: VisitRow, lines: tuple[Billed, ...]) -> None:
        coded = tuple(
            CodedLine(
                ChargeLineId(uuid7()),
                number,
                line.code,
                "CPT",
                line.modifiers,
                line.units,
                Money(line.cents),
                (1,),
                SERVED_ON,
                TYPED,
                wording="Service",
                wording_es="Servicio",
            )
            for number, line in enumerate(lines, 1)
        )
        row = CodedVisitRow(
            id=uuid7(), visit_id=visit.id, patient_id=visit.patient_id, state=CodingState.SIGNED
        )
        seal(session, row, VisitCoding(diagnoses=(CodedDiagnosis("E11.9", TYPED),), lines=coded))
        session.add(row)
        session.flush()

    # ------------------------------------------------------------ on the way in

    def simulate(self, stage: Stage, contract: Contract | None = None, seed: int = 1) -> RunResult:
        return run(
            self.home / "outbox",
            self.home / "inbox",
            contract or demo_contract(),
            seed=seed,
            today=AT.date(),
            stage=stage,
            memory=self.home / "memory",
        )

    def drop(self, content: bytes) -> None:
        """Put a file into the inbox, as the partner does."""
        self.controls += 1
        (self.home / "inbox" / f"file-{self.controls:03d}.x12").write_bytes(content)

    def receive(self, *, at: dt.datetime = AT) -> ReceivedReport:
        return receive_files(self.database, self.actor, keys=self.home, at=at)

    def post(self) -> list[PostedReport]:
        return post_remittances(self.database, self.actor, at=AT)

    def retry(self) -> list[tuple[int, int]]:
        """Try the quarantined claims again; return posted and quarantined for each remittance."""
        reports = retry_quarantined(self.database, self.actor, at=AT)
        return [(report.posted, report.quarantined) for report in reports]

    def answer(self, *checks: Check) -> list[RemittanceSummary]:
        """Receive and post a file with these checks, prove all sums, return all remittances."""
        self.drop(write_835(*checks, control=self.controls + 1))
        report = self.receive()
        assert not [f for f in report.findings if f.level == "error"], report.findings
        self.post()
        return self.prove()

    # ------------------------------------------------------------ what must always hold

    def prove(self) -> list[RemittanceSummary]:
        """Check every identity of DESIGN 7.4 on what stands now, and return the remittances."""
        with reading(self.database, self.actor, purpose="payment") as session:
            found = list_remittances(session)
            balance = ledger.get_trial_balance(session)
            clearing = {row.remittance_id: row for row in ledger.list_clearing(session)}
            totals = ledger.get_totals(session)
        assert balance.debit == balance.credit
        assert totals.billed == totals.paid + totals.adjusted + totals.patient + totals.open
        for each in found:
            row = clearing.get(each.id)
            if each.state != "posted":
                assert each.state == "held"
                assert row is None
                continue
            assert each.bpr02 == each.posted + each.quarantined - each.plb
            assert each.posted + each.quarantined == each.clp04
            assert each.ties
            if row is None:
                moved = (each.bpr02, each.plb, each.posted, each.quarantined)
                assert not any(moved)
                continue
            assert (row.received, row.posted, row.plb) == (each.bpr02, each.posted, each.plb)
            assert row.left == each.quarantined
        return found

    def list_held(self) -> list[str]:
        """Return why claims are quarantined, in order."""
        with reading(self.database, self.actor, purpose="payment") as session:
            return list(
                session.scalars(
                    select(RemittanceClaimRow.reason)
                    .where(RemittanceClaimRow.state == "quarantined")
                    .order_by(RemittanceClaimRow.id)
                )
            )

    def read_book(self) -> list[tuple[str, int]]:
        """Return every account's net, to compare two books."""
        with reading(self.database, self.actor, purpose="payment") as session:
            rows = ledger.get_trial_balance(session).rows
        return [(row.account.value, row.debit.cents - row.credit.cents) for row in rows]

    def net(self, account: str) -> int:
        return dict(self.read_book()).get(account, 0)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@dataclass(frozen=True)
class BilledClaim:
    """A claim that was built, and how it stands now."""

    desk: Desk
    id: ClaimId
    number: str

    def _read(self, kind: str) -> Any:  # noqa: ANN401  # one reader of six things
        with reading(self.desk.database, self.desk.actor, purpose="payment") as session:
            if kind == "state":
                return ClaimState(queries.get_claim_row(session, self.id).state)
            if kind == "claim":
                return queries.get_claims(session, [self.id])[self.id]
            if kind == "events":
                return [event.kind for event in queries.list_events(session, self.id)]
            if kind == "denials":
                rows = session.scalars(
                    select(DenialRow)
                    .where(DenialRow.claim_id == self.id, DenialRow.state == "open")
                    .order_by(DenialRow.id)
                ).all()
                return [(f"{row.group}-{row.carc}", row.cents) for row in rows]
            lines = queries.get_lines(session, [self.id])[self.id]
            if kind == "lines":
                return lines
            keys = [line.charge_line_id for line in lines]
            balances = ledger.get_line_balances(session, keys)
            return [balances[key] for key in keys]

    @property
    def state(self) -> ClaimState:
        found: ClaimState = self._read("state")
        return found

    @property
    def details(self) -> ClaimDetails:
        found: ClaimDetails = self._read("claim").details
        return found

    @property
    def events(self) -> list[str]:
        found: list[str] = self._read("events")
        return found

    @property
    def lines(self) -> list[ClaimLine]:
        found: list[ClaimLine] = self._read("lines")
        return found

    @property
    def denials(self) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = self._read("denials")
        return found

    @property
    def balances(self) -> list[LineBalance]:
        found: list[LineBalance] = self._read("balances")
        return found

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Return paid, adjusted, the patient's, and open with payers, in cents."""
        rows = self.balances
        opened = sum(m.cents for row in rows for m in row.insurance.values())
        return (
            sum(row.paid.cents for row in rows),
            sum(row.adjusted.cents for row in rows),
            sum(row.patient.cents for row in rows),
            opened,
        )

    def control(self, place: int = 0) -> str:
        """Return a line's control number (REF*6R)."""
        return self.lines[place].control_number

    def clp(self, *lines: Svc, **changes: Any) -> Clp:  # noqa: ANN401  # any field of a Clp
        return Clp(self.number, lines, **changes)

    def reverse(self, answered: Clp, **changes: Any) -> Clp:  # noqa: ANN401  # any field of a Clp
        """Take an answer back: every amount turned round."""
        lines = tuple(
            replace(s, charge=-s.charge, paid=-s.paid, cas=_negate(s.cas)) for s in answered.lines
        )
        charge, paid = -answered.get_charge(), -answered.get_paid()
        return replace(
            answered,
            lines=lines,
            status="22",
            charge=charge,
            paid=paid,
            cas=_negate(answered.cas),
            **changes,
        )


def _negate(text: str) -> str:
    parts = [part.split(" ") for part in text.split(", ") if part]
    return ", ".join(f"{code} {-int(cents)}" for code, cents in parts)
