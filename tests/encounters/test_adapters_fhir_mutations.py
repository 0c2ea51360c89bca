"""Whatever a sender does to a Bundle, reading it ends in values and findings, never in a crash."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from encounters.adapters_fhir import to_intake
from gateways.fhir.service import build_outcome, parse_bundle, to_json
from gateways.fhir.values import FhirBundle

if TYPE_CHECKING:
    from encounters.values import Intake

SAMPLE = Path(__file__).parents[1] / "samples" / "fhir" / "ehr-dependent-visit.json"
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, "", " ", "x", "2026-02-30", "2026", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "#", "urn:uuid:", "Patient/", "Patient?identifier=|", [], {}, [[]],
    [{}], [None], {"reference": "#x"}, {"resourceType": "Patient"}, "\u202e", "a" * 3000,
    {"coding": [{"code": "-"}]}, {"value": "x", "system": ""}, "--", "\ufdd0", "\U0001d4b3",
)  # fmt: skip


def find_places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything inside a value."""
    if isinstance(value, dict):
        children: list[tuple[Any, object]] = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    else:
        return [path]
    return [path, *(place for key, child in children for place in find_places(child, (*path, key)))]


def mutate(rng: random.Random, bundle: Any) -> None:  # noqa: ANN401  # any JSON
    """Change, drop or double one thing."""
    places = [place for place in find_places(bundle) if place]
    *parents, last = rng.choice(places)
    holder: Any = bundle
    for step in parents:
        holder = holder[step]
    action = rng.randrange(4)
    if action == 0:
        del holder[last]
    elif action == 1 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[last]))
    elif action == 2 and isinstance(holder, dict):
        holder["id" if rng.random() < 0.5 else "identifier"] = holder.pop(last)
    else:
        holder[last] = copy.deepcopy(rng.choice(ODD))


def read(body: bytes) -> Intake | None:
    """Read as the job does: what is refused is answered, the rest becomes an intake."""
    parsed = parse_bundle(body)
    to_json(build_outcome(parsed.problems))
    if parsed.bundle is None:
        return None
    whole = {p.entry for p in parsed.problems if p.is_error}
    usable = tuple(entry for entry in parsed.bundle.entries if entry.index not in whole)
    bundle = parsed.bundle
    return to_intake(
        FhirBundle(bundle.kind, bundle.identifier, bundle.timestamp, usable), sender="ehr"
    )


@pytest.mark.parametrize("seed", range(4))
def test_mutated_bundles_never_crash_the_reader(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # the same mutations in every run
    original = SAMPLE.read_bytes()
    read_whole = 0
    for _ in range(100):
        bundle = json.loads(original)
        for _ in range(rng.randrange(1, 4)):
            mutate(rng, bundle)
        intake = read(json.dumps(bundle).encode())
        read_whole += intake is not None and bool(intake.visits)
    assert read_whole > 10


def test_truncated_and_flipped_bytes_never_crash_the_reader() -> None:
    rng = random.Random(7)  # noqa: S311  # the same mutations in every run
    original = SAMPLE.read_bytes()
    for _ in range(150):
        body = bytearray(original[: rng.randrange(len(original))])
        assert parse_bundle(bytes(body)).is_refused
        flipped = bytearray(original)
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        read(bytes(flipped))
