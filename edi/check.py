"""Checks a file: envelope and syntax (SNIP 1), the guide (2), balances (3).

One pass, flat memory but for the findings. Each segment is first held against one compiled
expression; only where that refuses do the exact checks look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from edi.elements import check_segment
from edi.levels import LevelCheck
from edi.npi import is_npi
from edi.reader import read
from edi.report import CheckReport, FileReport, GroupReport, InterchangeReport, TransactionReport
from edi.syntax import check_any_segment
from edi.values import Fault
from edi.walk import Walker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from edi.guide import Guide
    from edi.reader import Reader
    from edi.transaction import Transaction
    from edi.values import Segment

DEFAULT_SNIP = frozenset({1, 2, 3})
_CLAIM_IDS = frozenset(("CLM", "CLP"))
_SPECIAL_IDS = frozenset(("HL", "NM1", *_CLAIM_IDS))


def check(
    stream: BinaryIO,
    *,
    name: str = "",
    snip: frozenset[int] = DEFAULT_SNIP,
    on_progress: Callable[[int], None] | None = None,
) -> CheckReport:
    """Return what is wrong with a file.

    Args:
        stream: The file, opened in binary; read once.
        name: What the report calls it.
        snip: The SNIP types to report: 1 syntax, 2 guide, 3 balances. Check digits of NPIs (5) are
            cheap: with 2 asked for, a wrong one is a warning.
        on_progress: Called now and then with the number of bytes read so far.
    """
    reader = read(stream, on_progress=on_progress)
    transactions: dict[int, list[TransactionReport]] = {}
    for transaction in reader:
        report = _TransactionCheck(transaction, snip).run()
        transactions.setdefault(id(transaction.group), []).append(report)
    return CheckReport([_report_file(reader, name, snip, transactions)])


def _report_file(
    reader: Reader,
    name: str,
    snip: frozenset[int],
    transactions: dict[int, list[TransactionReport]],
) -> FileReport:
    interchanges = [
        InterchangeReport(
            interchange=interchange,
            faults=_select(interchange.faults, snip),
            groups=[
                GroupReport(
                    group=group,
                    faults=_select(group.faults, snip),
                    transactions=transactions.get(id(group), []),
                )
                for group in interchange.groups
            ],
        )
        for interchange in reader.interchanges
    ]
    faults = _select(reader.faults, snip)
    if reader.faults_dropped:
        faults.append(
            Fault(
                code="too-many-faults",
                message=f"{reader.faults_dropped} more faults were found and are not listed.",
                fix="Correct those that are listed and check the file again.",
            )
        )
    return FileReport(file=name, interchanges=interchanges, faults=faults)


def _select(faults: Iterable[Fault], snip: frozenset[int]) -> list[Fault]:
    """Return the faults of the SNIP types asked for, in file order."""
    # A warning says how the file was read: it belongs to every report.
    chosen = [fault for fault in faults if fault.snip in snip or fault.level != "error"]
    chosen.sort(key=lambda fault: fault.segment_index or 0)
    return chosen


class _TransactionCheck:
    """Checks one transaction."""

    def __init__(self, transaction: Transaction, snip: frozenset[int]) -> None:
        self._transaction = transaction
        self._snip = snip
        self._levels = LevelCheck()
        self._claims = 0
        self._last_index = transaction.header.index

    def run(self) -> TransactionReport:
        """Read the transaction to its end and report."""
        transaction = self._transaction
        guide = transaction.find_guide()
        if guide is None:
            self._say_unknown()
            self._check_syntax()
        else:
            self._say_edition(guide)
            self._check_guide(guide)
        self._report_all(self._levels.end())
        return TransactionReport(
            st=transaction.st,
            guide=transaction.guide,
            control=transaction.control,
            version=transaction.header[3],
            claims=self._claims,
            first_index=transaction.header.index,
            last_index=self._last_index,
            faults=_select(transaction.faults, self._snip),
        )

    def _report_all(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._transaction.report(fault)

    # ----------------------------------------------------------- known guide

    def _check_guide(self, guide: Guide) -> None:
        transaction = self._transaction
        delimiters = transaction.interchange.delimiters
        is_balancing = guide.balance is not None and not self._snip.isdisjoint((2, 3))
        names = guide.balance_loops if is_balancing else ()
        walker = Walker(guide, transaction.root, names, transaction.report)
        balance = guide.balance() if guide.balance is not None and is_balancing else None
        segment = transaction.header
        for segment in transaction.segments:
            node = walker.place(segment)
            if node is not None and not node.match(segment.text, delimiters):
                self._report_all(check_segment(node.seg, segment, walker.loop.name))
            if segment.id in _SPECIAL_IDS:
                self._check_special(segment, walker.loop.name)
            if walker.finished and balance is not None:
                for loop in walker.take_finished():
                    self._report_all(balance.see(loop))
        self._last_index = segment.index
        walker.finish()
        if balance is not None:
            for loop in walker.take_finished():
                self._report_all(balance.see(loop))
            self._report_all(balance.end(transaction.root))

    def _check_special(self, segment: Segment, loop: str) -> None:
        """Look at what a single expression can't: levels, claims, check digits."""
        if segment.id == "HL":
            self._report_all(self._levels.see(segment))
        elif segment.id in _CLAIM_IDS:
            self._claims += 1
        elif segment[8] == "XX" and segment[9] and not is_npi(segment[9]):
            self._transaction.report(
                Fault(
                    level="warning",
                    code="npi-check-digit",
                    message="NM109 is no valid NPI: its check digit is wrong.",
                    fix="Correct the NPI; it has ten digits, the last one a check digit.",
                    snip=5,
                    segment_index=segment.index,
                    segment="NM1",
                    loop=loop,
                    element=9,
                    x12="IK403:7",
                )
            )

    def _say_edition(self, guide: Guide) -> None:
        if self._transaction.guide in guide.editions:
            self._transaction.report(
                Fault(
                    level="warning",
                    code="guide-edition",
                    message=f"This edition of the guide is read as {guide.id}.",
                    fix=f"Send {guide.id} in GS08 and ST03: it is the edition in force.",
                    snip=2,
                    segment_index=self._transaction.header.index,
                    segment="ST",
                    element=3,
                )
            )

    # --------------------------------------------------------- unknown guide

    def _say_unknown(self) -> None:
        self._transaction.report(
            Fault(
                level="warning",
                code="guide-unknown",
                message="We don't know this guide: only envelope and syntax were checked.",
                fix="Check the version in GS08 and ST03; have it checked against its own guide.",
                snip=2,
                segment_index=self._transaction.header.index,
                segment="ST",
                element=3,
                x12="IK502:I6",
            )
        )

    def _check_syntax(self) -> None:
        """Hold the segments against what holds in every guide."""
        segment = self._transaction.header
        for segment in self._transaction.segments:
            self._claims += segment.id in _CLAIM_IDS
            if segment.id == "HL":
                self._report_all(self._levels.see(segment))
            self._report_all(check_any_segment(segment))
        self._last_index = segment.index
