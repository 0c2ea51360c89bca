"""Segments to transactions: follows the envelope, hands out one transaction after another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from edi import envelope
from edi.scan import Scanner
from edi.transaction import Transaction
from edi.values import Group, Interchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edi.values import Fault, Segment

FAULTS_MAX = 100_000
_ENVELOPE_IDS = frozenset(("ISA", "GS", "ST", "GE", "IEA"))


def read(stream: BinaryIO, *, on_progress: Callable[[int], None] | None = None) -> Reader:
    """Return a reader over the transactions of a file; nothing is read yet.

    Args:
        stream: The file, opened in binary; read once, in chunks.
        on_progress: Called now and then with the number of bytes read so far.
    """
    return Reader(stream, on_progress=on_progress)


class Reader:
    """Iterates the transactions of one file, once, in flat memory.

    `faults` holds all that was found wrong in reading and in the envelope, in file order; each also
    stands in the `faults` of its interchange, group or transaction. At most 100,000 are kept,
    `faults_dropped` counts the rest.
    """

    def __init__(
        self, stream: BinaryIO, *, on_progress: Callable[[int], None] | None = None
    ) -> None:
        self.faults: list[Fault] = []
        self.faults_dropped = 0
        self.interchanges: list[Interchange] = []
        self._scanner = Scanner(stream, report=self._report_scan, on_progress=on_progress)
        self._flow = self._scanner.segments()
        self._held: Segment | None = None
        self._interchange: Interchange | None = None
        self._group: Group | None = None
        self._transaction: Transaction | None = None
        self._isa_controls: set[str] = set()
        self._gs_controls: set[str] = set()
        self._st_controls: set[str] = set()
        self._is_over = False

    @property
    def bytes_read(self) -> int:
        """How many bytes of the stream were read so far."""
        return self._scanner.bytes_read

    @property
    def tail(self) -> str:
        """What stands after the last segment, known once the file was read to its end."""
        return self._scanner.tail

    def segments(self) -> Iterator[Segment]:
        """Yield every segment of the file, the envelope's too, instead of transactions."""
        return self._flow

    def __iter__(self) -> Iterator[Transaction]:
        return self

    def __next__(self) -> Transaction:
        if self._transaction is not None:
            self._transaction.skip()
            self._transaction = None
        while (segment := self._next_segment()) is not None:
            if segment.id == "ST":
                return self._open_transaction(segment)
            self._step(segment)
        if not self._is_over:
            self._is_over = True
            self._close_interchange()
        raise StopIteration

    def _next_segment(self) -> Segment | None:
        held, self._held = self._held, None
        return next(self._flow, None) if held is None else held

    def _step(self, segment: Segment) -> None:
        """Take one segment that stands outside any transaction."""
        match segment.id:
            case "ISA":
                self._open_interchange(segment)
            case "GS":
                self._open_group(segment)
            case "GE":
                self._end_group(segment)
            case "IEA":
                self._end_interchange(segment)
            case "TA1" if self._interchange is not None and self._group is None:
                self._interchange.acknowledgements.append(segment)
            case _:
                self._report(envelope.stray_segment(segment))

    # ----------------------------------------------------------- interchange

    def _open_interchange(self, header: Segment) -> None:
        self._close_interchange()
        self._interchange = Interchange(header, header.delimiters)
        self.interchanges.append(self._interchange)
        self._gs_controls.clear()
        for fault in envelope.check_interchange_header(header):
            self._report(fault)
        # A control number is unique among those of one sender.
        self._check_control(header, header[5] + header[6] + header[13], self._isa_controls)

    def _end_interchange(self, trailer: Segment) -> None:
        if self._interchange is None:
            self._report(envelope.stray_segment(trailer))
            return
        self._close_group()
        self._interchange.trailer = trailer
        for fault in envelope.check_interchange_trailer(self._interchange, trailer):
            self._report(fault)
        self._interchange = None

    def _close_interchange(self) -> None:
        """Say it if the interchange at hand has no trailer."""
        self._close_group()
        if self._interchange is not None:
            self._report(envelope.missing_trailer(self._interchange.header))
            self._interchange = None

    # ----------------------------------------------------------------- group

    def _open_group(self, header: Segment) -> None:
        self._close_group()
        self._group = self._new_group(header)
        self._st_controls.clear()
        for fault in envelope.check_group_header(header):
            self._report(fault)
        self._check_control(header, header[6], self._gs_controls)

    def _new_group(self, header: Segment | None) -> Group:
        # The scanner hands out nothing before the first ISA, so there is always an interchange.
        interchange = self._interchange or self.interchanges[-1]
        group = Group(interchange, header)
        interchange.groups.append(group)
        return group

    def _end_group(self, trailer: Segment) -> None:
        if self._group is None or self._group.header is None:
            self._report(envelope.stray_segment(trailer))
            return
        self._group.trailer = trailer
        for fault in envelope.check_group_trailer(self._group, trailer):
            self._report(fault)
        self._group = None

    def _close_group(self) -> None:
        """Say it if the group at hand has no trailer."""
        if self._group is not None and self._group.header is not None:
            self._report(envelope.missing_trailer(self._group.header))
        self._group = None

    # ----------------------------------------------------------- transaction

    def _open_transaction(self, header: Segment) -> Transaction:
        if self._group is None:
            self._group = self._new_group(None)
            self._report(envelope.stray_segment(header))
        self._group.transactions_read += 1
        self._transaction = Transaction(header, self._group)
        self._transaction.start(self._transaction_segments(self._transaction), self._report)
        for fault in envelope.check_transaction_header(header, self._group):
            self._report(fault)
        self._check_control(header, header[2], self._st_controls)
        return self._transaction

    def _transaction_segments(self, transaction: Transaction) -> Iterator[Segment]:
        yield transaction.header
        for segment in self._flow:
            if segment.id == "SE":
                transaction.trailer = segment
                for fault in envelope.check_transaction_trailer(transaction.header, segment):
                    self._report(fault)
                yield segment
                return
            if segment.id in _ENVELOPE_IDS:
                self._held = segment
                break
            yield segment
        self._report(envelope.missing_trailer(transaction.header))

    # ---------------------------------------------------------------- faults

    def _check_control(self, header: Segment, control: str, used: set[str]) -> None:
        if control in used:
            self._report(envelope.repeated_control(header))
        used.add(control)

    def _report_scan(self, fault: Fault) -> None:
        """Take a fault of the scanner, which knows of segments only."""
        transaction = self._transaction
        if transaction is not None and transaction.trailer is None:
            self._report(fault)
            return
        last = self.interchanges[-1] if self.interchanges else None
        self._keep(fault, self._group or self._interchange or last)

    def _report(self, fault: Fault) -> None:
        """Take a fault of the envelope: say where it is, keep it with whose it is."""
        transaction, group, interchange = self._transaction, self._group, self._interchange
        owner: Transaction | Group | Interchange | None = interchange
        if group is not None:
            owner = group
        if transaction is not None and fault.segment not in ("GS", "GE", "ISA", "IEA"):
            owner = transaction
            group = transaction.group
        self._keep(
            replace(
                fault,
                interchange=(interchange.control if interchange is not None else None),
                group=(group.control or None) if group is not None else None,
                transaction=transaction.control if owner is transaction and transaction else None,
            ),
            owner,
        )

    def _keep(self, fault: Fault, owner: Transaction | Group | Interchange | None) -> None:
        if len(self.faults) >= FAULTS_MAX:
            self.faults_dropped += 1
            return
        self.faults.append(fault)
        if owner is not None:
            owner.faults.append(fault)
