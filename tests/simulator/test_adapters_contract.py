from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.service import ContractError, demo_contract, read_contract
from simulator.values import RuleAt

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[clearinghouse]
name = "HOUSE"
id = "H1"

[[payers]]
id = "P1"
name = "PAYER"
kind = "commercial"
filing = "12"
tax_id = "990010001"
street = "1 WAY"
city = "OMAHA"
state = "NE"
postal = "68102"
default_permille = 600
copay = "25.50"

  [payers.fees]
  99213 = "92.00"

  [[payers.rules]]
  name = "bundled"
  at = "line"
  carc = "97"
  when = { procedures = ["36415"] }
"""


def read(tmp_path: Path, text: str) -> str:
    path = tmp_path / "contract.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        read_contract(path)
    return str(caught.value)


def test_contract_is_read_into_cents_and_rules(tmp_path: Path) -> None:
    path = tmp_path / "contract.toml"
    path.write_text(GOOD, encoding="utf-8")
    (payer,) = read_contract(path).payers
    assert (payer.payer_id, payer.copay_cents, payer.fees_cents) == ("P1", 2550, {"99213": 9200})
    assert payer.rules[0].at is RuleAt.LINE
    assert payer.rules[0].when.procedures == {"36415"}


def test_demo_contract_holds_the_five_payers() -> None:
    names = {payer.payer_id: payer.name for payer in demo_contract().payers}
    assert names == {
        "99001": "PRAIRIE MUTUAL",
        "99002": "LONE STAR HEALTH PLAN",
        "99003": "MEDICARE SIMULATED",
        "99004": "STATE MEDICAID SIMULATED",
        "99005": "HARBOR CHOICE",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ('copay = "25.50"', "copay = 25.5", "copay"),
        ('copay = "25.50"', 'copay = "25.505"', "copay"),
        ("default_permille = 600", "default_permille = 1600", "default_permille"),
        ('at = "line"', 'at = "moon"', "at"),
        ('kind = "commercial"', "", "kind is missing"),
        ('kind = "commercial"', 'kind = "commercial"\ncolour = "red"', "colour"),
        ('procedures = ["36415"]', 'procedures = "36415"', "procedures"),
        ('99213 = "92.00"', "99213 = true", "fees.99213"),
        ("[clearinghouse]", "[clearing", "not TOML"),
    ],
)
def test_wrong_field_is_refused_with_its_place(
    tmp_path: Path, right: str, wrong: str, place: str
) -> None:
    assert right in GOOD
    assert place in read(tmp_path, GOOD.replace(right, wrong))


def test_two_payers_of_one_id_are_refused(tmp_path: Path) -> None:
    payer = GOOD[GOOD.index("[[payers]]") :]
    assert "share an id" in read(tmp_path, GOOD + payer)


def test_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="can't be read"):
        read_contract(tmp_path / "none.toml")
