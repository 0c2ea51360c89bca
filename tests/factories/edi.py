"""X12 files for the tests of the engine: a clean 837P, and the same with one thing changed."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

import edi

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
CLEAN_837P = (SAMPLES / "837p-two-claims.edi").read_bytes()


def change(old: str, new: str, *, recounts: bool = True) -> bytes:
    """The clean 837P with the first `old` replaced; SE01 counted again unless told otherwise."""
    text = CLEAN_837P.decode("latin-1")
    assert old in text, f"the sample has no {old!r}"
    text = text.replace(old, new, 1)
    if recounts and "\nSE*58*" in text:
        body = text[text.index("\nST*") : text.index("\nSE*")]
        count = sum(bool(segment.strip()) for segment in body.split("~"))
        text = text.replace("\nSE*58*", f"\nSE*{count + 1}*")
    return text.encode("latin-1")


def check_bytes(data: bytes, *, snip: frozenset[int] = frozenset({1, 2, 3})) -> edi.FileReport:
    return edi.check(io.BytesIO(data), snip=snip).files[0]


def list_codes(data: bytes) -> list[str]:
    """The codes of all findings, in order."""
    return [fault.code for fault in check_bytes(data).faults]


def find_public_samples() -> Path:
    """The folder with public X12 files, or a test that says that it wasn't tried."""
    folder = os.environ.get("CLEANCLAIM_SAMPLES", "")
    if not folder or not (Path(folder) / "x12").is_dir():
        pytest.skip("NOT TRIED: public samples (CLEANCLAIM_SAMPLES names no folder)")
    return Path(folder) / "x12"
