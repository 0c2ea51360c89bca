"""A small clinic with visits whose money is in the ledger, for tests of bills."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from coding.models import CodedVisitRow
from coding.values import ChargeLineId, CodedLine, CodingState, VisitCoding
from config.actor import Actor
from config.ids import uuid7
from config.money import Money
from config.people import Address, Identifier, PersonName, Sex
from config.provenance import Source, SourceKind
from config.sealed import seal
from config.tenancy import PracticeSession
from encounters.models import VisitRow
from encounters.values import VisitDetails, VisitId, VisitState
from ledger import service as ledger
from ledger.values.postings import About
from ledger.values.remittance import Cas, PayerTerms, RemitClaim, RemitLine
from patients.service import add_guarantor, register_patient, set_guarantor
from patients.values import GuarantorDetails, PatientDetails
from practice.service import save_location, save_payer, save_provider
from practice.values import (
    FilingLimits,
    Location,
    LocationId,
    Payer,
    PayerId,
    PayerKind,
    Provider,
    ProviderId,
)

if TYPE_CHECKING:
    from patients.values import GuarantorId, PatientId

HOME = Address("4820 Old Mill Road", "Apt 12", "Springfield", "MA", "011031234")
SERVED_ON = dt.date(2026, 7, 3)
TYPED = Source(SourceKind.PERSON, "tester")


@dataclass
class BilledVisit:
    """A visit with its charge lines' keys, in order."""

    id: VisitId
    number: str
    about: About
    lines: list[UUID]
    charges: list[Money]


@dataclass
class Clinic:
    """Makes patients, visits and answers in one session; each step is a real service or row."""

    session: PracticeSession
    actor: Actor
    payer_id: PayerId = field(init=False)
    second_id: PayerId = field(init=False)
    provider_id: ProviderId = field(init=False)
    location_id: LocationId = field(init=False)

    def __post_init__(self) -> None:
        self.payer_id = self.add_payer("99001", "Evergreen Health Plan", PayerKind.COMMERCIAL)
        self.second_id = self.add_payer("99002", "Harbor Mutual", PayerKind.COMMERCIAL)
        self.provider_id = save_provider(
            self.session,
            Provider(
                ProviderId(uuid7()),
                "1234567893",
                "Rivers",
                "Jane",
                "MD",
                "207Q00000X",
                is_rendering=True,
            ),
        )
        self.location_id = save_location(
            self.session,
            Location(LocationId(uuid7()), "MAIN", "Harbor Street Clinic", "", HOME, "11", ""),
        )

    def add_payer(self, code: str, name: str, kind: PayerKind) -> PayerId:
        limits = FilingLimits(90, 90, 180, 90, "contract")
        payer = Payer(
            PayerId(uuid7()),
            code,
            name,
            kind,
            "CI",
            None,
            limits,
            "pr",
            allows_replacement=True,
            partner_id=None,
        )
        return save_payer(self.session, payer)

    def add_guarantor(
        self,
        given: str = "Mariana",
        *,
        language: str = "en",
        address: Address | None = HOME,
        today: dt.date = SERVED_ON,
    ) -> GuarantorId:
        details = GuarantorDetails(
            PersonName("Castellanos", given),
            address=address,
            language=language,
            birth_date=dt.date(1984, 2, 9),
        )
        return add_guarantor(self.session, details, today=today).id

    def add_patient(
        self, guarantor_id: GuarantorId, given: str = "Mariana", *, born: dt.date | None = None
    ) -> PatientId:
        details = PatientDetails(
            PersonName("Castellanos", given),
            born or dt.date(1984, 2, 9),
            Sex.FEMALE,
            HOME,
            identifiers=(Identifier("test", str(uuid7())),),
        )
        patient = register_patient(self.session, details, today=SERVED_ON)
        set_guarantor(self.session, patient.id, guarantor_id)
        return patient.id

    def add_visit(  # a visit has that many sides
        self,
        guarantor_id: GuarantorId,
        patient_id: PatientId,
        *cents: int,
        served_on: dt.date = SERVED_ON,
        hold: str = "",
        has_insurance: bool = True,
        posted_on: dt.date | None = None,
    ) -> BilledVisit:
        """Add a visit with a charge line for each amount, and post the charges."""
        number = f"V{str(uuid7().int)[-8:]}"
        row = VisitRow(
            id=uuid7(),
            number=number,
            patient_id=patient_id,
            provider_id=self.provider_id,
            location_id=self.location_id,
            identifier_key=uuid7().bytes,
            day_key=uuid7().bytes,
            service_month=served_on.replace(day=1),
            state=VisitState.READY.value,
        )
        seal(self.session, row, VisitDetails(served_on))
        self.session.add(row)
        self.session.flush()
        visit_id = VisitId(row.id)
        lines = [uuid7() for _ in cents]
        self._add_coding(visit_id, patient_id, list(zip(lines, cents, strict=True)), hold)
        about = About(
            visit_id=visit_id,
            patient_id=patient_id,
            guarantor_id=guarantor_id,
            provider_id=self.provider_id,
            location_id=self.location_id,
            payer_id=self.payer_id if has_insurance else None,
            service_month=served_on.replace(day=1),
        )
        visit = BilledVisit(visit_id, number, about, lines, [Money(each) for each in cents])
        charge = ledger.build_charge(
            f"charge:{visit_id}",
            posted_on or served_on,
            [(self.about(visit, index), Money(each)) for index, each in enumerate(cents)],
        )
        ledger.post_all(self.session, self.actor, [charge])
        return visit

    def _add_coding(
        self,
        visit_id: VisitId,
        patient_id: PatientId,
        lines: list[tuple[UUID, int]],
        hold: str,
    ) -> None:
        row = CodedVisitRow(
            id=uuid7(), visit_id=visit_id, patient_id=patient_id, state=CodingState.SIGNED.value
        )
        coded = tuple(
            CodedLine(
                ChargeLineId(line_id),
                number,
                "99213",
                "CPT",
                (),
                1,
                Money(cents),
                (1,),
                SERVED_ON,
                TYPED,
                hold=hold,
                wording="Office visit, established patient",
                wording_es="Consulta, paciente conocido",
            )
            for number, (line_id, cents) in enumerate(lines, 1)
        )
        seal(self.session, row, VisitCoding(lines=coded))
        self.session.add(row)
        self.session.flush()

    def about(self, visit: BilledVisit, index: int, **changes: UUID | None) -> About:
        """Return the keys of one of a visit's lines."""
        keys = {key: getattr(visit.about, key) for key in About.__slots__}
        return About(**keys | {"charge_line_id": visit.lines[index]} | changes)

    def answer(  # an answer has that many sides
        self,
        visit: BilledVisit,
        *lines: tuple[int, str],
        on: dt.date,
        payer_id: PayerId | None = None,
        next_payer_id: PayerId | None = None,
        sequence: int = 1,
        key: str = "",
    ) -> str:
        """Post a payer's answer: for each line what was paid and its CAS as `CO-45 3000, PR-1 5`.

        Returns:
            The posting's key.
        """
        payer_id = payer_id or self.payer_id
        remittance_id = uuid7()
        open_now = ledger.get_line_balances(self.session, visit.lines)
        answered = tuple(
            RemitLine(
                self.about(visit, index, remittance_id=remittance_id, payer_id=payer_id),
                visit.charges[index],
                Money(paid),
                _read_cas(cas),
                open_balance=open_now[visit.lines[index]].insurance.get(payer_id, Money(0)),
            )
            for index, (paid, cas) in enumerate(lines)
        )
        claim = RemitClaim(
            "1",
            Money.total(line.charge for line in answered),
            Money.total(line.paid for line in answered),
            answered,
            PayerTerms(payer_id, PayerKind.COMMERCIAL),
            SERVED_ON,
            next_payer_id=next_payer_id,
            sequence=sequence,
        )
        assert ledger.check_line_balances(claim) == []
        key = key or f"era:{remittance_id}"
        posting = ledger.build_claim_posting(key, on, claim, ledger.decide_claim(claim))
        ledger.post_all(self.session, self.actor, [posting])
        return key


def _read_cas(text: str) -> tuple[Cas, ...]:
    adjustments = []
    for part in filter(None, text.split(", ")):
        code, cents = part.split(" ")
        group, carc = code.split("-")
        adjustments.append(Cas(group, carc, Money(int(cents))))
    return tuple(adjustments)
