"""Writes the 999: one for each group that came in, from what the checker found.

Source:
    TR3 005010X231A1. A 999 is never answered by a 999.
"""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING

from edi.writer import NewTransaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edi.acknowledge_context import Context
    from edi.report import GroupReport, TransactionReport
    from edi.values import Fault
    from edi.writer import ElementData, SegmentData

GUIDE_999 = "005010X231A1"
# Syntax and guide faults are answered here; balances and beyond by the 277CA.
SNIP_MAX = 2
SEGMENT_ERRORS_MAX = 999
_COPY_MAX = 99
_GUIDE_UNKNOWN = "I6"
# IK403 codes whose bad value is not copied: it holds characters that can't be sent, or is absent.
_NOT_COPIED = frozenset(("1", "2", "6", "I9"))
_UNANSWERED_GROUPS = frozenset(("FA",))


def is_answered(group: GroupReport) -> bool:
    """Return whether a 999 is due for this group."""
    return group.group.functional_id not in _UNANSWERED_GROUPS


def is_turned_down(transaction: TransactionReport, more: Sequence[Fault] = ()) -> bool:
    """Return whether the 999 rejects this transaction."""
    return any(_counts(fault) for fault in (*transaction.faults, *more))


def _counts(fault: Fault) -> bool:
    return fault.level == "error" and fault.snip <= SNIP_MAX


def to_999(
    group: GroupReport, *, control: str, context: Context, more_faults: Sequence[Fault] = ()
) -> NewTransaction:
    """Return the 999 that answers one group.

    Args:
        group: What the checker found.
        control: ST02 of the answer.
        context: Quotes of the faulty segments.
        more_faults: Faults that a receiver adds to the checker's, by their transaction.
    """
    segments: list[SegmentData] = [_group_header(group)]
    accepted = 0
    for transaction in group.transactions:
        added = [f for f in more_faults if f.transaction == transaction.control]
        faults = [fault for fault in (*transaction.faults, *added) if _counts(fault)]
        accepted += not faults
        segments.extend(_answer(transaction, faults, context))
    segments.append(_group_trailer(group, accepted))
    return NewTransaction(st="999", control=control, guide=GUIDE_999, segments=segments)


def _group_header(group: GroupReport) -> SegmentData:
    received = group.group
    return ("AK1", received.functional_id or "HC", received.control or "0", received.version)


def _answer(
    transaction: TransactionReport, faults: list[Fault], context: Context
) -> Iterator[SegmentData]:
    yield ("AK2", transaction.st, transaction.control, transaction.guide)
    placed = [f for f in faults if f.segment_index is not None and not _is_trailing(f)]
    placed.sort(key=lambda fault: fault.segment_index or 0)
    errors = groupby(placed, key=lambda f: (f.segment_index, f.segment, _segment_code(f)))
    for _, same in islice(errors, SEGMENT_ERRORS_MAX):
        yield from _segment_error(transaction, list(same), context)
    if not faults and is_guide_unknown(transaction):
        yield ("IK5", "E", _GUIDE_UNKNOWN)
        return
    yield ("IK5", "R" if faults else "A", *_transaction_codes(faults, has_segments=bool(placed)))


def is_guide_unknown(transaction: TransactionReport) -> bool:
    """Return whether the transaction was taken by its envelope alone: its guide isn't ours."""
    return any(fault.x12 == f"IK502:{_GUIDE_UNKNOWN}" for fault in transaction.faults)


def _is_trailing(fault: Fault) -> bool:
    """Return whether the fault is told by IK5 alone: ST and SE have no IK3."""
    return (fault.x12 or "").startswith("IK502:")


def _segment_code(fault: Fault) -> str:
    """Return IK304: the fault's own, or 8 where an element is wrong."""
    kind, _, code = (fault.x12 or "").partition(":")
    return code if kind == "IK304" else "8"


def _segment_error(
    transaction: TransactionReport, faults: list[Fault], context: Context
) -> Iterator[SegmentData]:
    first = faults[0]
    index = first.segment_index or transaction.first_index
    position = max(1, index - transaction.first_index + 1)
    code = _segment_code(first)
    yield ("IK3", first.segment or "ST", str(position), "", code)
    quote = context.find(first.segment_index)
    if quote is not None and quote.unit_name == "CLM01" and quote.unit_value:
        yield ("CTX", ("CLM01", _clean(quote.unit_value)))
    if code != "8":
        return
    for fault in faults:
        if fault.element:
            yield _element_error(fault, context)


def _element_error(fault: Fault, context: Context) -> SegmentData:
    kind, _, code = (fault.x12 or "").partition(":")
    code = code if kind == "IK403" else "I12"
    place: ElementData = str(fault.element)
    if fault.component:
        place = (str(fault.element), str(fault.component))
    return ("IK4", place, "", code, "" if code in _NOT_COPIED else _copy(fault, context))


def _copy(fault: Fault, context: Context) -> str:
    quote = context.find(fault.segment_index)
    if quote is None or fault.element is None:
        return ""
    return _clean(quote.segment.get(fault.element, fault.component))[:_COPY_MAX].strip()


def _clean(text: str) -> str:
    """Return the text without what the answer's own delimiters or X12 itself forbid."""
    return "".join(c if " " <= c <= "~" and c not in "*:^~" else " " for c in text).strip()


def _transaction_codes(faults: Iterable[Fault], *, has_segments: bool) -> list[str]:
    codes = [fault.x12[6:] for fault in faults if fault.x12 and _is_trailing(fault)]
    if has_segments:
        codes.append("5")
    elif not codes and any(True for _ in faults):
        codes.append("I5")
    return list(dict.fromkeys(codes))[:5]


def _group_trailer(group: GroupReport, accepted: int) -> SegmentData:
    received = len(group.transactions)
    trailer = group.group.trailer
    said = trailer[1] if trailer is not None and trailer[1].isdigit() else str(received)
    codes = [
        fault.x12[6:]
        for fault in group.faults
        if fault.level == "error" and fault.x12 and fault.x12.startswith("AK905:")
    ]
    answer = "P"
    if accepted == received:
        answer = "E" if any(is_guide_unknown(each) for each in group.transactions) else "A"
    elif not accepted:
        answer = "R"
    errors = list(dict.fromkeys(codes))[:5]
    return ("AK9", answer, said[-6:], str(received), str(accepted), *errors)
