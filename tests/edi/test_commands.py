"""`edi check` and `edi show`: what they print, what they hide, how they end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edi.commands import answer_files, check_files, parse_snip, show_file
from tests.factories.edi import CLEAN_837P, SAMPLES, change

CLEAN = SAMPLES / "837p-two-claims.edi"
ROOT = Path(__file__).parents[2]

# What the sample says of people.
PERSONAL = re.findall(
    r"ABERNATHY|AMARANTA|BLOOMFIELD|BENEDICT|CLEMENTINE|DEMETRIUS|MEMBER000\d|OTHER0002|CLAIM000\d"
    r"|19710412|20150708|17 OAK|20 ELM|E119|J0190|20260914",
    CLEAN_837P.decode(),
)


@pytest.fixture(name="faulty")
def _faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.837"
    path.write_bytes(change("*225.5*", "*225.51*"))
    return path


def test_check_of_a_clean_file_ends_with_0_and_says_so() -> None:
    outcome = check_files([CLEAN])
    assert outcome.exit_code == 0
    assert outcome.problems == []
    assert outcome.lines == [
        f"{CLEAN}: accepted",
        "  837 005010X222A1 transaction 0001: accepted, 2 claims",
    ]


def test_check_of_a_faulty_file_ends_with_1_and_says_what_where_and_what_to_do(
    faulty: Path,
) -> None:
    outcome = check_files([CLEAN, faulty])
    assert outcome.exit_code == 1
    message = "The total charge (CLM02) is not the sum of the line charges (SV102)."
    place = "interchange 000000101, group 101, transaction 0001, loop 2300, segment 21"
    assert outcome.lines[2:] == [
        f"{faulty}: refused, 1 error",
        "  837 005010X222A1 transaction 0001: refused, 2 claims",
        f"  error charge-total CLM02 ({place})",
        f"    {message} (SNIP 3)",
        "    Correct the total, or the line that is wrong or missing.",
    ]


def test_check_of_a_missing_file_ends_with_2_and_checks_the_others(tmp_path: Path) -> None:
    outcome = check_files([tmp_path / "none.837", CLEAN])
    assert outcome.exit_code == 2
    assert outcome.problems == [f"{tmp_path}/none.837: can't be read: No such file or directory"]
    assert outcome.lines[0] == f"{CLEAN}: accepted"


def test_check_json_has_the_shape_that_others_read(faulty: Path) -> None:
    [line] = check_files([faulty], as_json=True).lines
    assert json.loads(line) == {
        "files": [
            {
                "file": str(faulty),
                "accepted": False,
                "transactions": [
                    {
                        "st": "837",
                        "guide": "005010X222A1",
                        "control": "0001",
                        "accepted": False,
                        "claims": 2,
                    }
                ],
                "findings": [
                    {
                        "level": "error",
                        "snip": 3,
                        "interchange": "000000101",
                        "group": "101",
                        "transaction": "0001",
                        "segment_index": 21,
                        "segment": "CLM",
                        "loop": "2300",
                        "element": 2,
                        "component": None,
                        "code": "charge-total",
                        "x12": None,
                        "message": "The total charge (CLM02) is not the sum of the line charges"
                        " (SV102).",
                        "fix": "Correct the total, or the line that is wrong or missing.",
                    }
                ],
            }
        ]
    }


def test_check_of_snip_1_and_2_leaves_balances_out(faulty: Path) -> None:
    assert check_files([faulty], snip=parse_snip("1-2")).exit_code == 0
    assert check_files([faulty], snip=parse_snip("3")).exit_code == 1


@pytest.mark.parametrize("text", ["", "0", "8", "1-9", "x", "1,,2", "-"])
def test_snip_types_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="numbers from 1 to 7"):
        parse_snip(text)


def test_show_masks_what_tells_of_a_patient() -> None:
    text = "\n".join(show_file(CLEAN))
    assert "2010BA subscriber" in text
    assert "role IL (insured)" in text
    assert "total charge 225.5" in text
    assert len(PERSONAL) > 20
    assert [word for word in PERSONAL if word in text] == []
    as_json = "\n".join(show_file(CLEAN, as_json=True))
    assert [word for word in PERSONAL if word in as_json] == []


def test_show_with_phi_hides_nothing() -> None:
    text = "\n".join(show_file(CLEAN, shows_phi=True))
    assert [word for word in PERSONAL if word not in text] == []


def test_show_json_is_a_tree_of_loops_with_every_segment() -> None:
    [line] = show_file(CLEAN, as_json=True, shows_phi=True)
    root = json.loads(line)
    indexes: list[int] = []

    def visit(node: Any) -> None:  # noqa: ANN401  # JSON
        assert set(node) == {"loop", "segments", "children"}
        for segment in node["segments"]:
            assert set(segment) == {"segment_index", "id", "elements"}
            indexes.append(segment["segment_index"])
        for child in node["children"]:
            visit(child)

    visit(root)
    assert sorted(indexes) == list(range(1, 63))
    [interchange] = root["children"]
    [group] = interchange["children"]
    [transaction] = group["children"]
    assert (interchange["loop"], group["loop"], transaction["loop"]) == (
        "interchange",
        "group",
        "ST",
    )
    assert [child["loop"] for child in transaction["children"]] == ["1000A", "1000B", "2000A"]
    assert transaction["segments"][1]["elements"][2] == "BATCH101"


def test_show_of_an_unknown_guide_masks_everything_but_the_envelope(tmp_path: Path) -> None:
    path = tmp_path / "unknown.edi"
    path.write_bytes(CLEAN_837P.replace(b"005010X222A1", b"005010X999A1"))
    text = "\n".join(show_file(path))
    assert "837, guide not known" in text
    assert [word for word in PERSONAL if word in text] == []
    assert "NM1 •••" in text


def test_show_of_text_that_is_not_x12_says_so(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Sir")
    assert any("not-x12" in line for line in show_file(path))


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edi", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  # our own words


def test_python_m_edi_ends_with_0_1_or_2(faulty: Path) -> None:
    assert _run("check", str(CLEAN)).returncode == 0
    refused = _run("check", str(faulty), "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["files"][0]["accepted"] is False
    assert _run("check", "/nowhere/at/all").returncode == 2
    assert _run("show", "/nowhere/at/all").returncode == 2
    assert _run("check", str(CLEAN), "--snip", "9").returncode == 2
    assert _run("show", str(CLEAN)).stdout.startswith("interchange 000000101: ZZ CLEANCLAIM")


def test_answers_are_written_into_a_folder_and_name_the_file(faulty: Path, tmp_path: Path) -> None:
    report = check_files([CLEAN, faulty]).report
    written = answer_files(
        report, tmp_path / "ack", at=datetime(2026, 9, 15, tzinfo=UTC), control=5
    )
    assert [path.name for path in written] == [
        "837p-two-claims.edi.000000005.999",
        "837p-two-claims.edi.000000006.277ca",
        "faulty.837.000000007.999",
        "faulty.837.000000008.277ca",
    ]
    for path in written:
        assert check_files([path]).exit_code == 0
    assert _run("check", str(CLEAN), "--ack", str(tmp_path / "more")).returncode == 0
    assert len(list((tmp_path / "more").iterdir())) == 2


def test_the_engine_loads_nothing_but_the_standard_library() -> None:
    program = (
        "import sys; before = set(sys.modules); import edi, edi.__main__;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}"
        " - set(sys.stdlib_module_names)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    assert done.stdout.split() == ["edi"]
