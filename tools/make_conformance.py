"""Writes docs/conformance.md from the code: what of FHIR R4, HL7 v2 and X12 is read and written.

The FHIR and HL7 tables are what the adapters really ask for: samples and full resources are read
by them, each element left out in turn so that what they fall back on shows too, and every question
that they put to a resource or segment is noted. The X12 tables are the guides' own.

Run: `.venv/bin/python tools/make_conformance.py`. A test compares the committed page.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import edi.guides  # noqa: E402  # found by the line above
from edi.guide import Composite, LoopDef, Seg  # noqa: E402  # as above
from encounters import adapters_csv, adapters_fhir, adapters_hl7  # noqa: E402  # as above
from gateways.fhir.r4 import USED_TYPES  # noqa: E402  # as above
from gateways.fhir.values import Element, FhirBundle, FhirEntry  # noqa: E402  # as above
from gateways.hl7.message import Segment  # noqa: E402  # as above
from gateways.hl7.service import read_message  # noqa: E402  # as above
from office.demo.feeds import write_fhir_day  # noqa: E402  # as above
from office.demo.room import DAY  # noqa: E402  # as above
from office.demo.world import make_world  # noqa: E402  # as above
from tests.factories.fhir_r4 import COMMON, RESOURCES, make_resource  # noqa: E402  # as above
from tests.factories.hl7 import EVENTS, planned  # noqa: E402  # as above

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "docs" / "conformance.md"
SAMPLES: Final = ROOT / "tests" / "samples"
ZONE: Final = ZoneInfo("America/Chicago")
_DEMO_GUIDES: Final = (
    ("837", "005010X222A1", "written, read, checked, acknowledged"),
    ("835", "005010X221A1", "read, checked, posted; written by the simulator"),
    ("999", "005010X231A1", "written and read"),
    ("277", "005010X214", "written and read (277CA)"),
)
_CHOICE: Final = re.compile(r"(DateTime|Period|Boolean|Integer|CodeableConcept|Uri|Canonical)$")

_ROLE: Final[tuple[dict[str, Any], ...]] = (
    {
        "resourceType": "PractitionerRole",
        "id": "1",
        "practitioner": {"reference": "Practitioner/1"},
    },
    {"resourceType": "Practitioner", "id": "1", "identifier": [{"system": "urn:x", "value": "1"}]},
)


# FHIR


def list_fhir() -> dict[str, set[str]]:
    """Return for each resource type the elements that the adapters ask for."""
    asked: dict[str, set[str]] = defaultdict(set)
    with _noting_elements(asked):
        for urls, resources in _fhir_bodies():
            _read_bundle(urls, resources)
            for place, resource in enumerate(resources):
                for name in resource.keys() - {"resourceType"}:
                    less = {key: value for key, value in resource.items() if key != name}
                    _read_bundle(urls, [*resources[:place], less, *resources[place + 1 :]])
    return {kind: _keep_own(kind, asked[kind]) for kind in sorted(USED_TYPES) if asked[kind]}


def _keep_own(kind: str, names: set[str]) -> set[str]:
    """Leave out what types that share a reader are asked for and R4 doesn't give this one."""
    own = {_CHOICE.sub("", name) for name in (*RESOURCES.get(kind, {}), *COMMON)}
    if kind not in RESOURCES:
        return names
    return {name for name in names if _CHOICE.sub("", name.partition(".")[0]) in own}


def _fhir_bodies() -> Iterator[tuple[list[str | None], list[dict[str, Any]]]]:
    """Yield the resources of bundles with the names that they have in them."""
    bundles = [json.loads((SAMPLES / "fhir" / "ehr-dependent-visit.json").read_text("utf-8"))]
    demo = [json.loads(raw) for raw in write_fhir_day(make_world(1, DAY))]
    bundles.append(next(b for b in demo if b["identifier"]["value"].endswith("-visit")))
    for bundle in bundles:
        entries = bundle["entry"]
        yield [e.get("fullUrl") for e in entries], [e["resource"] for e in entries]
    by_role = copy.deepcopy(bundles[-1]["entry"])
    for entry in by_role:
        if entry["resource"]["resourceType"] == "Encounter":
            seen_by = {"individual": {"reference": "PractitionerRole/1"}}
            entry["resource"]["participant"] = [seen_by]
    yield (
        [*(e["fullUrl"] for e in by_role), None, None],
        [*(e["resource"] for e in by_role), *_ROLE],
    )
    whole = [make_resource(name, id="1") for name in RESOURCES]
    yield [None] * len(whole), whole


def _read_bundle(urls: list[str | None], resources: list[dict[str, Any]]) -> None:
    entries = tuple(
        FhirEntry(
            index=index,
            expression=f"Bundle.entry[{index}].resource",
            full_url=urls[index],
            resource_type=resource["resourceType"],
            resource=resource,
            method="POST",
            url=None,
            if_none_exist=None,
            is_used=resource["resourceType"] in USED_TYPES,
        )
        for index, resource in enumerate(resources)
    )
    adapters_fhir.to_intake(
        FhirBundle("transaction", "B1", "2026-09-15T12:00:00Z", entries),
        sender="ehr",
        time_zone=ZONE,
    )


@contextmanager
def _noting_elements(asked: dict[str, set[str]]) -> Iterator[None]:
    """Note every leaf that is asked for while the block lasts."""
    kept = {name: getattr(Element, name) for name in ("texts", "number", "flag")}

    def note(name: str) -> Any:  # noqa: ANN401  # a method of any of the three shapes
        method = kept[name]

        def asking(self: Element, child: str) -> Any:  # noqa: ANN401  # as above
            path = re.sub(r"\[\d+\]", "", f"{self.path}.{child}")
            kind, _, rest = path.partition(".")
            if not rest.startswith("contained"):
                asked[kind].add(rest)
            return method(self, child)

        return asking

    try:
        for name in kept:
            setattr(Element, name, note(name))
        yield
    finally:
        for name, method in kept.items():
            setattr(Element, name, method)


# HL7 v2


def list_hl7() -> dict[str, set[tuple[int, int]]]:
    """Return for each segment the fields and components that the adapters ask for."""
    asked: dict[str, set[tuple[int, int]]] = defaultdict(set)
    check = vars(adapters_hl7)["check_message"]
    # What the standard's own tables ask for is not what we use.
    vars(adapters_hl7)["check_message"] = lambda _: []
    try:
        with _noting_fields(asked):
            for raw in _hl7_messages():
                _read_hl7(raw)
                for less in _without_each_field(raw):
                    _read_hl7(less)
    finally:
        vars(adapters_hl7)["check_message"] = check
    return dict(sorted(asked.items()))


def _hl7_messages() -> Iterator[bytes]:
    for path in sorted((SAMPLES / "hl7").glob("*.hl7")):
        yield path.read_bytes().replace(b"\n", b"\r")
    for event in EVENTS:
        yield planned(event)


def _without_each_field(raw: bytes) -> Iterator[bytes]:
    lines = raw.split(b"\r")
    for place, line in enumerate(lines):
        fields = line.split(b"|")
        for number in range(1, len(fields)):
            if fields[number] and not (fields[0] == b"MSH" and number < 12):  # MSH-12
                less = b"|".join((*fields[:number], b"", *fields[number + 1 :]))
                yield b"\r".join((*lines[:place], less, *lines[place + 1 :]))


def _read_hl7(raw: bytes) -> None:
    message = read_message(raw).message
    if message is not None:
        adapters_hl7.to_intake(message, time_zone=ZONE)


@contextmanager
def _noting_fields(asked: dict[str, set[tuple[int, int]]]) -> Iterator[None]:
    kept = Segment.text

    def asking(
        self: Segment, field: int, component: int = 1, *, subcomponent: int = 1, repeat: int = 1
    ) -> str:
        asked[self.name].add((field, component))
        return kept(self, field, component, subcomponent=subcomponent, repeat=repeat)

    try:
        Segment.text = asking  # type: ignore[method-assign]  # put back below
        yield
    finally:
        Segment.text = kept  # type: ignore[method-assign]  # as it was


# X12


def _count(loop: LoopDef) -> tuple[int, int, int]:
    loops = segments = elements = 0
    for item in loop.items:
        if isinstance(item, LoopDef):
            inner = _count(item)
            loops, segments, elements = loops + 1, segments + inner[1], elements + inner[2]
            loops += inner[0]
        else:
            segments += 1
            elements += sum(len(e.parts) if isinstance(e, Composite) else 1 for e in item.elements)
    return loops, segments, elements


def _list_loops(loop: LoopDef) -> Iterator[tuple[str, str, str]]:
    own = dict.fromkeys(item.id for item in loop.items if isinstance(item, Seg))
    yield loop.id, loop.name, " ".join(own)
    for item in loop.items:
        if isinstance(item, LoopDef):
            yield from _list_loops(item)


# The page


_HEAD: Final = """\
# Conformance: what a partner may rely on

Generated by `tools/make_conformance.py` from the code; a test holds it to the code. What each
HL7 field means here, and how senders are answered, is on [its own page](conformance-hl7.md).

## FHIR R4

`POST /fhir/R4` takes transaction and batch Bundles, `POST /fhir/R4/{type}` one resource; `GET
/fhir/R4/{type}/{id}` gives back what the same client sent; `GET /fhir/R4/metadata` says the same
to machines. Access: SMART Backend Services (`client_credentials`, `private_key_jwt`).

- Types in the table act. Any other R4 type is kept raw and answered 200 with an information
  outcome.
- A resource is known again by its identifier, else its id, else its fullUrl; `If-None-Exist`
  takes `identifier=system|value`. References may be `urn:uuid:`, `Type/id`,
  `Type?identifier=system|value`, contained, or logical (an identifier alone).
- A broken entry of a type that acts fails the transaction whole, every problem told at once.
  What is well-formed but names a payer, clinician or place that the practice has not on file is
  held (422): nothing of it is stored, and it can be replayed after the fix.
- Practitioner, Organization and Location make nothing: they are looked up, clinicians by NPI,
  payers by identifier or name, places by the practice's own code. An NPI whose check digit is
  wrong can't be on file, as no payer would take it: generators that make up NPIs (Synthea) have
  to be given real ones, or their visits stay held at the exact place.
- Conditions coded in SNOMED CT, or in words alone, are work for the coder, not errors.

| type | elements read |
|---|---|
"""
_CSV: Final = """
## CSV of visits

`cleanclaim intake csv FILE`: UTF-8 with a header row, at most {rows:,} rows, one row a charge;
rows of one visit number are one visit. Its patients must be known.

Columns: {columns}.
"""
_X12: Final = """
## X12 005010

Envelopes (ISA, GS, ST and TA1) are checked for every transaction; one whose guide is unknown is
checked for envelope and syntax, with a warning. SNIP types 1 to 3 are errors; of type 5 the check
digits of NPIs are checked, as warnings.

| transaction | guide | what is done | loops | segments | elements | SNIP |
|---|---|---|---:|---:|---:|---|
"""


def write_page() -> str:
    """Return the page."""
    csv = _CSV.format(
        rows=adapters_csv.ROWS_MAX, columns=", ".join(f"`{name}`" for name in adapters_csv.COLUMNS)
    )
    parts = (
        _HEAD + "\n".join(_fhir_lines()),
        "\n".join(_hl7_lines()),
        csv.strip("\n"),
        _X12.lstrip("\n") + "\n".join(_x12_lines()),
    )
    return "\n\n".join(parts) + "\n"


def _fhir_lines() -> Iterator[str]:
    for kind, names in list_fhir().items():
        yield f"| {kind} | {', '.join(f'`{name}`' for name in sorted(names))} |"


def _hl7_lines() -> Iterator[str]:
    yield from (
        "## HL7 v2",
        "",
        f"Messages: {', '.join(sorted(_taken_kinds()))}.",
        "",
        "| segment | fields read (components other than the first in brackets) |",
        "|---|---|",
    )
    for name, asked in list_hl7().items():
        fields: dict[int, list[int]] = defaultdict(list)
        for field, component in sorted(asked):
            fields[field].append(component)
        told = [
            f"{field}" + (f" ({', '.join(map(str, parts))})" if parts != [1] else "")
            for field, parts in fields.items()
        ]
        yield f"| {name} | {', '.join(told)} |"


def _taken_kinds() -> frozenset[str]:
    return frozenset(adapters_hl7.TAKEN_KINDS)


def _x12_lines() -> Iterator[str]:
    guides = []
    for st, version, done in _DEMO_GUIDES:
        guide = edi.guides.find_guide(st, version)
        assert guide is not None  # noqa: S101  # the table above names guides that we have
        guides.append(guide)
        loops, segments, elements = _count(guide.body)
        snip = "1 2 3 (5)" if guide.balance is not None else "1 2 (5)"
        also = f" (also {', '.join(guide.editions)})" if guide.editions else ""
        counts = f"{loops} | {segments} | {elements}"
        yield f"| {guide.st} {guide.name} | {guide.id}{also} | {done} | {counts} | {snip} |"
    for guide in guides:
        yield from ("", f"### {guide.st} {guide.id}", "")
        yield from ("| loop | name | segments |", "|---|---|---|")
        for loop, name, segments_of in _list_loops(guide.body):
            yield f"| {loop} | {name} | {segments_of} |"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
