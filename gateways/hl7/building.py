"""Builds the ADT, SIU and DFT messages that an EHR sends, from a plan of plain values.

Coded fields have the same components in CE (to 2.6) and CWE (from 2.7), so one builder serves all
versions.

Source:
    HL7 2.5.1 ch. 3 (ADT), 6 (DFT), 10 (SIU).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gateways.hl7.writing import composite, write_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateways.hl7.plans import (
        AddressPlan,
        AppointmentPlan,
        ChargePlan,
        ClinicianPlan,
        CoveragePlan,
        DiagnosisPlan,
        MessagePlan,
        PersonPlan,
        VisitPlan,
    )
    from gateways.hl7.writing import Composite, Field

_STRUCTURES: Final = {
    "ADT^A01": "ADT_A01",
    "ADT^A03": "ADT_A03",
    "ADT^A04": "ADT_A01",
    "ADT^A08": "ADT_A01",
    "ADT^A40": "ADT_A39",
    "SIU^S12": "SIU_S12",
    "SIU^S15": "SIU_S12",
    "DFT^P03": "DFT_P03",
}


def write_planned(plan: MessagePlan) -> bytes:
    """Return the message of a plan.

    Raises:
        KeyError: The plan's event is not one that this builder knows.
    """
    message_type, event = plan.event.split("^")
    kind: tuple[str, ...] = (message_type, event, _STRUCTURES[plan.event])
    if plan.envelope.version == "2.3":
        kind = kind[:2]
    return write_message(plan.envelope, kind, _BODIES[message_type](plan))


def _adt_body(plan: MessagePlan) -> list[list[Field]]:
    segments = [_evn(plan), _pid(plan.patient)]
    if plan.event == "ADT^A40":
        return [*segments, ["MRG", _number(plan.merged_number, plan.patient.number_authority)]]
    segments += _pv1(plan.visit)
    segments += [_dg1(at, one, plan) for at, one in enumerate(plan.diagnoses, start=1)]
    segments += _gt1(plan)
    segments += [row for at, one in enumerate(plan.coverages, 1) for row in _in1(at, one, plan)]
    return [*segments, *_acc(plan)]


def _siu_body(plan: MessagePlan) -> list[list[Field]]:
    appointment = plan.appointment
    if appointment is None:
        raise ValueError("a SIU needs an appointment")
    return [
        _sch(appointment),
        _pid(plan.patient),
        *_pv1(plan.visit),
        ["RGS", 1, "A"],
        *_resources(appointment),
    ]


def _dft_body(plan: MessagePlan) -> list[list[Field]]:
    return [
        _evn(plan),
        _pid(plan.patient),
        *_pv1(plan.visit),
        *(_ft1(at, charge, plan) for at, charge in enumerate(plan.charges, start=1)),
        *(_dg1(at, one, plan) for at, one in enumerate(plan.diagnoses, start=1)),
        *_gt1(plan),
        *(row for at, one in enumerate(plan.coverages, 1) for row in _in1(at, one, plan)),
        *_acc(plan),
    ]


_BODIES: Final[dict[str, Callable[[MessagePlan], list[list[Field]]]]] = {
    "ADT": _adt_body,
    "SIU": _siu_body,
    "DFT": _dft_body,
}


def _evn(plan: MessagePlan) -> list[Field]:
    occurred_at = plan.occurred_at or plan.envelope.sent_at
    event = plan.event.split("^")[1]
    # EVN-1 is withdrawn from 2.7 on; senders fill it all the same.
    code = event if plan.envelope.version < "2.7" else None
    return ["EVN", code, occurred_at, None, None, None, occurred_at]


def _pid(person: PersonPlan) -> list[Field]:
    row: list[Field] = [None] * 31
    row[0], row[1] = "PID", 1
    row[3] = _number(person.number, person.number_authority)
    row[5], row[7], row[8] = _name(person), person.birth_date, person.sex
    row[11] = _address(person.address)
    row[13] = _phones(person)
    row[15] = person.language or None
    row[18] = person.account_number or None
    row[19] = person.ssn or None
    return row


def _pv1(visit: VisitPlan | None) -> list[list[Field]]:
    if visit is None:
        return []
    row: list[Field] = [None] * 46
    row[0], row[1], row[2] = "PV1", 1, visit.patient_class
    row[3] = composite(visit.location, None, None, visit.facility or None)
    row[7], row[8] = _clinician(visit.attending), _clinician(visit.referring)
    row[19] = visit.number
    row[44], row[45] = visit.started_at, visit.ended_at
    return [row]


def _dg1(at: int, diagnosis: DiagnosisPlan, plan: MessagePlan) -> list[Field]:
    method = "I10" if plan.envelope.version < "2.7" else None
    code = composite(diagnosis.code, diagnosis.text, diagnosis.system)
    return ["DG1", at, method, code, None, None, diagnosis.kind]


def _gt1(plan: MessagePlan) -> list[list[Field]]:
    if plan.guarantor is None:
        return []
    person = plan.guarantor.person
    row: list[Field] = [None] * 13
    row[0], row[1] = "GT1", 1
    row[2] = person.number or None
    row[3], row[5], row[6] = _name(person), _address(person.address), _phones(person)
    row[8], row[9] = person.birth_date, person.sex
    row[11] = plan.guarantor.relationship
    row[12] = person.ssn or None
    return [row]


def _in1(at: int, coverage: CoveragePlan, plan: MessagePlan) -> list[list[Field]]:
    insured = coverage.insured or plan.patient
    row: list[Field] = [None] * 50
    row[0], row[1] = "IN1", at
    row[2] = composite(coverage.plan_id, coverage.payer_name)
    row[3], row[4] = coverage.payer_id, coverage.payer_name
    row[5] = _address(coverage.payer_address) if coverage.payer_address else None
    row[8], row[9] = coverage.group_number or None, coverage.group_name or None
    row[12], row[13] = coverage.start_date, coverage.end_date
    row[14] = coverage.authorization_number or None
    row[15] = coverage.plan_type or None
    row[16], row[17] = _name(insured), coverage.relationship
    row[18], row[19] = insured.birth_date, _address(insured.address)
    row[22] = at
    row[36], row[43], row[49] = coverage.member_id, insured.sex, coverage.member_id
    return [row]


def _acc(plan: MessagePlan) -> list[list[Field]]:
    accident = plan.accident
    if accident is None:
        return []
    job = "Y" if accident.is_job_related else "N"
    return [["ACC", accident.happened_at, accident.code, None, accident.state or None, job]]


def _ft1(at: int, charge: ChargePlan, plan: MessagePlan) -> list[Field]:
    row: list[Field] = [None] * 27
    row[0], row[1], row[2] = "FT1", at, charge.number
    row[4], row[5], row[6] = charge.service_date, plan.envelope.sent_at, charge.kind
    row[7] = composite(charge.code, charge.text, charge.system)
    row[10] = charge.quantity
    amount = _dollars(charge.amount_cents)
    unit = _dollars(charge.amount_cents // max(charge.quantity, 1))
    row[11] = composite((amount, "USD"))
    row[12] = composite((unit, "USD"))
    row[16] = composite(charge.place) if charge.place else None
    row[19] = [composite(one.code, one.text, one.system) for one in charge.diagnoses]
    row[20], row[21] = _clinician(charge.performed_by), _clinician(charge.ordered_by)
    row[25] = composite(charge.code, charge.text, charge.system)
    row[26] = [composite(one) for one in charge.modifiers]
    return row if plan.envelope.version != "2.3" else row[:26]


def _sch(appointment: AppointmentPlan) -> list[Field]:
    row: list[Field] = [None] * 26
    row[0] = "SCH"
    row[1] = row[2] = composite(appointment.number, "EHR")
    row[6] = composite(appointment.status.upper(), appointment.status)
    row[7] = appointment.reason or None
    row[8] = composite("NORMAL")
    row[9], row[10] = appointment.minutes, composite("min", "minutes", "ISO+")
    row[11] = composite(None, None, None, appointment.starts_at)
    row[16] = row[20] = _clinician(appointment.clinician)
    row[25] = appointment.status
    return row


def _resources(appointment: AppointmentPlan) -> list[list[Field]]:
    start, minutes = appointment.starts_at, appointment.minutes
    service = composite(appointment.service_code, appointment.service_text, "L")
    doctor = _clinician(appointment.clinician)
    place = composite(appointment.location)
    tail: list[Field] = [start, None, None, minutes, "min"]
    return [
        ["AIS", 1, "A", service, *tail],
        ["AIL", 1, "A", place, "ROOM", None, *tail],
        ["AIP", 1, "A", doctor, "PROVIDER", None, *tail],
    ]


def _number(number: str, authority: str) -> Composite:
    return composite(number, None, None, authority, "MR")


def _name(person: PersonPlan) -> Composite:
    return composite(
        person.family_name,
        person.given_name,
        person.middle_name or None,
        person.suffix or None,
        None,
        None,
        "L",
    )


def _address(address: AddressPlan) -> Composite:
    return composite(
        address.street,
        address.street2 or None,
        address.city,
        address.state,
        address.postal_code,
        address.country,
        "H",
    )


def _phones(person: PersonPlan) -> Field:
    phones: list[Composite] = []
    if person.phone:
        phones.append(composite(person.phone, "PRN", "PH"))
    if person.email:
        phones.append(composite(None, "NET", "Internet", person.email))
    return phones


def _clinician(clinician: ClinicianPlan | None) -> Field:
    if clinician is None:
        return None
    parts = (clinician.npi, clinician.family_name, clinician.given_name)
    return composite(*parts, None, None, None, None, None, "NPI", "L", None, None, "NPI")


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2).quantize(Decimal("0.01"))
