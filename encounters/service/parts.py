"""The parts of a message by their places, to be read beside its raw text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from encounters.values import Message

_PARTS_MAX: Final = 400

# A part: its name (`PID`, `Patient 2`) and its fields, each with its place.
Part = tuple[str, tuple[tuple[str, str], ...]]


def list_parts(message: Message, raw: str) -> list[Part]:
    """Return a message's parts, at most 400: segments of HL7, resources of FHIR, rows of CSV.

    What can't be taken apart gives nothing: the raw text stands beside it.
    """
    if message.kind == "FHIR":
        parts = _read_fhir(raw)
    elif message.kind == "CSV":
        parts = _read_csv(raw)
    else:
        parts = _read_hl7(raw)
    return [part for _, part in zip(range(_PARTS_MAX), parts, strict=False)]


def _read_hl7(raw: str) -> Iterator[Part]:
    segments = [line for line in raw.replace("\n", "\r").split("\r") if line.strip()]
    separator = segments[0][3:4] if segments and segments[0].startswith("MSH") else "|"
    for segment in segments:
        name, *values = segment.split(separator or "|")
        first = 2 if name == "MSH" else 1  # MSH-1 is the separator itself
        fields = [(f"{name}-{place}", value) for place, value in enumerate(values, first) if value]
        yield name, tuple(fields)


def _read_csv(raw: str) -> Iterator[Part]:
    lines = raw.splitlines()
    names = lines[0].split(",") if lines else []
    for number, line in enumerate(lines[1:], 2):
        cells = zip(names, line.split(","), strict=False)
        yield f"row {number}", tuple((name, cell) for name, cell in cells if cell)


def _read_fhir(raw: str) -> Iterator[Part]:
    try:
        body = json.loads(raw)
    except ValueError:
        return
    if not isinstance(body, dict):
        return
    entries = body.get("entry")
    resources = (
        [entry.get("resource") for entry in entries if isinstance(entry, dict)]
        if isinstance(entries, list)
        else [body]
    )
    for number, resource in enumerate(resources, 1):
        if isinstance(resource, dict):
            name = str(resource.get("resourceType", "resource"))
            yield f"{number} {name}", tuple(_flatten(resource, name))


def _flatten(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name != "resourceType":
                yield from _flatten(each, f"{place}.{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _flatten(each, f"{place}[{number}]")
    else:
        yield place, str(value)
