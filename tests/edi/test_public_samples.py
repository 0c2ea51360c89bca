"""Files that others published: read whole, judged by what is known of them.

The tiers of the manifest are a guide, not the truth; where we differ, the reason stands here.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

import edi
from tests.factories.edi import check_bytes, find_public_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.public_samples


class Sample(NamedTuple):
    """One row of the manifest with its bytes."""

    path: str
    tier: str
    note: str
    is_accepted_by_pyx12: bool
    data: bytes


def _list_samples() -> Iterator[Sample]:
    folder = find_public_samples()
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            note = row["note"]
            yield Sample(
                row["path"],
                note.removeprefix("tier=")[:1],
                note,
                row["valid_pyx12"] == "y",
                (folder / row["path"]).read_bytes(),
            )


# What the note of a faulty file names → the code that must be found, and whether only where we
# know the guide (4010 files are checked for envelope and syntax alone).
FAULTS_OF_NOTES = {
    "SE01": ("se-count", False),
    "SE02": ("se-control", False),
    "GE02": ("ge-control", False),
    "IEA01": ("iea-count", False),
    "IEA02": ("iea-control", False),
    "ST03!=GS08": ("st-guide", False),
    "isa-not-106": ("isa-length", False),
    "non-ascii": ("character-invalid", False),
    "HL04=1-no-child": ("level-children", False),
    "HL04=0-has-child": ("level-children", False),
    "HL02-parent": ("level-parent", False),
    "CLM02!=lines": ("charge-total", True),
    "BPR02!=CLP04-PLB": ("check-balance", True),
    "CLP03-CAS!=CLP04": ("claim-balance", True),
    "SVC02-CAS!=SVC03": ("line-balance", True),
}

# Tier A means: envelope, levels and money are clean and one oracle accepts. In these the guide is
# broken all the same, as pyx12 says too (x12sdk checks less).
REFUSED_ALL_THE_SAME = {
    "demo.835": "no technical contact of the payer; TS3 elements of another transaction",
    "cob-contractural-adjustment.835": "no date of payment, no contact, wrong separator in SVC01",
    "managed-care.835": "impossible date of payment, no contact",
    "secondary-payment.835": "no date of payment, no contact, wrong separator in SVC01",
    "demo.ambulance.example5.837": "CLM05-2 is empty",
    "demo.cob.2ndary.example4.837": "components with another separator than ISA16 says",
    "demo.example9.837": "components with another separator than ISA16 says",
    "demo.example11.837": "components with another separator than ISA16 says",
    "demo.example12.837": "components with another separator than ISA16 says",
    "demo.cob.example3.A.837": "other subscriber without other payer (2330B)",
    "demo.cob.example4.837": "AMT of 4010 in 2320",
    "x12testdata.py.emb45.x12": "a character outside ASCII in N3",
    "profee-multiple.edi": "the same interchange number 156 times",
}


def test_every_file_is_read_whole_and_written_back() -> None:
    samples = list(_list_samples())
    assert len(samples) > 150
    for sample in samples:
        assert edi.write(edi.read(io.BytesIO(sample.data))) == sample.data, sample.path


def test_no_file_is_passed_over_in_silence() -> None:
    for sample in _list_samples():
        report = check_bytes(sample.data)
        answers = [one for i in report.interchanges for one in i.interchange.acknowledgements]
        assert report.transactions or answers or report.faults, sample.path


def test_clean_files_are_accepted() -> None:
    refused = {
        sample.path.rpartition("/")[2]: sample
        for sample in _list_samples()
        if sample.tier == "A" and not check_bytes(sample.data).accepted
    }
    assert set(refused) == set(REFUSED_ALL_THE_SAME)
    assert [name for name, sample in refused.items() if sample.is_accepted_by_pyx12] == []


def test_faults_that_are_known_are_found() -> None:
    tried = 0
    for sample in _list_samples():
        if sample.tier != "C":
            continue
        codes = {fault.code for fault in check_bytes(sample.data).faults}
        for mark in re.findall(r"(?<=[:,])[^:,;]+(?=[,;])", sample.note):
            expected, needs_guide = FAULTS_OF_NOTES.get(mark, ("", False))
            if expected and not (needs_guide and "guide-unknown" in codes):
                tried += 1
                assert expected in codes, (sample.path, mark, codes)
    assert tried > 40


def test_loops_of_every_known_guide_hold_every_segment() -> None:
    for sample in _list_samples():
        for transaction in edi.read(io.BytesIO(sample.data)):
            root = transaction.tree()
            indexes = [s.index for loop in root.walk() for s in loop.segments]
            first = transaction.header.index
            assert sorted(indexes) == list(range(first, first + len(indexes))), sample.path
