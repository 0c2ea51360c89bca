"""CSV files of others, read row by row: nothing half-understood gets through.

A row's cells are text and stay text: `=1+1` is a name like any other. What can't be read is a
finding with its row as a spreadsheet counts it (the header is row 1).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from config.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CELL_CHARACTERS_MAX: Final = 10_000
LINE_CHARACTERS_MAX: Final = 200_000
ROWS_MAX: Final = 1_000_000

# Control characters but tab and line ends; marks that turn the direction of text (they can make
# a name read as another one).
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts it, and its cells by column, trimmed."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have, or must."""

    name: str
    is_required: bool


class _StopReadingError(Exception):
    """The file can't be read beyond this point."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def read_rows(stream: BinaryIO, columns: Sequence[Column]) -> Iterator[Row | Finding]:
    """Yield each row of a UTF-8 CSV file, or what is wrong with it.

    A file whose header is wrong yields findings only. Memory doesn't grow with the file.

    Args:
        stream: The file's bytes; a byte order mark is fine.
        columns: What its header may and must name, in any order.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader = csv.reader(_lines(text), strict=True)
    number = 0
    try:
        header = next(reader, None)
        number = 1
        names, findings = _read_header(header, columns)
        yield from findings
        if findings:
            return
        for number, cells in enumerate(reader, start=2):
            if any(cells):
                yield _read_row(number, names, cells)
            _check_count(number)
    except _StopReadingError as stop:
        yield stop.finding
    except UnicodeDecodeError:
        yield Finding(
            "file-encoding",
            f"after row {number}",
            "the file is not UTF-8 from here on",
            "save it as CSV UTF-8 and import it again",
        )
    except csv.Error:
        yield Finding(
            "file-quotes",
            f"after row {number}",
            "a quotation mark is open or stands where none may",
            'close each quotation mark; write one inside a cell as ""',
        )
    finally:
        text.detach()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LINE_CHARACTERS_MAX + 1):
        if len(line) > LINE_CHARACTERS_MAX:
            raise _StopReadingError(
                Finding(
                    "file-line-length",
                    "file",
                    f"a line has more than {LINE_CHARACTERS_MAX} characters",
                    "check that this is a CSV file with one record a line",
                )
            )
        yield line


def _check_count(number: int) -> None:
    if number > ROWS_MAX:
        raise _StopReadingError(
            Finding(
                "file-rows",
                "file",
                f"the file has more than {ROWS_MAX} rows",
                "split it into several files",
            )
        )


def _read_header(
    header: list[str] | None, columns: Sequence[Column]
) -> tuple[list[str], list[Finding]]:
    """Return the header's column names, and what is wrong with it."""
    if not header or not any(header):
        return [], [
            Finding(
                "file-empty",
                "row 1",
                f"the file has no header; expected {', '.join(c.name for c in columns)}",
                "begin the file with a row of column names",
            )
        ]
    names = [name.strip().casefold() for name in header]
    known = {column.name for column in columns}
    # A column's name is the writer's text: only its place is told, for it may be a data row.
    findings = [
        Finding(
            "column-unknown",
            f"row 1, column {place}",
            f"this column has no known name; expected {', '.join(c.name for c in columns)}",
            "rename it or take it out",
        )
        for place, name in enumerate(names, start=1)
        if name not in known
    ]
    findings += [
        Finding(
            "column-missing",
            f"row 1, column {column.name}",
            "the column is missing",
            "add the column, named in the first row",
        )
        for column in columns
        if column.is_required and column.name not in names
    ]
    findings += [
        Finding(
            "column-twice",
            f"row 1, column {name}",
            "the column is there twice",
            "take one of them out",
        )
        for name in sorted(known)
        if names.count(name) > 1
    ]
    return names, findings


def _read_row(number: int, names: list[str], cells: list[str]) -> Row | Finding:
    if len(cells) != len(names):
        return Finding(
            "row-cells",
            f"row {number}",
            f"the row has {len(cells)} cells, the header {len(names)}",
            "put cells with a comma in quotation marks; keep empty cells",
        )
    for name, cell in zip(names, cells, strict=True):
        if len(cell) > CELL_CHARACTERS_MAX:
            return Finding(
                "cell-length",
                f"row {number}, column {name}",
                f"the cell has more than {CELL_CHARACTERS_MAX} characters",
                "shorten it",
            )
        if _FORBIDDEN.search(cell):
            return Finding(
                "cell-characters",
                f"row {number}, column {name}",
                "the cell has a control character or one that turns the direction of text",
                "type the value anew",
            )
    return Row(number, {name: cell.strip() for name, cell in zip(names, cells, strict=True)})
