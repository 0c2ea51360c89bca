"""Acknowledgements: what we answer to a message, readable or not, and what others answered us."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from config.finding import Level
from gateways.hl7.reading import peek, read_message
from gateways.hl7.tables import closest_version
from gateways.hl7.writing import Envelope, composite, write_message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.finding import Finding
    from gateways.hl7.writing import Field

AckCode = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
"""Accept, error, reject; of the application (original mode) or of the commit (enhanced mode)."""
FINDINGS_MAX = 20
_PLACE = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{2})(?:\[(?P<occurrence>\d+)\])?"
    r"(?:-(?P<field>\d+)(?:\[(?P<repeat>\d+)\])?(?:\.(?P<component>\d+)(?:\.(?P<sub>\d+))?)?)?\Z"
)
_SEVERITIES: Final = {Level.ERROR: "E", Level.WARNING: "W", Level.INFO: "I"}
_CONDITIONS: Final = {
    "required-missing": ("101", "Required field missing"),
    "segment-missing": ("100", "Segment sequence error"),
    "segment-order": ("100", "Segment sequence error"),
    "datatype": ("102", "Data type error"),
    "code-unknown": ("103", "Table value not found"),
    "message-unsupported": ("200", "Unsupported message type"),
    "event-unsupported": ("201", "Unsupported event code"),
    "processing-unsupported": ("202", "Unsupported processing id"),
    "version-unknown": ("203", "Unsupported version id"),
    "version-missing": ("101", "Required field missing"),
    "msh-missing": ("100", "Segment sequence error"),
}
_OTHER_CONDITION: Final = ("207", "Application internal error")


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement that we received.

    Attributes:
        code: MSA-1, such as `AA`.
        control_id: MSA-2, the message that it answers.
        text: MSA-3 or the first error's text, often empty.
    """

    code: str
    control_id: str
    text: str

    @property
    def is_accepted(self) -> bool:
        """Whether the message need not be sent again."""
        return self.code in {"AA", "CA"}


def write_ack(
    raw: bytes,
    *,
    code: AckCode,
    control_id: str,
    sent_at: datetime,
    findings: Sequence[Finding] = (),
) -> bytes:
    """Return the acknowledgement of a message.

    Args:
        raw: The message; it need not be readable.
        code: MSA-1.
        control_id: MSH-10 of the acknowledgement itself.
        sent_at: MSH-7, aware.
        findings: Up to 20 become ERR segments; no PHI is in them.

    Source:
        HL7 2.5.1 ch. 2.9, MSA, ERR, table 0357.
    """
    told = peek(raw)
    envelope = _answer_envelope(raw, control_id=control_id, sent_at=sent_at)
    version = closest_version(told.version) if told.version else "2.5.1"
    envelope = replace(envelope, version=version)
    event = told.kind.partition("^")[2]
    kind = ("ACK",) if not event else ("ACK", event) if version < "2.3.1" else ("ACK", event, "ACK")
    first = next((f for f in findings if f.level is Level.ERROR), None)
    text = f"{first.where}: {first.message}"[:80] if first else None
    # MSA-3 left the standard with 2.7: ERR-8 tells the text there.
    msa: list[Field] = ["MSA", code, told.control_id or None, text if version < "2.7" else None]
    write_error = _write_err if version >= "2.5" else _write_old_err
    errors = [write_error(finding) for finding in findings[:FINDINGS_MAX]]
    return write_message(envelope, kind, [msa, *errors])


def read_ack(raw: bytes) -> Ack | None:
    """Return what an acknowledgement says, or None if it is none."""
    message = read_message(raw).message
    msa = message.first("MSA") if message else None
    if message is None or msa is None:
        return None
    err = message.first("ERR")
    text = msa.text(3) or (err.text(8) or err.text(3, 2) if err else "")
    return Ack(msa.text(1), msa.text(2), text)


def _answer_envelope(raw: bytes, *, control_id: str, sent_at: datetime) -> Envelope:
    """Swap sender and receiver; echo processing id and character set where they can be read."""
    envelope = Envelope(control_id, sent_at, "CLEANCLAIM", "", "", "")
    end = re.search(rb"[\r\n]", raw.lstrip(b"\x0b\r\n"))
    head = raw.lstrip(b"\x0b\r\n")[: end.start() if end else 2_000][:2_000]
    message = read_message(head).message
    if message is None:
        told = peek(raw)
        return replace(
            envelope,
            receiving_application=told.sending_application,
            receiving_facility=told.sending_facility,
        )
    return replace(
        envelope,
        sending_application=message.receiving_application or "CLEANCLAIM",
        sending_facility=message.receiving_facility,
        receiving_application=message.sending_application,
        receiving_facility=message.sending_facility,
        processing=message.header.text(11) or "P",
        charset=message.charset if message.header.text(18) else "utf-8",
    )


def _write_err(finding: Finding) -> list[Field]:
    code, text = _CONDITIONS.get(finding.code, _OTHER_CONDITION)
    return [
        "ERR",
        None,
        _location(finding.where),
        composite(code, text, "HL70357"),
        _SEVERITIES[finding.level],
        composite(finding.code, None, "L"),
        None,
        finding.where,
        f"{finding.message} {finding.fix}"[:250],
    ]


def _write_old_err(finding: Finding) -> list[Field]:
    code, text = _CONDITIONS.get(finding.code, _OTHER_CONDITION)
    place = _PLACE.match(finding.where)
    found = place.groupdict() if place else {}
    return [
        "ERR",
        composite(
            found.get("segment"),
            found.get("occurrence") or ("1" if place else None),
            found.get("field"),
            (code, text, "HL70357"),
        ),
    ]


def _location(where: str) -> Field:
    """Return ERR-2 (ERL): segment, sequence, field, repetition, component, subcomponent."""
    place = _PLACE.match(where)
    if place is None:
        return None
    found = place.groupdict()
    return composite(
        found["segment"],
        found["occurrence"] or "1",
        found["field"],
        (found["repeat"] or "1") if found["field"] else None,
        found["component"],
        found["sub"],
    )
