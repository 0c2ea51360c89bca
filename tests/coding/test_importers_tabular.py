"""The ICD-10-CM Tabular XML is read whole, with seventh characters written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.importers.tabular import SHIPPED_LEAVES, read_tabular
from tests.factories.coding import SMALL_TABULAR, SPRING_2026

if TYPE_CHECKING:
    import sqlite3


def test_seventh_characters_are_padded_with_x_and_inherited() -> None:
    book = read_tabular(SMALL_TABULAR, period=SPRING_2026)
    codes = {row.code: row for row in book.codes}
    assert codes["S93.4XXA"].title == "Sprain of unspecified ankle, initial encounter"
    assert codes["S93.4XXA"].billable
    assert not codes["S93.4"].billable
    assert codes["S96.0"].billable
    assert "S96.0XXA" not in codes


def test_a_code_list_bars_seventh_characters_that_it_does_not_hold() -> None:
    book = read_tabular(SMALL_TABULAR, period=SPRING_2026, known=frozenset({"S934XXA"}))
    codes = {row.code for row in book.codes}
    assert "S93.4XXA" in codes
    assert "S93.4XXD" not in codes


def test_a_doctype_is_refused() -> None:
    bomb = SMALL_TABULAR.replace(b"<ICD10CM", b'<!DOCTYPE x [<!ENTITY a "b">]><ICD10CM', 1)
    book = read_tabular(bomb, period=SPRING_2026)
    assert [finding.code for finding in book.findings] == ["code-file-doctype"]
    assert book.codes == []


def test_a_doctype_in_another_encoding_is_refused_too() -> None:
    bomb = '<?xml version="1.0" encoding="{0}"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    for encoding in ("utf-16", "utf-16-le", "cp037"):
        book = read_tabular(bomb.format(encoding).encode(encoding), period=SPRING_2026)
        assert [finding.code for finding in book.findings] == ["code-file-encoding"]


def test_broken_xml_is_refused_with_its_place() -> None:
    book = read_tabular(SMALL_TABULAR[:400], period=SPRING_2026)
    assert [finding.code for finding in book.findings] == ["code-file-xml"]
    assert book.findings[0].where.startswith("line ")


def test_another_kind_of_xml_is_refused() -> None:
    book = read_tabular(b"<html/>", period=SPRING_2026)
    assert [finding.code for finding in book.findings] == ["code-file-kind"]


def test_the_shipped_release_holds_every_billable_code(icd10cm: sqlite3.Connection) -> None:
    (billable,) = icd10cm.execute("SELECT count(*) FROM code WHERE billable").fetchone()
    (everything,) = icd10cm.execute("SELECT count(*) FROM code").fetchone()
    assert billable == SHIPPED_LEAVES == 74_719
    assert everything == 98_505


def test_excludes_notes_of_the_shipped_release_are_machine_readable(
    icd10cm: sqlite3.Connection,
) -> None:
    (notes,) = icd10cm.execute("SELECT count(*) FROM note WHERE kind = 'excludes1'").fetchone()
    (readable,) = icd10cm.execute("SELECT count(DISTINCT note) FROM excludes1").fetchone()
    assert notes == 5_407
    assert readable >= 5_240
