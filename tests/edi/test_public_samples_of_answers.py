"""Public 835 and 999 files, judged by their tier; where we differ, the reason stands here."""

from __future__ import annotations

import csv
import os
from io import BytesIO
from pathlib import Path

import pytest

import edi
from tests.factories.x12 import AT

pytestmark = pytest.mark.public_samples

# Tier A files that we refuse, and why: pyx12 refuses each of them for the same reasons.
KNOWN_REFUSALS = {
    "demo.835": {"segment-missing", "element-not-used"},
    "cob-contractural-adjustment.835": {"element-missing", "segment-missing"},
    "managed-care.835": {"element-date", "segment-missing"},
    "secondary-payment.835": {"element-missing", "segment-missing"},
    "profee-multiple.edi": {"isa-control-repeated"},
}
KINDS = ("835", "999", "277")


def list_samples() -> list[tuple[str, Path]]:
    folder = os.environ.get("CLEANCLAIM_SAMPLES", "")
    manifest = Path(folder, "x12", "MANIFEST.tsv")
    if not folder or not manifest.is_file():
        return []
    with manifest.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    found = []
    for row in rows:
        kinds, guides = row["transaction"].split("+"), row["guide_GS08"].split("+")
        path = manifest.parent / row["path"]
        is_ours = any(k in KINDS for k in kinds) and any(
            g in {"005010X221A1", "005010X231", "005010X231A1", "005010X214"} for g in guides
        )
        if is_ours and path.is_file():
            tier = row["note"].partition("tier=")[2][:1]
            found.append((tier, path))
    return found


@pytest.fixture
def samples() -> list[tuple[str, Path]]:
    found = list_samples()
    if not found:
        pytest.skip("NOT TRIED: public samples (CLEANCLAIM_SAMPLES names no folder)")
    return found


def check(path: Path) -> edi.FileReport:
    return edi.check(BytesIO(path.read_bytes())).files[0]


def errors(report: edi.FileReport) -> set[str]:
    return {fault.code for fault in report.faults if fault.level == "error"}


def test_good_samples_are_accepted_or_refused_for_a_known_reason(
    samples: list[tuple[str, Path]],
) -> None:
    judged = {path.name: errors(check(path)) for tier, path in samples if tier in "AB"}
    refused = {name: codes for name, codes in judged.items() if codes}
    assert set(refused) <= set(KNOWN_REFUSALS)
    for name, codes in refused.items():
        assert KNOWN_REFUSALS[name] <= codes, name
    assert len(judged) - len(refused) >= 5


def test_faulty_samples_are_refused(samples: list[tuple[str, Path]]) -> None:
    for tier, path in samples:
        if tier in "CN":
            assert errors(check(path)), path.name


def test_money_faults_of_the_manifest_are_found(samples: list[tuple[str, Path]]) -> None:
    named = {"tertiary-payment.835": "line-balance"}
    found = {path.name: errors(check(path)) for _, path in samples if path.name in named}
    assert found
    for name, codes in found.items():
        assert named[name] in codes


def test_every_835_sample_is_read_without_an_exception(samples: list[tuple[str, Path]]) -> None:
    for _, path in samples:
        with path.open("rb") as stream:
            for remittance in edi.read_835(stream):
                claims = list(remittance.claims)
                assert len(claims) <= remittance.claim_count


def test_every_999_sample_is_read_without_an_exception(samples: list[tuple[str, Path]]) -> None:
    answers = [a for _, path in samples for a in edi.read_999(BytesIO(path.read_bytes()))]
    assert {answer.code for answer in answers} >= {"A", "P"}


def test_our_answer_to_every_sample_is_accepted_by_our_own_checker() -> None:
    folder = os.environ.get("CLEANCLAIM_SAMPLES", "")
    paths = [p for p in sorted(Path(folder, "x12").rglob("*")) if p.is_file()] if folder else []
    if not paths:
        pytest.skip("NOT TRIED: public samples (CLEANCLAIM_SAMPLES names no folder)")
    made = 0
    for path in paths:
        data = path.read_bytes()
        report = edi.check(BytesIO(data)).files[0]
        for answer in edi.acknowledge(report, BytesIO(data), at=AT):
            made += 1
            assert errors(edi.check(BytesIO(answer.data)).files[0]) <= {"isa-time"}, path.name
    assert made > 100
