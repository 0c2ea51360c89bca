"""Acknowledgements answer the right message, say where it went wrong, and tell no PHI."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from config.finding import Finding, Level
from gateways.hl7.acknowledging import read_ack, write_ack
from gateways.hl7.checking import check_message
from gateways.hl7.reading import read_message
from tests.factories.hl7 import AT, EVENTS, planned

if TYPE_CHECKING:
    from gateways.hl7.message import Message

PLACED = Finding("datatype", "FT1[2]-19[3].1.2", "The code is not a date.", "Correct it.")


def answer(raw: bytes, *findings: Finding) -> Message:
    ack = write_ack(raw, code="AE", control_id="K7", sent_at=AT, findings=findings)
    message = read_message(ack).message
    assert message is not None
    return message


@pytest.mark.parametrize("event", EVENTS)
def test_acknowledgement_swaps_the_parties_and_names_the_message(event: str) -> None:
    message = answer(planned(event))
    msh, msa = message.segments
    assert [msh.text(n) for n in (3, 4, 5, 6)] == ["CLEANCLAIM", "BILLING", "EHR", "CLINIC"]
    assert message.kind == f"ACK^{event[-3:]}"
    assert msh.text(9, 3) == "ACK"
    assert (msh.text(10), msh.text(11), msh.text(12)) == ("K7", "P", "2.5.1")
    assert (msa.text(1), msa.text(2)) == ("AE", "MSG0001")


def test_error_segment_tells_place_kind_severity_and_text() -> None:
    err = answer(planned(), PLACED).segments[2]
    assert [err.text(2, n) for n in range(1, 7)] == ["FT1", "2", "19", "3", "1", "2"]
    assert (err.text(3), err.text(4), err.text(5)) == ("102", "E", "datatype")
    assert (err.text(7), err.text(8)) == ("FT1[2]-19[3].1.2", "The code is not a date. Correct it.")


def test_older_versions_get_their_own_error_segment() -> None:
    message = answer(planned(version="2.3"), PLACED)
    err = message.segments[2]
    assert message.header.text(9, 3) == ""
    assert [err.text(1, n) for n in (1, 2, 3)] == ["FT1", "2", "19"]
    assert err.text(1, 4, subcomponent=1) == "102"
    assert message.segments[1].text(3) == "FT1[2]-19[3].1.2: The code is not a date."


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"])
def test_acknowledgement_follows_the_standard_of_its_version(version: str) -> None:
    message = answer(planned(version=version), PLACED)
    assert [f for f in check_message(message) if f.level is Level.ERROR] == []


@pytest.mark.oracle
@pytest.mark.parametrize("version", ["2.4", "2.5.1", "2.6"])
def test_hl7apy_finds_our_acknowledgement_valid(version: str) -> None:
    raw = write_ack(
        planned(version=version), code="AE", control_id="K7", sent_at=AT, findings=[PLACED]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hl7apy.parser import parse_message  # noqa: PLC0415  # warns when imported

        assert parse_message(raw.decode()).validate()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not HL7",
        b"MSH|^~\\&|EHR|CLINIC|||||ADT^A04|M\x009",
        b"\xff" * 50,
        planned()[:70],
        planned().replace(b"Featherstone", b"\x00"),
        planned().replace(b"UNICODE UTF-8", b"KLINGON"),
    ],
)
def test_unreadable_message_is_answered_all_the_same(raw: bytes) -> None:
    findings = read_message(raw).findings
    ack = read_ack(write_ack(raw, code="AR", control_id="K", sent_at=AT, findings=findings))
    assert ack is not None
    assert ack.code == "AR"
    assert not ack.is_accepted


def test_unreadable_message_with_a_readable_header_is_named() -> None:
    raw = planned().replace(b"Featherstone", b"\x00")
    ack = read_ack(write_ack(raw, code="AA", control_id="K", sent_at=AT))
    assert ack is not None
    assert (ack.control_id, ack.is_accepted) == ("MSG0001", True)


def test_findings_of_an_acknowledgement_are_bounded() -> None:
    assert len(answer(planned(), *[PLACED] * 500).all("ERR")) == 20


def test_acknowledgement_holds_nothing_of_the_patient() -> None:
    raw = planned()
    message = read_message(raw.replace(b"PID|1|", b"PID|Featherstone|")).message
    assert message
    ack = write_ack(
        raw, code="AE", control_id="K", sent_at=AT, findings=[*check_message(message), PLACED]
    )
    assert b"Feather" not in ack


def test_what_is_no_acknowledgement_reads_as_none() -> None:
    assert read_ack(b"") is None
    assert read_ack(planned()) is None
