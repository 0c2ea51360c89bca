"""However a file is broken, the check ends with findings, never with an exception."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

import edi
from edi.tree import FileTree
from tests.factories.edi import SAMPLES, check_bytes

FILES = [path.read_bytes() for path in sorted(SAMPLES.glob("*"))]
AT = datetime(2026, 9, 15, tzinfo=UTC)

_ODD_VALUES = st.sampled_from(
    [
        *(b"", b"0", b"1", b"-1", b"1.5", b"X" * 100, b":::", b"^^", b"~~", b"\n"),
        *(b"\x00", b"\xff", b"\xb2", b"\xc2\xb2", "\u0663".encode(), "\u202e".encode()),
        *(b"9" * 5000, b"1." + b"0" * 5000, b"ISA*", b"IEA*1*1", b"HL*1**20*1"),
    ]
)
_BREAKS = st.lists(
    st.tuples(
        st.sampled_from(("drop", "repeat", "swap", "value", "cut")),
        st.integers(0, 200),
        st.integers(0, 200),
        _ODD_VALUES,
    ),
    min_size=1,
    max_size=5,
)


def _break(data: bytes, breaks: list[tuple[str, int, int, bytes]]) -> bytes:
    segments = data.split(b"~")
    for kind, first, second, value in breaks:
        a, b = first % len(segments), second % len(segments)
        if kind == "drop" and len(segments) > 1:
            del segments[a]
        elif kind == "repeat":
            segments.insert(a, segments[b])
        elif kind == "swap":
            segments[a], segments[b] = segments[b], segments[a]
        elif kind == "value":
            elements = segments[a].split(b"*")
            elements[second % len(elements)] = value
            segments[a] = b"*".join(elements)
        else:
            segments[a] = segments[a][: second % (len(segments[a]) + 1)]
    return b"~".join(segments)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FILES), _BREAKS)
def test_a_broken_file_is_checked_shown_and_answered(
    data: bytes, breaks: list[tuple[str, int, int, bytes]]
) -> None:
    broken = _break(data, breaks)
    report = check_bytes(broken)
    report.to_json()
    assert edi.write(edi.read(io.BytesIO(broken))) == broken
    list(FileTree(io.BytesIO(broken)).lines())
    FileTree(io.BytesIO(broken)).to_json()
    edi.acknowledge(report, io.BytesIO(broken), at=AT)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FILES), _BREAKS)
def test_the_tree_holds_every_segment_of_a_broken_file_once(
    data: bytes, breaks: list[tuple[str, int, int, bytes]]
) -> None:
    broken = _break(data, breaks)
    for transaction in edi.read(io.BytesIO(broken)):
        first = transaction.header.index
        indexes = [s.index for loop in transaction.tree().walk() for s in loop.segments]
        assert sorted(indexes) == list(range(first, first + len(indexes)))
