"""The standard's segment, datatype and message tables, compiled from hl7apy's once per version.

Each field becomes one regular expression that accepts every well-formed value in a single match;
only values that fail it walk the slow path in `checking`, which names the exact place. Versions
are compiled segment by segment when first met.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import hl7apy

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEAP = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)0229"
_DAY = (
    r"(?:\d{4}(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)"
    rf"|02(?:0[1-9]|1\d|2[0-8]))|{_LEAP})"
)
_DATE = rf"(?:{_DAY}|\d{{4}}(?:0[1-9]|1[0-2])?)"
_TIME = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,4})?)?)?"
_ZONE = r"(?:[+-](?:0\d|1[0-4])[0-5]\d)?"
PATTERNS: Final = {
    "DT": _DATE,
    "TM": _TIME + _ZONE,
    "DTM": rf"(?:{_DAY}{_TIME}|{_DATE}){_ZONE}",
    "NM": r"[+-]?(?:\d+\.?\d*|\.\d+)",
    "SI": r"\d{1,4}",
}
"""What a value of each typed base datatype looks like. Source: HL7 2.5.1 ch. 2A."""
VERSIONS: Final = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8", "2.8.1", "2.8.2")
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
_TABLE_SIZE_MAX = 400
_ANYTHING = {"varies", None}


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What may stand in a field, component or subcomponent.

    Attributes:
        label: The standard's name in lower-case words.
        datatype: `CX`, `ST`, …
        parts: Rules of its components or subcomponents; empty for a base datatype.
        codes: The values of an HL7-defined table (datatype ID), else empty.
        is_free: Its type depends on another field, so anything goes.
    """

    label: str
    datatype: str
    parts: tuple[ValueRule, ...] = ()
    codes: frozenset[str] = frozenset()
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field of a segment."""

    value: ValueRule
    is_required: bool
    is_repeating: bool


_FREE: Final = ValueRule("value", "varies", is_free=True)
_WITHDRAWN: Final = FieldRule(_FREE, is_required=False, is_repeating=True)
"""Stands where later versions left a number out; senders fill such fields all the same."""


@dataclass(frozen=True, slots=True)
class SegmentRule:
    r"""A segment: its fields, `fields[0]` is field 1.

    Attributes:
        matchers: For `|^~\&`: index n accepts a well-formed field n; index 0 accepts the name.
        required: Numbers of required fields.
    """

    fields: tuple[FieldRule, ...]
    matchers: tuple[Callable[[str], object], ...]
    required: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A segment or group in a message structure."""

    name: str
    is_required: bool
    is_repeating: bool
    children: tuple[Node, ...] = ()
    starts: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Structure:
    """A message structure: its nodes, every segment name in it, and those that must be there."""

    nodes: tuple[Node, ...]
    names: frozenset[str]
    required: tuple[str, ...]


def closest_version(version: str) -> str:
    """Return the version whose tables serve: itself, or the nearest that we have."""
    if version in VERSIONS:
        return version
    return VERSIONS[-1] if version > "2.8" else VERSIONS[0] if version < "2.3" else "2.5.1"


@cache
def segment_rule(version: str, name: str) -> SegmentRule | None:
    """Return the rule of a segment, or None if the version has no such segment.

    Args:
        version: One of `VERSIONS`.
        name: Segment name, such as `PID`.
    """
    library: Any = hl7apy.load_library(version)
    entry = library.SEGMENTS.get(name)
    if entry is None or len(entry) < 2:
        return None
    numbered = {_number_of(item): _field_rule(library, item) for item in entry[1]}
    fields = tuple(numbered.get(number, _WITHDRAWN) for number in range(1, max(numbered) + 1))
    return SegmentRule(
        fields,
        (_accept_anything, *(_matcher(rule) for rule in fields)),
        tuple(place for place, rule in enumerate(fields, start=1) if rule.is_required),
    )


@cache
def message_structure(version: str, kind: str) -> Structure | None:
    """Return the structure of a kind that we take in, or None for any other kind."""
    library: Any = hl7apy.load_library(version)
    entry = library.MESSAGES.get(_STRUCTURES.get(kind, ""))
    if entry is None:
        return None
    nodes = tuple(_node(item) for item in entry[1])
    return Structure(nodes, frozenset(_names(nodes)), tuple(_required(nodes)))


def _accept_anything(_value: str) -> object:
    return True


def _number_of(item: Any) -> int:  # noqa: ANN401  # hl7apy ships no types
    """Return a field's or component's number from its name: `XCN_13` is 13."""
    return int(str(item[0]).rpartition("_")[2])


def _field_rule(library: Any, item: Any) -> FieldRule:  # noqa: ANN401  # hl7apy ships no types
    reference = item[1] or library.FIELDS.get(item[0])
    low, high = item[2]
    return FieldRule(_value_rule(library, reference), low > 0, high == -1 or high > 1)


def _value_rule(library: Any, reference: Any) -> ValueRule:  # noqa: ANN401  # hl7apy ships no types
    if reference is None or reference[2] in _ANYTHING:
        return _FREE
    kind, children, datatype, name, table, _ = reference
    label = str(name or "value").lower().replace("_", " ")
    if kind != "leaf" and children:
        numbered = {_number_of(child): _value_rule(library, child[1]) for child in children}
        parts = [numbered.get(number, _FREE) for number in range(1, max(numbered) + 1)]
        if datatype == "TS":
            parts[0] = ValueRule(parts[0].label, "DTM")
        return ValueRule(label, datatype, tuple(parts))
    codes = frozenset(getattr(library, "TABLES", {}).get(table, ("", ()))[1] or ())
    usable = datatype == "ID" and 0 < len(codes) <= _TABLE_SIZE_MAX
    return ValueRule(label, datatype, codes=codes if usable else frozenset())


def _matcher(rule: FieldRule) -> Callable[[str], object]:
    """Compile one anchored pattern for the standard delimiters."""
    if rule.value.is_free:
        return _accept_anything
    one = _pattern(rule.value, "^")
    return re.compile(f"{one}(?:~{one})*+" if rule.is_repeating else one, re.ASCII).fullmatch


def _pattern(rule: ValueRule, mark: str) -> str:
    """Return a pattern of a value whose parts are separated by `mark` (`^`, within it `&`)."""
    if rule.is_free:
        return r"[^~^&]*" if mark == "&" else r"[^~]*"
    if not rule.parts:
        return _leaf_pattern(rule)
    if mark == "&":
        parts = [_leaf_pattern(part) for part in rule.parts]
    else:
        parts = [_pattern(part, "&") if part.parts else _leaf_pattern(part) for part in rule.parts]
    text = ""
    sign = re.escape(mark)
    for part in reversed(parts[1:]):
        text = f"(?:{sign}{part}{text})?"
    return f"(?:{parts[0]}{text})"


def _leaf_pattern(rule: ValueRule) -> str:
    if rule.codes:
        return f'(?:{"|".join(re.escape(code) for code in sorted(rule.codes, reverse=True))}|"")?'
    typed = PATTERNS.get(rule.datatype)
    return f'(?:{typed}|"")?' if typed else r"[^~^&]*+"


def _node(item: Any) -> Node:  # noqa: ANN401  # hl7apy ships no types
    name, reference, (low, high), kind = item
    if kind == "SEG":
        return Node(name, low > 0, high == -1, starts=frozenset({name}))
    children = tuple(_node(child) for child in reference[1])
    return Node(name, low > 0, high == -1, children, frozenset(_starts(children)))


def _starts(children: Iterable[Node]) -> Iterable[str]:
    for child in children:
        yield from child.starts
        if child.is_required:
            return


def _names(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        if node.children:
            yield from _names(node.children)
        else:
            yield node.name


def _required(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        if not node.is_required:
            continue
        if node.children:
            yield from _required(node.children)
        else:
            yield node.name
