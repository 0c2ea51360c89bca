"""Checks a message against the standard's own tables and names the exact place of each breach.

Level error: a required value is missing, or a value cannot be what its datatype says. Level
warning: a departure that leaves the message readable. Neither says that a message cannot be
applied: that depends on the values that intake uses, and real senders break the rest daily.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.finding import Finding, Level
from gateways.hl7.escapes import DEFAULT_DELIMITERS
from gateways.hl7.message import NULL
from gateways.hl7.tables import (
    PATTERNS,
    closest_version,
    message_structure,
    segment_rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateways.hl7.escapes import Delimiters
    from gateways.hl7.message import Message, Segment
    from gateways.hl7.tables import FieldRule, Node, SegmentRule, Structure, ValueRule

_TYPED = {name: re.compile(pattern, re.ASCII) for name, pattern in PATTERNS.items()}
_EXPECTED = {
    "DT": "a date as YYYYMMDD",
    "TM": "a time as HHMMSS",
    "DTM": "a date and time as YYYYMMDDHHMMSS",
    "NM": "a number",
    "SI": "a whole number of up to four digits",
}
_VERSION = re.compile(r"2\.[0-9](?:\.[0-9])?\Z")
FINDINGS_MAX = 200
"""After so many the rest would not help anyone; the last finding says so."""


def check_message(message: Message) -> list[Finding]:
    """Return what departs from the standard, in message order.

    Args:
        message: Any kind; the structure is checked for the kinds that we take in.

    Source:
        HL7 2.3 to 2.8.2 as tabled by hl7apy 1.3.5.
    """
    findings = _check_version(message)
    version = closest_version(message.version)
    structure = message_structure(version, message.kind)
    if structure:
        findings += _check_structure(message, structure)
    is_plain = message.delimiters == DEFAULT_DELIMITERS
    for segment in message.segments:
        if segment.name.startswith("Z"):
            continue
        rule = segment_rule(version, segment.name)
        if rule is None:
            findings.append(_unknown_segment(segment, version))
        else:
            findings += _check_segment(segment, rule, message.delimiters, is_plain=is_plain)
        if len(findings) > FINDINGS_MAX:
            return [*findings[:FINDINGS_MAX], _too_many(segment)]
    return findings


def _check_version(message: Message) -> list[Finding]:
    version = message.version
    if _VERSION.match(version) and closest_version(version) == version:
        return []
    if not version:
        return [
            Finding(
                "version-missing",
                "MSH-12",
                "The version of the standard is missing.",
                "Have the sender fill MSH-12, such as 2.5.1.",
            )
        ]
    return [
        Finding(
            "version-unknown",
            "MSH-12",
            f"This version is not one of 2.3 to 2.8.2; checked as {closest_version(version)}.",
            "Nothing to do if the values were read rightly.",
            Level.WARNING,
        )
    ]


def _check_structure(message: Message, structure: Structure) -> list[Finding]:
    present = [s for s in message.segments if s.name in structure.names]
    names = {segment.name for segment in present}
    findings = [
        Finding(
            "segment-missing",
            name,
            f"A {message.kind} needs a segment {name}.",
            f"Have the sender add {name}.",
        )
        for name in structure.required
        if name not in names
    ]
    if not findings:
        end = _walk(structure.nodes, [segment.name for segment in present], 0)
        if end < len(present):
            findings.append(
                Finding(
                    "segment-order",
                    present[end].place,
                    f"A {message.kind} has no {present[end].name} at this place.",
                    "Nothing to do if the values were read rightly.",
                    Level.WARNING,
                )
            )
    return findings


def _walk(nodes: Sequence[Node], names: Sequence[str], start: int) -> int:
    """Follow the structure greedily; return the index of the first segment that does not fit."""
    at = start
    for node in nodes:
        while at < len(names) and names[at] in node.starts:
            at = _walk(node.children, names, at) if node.children else at + 1
            if not node.is_repeating:
                break
    return at


def _check_segment(
    segment: Segment, rule: SegmentRule, delimiters: Delimiters, *, is_plain: bool
) -> list[Finding]:
    values = segment.fields
    count = len(values)
    findings = [
        _required(segment, place, rule.fields[place - 1])
        for place in rule.required
        if place >= count or not values[place]
    ]
    literal = 2 if segment.name == "MSH" else 0
    for place, (value, accepts) in enumerate(zip(values, rule.matchers, strict=False)):
        if not value or place <= literal or (is_plain and accepts(value)):
            continue
        findings += _check_field(segment, place, rule.fields[place - 1], delimiters)
    if count > len(rule.matchers) and any(values[len(rule.matchers) :]):
        findings.append(_extra(segment, segment.path(len(rule.matchers)), "field"))
    return findings


def _check_field(
    segment: Segment, place: int, rule: FieldRule, delimiters: Delimiters
) -> list[Finding]:
    if place == 0 or rule.value.is_free:
        return []
    value = segment.fields[place]
    repeats = value.split(delimiters.repetition) if delimiters.repetition else [value]
    findings: list[Finding] = []
    if len(repeats) > 1 and not rule.is_repeating:
        findings.append(
            Finding(
                "repeat-extra",
                segment.path(place),
                f"The {rule.value.label} may not repeat; the first value is used.",
                "Have the sender send one value.",
                Level.WARNING,
            )
        )
    for number, text in enumerate(repeats, start=1):
        where = segment.path(place, repeat=number)
        findings += _check_value(text, rule.value, where, _marks(delimiters))
    return findings


def _marks(delimiters: Delimiters) -> tuple[str, str]:
    return delimiters.component, delimiters.subcomponent


def _check_value(
    text: str, rule: ValueRule, where: str, marks: tuple[str, ...]
) -> Iterator[Finding]:
    """Check a value and its parts; `marks` separate the parts, outermost first."""
    if not text or text == NULL or rule.is_free:
        return
    mark = marks[0] if marks else ""
    parts = text.split(mark) if mark else [text]
    rules = rule.parts or (rule,)
    if len(parts) > len(rules) and any(parts[len(rules) :]):
        yield _extra_at(f"{where}.{len(rules) + 1}", rule.label)
    if not rule.parts:
        yield from _check_leaf(parts[0], rule, where)
        return
    for number, (part, part_rule) in enumerate(zip(parts, rules, strict=False), start=1):
        place = f"{where}.{number}"
        if part_rule.parts:
            yield from _check_value(part, part_rule, place, marks[1:])
        else:
            yield from _check_subleaf(part, part_rule, place, marks[1:])


def _check_subleaf(
    text: str, rule: ValueRule, where: str, marks: tuple[str, ...]
) -> Iterator[Finding]:
    mark = marks[0] if marks else ""
    if mark and mark in text and not rule.is_free:
        yield _extra_at(f"{where}.2", rule.label)
        text = text.split(mark, 1)[0]
    yield from _check_leaf(text, rule, where)


def _check_leaf(text: str, rule: ValueRule, where: str) -> Iterator[Finding]:
    value = text.strip()
    if not value or value == NULL:
        return
    typed = _TYPED.get(rule.datatype)
    if typed and not typed.fullmatch(value):
        yield Finding(
            "datatype",
            where,
            f"The {rule.label} is not {_EXPECTED[rule.datatype]}.",
            "Correct the value at the sender.",
        )
    if rule.codes and value not in rule.codes:
        yield Finding(
            "code-unknown",
            where,
            f"The {rule.label} is not in the standard's table for it.",
            "Nothing to do if the value was read rightly.",
            Level.WARNING,
        )


def _required(segment: Segment, place: int, rule: FieldRule) -> Finding:
    return Finding(
        "required-missing",
        segment.path(place),
        f"The {rule.value.label} is required and missing.",
        "Have the sender fill it.",
    )


def _extra(segment: Segment, where: str, what: str) -> Finding:
    return Finding(
        "extra-value",
        where,
        f"The version's {segment.name} has no {what} here; it is not used.",
        "Nothing to do if the value was read rightly.",
        Level.WARNING,
    )


def _extra_at(where: str, label: str) -> Finding:
    return Finding(
        "extra-value",
        where,
        f"The {label} has no part here; a delimiter may be missing its escape.",
        "Have the sender escape delimiters inside values (\\S\\, \\T\\).",
        Level.WARNING,
    )


def _unknown_segment(segment: Segment, version: str) -> Finding:
    return Finding(
        "segment-unknown",
        segment.place,
        f"Version {version} has no segment of this name; it is not used.",
        "Nothing to do.",
        Level.INFO,
    )


def _too_many(segment: Segment) -> Finding:
    return Finding(
        "findings-cut",
        segment.place,
        f"There are more than {FINDINGS_MAX} findings; checking ended at this segment.",
        "Correct those listed first.",
        Level.WARNING,
    )
