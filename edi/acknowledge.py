"""Answers a received file: TA1 for its interchanges, 999 for its groups, 277CA for its claims.

The checker's report says what is wrong; the file itself, where it is still at hand, gives the
claim numbers and bad values that the answers quote.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from edi.acknowledge_277ca import to_277ca
from edi.acknowledge_999 import GUIDE_999, is_answered, is_turned_down, to_999
from edi.acknowledge_context import gather_context
from edi.acknowledge_submission import answer_batches
from edi.values import Group, Interchange
from edi.writer import NewGroup, NewInterchange, NewTransaction, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edi.acknowledge_277ca import BatchAnswer
    from edi.acknowledge_context import Context
    from edi.report import FileReport, GroupReport, InterchangeReport
    from edi.values import Fault

_ACCEPTED = "000"
_TA1_DEFAULT_NOTE = "024"
Kind = Literal["TA1", "999", "277CA"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One file to send back.

    Attributes:
        interchange_control: ISA13 of what it answers.
        control: Its own ISA13.
        is_accepting: Whether it says yes to all that it answers.
    """

    kind: Kind
    interchange_control: str
    control: int
    is_accepting: bool
    data: bytes


def acknowledge(
    report: FileReport,
    stream: BinaryIO | None = None,
    *,
    at: dt.datetime,
    control: int = 1,
    more_faults: Sequence[Fault] = (),
) -> list[Answer]:
    """Return the files that answer a received file.

    Args:
        report: What `edi.check` found in it (with SNIP 1 and 2 at least).
        stream: The file itself, seekable; without it no claim is named and no 277CA made.
        at: When the answers are made, local time.
        control: ISA13 of the first answer; the others count on from it.
        more_faults: Faults that a receiver adds (a duplicate interchange, a stricter partner);
            each names its interchange, and its transaction where it means one.

    Returns:
        For each interchange: a TA1 where the sender asks for one or it is refused; unless it is
        refused, a 999 for its groups and a 277CA for the 837Ps that the 999 lets in.
    """
    answers: list[Answer] = []
    indexes = [f.segment_index for f in (*report.faults, *more_faults) if f.segment_index]
    context = gather_context(stream, indexes)
    for received in report.interchanges:
        own = [f for f in more_faults if f.interchange == received.interchange.control]
        for answer in _answer_interchange(received, stream, at, own, context):
            answers.append(answer.seal(control + len(answers)))
    return answers


@dataclass(frozen=True, slots=True)
class _Draft:
    """An answer that still lacks its control number."""

    kind: Kind
    interchange: Interchange
    at: dt.datetime
    is_accepting: bool
    groups: tuple[tuple[Group, str, str, tuple[NewTransaction, ...]], ...] = ()
    ta1: tuple[str, ...] = ()

    def seal(self, control: int) -> Answer:
        """Return the answer as bytes under its control number."""
        received = self.interchange
        made = NewInterchange(
            sender=received.receiver,
            receiver=received.sender,
            at=self.at,
            control=control,
            is_test=received.is_test,
            acknowledgements=[self.ta1] if self.ta1 else [],
            groups=[
                NewGroup(
                    functional_id=functional_id,
                    sender=group.receiver or received.receiver[1],
                    receiver=group.sender or received.sender[1],
                    at=self.at,
                    control=control,
                    version=version,
                    transactions=transactions,
                )
                for group, functional_id, version, transactions in self.groups
            ],
        )
        data = write(made, faults=[])
        return Answer(self.kind, received.control, control, self.is_accepting, data)


def find_ta1_note(faults: Iterable[Fault]) -> str:
    """Return the TA105 note of the first fault that refuses an interchange, or 000."""
    for fault in faults:
        if fault.level != "error":
            continue
        kind, _, code = (fault.x12 or "").partition(":")
        if kind == "TA105":
            return code
        if fault.group is None and fault.transaction is None:
            return _TA1_DEFAULT_NOTE
    return _ACCEPTED


def _answer_interchange(
    received: InterchangeReport,
    stream: BinaryIO | None,
    at: dt.datetime,
    more: Sequence[Fault],
    context: Context,
) -> Iterator[_Draft]:
    interchange = received.interchange
    note = find_ta1_note((*received.faults, *(f for f in more if f.transaction is None)))
    if interchange.is_ta1_requested or note != _ACCEPTED:
        header = interchange.header
        code = "A" if note == _ACCEPTED else "R"
        ta1 = ("TA1", header[13], header[9], header[10], code, note)
        yield _Draft("TA1", interchange, at, note == _ACCEPTED, ta1=ta1)
    if note != _ACCEPTED:
        return
    groups = [group for group in received.groups if is_answered(group) and group.transactions]
    if groups:
        yield _draft_999(interchange, groups, at, more, context)
    batches = list(answer_batches(received, stream, at=at, more_faults=more))
    if batches:
        yield _draft_277ca(interchange, batches, at)


def _draft_999(
    interchange: Interchange,
    groups: Sequence[GroupReport],
    at: dt.datetime,
    more: Sequence[Fault],
    context: Context,
) -> _Draft:
    made = tuple(
        to_999(group, control=f"{number:04d}", context=context, more_faults=more)
        for number, group in enumerate(groups, 1)
    )
    is_accepting = not any(
        is_turned_down(each, [f for f in more if f.transaction == each.control])
        for group in groups
        for each in group.transactions
    )
    return _Draft(
        "999", interchange, at, is_accepting, groups=((groups[0].group, "FA", GUIDE_999, made),)
    )


def _draft_277ca(
    interchange: Interchange, batches: Sequence[tuple[Group, BatchAnswer]], at: dt.datetime
) -> _Draft:
    made = tuple(
        to_277ca(batch, control=f"{number:04d}", at=at)
        for number, (_, batch) in enumerate(batches, 1)
    )
    is_accepting = all(
        claim.is_accepted
        for _, batch in batches
        for provider in batch.providers
        for claim in provider.claims
    )
    return _Draft(
        "277CA", interchange, at, is_accepting, groups=((batches[0][0], "HN", "005010X214", made),)
    )
