"""Writes ER7 bytes from plain values, every delimiter in them escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeAlias

from gateways.hl7.charsets import find_codec, hl7_charset_name
from gateways.hl7.escapes import DEFAULT_DELIMITERS, escape

if TYPE_CHECKING:
    from decimal import Decimal

Value: TypeAlias = "str | int | Decimal | date | None"
"""A text, number, date or instant (an aware datetime is written in its own zone)."""
Part: TypeAlias = "Value | Sequence[Value]"
"""A component, or its subcomponents."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A field of components."""

    parts: tuple[Part, ...]


Field: TypeAlias = "Value | Composite | Sequence[Value | Composite]"
"""A field; a list repeats."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What MSH says of a message.

    Attributes:
        control_id: MSH-10, unique per sender.
        sent_at: MSH-7, aware.
        charset: Python codec; MSH-18 names it, empty MSH-18 for ASCII.
    """

    control_id: str
    sent_at: datetime
    sending_application: str = "EHR"
    sending_facility: str = "CLINIC"
    receiving_application: str = "CLEANCLAIM"
    receiving_facility: str = "BILLING"
    version: str = "2.5.1"
    processing: str = "P"
    charset: str = "utf-8"


def composite(*parts: Part) -> Composite:
    """Return a field of components, the first is component 1."""
    return Composite(parts)


def write_message(
    envelope: Envelope, kind: Sequence[str], segments: Sequence[Sequence[Field]]
) -> bytes:
    """Return a message; segments end with a carriage return.

    Args:
        envelope: Who sends what to whom.
        kind: MSH-9's components, such as `("ADT", "A04", "ADT_A01")`.
        segments: Each begins with its name, then field 1 and on; None is empty.
    """
    lines = [_write_header(envelope, kind), *(write_segment(segment) for segment in segments)]
    return ("\r".join(lines) + "\r").encode(envelope.charset)


def write_segment(fields: Sequence[Field]) -> str:
    """Return one segment's text; trailing empty fields are left out."""
    return DEFAULT_DELIMITERS.field.join(_write_field(value) for value in fields).rstrip("|")


def write_value(value: Value) -> str:
    """Return one value as it stands in a message, unescaped: dates as YYYYMMDD."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        if value.tzinfo is None or value.tzinfo is UTC:
            return value.strftime("%Y%m%d%H%M%S") + ("+0000" if value.tzinfo else "")
        return value.strftime("%Y%m%d%H%M%S%z")
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    return str(value)


def _write_header(envelope: Envelope, kind: Sequence[str]) -> str:
    charset = "" if envelope.charset == "ascii" else hl7_charset_name(envelope.charset)
    if charset and find_codec(charset) != envelope.charset:
        raise ValueError(f"no HL7 name for the codec {envelope.charset}")
    fields: list[Field] = [
        envelope.sending_application,
        envelope.sending_facility,
        envelope.receiving_application,
        envelope.receiving_facility,
        envelope.sent_at,
        None,
        Composite(tuple(kind)),
        envelope.control_id,
        envelope.processing,
        envelope.version,
        None,
        None,
        None,
        None,
        None,
        charset,
    ]
    return write_segment(["MSH"])[:3] + "|^~\\&|" + write_segment(fields)


def _write_field(value: Field) -> str:
    if isinstance(value, Composite):
        return _write_composite(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return DEFAULT_DELIMITERS.repetition.join(_write_field(one) for one in value)
    return escape(write_value(value))


def _write_composite(value: Composite) -> str:
    mark = DEFAULT_DELIMITERS.component
    return mark.join(_write_part(part) for part in value.parts).rstrip(mark)


def _write_part(part: Part) -> str:
    if isinstance(part, Sequence) and not isinstance(part, str):
        mark = DEFAULT_DELIMITERS.subcomponent
        return mark.join(escape(write_value(one)) for one in part).rstrip(mark)
    return escape(write_value(part))
