"""One HL7 v2 message to one intake.

ADT A01, A04 open a visit, A03 ends it, A08 updates, A40 merges; SIU S12 and S15 book and cancel;
DFT P03 brings the charges. Taken besides: ADT A11, A28, A31, SIU S13, S14, S26. Each value keeps
the place it came from; what can't be used is a finding with its exact place.

Source:
    HL7 2.5.1 ch. 3, 6, 10; docs/conformance-hl7.md says what senders may rely on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from config.finding import Level
from encounters.adapters_hl7_appointments import to_appointment
from encounters.adapters_hl7_fields import Reading
from encounters.adapters_hl7_people import to_identifiers, to_patient
from encounters.adapters_hl7_visits import to_visit
from encounters.values import Intake, IntakeMerge
from gateways.hl7.service import check_message

if TYPE_CHECKING:
    import datetime as dt
    from zoneinfo import ZoneInfo

    from config.finding import Finding
    from encounters.values import IntakePatient
    from gateways.hl7.service import Message, Segment

VISIT_KINDS: Final = frozenset({"ADT^A01", "ADT^A03", "ADT^A04", "ADT^A08", "ADT^A11", "DFT^P03"})
PATIENT_KINDS: Final = frozenset({"ADT^A28", "ADT^A31"})
APPOINTMENT_KINDS: Final = frozenset({"SIU^S12", "SIU^S13", "SIU^S14", "SIU^S15", "SIU^S26"})
MERGE_KINDS: Final = frozenset({"ADT^A40"})
TAKEN_KINDS: Final = VISIT_KINDS | PATIENT_KINDS | APPOINTMENT_KINDS | MERGE_KINDS


def to_intake(message: Message, *, time_zone: ZoneInfo) -> Intake:
    """Return what a message says, in our words.

    Args:
        message: As the gateway read it.
        time_zone: The sender's, for times without an offset.
    """
    reading = Reading(message, time_zone)
    _check_addressed(reading)
    intake = Intake(
        control_id=message.control_id,
        sender=sender_of(message.sending_application, message.sending_facility),
        kind=message.kind,
        occurred_at=_occurred_at(reading),
    )
    if message.kind in MERGE_KINDS:
        intake = _merge_intake(reading, intake)
    elif message.kind in TAKEN_KINDS:
        intake = _patient_intake(reading, intake)
    own = tuple(dict.fromkeys(reading.findings))
    return replace(intake, findings=own + _standard_findings(message, own))


def sender_of(application: str, facility: str) -> str:
    """Return the sender's name as feeds are known by: `MSH-3|MSH-4`."""
    return f"{application}|{facility}"


def _check_addressed(reading: Reading) -> None:
    """Refuse kinds that we do not take, test messages, and those without a number."""
    message = reading.message
    if message.kind not in TAKEN_KINDS:
        reading.refuse(
            "message-unsupported",
            "MSH-9",
            "This kind of message is not taken in.",
            "Send ADT A01 A03 A04 A08 A40, SIU S12 S15 or DFT P03; see the conformance table.",
        )
    if message.header.text(11).upper() in {"T", "D"}:
        reading.refuse(
            "processing-unsupported",
            "MSH-11",
            "This is a test or debugging message; only production messages are applied.",
            "Have the sender put P in MSH-11.",
        )
    if not message.control_id:
        reading.refuse(
            "control-id-missing",
            "MSH-10",
            "The message has no control id, so a repeat could not be told from a new one.",
            "Have the sender fill MSH-10 with a number that it uses once.",
        )


def _occurred_at(reading: Reading) -> dt.datetime | None:
    """Return when the sender says that it happened: EVN-2, else the message's own time."""
    event = reading.message.first("EVN")
    if event and event.text(2):
        return reading.moment(event, 2)
    return reading.moment(reading.message.header, 7)


def _patient_intake(reading: Reading, intake: Intake) -> Intake:
    message = reading.message
    pid = message.first("PID")
    if pid is None:
        reading.refuse(
            "patient-missing", "PID", "The message names no patient.", "Have the sender add PID."
        )
        return intake
    following = [segment for segment in message.segments if segment.index >= pid.index]
    patient = to_patient(reading, pid, following)
    if patient is None:
        return intake
    key, path = patient.identifiers[0], patient.paths["identifiers"]
    if message.kind in APPOINTMENT_KINDS:
        appointment = to_appointment(reading, key, path)
        return replace(
            intake,
            patients=(patient,),
            appointments=(appointment,) if appointment else (),
        )
    visit = to_visit(reading, following, key, path) if message.kind in VISIT_KINDS else None
    return replace(intake, patients=(patient,), visits=(visit,) if visit else ())


def _merge_intake(reading: Reading, intake: Intake) -> Intake:
    """Pair each PID with the MRG that follows it; a message may merge several patients."""
    merges: list[IntakeMerge] = []
    pid: Segment | None = None
    for segment in reading.message.segments:
        if segment.name == "PID":
            pid = segment
        elif segment.name == "MRG" and pid is not None:
            merges += _to_merges(reading, pid, segment)
    if not merges and not reading.findings:
        reading.refuse(
            "merge-missing",
            "MRG-1",
            "A merge needs the patient that stays (PID-3) and the one that ends (MRG-1).",
            "Have the sender fill both.",
        )
    return replace(intake, merges=tuple(merges), patients=_survivors(reading, merges))


def _to_merges(reading: Reading, pid: Segment, mrg: Segment) -> list[IntakeMerge]:
    survivors = to_identifiers(reading, pid, 3)
    merged = to_identifiers(reading, mrg, 1)
    if not survivors or not merged:
        return []
    survivor = survivors[0]
    if survivor in merged:
        reading.refuse(
            "merge-same",
            mrg.path(1),
            "The patient that ends is the patient that stays.",
            "Have the sender correct MRG-1.",
        )
        return []
    paths = {"survivor": pid.path(3, 1), "merged": mrg.path(1, 1)}
    return [IntakeMerge(survivor, identifier, paths) for identifier in merged[:1]]


def _survivors(reading: Reading, merges: list[IntakeMerge]) -> tuple[IntakePatient, ...]:
    """Return the patients that stay, as far as PID describes them."""
    if not merges:
        return ()
    named = [pid for pid in reading.message.all("PID") if pid.text(5)]
    return tuple(filter(None, (to_patient(reading, pid, []) for pid in named)))


def _standard_findings(message: Message, own: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the standard's errors as warnings: only what intake uses may hold a message.

    Its own warnings (a code outside a table, a field too many) are everyday and left out.
    """
    places = tuple(finding.where for finding in own)
    return tuple(
        replace(finding, level=Level.WARNING)
        for finding in check_message(message)
        if finding.level is Level.ERROR and not finding.where.startswith(places)
    )
