"""Trim a generated FHIR bundle to its latest visits, so that it may be committed.

Kept are the patient, the coverages in force, the visits since a date with everything that points to
them (a few of each type that is only kept raw), and whatever those refer to. References stay whole.

Use: python tools/trim_fhir_bundle.py SINCE IN.json OUT.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTED_ON = {"Condition", "Procedure"}
#: Provenance points to everything, and would keep it.
NOT_FOLLOWED = {"Encounter", "Provenance"}
RAW_MAX = 3
VISITS_MAX = 3


def find_references(value: object) -> Iterator[str]:
    """Yield every literal reference inside a value."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for child in value.values():
            yield from find_references(child)
    elif isinstance(value, list):
        for child in value:
            yield from find_references(child)


def choose(entries: list[dict[str, Any]], since: str) -> set[str]:
    """Return the fullUrls to keep before what they refer to is added."""
    visits = [
        entry["fullUrl"]
        for entry in entries
        if entry["resource"]["resourceType"] == "Encounter"
        and entry["resource"]["period"]["start"] >= since
    ][-VISITS_MAX:]
    kept = set(visits)
    raw: Counter[str] = Counter()
    for entry in entries:
        resource = entry["resource"]
        name = resource["resourceType"]
        if name == "Patient" or (name == "Coverage" and resource["status"] == "active"):
            kept.add(entry["fullUrl"])
        elif name not in {"Encounter", "Provenance"} and kept & set(
            find_references(resource)
        ) & set(visits):
            raw[name] += 1
            if name in ACTED_ON or raw[name] <= RAW_MAX:
                kept.add(entry["fullUrl"])
    return kept


def close(entries: list[dict[str, Any]], kept: set[str]) -> set[str]:
    """Return the fullUrls with everything that they refer to."""
    by_url = {entry["fullUrl"]: entry for entry in entries}
    todo = list(kept)
    while todo:
        entry = by_url[todo.pop()]
        for reference in find_references(entry["resource"]):
            if reference in by_url and reference not in kept:
                kept.add(reference)
                todo.append(reference)
    return kept


def main() -> None:
    """Trim one file."""
    since, source, target = sys.argv[1:4]
    bundle = json.loads(Path(source).read_text("utf-8"))
    entries = bundle["entry"]
    kept = close(entries, choose(entries, since))
    roles = {
        entry["fullUrl"]
        for entry in entries
        if entry["resource"]["resourceType"] == "PractitionerRole"
        and set(find_references(entry["resource"])) <= kept
    }
    bundle["entry"] = [entry for entry in entries if entry["fullUrl"] in kept | roles]
    text = json.dumps(bundle, ensure_ascii=False, indent=1)
    Path(target).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
