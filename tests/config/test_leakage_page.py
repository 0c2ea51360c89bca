from __future__ import annotations

import re
from pathlib import Path

from web.wiring import load_metadata

PAGE = Path(__file__).parents[2] / "docs" / "leakage.md"
LEFT_OUT = {"id", "practice_id", "row_version"}


def columns_of_page() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {table: set(re.findall(r"`(\w+)`", sealed + plain)) for table, sealed, plain in rows}


def test_the_page_on_what_a_thief_learns_names_every_column() -> None:
    """What a plain column tells is to be said before the column is there."""
    stored = {
        table.name: {column.name for column in table.columns} - LEFT_OUT
        for table in load_metadata().tables.values()
    }
    assert columns_of_page() == stored


def test_the_page_says_something_of_every_table() -> None:
    assert "TODO" not in PAGE.read_text("utf-8")
