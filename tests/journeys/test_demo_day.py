"""The demo day: what it leaves behind ties, repeats to the byte, and others accept it."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

import edi
from tests.factories.oracles import find_pyx12_errors
from tests.journeys.conftest import live_demo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.conftest import Demo

pytestmark = pytest.mark.journey
FOLDERS = ("837", "999", "277", "835", "statements")


@pytest.fixture(scope="module")
def summary(demo: Demo) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((demo.home / "summary.json").read_text())
    return body


def _files(demo: Demo, folder: str) -> list[Path]:
    found = sorted((demo.home / folder).iterdir())
    assert found, f"the demo left no {folder}"
    return found


def test_summary_has_the_agreed_shape(summary: dict[str, Any]) -> None:
    assert list(summary) == ["seed", "date", "counts", "cents", "remittances", "files"]
    assert list(summary["cents"]) == ["billed", "paid", "adjusted", "patient", "open"]
    assert set(summary["files"]) == set(FOLDERS)
    assert summary["counts"]["visits"] == 60


def test_counts_tie(summary: dict[str, Any]) -> None:
    counts = summary["counts"]
    assert counts["appointments"] == counts["visits"]
    assert counts["visits"] == counts["coded"] + counts["held"] + counts["excused"]
    sent = counts["claims_accepted"] + counts["claims_rejected"] + counts["claims_waiting"]
    assert counts["claims_sent"] == sent > 50


def test_dollars_tie(summary: dict[str, Any]) -> None:
    cents = summary["cents"]
    assert cents["billed"] == cents["paid"] + cents["adjusted"] + cents["patient"] + cents["open"]
    assert min(cents.values()) > 0


def test_each_check_is_its_parts(summary: dict[str, Any], demo: Demo) -> None:
    assert len(summary["remittances"]) == summary["counts"]["eras"] > 4
    read = {}
    for path in _files(demo, "835"):
        for remittance in edi.read_835(io.BytesIO(path.read_bytes())):
            read[remittance.trace] = remittance
            paid = sum(claim.paid_cents for claim in remittance.claims)
            assert remittance.bpr02_cents == paid - remittance.plb_cents
    for told in summary["remittances"]:
        of_file = read[told["trace"]]
        assert (told["bpr02"], told["plb"]) == (of_file.bpr02_cents, of_file.plb_cents)
        assert told["bpr02"] == told["posted"] + told["quarantined"] - told["plb"]
        assert told["posted"] + told["quarantined"] == told["clp04"]


@pytest.mark.oracle
@pytest.mark.parametrize("folder", ["837", "999", "835"])
def test_pyx12_accepts_every_file(demo: Demo, folder: str) -> None:
    for path in _files(demo, folder):
        assert find_pyx12_errors(path.read_bytes()) == [], path.name


@pytest.mark.oracle
def test_pyx12_accepts_every_277ca_whose_map_it_has_right(demo: Demo) -> None:
    """Its map wants provider and patient levels, which a rejected receiver level hasn't."""
    for path in _files(demo, "277"):
        assert find_pyx12_errors(path.read_bytes()) == [], path.name


@pytest.mark.parametrize("folder", ["837", "999", "277", "835"])
def test_our_own_checker_accepts_every_file(demo: Demo, folder: str) -> None:
    for path in _files(demo, folder):
        report = edi.check(io.BytesIO(path.read_bytes()))
        assert report.accepted, (path.name, report.to_json())


def test_same_seed_same_bytes(demo: Demo, tmp_path: Path) -> None:
    again = live_demo(tmp_path)
    for folder in FOLDERS:
        first = {path.name: path.read_bytes() for path in _files(demo, folder)}
        second = {path.name: path.read_bytes() for path in _files(again, folder)}
        assert first.keys() == second.keys()
        for name, content in first.items():
            assert content == second[name], f"{folder}/{name} differs"
    names = ("summary.json",)
    for name in names:
        assert (demo.home / name).read_bytes() == (again.home / name).read_bytes()


def test_the_table_says_how_many_codes_equal_the_key(demo: Demo) -> None:
    line = next(x for x in demo.output.splitlines() if "codes as in the seed's key" in x)
    given, of, size = line.split()[-3:]
    assert of == "of"
    assert 0.8 * int(size) < int(given) <= int(size)
    assert "Everything ties." in demo.output


def test_some_visits_are_held_by_the_coder_and_some_claims_by_the_scrub(demo: Demo) -> None:
    assert "held by the coder: no-diagnosis-found" in demo.output
    line = next(x for x in demo.output.splitlines() if "claims held by the scrub" in x)
    assert int(line.split()[5]) > 0


def test_the_books_balance_by_command(demo: Demo, summary: dict[str, Any]) -> None:
    balance = json.loads(demo.run("ledger", "balance", "--json"))
    assert balance["debit"] == balance["credit"] > summary["cents"]["billed"]


def test_the_log_verifies_and_a_practices_bundle_too(demo: Demo, tmp_path: Path) -> None:
    assert "holds" in demo.run("audit", "verify").split()
    bundle = tmp_path / "bundle"
    demo.run("audit", "export", str(bundle))
    told = demo.run("audit", "verify", str(bundle), "--key", str(demo.keys / "audit-public.key"))
    assert "key not compared" not in told
    assert "key not compared" in demo.run("audit", "verify", str(bundle))


def test_every_element_of_a_claim_names_its_source(demo: Demo) -> None:
    shown = demo.run("claims", "show", _first_claim(demo), "--provenance")
    assert "2300/CLM01" in shown
    assert "PID-" in shown or "Bundle.entry" in shown
    assert "no source" not in shown


def _first_claim(demo: Demo) -> str:
    content = _files(demo, "837")[0].read_bytes()
    transaction = next(iter(edi.read(io.BytesIO(content))))
    return next(s.get(1) for s in transaction.segments if s.id == "CLM")
