"""Reads ER7 bytes into a message, or says where and why they cannot be read.

Everything that could make later steps slow or unsafe is refused here: size, segments, repeats,
control and bidi characters, delimiters that collide, bytes outside the character set.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from config.finding import Finding, Level, has_errors
from gateways.hl7.charsets import decode
from gateways.hl7.escapes import Delimiters
from gateways.hl7.message import Message, Segment

_FRAMING = b"\x0b\x1c\r\n \t"
_LINE_END = re.compile(r"\r\n|\r|\n")
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}\Z")
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_UNSAFE_HEX = re.compile(r"X(?:[0-9A-Fa-f]{2})*?(?:0[0-8BCEFbcef]|1[0-9A-Fa-f]|7[Ff])")
_MARK = re.compile(rb"(?:\A|[\r\n])(?=(?:MSH|FHS|BHS|BTS|FTS)[^A-Za-z0-9\s])")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one message.

    Source:
        House: a DFT of a long stay holds hundreds of FT1; beyond these it is no message of a visit.
    """

    bytes_max: int = 10_000_000
    segments_max: int = 2_000
    fields_max: int = 500
    repeats_max: int = 100


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A message, or None if any finding is an error."""

    message: Message | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Peek:
    """What an MSH says of a message that may be unreadable; empty where it says nothing."""

    control_id: str = ""
    kind: str = ""
    sending_application: str = ""
    sending_facility: str = ""
    version: str = ""


def read_message(
    raw: bytes, *, limits: Limits = DEFAULT_LIMITS, charset_default: str = "utf-8"
) -> ReadResult:
    """Read one message.

    Args:
        raw: ER7 bytes, with or without MLLP framing; segments end by CR, LF or CR LF.
        limits: Bounds; what is beyond them is refused with its place.
        charset_default: Python codec for senders whose MSH-18 is empty.

    Source:
        HL7 2.5.1 ch. 2.5-2.7.
    """
    refused = _check_frame(raw, limits)
    if refused:
        return ReadResult(None, (refused,))
    body = raw.strip(_FRAMING).removeprefix(b"\xef\xbb\xbf")
    delimiters, refused = _read_delimiters(body)
    if delimiters is None:
        return ReadResult(None, (refused,) if refused else ())
    text, codec, refused = decode(
        body, declared=_declared_charset(body, delimiters), charset_default=charset_default
    )
    refused = refused or _check_characters(text, delimiters)
    if refused:
        return ReadResult(None, (refused,))
    lines = [line for line in _LINE_END.split(text) if line]
    if len(lines) > limits.segments_max:
        return ReadResult(None, (_too_many_segments(len(lines), limits),))
    segments, findings = _read_segments(lines, delimiters, limits=limits, codec=codec)
    if b"\n" in body:
        findings.append(_line_feed())
    if has_errors(findings):
        return ReadResult(None, tuple(findings))
    return ReadResult(Message(segments, delimiters=delimiters, charset=codec), tuple(findings))


def peek(raw: bytes) -> Peek:
    """Return what the first 2,000 bytes say of who sent what; never fails.

    Use it to label raw bytes before, or without, reading them.
    """
    body = raw[:2_000].lstrip(_FRAMING + b"\xef\xbb\xbf")
    delimiters, _ = _read_delimiters(body)
    if delimiters is None:
        return Peek()
    head = _LINE_END.split(_UNSAFE.sub("", body.decode("utf-8", "replace")), maxsplit=1)[0]
    fields = ["MSH", delimiters.field, *head.split(delimiters.field)[1:]]
    msh = Segment(fields, index=1, occurrence=1, reading=(delimiters, "utf-8"))
    kind = "^".join(part for part in (msh.text(9), msh.text(9, 2)) if part)
    return Peek(msh.text(10)[:199], kind[:20], msh.text(3)[:199], msh.text(4)[:199], msh.text(12))


def split_file(raw: bytes) -> list[bytes]:
    """Return each message's own bytes of a file: plain, MLLP-framed or FHS/BHS batch.

    What lies outside any message and is not blank is returned as a piece of its own, so that
    reading it names the trouble instead of it being dropped.
    """
    pieces = re.split(rb"[\x0b\x1c]", raw) if b"\x0b" in raw else [raw]
    messages = [part for piece in pieces for part in _split_plain(piece)]
    return messages or [raw]


def _split_plain(raw: bytes) -> list[bytes]:
    starts = [match.end() for match in _MARK.finditer(raw)]
    bounds = [*([0] if not starts or starts[0] > 0 else []), *starts, len(raw)]
    parts = [raw[start:end].strip(b"\r\n \t") for start, end in pairwise(bounds)]
    return [part for part in parts if part and part[:3] not in {b"FHS", b"BHS", b"BTS", b"FTS"}]


def _check_frame(raw: bytes, limits: Limits) -> Finding | None:
    if len(raw) > limits.bytes_max:
        return Finding(
            "message-too-large",
            f"byte {limits.bytes_max + 1}",
            f"The message has {len(raw):,} bytes; at most {limits.bytes_max:,} are taken.",
            "Send it in parts, or leave out embedded documents.",
        )
    if not raw.strip(_FRAMING):
        return Finding(
            "message-empty", "byte 1", "There is no message here.", "Send a message from MSH on."
        )
    return None


def _read_delimiters(body: bytes) -> tuple[Delimiters | None, Finding | None]:
    """Read MSH-1 and MSH-2; all five characters must differ and be printable ASCII signs."""
    if not body.startswith(b"MSH"):
        return None, Finding(
            "msh-missing",
            "segment 1",
            "The message does not begin with an MSH segment.",
            "Send HL7 v2 in ER7 form, from MSH on.",
        )
    head = re.split(rb"[\r\n]", body[:40], maxsplit=1)[0].decode("ascii", "replace")
    mark = head[3:4]
    named = head[4:].split(mark, 1)[0] if mark else ""
    signs = mark + named
    bad = any(sign.isalnum() or not "!" <= sign <= "~" for sign in signs)
    if bad or not 1 <= len(named) <= 5 or len(set(signs)) != len(signs):
        return None, Finding(
            "delimiters",
            "MSH-2",
            "MSH-1 and MSH-2 must name two to six different signs, no letters or digits.",
            "Use | and ^~\\& as delimiters.",
        )
    return Delimiters(mark, *(named[place : place + 1] for place in range(4))), None


def _declared_charset(body: bytes, delimiters: Delimiters) -> str:
    head = re.split(rb"[\r\n]", body, maxsplit=1)[0].decode("latin-1")
    fields = head.split(delimiters.field)
    value = fields[17] if len(fields) > 17 else ""
    if delimiters.repetition:
        value = value.split(delimiters.repetition)[0]
    return value.strip()


def _check_characters(text: str, delimiters: Delimiters) -> Finding | None:
    found = _UNSAFE.search(text)
    if found:
        sign = f"U+{ord(found[0]):04X}"
        return Finding(
            "unsafe-character",
            _place_at(text, found.start(), delimiters),
            f"The character {sign} is a control or text-direction character, not allowed here.",
            "Have the sender remove it, or declare its real character set in MSH-18.",
        )
    mark = delimiters.escape
    if mark and f"{mark}X" in text:
        return _check_hex(text, delimiters)
    return None


def _check_hex(text: str, delimiters: Delimiters) -> Finding | None:
    mark = re.escape(delimiters.escape)
    for found in re.finditer(f"{mark}(X[0-9A-Fa-f]*){mark}", text):
        if _UNSAFE_HEX.match(found[1]):
            return Finding(
                "unsafe-character",
                _place_at(text, found.start(), delimiters),
                "An escape sequence hides a control character, not allowed here.",
                "Have the sender remove it.",
            )
    return None


def _place_at(text: str, offset: int, delimiters: Delimiters) -> str:
    """Name the segment and field that a character lies in."""
    lines = _LINE_END.split(text[:offset])
    last = lines[-1]
    name = text[offset - len(last) :][:3]
    if not _SEGMENT_NAME.match(name):
        return f"segment {len(lines)}"
    occurrence = sum(line.startswith(name) for line in lines[:-1]) + 1
    place = name if occurrence == 1 else f"{name}[{occurrence}]"
    field = last.count(delimiters.field) + (name == "MSH")
    return f"{place}-{field}" if field else f"segment {len(lines)}"


def _read_segments(
    lines: list[str], delimiters: Delimiters, *, limits: Limits, codec: str
) -> tuple[list[Segment], list[Finding]]:
    segments: list[Segment] = []
    findings: list[Finding] = []
    seen: Counter[str] = Counter()
    reading = (delimiters, codec)
    for index, line in enumerate(lines, start=1):
        fields = line.split(delimiters.field)
        name = fields[0]
        if not _SEGMENT_NAME.match(name):
            findings.append(_no_segment(index))
            continue
        if name == "MSH":
            fields.insert(1, delimiters.field)
        seen[name] += 1
        segment = Segment(fields, index=index, occurrence=seen[name], reading=reading)
        segments.append(segment)
        findings.extend(_check_bounds(segment, delimiters, limits))
    if seen["MSH"] > 1:
        findings.append(_second_header())
    return segments, findings


def _check_bounds(segment: Segment, delimiters: Delimiters, limits: Limits) -> list[Finding]:
    findings = []
    if len(segment.fields) - 1 > limits.fields_max:
        findings.append(
            Finding(
                "too-many-fields",
                segment.place,
                f"The segment has {len(segment.fields) - 1:,} fields;"
                f" at most {limits.fields_max} are taken.",
                "Send the segment as the standard has it.",
            )
        )
    mark = delimiters.repetition
    if mark:
        findings += [
            Finding(
                "too-many-repeats",
                segment.path(place),
                f"The field repeats {value.count(mark) + 1:,} times;"
                f" at most {limits.repeats_max} are taken.",
                "Send fewer repetitions.",
            )
            for place, value in enumerate(segment.fields)
            if value.count(mark) >= limits.repeats_max
        ]
    return findings


def _no_segment(index: int) -> Finding:
    return Finding(
        "segment-name",
        f"segment {index}",
        "This line does not begin with a segment name (three characters, such as PID).",
        "Escape line ends inside a value as \\.br\\ or \\X0D\\.",
    )


def _second_header() -> Finding:
    return Finding(
        "msh-repeated",
        "MSH[2]",
        "A second MSH begins inside the message.",
        "Send one message a frame; a file of several is taken by the file intake.",
    )


def _too_many_segments(count: int, limits: Limits) -> Finding:
    return Finding(
        "too-many-segments",
        f"segment {limits.segments_max + 1}",
        f"The message has {count:,} segments; at most {limits.segments_max:,} are taken.",
        "Send the charges in several messages.",
    )


def _line_feed() -> Finding:
    return Finding(
        "segment-end",
        "segment 1",
        "Segments end with a line feed; the standard has a carriage return alone.",
        "Nothing to do; the message was read.",
        Level.INFO,
    )
