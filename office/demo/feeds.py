"""The EHR's side of the demo: the world's day as FHIR bundles and as HL7 v2 messages."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from config.people import Sex
from gateways.hl7.service import (
    AccidentPlan,
    AddressPlan,
    AppointmentPlan,
    ChargePlan,
    ClinicianPlan,
    CoveragePlan,
    DiagnosisPlan,
    Envelope,
    GuarantorPlan,
    MessagePlan,
    PersonPlan,
    VisitPlan,
    write_planned,
)

if TYPE_CHECKING:
    from config.people import PersonName
    from office.demo.world import DemoCoverage, DemoPatient, DemoVisit, World

APPLICATION: Final = "DEMOEHR"
FACILITY: Final = "BRIGHTWATER"
LOCATION: Final = "MAIN"
AUTHORITY: Final = "DEMOEHR"
_SPACE: Final = UUID("0192c1ea-0000-7000-8000-00000000d340")
_NPI: Final = "http://hl7.org/fhir/sid/us-npi"
VISITS: Final = "urn:oid:2.16.840.1.113883.3.9998.2"
_GENDERS: Final = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.UNKNOWN: "unknown"}


def comes_by_fhir(visit: DemoVisit) -> bool:
    """Say whether a visit's patient is seen at the site whose EHR speaks FHIR."""
    return int(visit.patient.identifier.value[-3:]) % 2 == 0


# HL7 v2


def write_hl7_day(world: World) -> list[bytes]:
    """Return the day's HL7 messages in the order in which they happen."""
    planned: list[tuple[dt.datetime, int, bytes]] = []
    visits = [visit for visit in world.visits if not comes_by_fhir(visit)]
    missed = [visit for visit in world.no_shows if not comes_by_fhir(visit)]
    for place, visit in enumerate(visits):
        steps = (
            ("SIU^S12", dt.timedelta(days=-7)),
            ("ADT^A04", dt.timedelta()),
            ("ADT^A08", dt.timedelta(minutes=5)),
            ("DFT^P03", dt.timedelta(minutes=35)),
            ("ADT^A03", dt.timedelta(minutes=40)),
        )
        for step, (event, delay) in enumerate(steps):
            at = visit.starts_at + delay
            planned.append((at, place * 10 + step, _write(visit, event, at)))
    for place, visit in enumerate(missed):
        for step, (event, delay) in enumerate(
            (("SIU^S12", dt.timedelta(days=-7)), ("SIU^S15", dt.timedelta(hours=-2)))
        ):
            at = visit.starts_at + delay
            planned.append((at, 10_000 + place * 10 + step, _write(visit, event, at)))
    return [raw for _, _, raw in sorted(planned, key=lambda item: item[:2])]


def _write(visit: DemoVisit, event: str, at: dt.datetime) -> bytes:
    control_id = f"{visit.number}{event[-3:]}"
    return write_planned(
        MessagePlan(
            envelope=Envelope(
                control_id=control_id,
                sent_at=at,
                sending_application=APPLICATION,
                sending_facility=FACILITY,
                receiving_application="CLEANCLAIM",
                receiving_facility="BILLING",
            ),
            event=event,
            patient=_person(visit.patient),
            visit=None if event.startswith("SIU") else _visit(visit, event),
            guarantor=_guarantor(visit.patient),
            coverages=tuple(_coverage(c, visit.patient) for c in visit.patient.coverages),
            diagnoses=_diagnoses(visit) if event in ("ADT^A04", "ADT^A08", "DFT^P03") else (),
            charges=_charges(visit) if event == "DFT^P03" else (),
            accident=_accident(visit) if event in ("ADT^A04", "DFT^P03") else None,
            appointment=_appointment(visit, event) if event.startswith("SIU") else None,
            occurred_at=at,
        )
    )


def _address(patient: DemoPatient) -> AddressPlan:
    a = patient.address
    return AddressPlan(a.line1, a.city, a.state, a.postal_code, a.line2)


def _person(patient: DemoPatient) -> PersonPlan:
    return PersonPlan(
        family_name=patient.name.family,
        given_name=patient.name.given,
        birth_date=patient.birth_date,
        sex=patient.sex,
        address=_address(patient),
        number=patient.identifier.value,
        number_authority=AUTHORITY,
        phone=patient.phone,
        language=patient.language,
    )


def _parent(name: PersonName, patient: DemoPatient) -> PersonPlan:
    return PersonPlan(
        family_name=name.family,
        given_name=name.given,
        birth_date=_parent_birth(patient),
        sex="F",
        address=_address(patient),
        number=f"{patient.identifier.value}G",
        number_authority=AUTHORITY,
        phone=patient.phone,
        language=patient.language,
    )


def _parent_birth(patient: DemoPatient) -> dt.date:
    return patient.birth_date.replace(year=patient.birth_date.year - 30, day=1)


def _guarantor(patient: DemoPatient) -> GuarantorPlan | None:
    if patient.guarantor is None:
        return GuarantorPlan(_person(patient), "SEL")
    return GuarantorPlan(_parent(patient.guarantor, patient), "PAR")


def _coverage(coverage: DemoCoverage, patient: DemoPatient) -> CoveragePlan:
    return CoveragePlan(
        payer_id=coverage.plan.payer_code,
        payer_name=coverage.plan.name,
        plan_id=f"PLAN{coverage.plan.payer_code}",
        member_id=coverage.member_id,
        relationship="SEL" if coverage.subscriber is None else "PAR",
        insured=None if coverage.subscriber is None else _parent(coverage.subscriber, patient),
        start_date=dt.date(2026, 1, 1),
    )


def _clinician(visit: DemoVisit) -> ClinicianPlan:
    provider = visit.provider
    return ClinicianPlan(provider.npi, provider.family, provider.given)


def _visit(visit: DemoVisit, event: str) -> VisitPlan:
    ended_at = visit.starts_at + dt.timedelta(minutes=30) if event == "ADT^A03" else None
    return VisitPlan(
        number=visit.number,
        started_at=visit.starts_at,
        location=LOCATION,
        ended_at=ended_at,
        attending=_clinician(visit),
    )


def _diagnoses(visit: DemoVisit) -> tuple[DiagnosisPlan, ...]:
    pairs = zip(visit.complaint.snomed, visit.complaint.words, strict=True)
    return tuple(DiagnosisPlan(code, words, "SCT", "W") for code, words in pairs)


def _charges(visit: DemoVisit) -> tuple[ChargePlan, ...]:
    return tuple(
        ChargePlan(
            number=f"{visit.number}C{place}",
            service_date=visit.starts_at.date(),
            code=code,
            text="",
            amount_cents=0,
            system="C4" if code[0].isdigit() else "HCPCS",
            quantity=units,
            performed_by=_clinician(visit),
        )
        for place, (code, units) in enumerate(visit.complaint.charges, start=1)
    )


def _accident(visit: DemoVisit) -> AccidentPlan | None:
    if visit.flaw != "accident-without-state":
        return None
    return AccidentPlan(visit.starts_at - dt.timedelta(days=2), "AA")


def _appointment(visit: DemoVisit, event: str) -> AppointmentPlan:
    return AppointmentPlan(
        number=f"A{visit.number}",
        starts_at=visit.starts_at,
        minutes=30,
        service_code="OFFICE",
        service_text="Office visit",
        location=LOCATION,
        clinician=_clinician(visit),
        status="Cancelled" if event == "SIU^S15" else "Booked",
    )


# FHIR R4


def write_fhir_day(world: World) -> list[bytes]:
    """Return the day's FHIR bundles: a schedule first, then one bundle a visit."""
    visits = [visit for visit in world.visits if comes_by_fhir(visit)]
    missed = [visit for visit in world.no_shows if comes_by_fhir(visit)]
    bundles = [
        _bundle(f"{v.number}-schedule", [*_people(v), _fhir_appointment(v, "booked")])
        for v in [*visits, *missed]
    ]
    bundles += [
        _bundle(f"{v.number}-missed", [*_people(v), _fhir_appointment(v, "noshow")]) for v in missed
    ]
    bundles += [_bundle(f"{v.number}-visit", _visit_entries(v)) for v in visits]
    return bundles


def _bundle(identifier: str, entries: list[dict[str, Any]]) -> bytes:
    body = {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:demo-ehr", "value": identifier},
        "type": "transaction",
        "entry": entries,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _urn(*parts: str) -> str:
    return f"urn:uuid:{uuid5(_SPACE, '/'.join(parts))}"


def _entry(full_url: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "fullUrl": full_url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding]} | ({"text": display} if display else {})


def _fhir_address(patient: DemoPatient) -> list[dict[str, Any]]:
    a = patient.address
    return [
        {
            "line": [a.line1],
            "city": a.city,
            "state": a.state,
            "postalCode": f"{a.postal_code[:5]}-{a.postal_code[5:]}",
            "country": "US",
        }
    ]


def _people(visit: DemoVisit) -> list[dict[str, Any]]:
    """Patient, the parent who holds the insurance, coverages."""
    patient = visit.patient
    me = _urn("patient", patient.identifier.value)
    entries = [_entry(me, _fhir_patient(patient))]
    if patient.guarantor is not None:
        entries.append(_entry(_urn("parent", patient.identifier.value), _fhir_parent(patient, me)))
    for place, coverage in enumerate(patient.coverages, start=1):
        entries.append(
            _entry(
                _urn("coverage", patient.identifier.value, str(place)),
                _fhir_coverage(coverage, patient, place),
            )
        )
    return entries


def _fhir_patient(patient: DemoPatient) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [
            {
                "type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"),
                "system": patient.identifier.system,
                "value": patient.identifier.value,
            }
        ],
        "name": [{"use": "official", "family": patient.name.family, "given": [patient.name.given]}],
        "gender": _GENDERS[patient.sex],
        "birthDate": patient.birth_date.isoformat(),
        "address": _fhir_address(patient),
        "telecom": [{"system": "phone", "value": patient.phone, "use": "home"}],
        "communication": [
            {"language": _concept("urn:ietf:bcp:47", patient.language), "preferred": True}
        ],
    }


def _fhir_parent(patient: DemoPatient, me: str) -> dict[str, Any]:
    parent = patient.guarantor
    assert parent is not None  # noqa: S101  # asked for only where there is one
    return {
        "resourceType": "RelatedPerson",
        "identifier": [
            {"system": patient.identifier.system, "value": f"{patient.identifier.value}G"}
        ],
        "patient": {"reference": me},
        "relationship": [
            _concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH", "mother"),
            _concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "GUAR", "guarantor"),
        ],
        "name": [{"family": parent.family, "given": [parent.given]}],
        "gender": "female",
        "birthDate": _parent_birth(patient).isoformat(),
        "address": _fhir_address(patient),
        "telecom": [{"system": "phone", "value": patient.phone}],
    }


def _fhir_coverage(coverage: DemoCoverage, patient: DemoPatient, place: int) -> dict[str, Any]:
    me = _urn("patient", patient.identifier.value)
    holder = me
    code = "self"
    if coverage.subscriber is not None:
        holder, code = _urn("parent", patient.identifier.value), "child"
    return {
        "resourceType": "Coverage",
        "identifier": [
            {
                "type": _concept("http://terminology.hl7.org/CodeSystem/v2-0203", "MB"),
                "system": f"urn:payer:{coverage.plan.payer_code}",
                "value": coverage.member_id,
            }
        ],
        "status": "active",
        "subscriber": {"reference": holder},
        "subscriberId": coverage.member_id,
        "beneficiary": {"reference": me},
        "relationship": _concept(
            "http://terminology.hl7.org/CodeSystem/subscriber-relationship", code
        ),
        "period": {"start": "2026-01-01"},
        "order": place,
        "payor": [
            {
                "identifier": {"system": "urn:payer-id", "value": coverage.plan.payer_code},
                "display": coverage.plan.name,
            }
        ],
    }


def _fhir_appointment(visit: DemoVisit, status: str) -> dict[str, Any]:
    ends_at = visit.starts_at + dt.timedelta(minutes=30)
    return _entry(
        _urn("appointment", visit.number),
        {
            "resourceType": "Appointment",
            "identifier": [{"system": VISITS, "value": f"A{visit.number}"}],
            "status": status,
            "start": visit.starts_at.isoformat(),
            "end": ends_at.isoformat(),
            "participant": [
                {
                    "actor": {"reference": _urn("patient", visit.patient.identifier.value)},
                    "status": "accepted",
                },
                {
                    "actor": {"identifier": {"system": _NPI, "value": visit.provider.npi}},
                    "status": "accepted",
                },
            ],
        },
    )


def _visit_entries(visit: DemoVisit) -> list[dict[str, Any]]:
    me = {"reference": _urn("patient", visit.patient.identifier.value)}
    encounter = _urn("encounter", visit.number)
    entries = [*_people(visit), _fhir_appointment(visit, "fulfilled")]
    entries.append(_entry(encounter, _fhir_encounter(visit, me)))
    pairs = zip(visit.complaint.snomed, visit.complaint.words, strict=True)
    for place, (code, words) in enumerate(pairs, start=1):
        entries.append(
            _entry(
                _urn("condition", visit.number, str(place)),
                {
                    "resourceType": "Condition",
                    "identifier": [{"system": VISITS, "value": f"{visit.number}D{place}"}],
                    "clinicalStatus": _concept(
                        "http://terminology.hl7.org/CodeSystem/condition-clinical", "active"
                    ),
                    "category": [
                        _concept(
                            "http://terminology.hl7.org/CodeSystem/condition-category",
                            "encounter-diagnosis",
                        )
                    ],
                    "code": _concept("http://snomed.info/sct", code, words),
                    "subject": me,
                    "encounter": {"reference": encounter},
                },
            )
        )
    for place, (code, units) in enumerate(visit.complaint.charges, start=1):
        entries.append(_fhir_charge(visit, place, (code, units), me))
    return entries


def _fhir_encounter(visit: DemoVisit, me: dict[str, str]) -> dict[str, Any]:
    ends_at = visit.starts_at + dt.timedelta(minutes=30)
    return {
        "resourceType": "Encounter",
        "identifier": [{"system": VISITS, "value": visit.number}],
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
        },
        "subject": me,
        "participant": [
            {"individual": {"identifier": {"system": _NPI, "value": visit.provider.npi}}}
        ],
        "period": {"start": visit.starts_at.isoformat(), "end": ends_at.isoformat()},
        "appointment": [{"reference": _urn("appointment", visit.number)}],
        "location": [{"location": {"identifier": {"system": "urn:location", "value": LOCATION}}}],
    }


def _fhir_charge(
    visit: DemoVisit, place: int, charge: tuple[str, int], me: dict[str, str]
) -> dict[str, Any]:
    code, units = charge
    system = (
        "http://www.ama-assn.org/go/cpt"
        if code[0].isdigit()
        else "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
    )
    return _entry(
        _urn("charge", visit.number, str(place)),
        {
            "resourceType": "ChargeItem",
            "identifier": [{"system": VISITS, "value": f"{visit.number}C{place}"}],
            "status": "billable",
            "code": _concept(system, code),
            "subject": me,
            "context": {"reference": _urn("encounter", visit.number)},
            "occurrenceDateTime": visit.starts_at.isoformat(),
            "quantity": {"value": units},
            "performer": [{"actor": {"identifier": {"system": _NPI, "value": visit.provider.npi}}}],
        },
    )
