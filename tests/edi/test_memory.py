"""One transaction of any size is read and checked in the same small memory."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from bench.edi_claims import write_claims

ROOT = Path(__file__).parents[2]
MEGABYTE = 1 << 20

# Each prints its own peak in kilobytes and how many segments or claims went by. VmHWM starts anew
# with the process; ru_maxrss would remember the size of the test runner that started it.
PEAK = """
import re, sys, edi
def peak():
    with open("/proc/self/status") as status:
        return re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]
file = open(sys.argv[1], "rb")
"""
READ = """
[count] = [sum(1 for _ in transaction.segments) for transaction in edi.read(file)]
print(peak(), count)
"""
LOOPS = """
[count] = [sum(1 for _ in transaction.loops("2300")) for transaction in edi.read(file)]
print(peak(), count)
"""
CHECK = """
report = edi.check(file)
assert report.accepted
print(peak(), report.files[0].transactions[0].claims)
"""


def _run(program: str, path: Path) -> tuple[int, int]:
    """Peak megabytes and the count."""
    command = [sys.executable, "-c", PEAK + program, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # our own text
    kilobytes, count = map(int, done.stdout.split())
    return kilobytes // 1024, count


def _write_big(path: Path, megabytes: int) -> int:
    """Write one ST with the same claims over and over; return how many claims."""
    out = BytesIO()
    write_claims(out, claims=200)
    data = out.getvalue()
    start, end = data.index(b"HL*2*"), data.index(b"SE*")
    block = data[start:end]
    times = megabytes * MEGABYTE // len(block)
    with path.open("wb") as file:
        file.write(data[:start])
        for _ in range(times):
            file.write(block)
        file.write(data[end:])
    return times * 200


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="NOT TRIED: no /proc to read the peak from"
)


def test_a_hundred_megabytes_in_one_transaction_are_read_in_flat_memory(tmp_path: Path) -> None:
    claims = _write_big(tmp_path / "big.837", 100)
    peak, segments = _run(READ, tmp_path / "big.837")
    assert segments > claims * 20
    assert peak < 60


def test_claims_are_streamed_in_flat_memory(tmp_path: Path) -> None:
    claims = _write_big(tmp_path / "big.837", 8)
    peak, seen = _run(LOOPS, tmp_path / "big.837")
    assert seen == claims
    assert peak < 60


def test_a_big_clean_file_is_checked_in_flat_memory(tmp_path: Path) -> None:
    with (tmp_path / "big.837").open("wb") as file:
        write_claims(file, claims=8_000)
    peak, claims = _run(CHECK, tmp_path / "big.837")
    assert claims == 8_000
    assert peak < 60
