"""Transactions as trees and as streamed loops."""

from __future__ import annotations

import io

import pytest

import edi
from tests.factories.edi import CLEAN_837P, SAMPLES, change


def _read_one(data: bytes) -> edi.Transaction:
    return next(edi.read(io.BytesIO(data)))


def _outline(loop: edi.Loop, depth: int = 0) -> list[str]:
    lines = [f"{'  ' * depth}{loop.name} {' '.join(s.id for s in loop.segments)}"]
    for child in loop.children:
        lines += _outline(child, depth + 1)
    return lines


def test_a_tree_has_every_segment_in_its_loop() -> None:
    """
    ST ST BHT SE
      1000A NM1 PER
      1000B NM1
      2000A HL PRV
        2010AA NM1 N3 N4 REF
        2000B HL SBR
          2010BA NM1 N3 N4 DMG
          2010BB NM1
          2300 CLM DTP REF HI
            2310B NM1 PRV
            2400 LX SV1 DTP REF
            2400 LX SV1 DTP REF
        2000B HL SBR
          2010BA NM1
          2010BB NM1
          2000C HL PAT
            2010CA NM1 N3 N4 DMG
            2300 CLM HI
              2320 SBR AMT OI
                2330A NM1
                2330B NM1
              2400 LX SV1 DTP REF
                2430 SVD CAS CAS DTP
    """
    doc = test_a_tree_has_every_segment_in_its_loop.__doc__ or ""
    expected = [line.removeprefix("    ") for line in doc.strip("\n ").splitlines()]
    expected[0] = expected[0].strip()
    assert _outline(_read_one(CLEAN_837P).tree()) == expected


def test_claims_of_subscribers_and_of_patients_are_streamed_in_file_order() -> None:
    transaction = _read_one(CLEAN_837P)
    seen = []
    for claim in transaction.loops("2300"):
        subscriber = claim.ancestor("2000B")
        patient = claim.ancestor("2000C")
        provider = claim.ancestor("2000A")
        assert subscriber is not None
        assert provider is not None
        billing = provider.child("2010AA")
        insured = subscriber.child("2010BA")
        assert billing is not None
        assert insured is not None
        seen.append(
            (
                claim.value("CLM", 1),
                billing.value("NM1", 9),
                insured.value("NM1", 9),
                "" if patient is None else patient.value("PAT", 1),
                len(claim.children_named("2400")),
                claim.value("HI", 1, component=2, qualifier="ABK"),
            )
        )
    assert seen == [
        ("CLAIM0001", "1234567893", "MEMBER0001", "", 2, "E119"),
        ("CLAIM0002", "1234567893", "MEMBER0002", "19", 1, "J0190"),
    ]
    assert transaction.faults == []
    assert transaction.root.value("BHT", 3) == "BATCH101"
    assert [child.name for child in transaction.root.children] == ["1000A", "1000B"]


def test_streamed_loops_are_not_held_by_their_parents() -> None:
    transaction = _read_one(CLEAN_837P)
    for claim in transaction.loops("2300"):
        above = claim.parent
        while above is not None:
            assert "2300" not in [child.name for child in above.children]
            assert "2000B" not in [child.name for child in above.children]
            above = above.parent


def test_loops_within_streamed_loops_stay_with_them_and_are_streamed_too() -> None:
    names = [loop.name for loop in _read_one(CLEAN_837P).loops("2300", "2400")]
    assert names == ["2400", "2400", "2300", "2400", "2300"]


def test_a_segment_out_of_place_stays_in_the_open_loop_and_is_said() -> None:
    transaction = _read_one(change("REF*D9*100000000001", "REF*ZZ*1"))
    [first, _] = list(transaction.loops("2300"))
    assert first.first("REF", "ZZ") is not None
    assert [fault.code for fault in transaction.faults] == ["segment-unexpected"]


def test_what_hangs_on_an_unknown_loop_is_not_said_again() -> None:
    data = change("NM1*82*1*WINTER", "NM1*ZZ*1*NOBODY~\nN3*1 ROAD~\nN4*TOWN*IL*1~\nNM1*82*1*WINTER")
    transaction = _read_one(data)
    transaction.tree()
    assert [fault.code for fault in transaction.faults] == ["segment-unexpected"]


def test_an_unknown_guide_gives_one_flat_loop() -> None:
    data = CLEAN_837P.replace(b"005010X222A1", b"005010X999A1")
    transaction = _read_one(data)
    root = transaction.tree()
    assert [segment.id for segment in root.segments][:3] == ["ST", "BHT", "NM1"]
    assert root.children == []
    assert len(root.segments) == 58


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.edi")))
def test_every_sample_of_ours_is_written_back(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    assert edi.write(edi.read(io.BytesIO(data))) == data
