"""Claims with sensible values, and a practice that takes a visit all the way to a built claim."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from audit.service import writing
from claims.rules.scrub.facts import ScrubFacts
from claims.service import build_claims, scrub_claims
from claims.values import (
    BillingProvider,
    ClaimContent,
    ClaimPayer,
    ClaimPerson,
    ClaimProvider,
    ContentLine,
)
from coding import service as coding
from coding.values import DiagnosisChoice, LineChoice
from config.actor import Actor
from config.finding import has_errors
from config.money import Money
from config.people import Identifier, PersonName, Sex
from config.tenancy import Database
from encounters import service as encounters
from encounters.values import (
    Intake,
    IntakeCoverage,
    IntakePatient,
    IntakePerson,
    IntakeVisit,
    VisitState,
)
from patients.values import Relationship
from practice import service as practice
from practice.values import Enrolment, PartnerId, PayerKind, ProviderId
from tests.factories.patients import HOME
from tests.factories.practice import (
    NPI,
    OTHER_NPI,
    STREET,
    make_charge,
    make_location,
    make_partner,
    make_payer,
    make_practice,
    make_provider,
)

if TYPE_CHECKING:
    from claims.service import ScrubResult
    from claims.values import ClaimId
    from config.tenancy import PracticeSession
    from encounters.values import VisitId
    from practice.values import PayerId

AT = dt.datetime(2026, 9, 15, 13, tzinfo=dt.UTC)
TODAY = AT.date()
SERVED_ON = dt.date(2026, 9, 14)
PROVIDER = ProviderId(UUID(int=1))
PARTNER = PartnerId(UUID(int=2))
CHARGE_LINE = UUID(int=3)
RENDERING = ClaimProvider(OTHER_NPI, "Okonkwo-Reyes", "Adaeze", "207Q00000X")


def make_person(**changes: object) -> ClaimPerson:
    values: dict[str, Any] = {
        "name": PersonName("Vandersloot", "Marigold", "Q"),
        "birth_date": dt.date(1984, 3, 9),
        "sex": Sex.FEMALE,
        "address": HOME,
    }
    return ClaimPerson(**values | changes)


def make_billing(**changes: object) -> BillingProvider:
    values: dict[str, Any] = {
        "name": "Harborview Family Practice",
        "npi": NPI,
        "tax_id": "900000001",
        "tax_id_kind": "EI",
        "taxonomy": "207Q00000X",
        "address": STREET,
        "pay_to": None,
        "phone": "2075550100",
    }
    return BillingProvider(**values | changes)


def make_line(number: int = 1, **changes: object) -> ContentLine:
    values: dict[str, Any] = {
        "number": number,
        "control_number": f"C00000013{number:02d}",
        "charge_line_id": CHARGE_LINE,
        "code": "99213",
        "system": "CPT",
        "modifiers": (),
        "units": 1,
        "charge": Money(15_000),
        "pointers": (1,),
        "service_date": SERVED_ON,
    }
    return ContentLine(**values | changes)


def make_content(**changes: object) -> ClaimContent:
    values: dict[str, Any] = {
        "claim_number": "C00000013",
        "frequency": "1",
        "payer_claim_number": "",
        "payer_sequence": 1,
        "billing": make_billing(),
        "payer": ClaimPayer("SEA01", "Seaside Health Plan", "CI", None),
        "member_id": "SEA778812",
        "group_number": "G-55",
        "plan_name": "Seaside Silver",
        "relationship": Relationship.SELF,
        "subscriber": make_person(),
        "patient": None,
        "rendering": RENDERING,
        "referring": None,
        "facility": None,
        "place_of_service": "11",
        "diagnoses": ("E11.9", "I10"),
        "lines": (make_line(),),
    }
    values |= changes
    values.setdefault("total", Money.total(line.charge for line in values["lines"]))
    return ClaimContent(**values)


def make_facts(**changes: object) -> ScrubFacts:
    payer = make_payer(partner_id=PARTNER)
    values: dict[str, Any] = {
        "today": TODAY,
        "payer": payer,
        "file_by": dt.date(2027, 3, 13),
        "provider_ids": (PROVIDER,),
        "releases": frozenset({("CPT", SERVED_ON), ("HCPCS", SERVED_ON)}),
        "procedures": frozenset(
            {(code, SERVED_ON) for code in ("99213", "93000", "J1885", "80053")}
        ),
    }
    values |= changes
    span = Enrolment(PROVIDER, values["payer"].id, dt.date(2026, 1, 1), None, is_participating=True)
    values.setdefault("enrolments", (span,))
    return ScrubFacts(**values)


def make_facts_for(kind: PayerKind, **changes: object) -> ScrubFacts:
    """Facts of a claim to a payer of this kind."""
    return make_facts(payer=make_payer(partner_id=PARTNER, kind=kind), **changes)


PATIENT_PATHS = {
    "name.family": "PID-5.1",
    "name.given": "PID-5.2",
    "birth_date": "PID-7",
    "sex": "PID-8",
    "address": "PID-11",
}
COVERAGE_PATHS = {
    "member_id": "IN1-36",
    "group_number": "IN1-8",
    "plan_name": "IN1-9",
    "relationship": "IN1-17",
}
VISIT_PATHS = {
    "service_date": "PV1-44",
    "place_of_service": "PV1-2",
    "provider_npi": "PV1-7.1",
    "referring_npi": "PV1-8.1",
    "accident": "ACC-1",
    "authorization_number": "IN1-14",
    "referral_number": "RF1-6",
}


@dataclass
class Office:
    """A practice with a payer, a partner and a clinician, whose visits become claims."""

    database: Database
    actor: Actor
    codes: Path
    home: Path
    payer_kind: PayerKind = PayerKind.COMMERCIAL
    partner: dict[str, Any] = field(default_factory=dict)
    people: int = 0

    def __post_init__(self) -> None:
        for name in ("outbox", "inbox"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        with self.writing() as session:
            practice.save_practice(session, make_practice(session.own_practice_id))
            folders = {"outbox": str(self.home / "outbox"), "inbox": str(self.home / "inbox")}
            self.partner_id = practice.save_partner(session, make_partner(**folders | self.partner))
            self.payer_id: PayerId = practice.save_payer(
                session, make_payer(partner_id=self.partner_id, kind=self.payer_kind)
            )
            self.provider_id = practice.save_provider(session, make_provider())
            self.location_id = practice.save_location(session, make_location())
            practice.save_enrolment(
                session,
                Enrolment(self.provider_id, self.payer_id, dt.date(2026, 1, 1), None,
                          is_participating=True),
            )  # fmt: skip
            for code, cents in (("99213", 15_000), ("93000", 4_500), ("80053", 4_800)):
                practice.add_charge(session, make_charge(code=code, unit_price=Money(cents)))

    def writing(self) -> Any:  # noqa: ANN401  # a context manager of a session
        return writing(self.database, self.actor, purpose="payment")

    def take_in(
        self,
        *,
        codes: tuple[str, ...] = ("99213",),
        diagnoses: tuple[str, ...] = ("E11.9", "I10"),
        coverage: dict[str, Any] | None = None,
        person: dict[str, Any] | None = None,
        **visit: Any,  # noqa: ANN401  # any field of a visit
    ) -> VisitId:
        """Take in a message with a new patient and a finished visit, code it and sign it off."""
        with self.writing() as session:
            return self._take_in(session, codes, diagnoses, (coverage or {}, person or {}, visit))

    def _take_in(
        self,
        session: PracticeSession,
        codes: tuple[str, ...],
        diagnoses: tuple[str, ...],
        told: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    ) -> VisitId:
        self.people += 1
        coverage, person, visit = told
        identifier = Identifier("urn:test", f"VN-{self.people}", "VN")
        intake = self._make_intake(identifier, coverage, person, visit)
        envelope = encounters.Envelope(intake.control_id, "EHR|LAB", "ADT^A04", AT)
        kept = encounters.keep_message(session, envelope, repr(intake).encode())
        before = set(encounters.list_visit_ids(session, VisitState.READY, limit=500))
        findings = encounters.apply_message(session, kept.message_id, intake, today=TODAY)
        assert not has_errors(findings), findings
        (visit_id,) = set(encounters.list_visit_ids(session, VisitState.READY, limit=500)) - before
        coding.start_coding(session, self.actor, visit_id, now=AT)
        coding.attach_diagnoses(
            session,
            self.actor,
            visit_id,
            [DiagnosisChoice(code) for code in diagnoses],
            folder=self.codes,
        )
        for code in codes:
            coding.add_line(
                session, self.actor, visit_id, LineChoice(code, (1,)), folder=self.codes
            )
        coding.sign_off(session, self.actor, visit_id, folder=self.codes, now=AT)
        return visit_id

    def _make_intake(
        self,
        identifier: Identifier,
        coverage: dict[str, Any],
        person: dict[str, Any],
        visit: dict[str, Any],
    ) -> Intake:
        record = Identifier("urn:test", f"MR-{self.people}")
        family = f"Vander{chr(96 + self.people % 26)}{'o' * (self.people // 26)}"
        told = IntakePerson(
            **{
                "name": PersonName(family, "Marigold"),
                "birth_date": dt.date(1984, 3, 9),
                "sex": Sex.FEMALE,
                "address": HOME,
                "paths": PATIENT_PATHS,
                **person,
            }
        )
        covered = IntakeCoverage(
            **{
                "priority": 1,
                "payer_code": "SEA01",
                "payer_name": "",
                "member_id": f"SEA{self.people:06d}",
                "group_number": "G-55",
                "paths": COVERAGE_PATHS,
                **coverage,
            }
        )
        seen = IntakeVisit(
            **{
                "identifier": identifier,
                "patient": record,
                "service_date": SERVED_ON,
                "place_of_service": "11",
                "provider_npi": OTHER_NPI,
                "location_code": "MAIN",
                "paths": VISIT_PATHS,
                **visit,
            }
        )
        return Intake(
            control_id=f"M{self.people}",
            sender="EHR|LAB",
            kind="ADT^A04",
            patients=(IntakePatient((record,), told, coverages=(covered,)),),
            visits=(seen,),
        )

    def build(self, *visit_ids: VisitId) -> list[ClaimId]:
        with self.writing() as session:
            built = build_claims(session, self.actor, visit_ids, at=AT)
        assert not built.findings, built.findings
        return list(built.claims)

    def bill(self, **visit: Any) -> ClaimId:  # noqa: ANN401  # as take_in
        """Take in one visit and build its one claim."""
        (claim,) = self.build(self.take_in(**visit))
        return claim

    def scrub(self, *claim_ids: ClaimId, at: dt.datetime = AT) -> list[ScrubResult]:
        with self.writing() as session:
            return scrub_claims(session, self.actor, claim_ids, folder=self.codes, at=at)


def change_line(content: ClaimContent, **changes: Any) -> ClaimContent:  # noqa: ANN401  # any field
    """Return the content with its first line changed, and the total that goes with it."""
    lines = (replace(content.lines[0], **changes), *content.lines[1:])
    return replace(content, lines=lines, total=Money.total(line.charge for line in lines))
