"""The standard's tables find each breach at its exact place, and hl7apy agrees."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

import pytest

from config.finding import Level
from gateways.hl7.checking import FINDINGS_MAX, check_message
from gateways.hl7.reading import read_message
from gateways.hl7.tables import VERSIONS, closest_version, segment_rule
from tests.factories.hl7 import EVENTS, planned

if TYPE_CHECKING:
    from config.finding import Finding

MSH = b"MSH|^~\\&|EHR|CLINIC|CC|BILL|20260915143000||ADT^A04^ADT_A01|M1|P|2.5.1\r"
EVN = b"EVN|A04|20260915143000\r"
PID = b"PID|1||A1^^^H^MR||Featherstone^Marguerite\r"
PV1 = b"PV1|1|O\r"
WHOLE = MSH + EVN + PID + PV1


def check(raw: bytes) -> list[Finding]:
    message = read_message(raw).message
    assert message is not None
    return check_message(message)


def found(raw: bytes) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in check(raw)]


@pytest.mark.parametrize("version", ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"])
@pytest.mark.parametrize("event", EVENTS)
def test_message_that_we_build_has_no_errors_in_its_version(event: str, version: str) -> None:
    errors = [f for f in check(planned(event, version)) if f.level is Level.ERROR]
    assert errors == []


@pytest.mark.parametrize("event", EVENTS)
def test_message_that_we_build_is_spotless_in_2_5_1(event: str) -> None:
    assert check(planned(event)) == []


def test_minimal_message_is_spotless() -> None:
    assert found(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        (b"||A1^^^H^MR||", b"||||", "required-missing", "PID-3"),
        (b"20260915143000\rPID", b"2026-09-15\rPID", "datatype", "EVN-2.1"),
        (b"20260915143000\rPID", b"20260230\rPID", "datatype", "EVN-2.1"),
        (b"20260915143000\rPID", b"20250229\rPID", "datatype", "EVN-2.1"),
        (b"20260915143000\rPID", b"202609152460\rPID", "datatype", "EVN-2.1"),
        (b"PID|1|", b"PID|one|", "datatype", "PID-1"),
        (b"EVN|A04", b"EVN|Q99Z", "code-unknown", "EVN-1"),
        (b"^Marguerite", b"^Marguerite~Second~" + b"^" * 20 + b"x", "extra-value", "PID-5[3].15"),
        (b"PV1|1|O", b"PV1|1|O~I", "repeat-extra", "PV1-2"),
        (b"PV1|1|O", b"PV1|1|O^x", "extra-value", "PV1-2.2"),
        (b"PV1|1|O", b"PV1|1|O" + b"|" * 60 + b"x", "extra-value", "PV1-53"),
        (EVN, b"", "segment-missing", "EVN"),
        (EVN + PID, PID + EVN, "segment-order", "EVN"),
        (PV1, PV1 + b"XYZ|1\r", "segment-unknown", "XYZ"),
        (b"|P|2.5.1", b"|P|9.9", "version-unknown", "MSH-12"),
        (b"|P|2.5.1", b"|P|", "version-missing", "MSH-12"),
    ],
)
def test_each_breach_is_found_at_its_place(old: bytes, new: bytes, code: str, where: str) -> None:
    assert old in WHOLE
    assert (code, where) in found(WHOLE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"20260915143000\rPID", b"20240229\rPID"),
        (b"20260915143000\rPID", b"20260915143000.1234-0500\rPID"),
        (b"20260915143000\rPID", b"202609\rPID"),
        (b"20260915143000\rPID", b'""\rPID'),
        (PV1, PV1 + b"ZPD|any^thing~goes\r"),
        (b"^Marguerite", b"^Marguerite~Featherstone^Maggie^^^^^N"),
        (PV1, PV1 + b"OBX|1|NM|718-7^Hb^LN||13.2|g/dL|||||F\r"),
    ],
)
def test_what_nearly_is_a_breach_is_none(old: bytes, new: bytes) -> None:
    assert old in WHOLE
    assert found(WHOLE.replace(old, new, 1)) == []


def test_odd_delimiters_are_checked_the_same() -> None:
    raw = planned().replace(b"CHG2||20260915", b"CHG2||2026AB15")
    odd = raw.translate(bytes.maketrans(b"|^~\\&", b"$%*!?"))
    assert found(raw) == found(odd) == [("datatype", "FT1[2]-4.1.1")]


def test_findings_never_hold_a_value() -> None:
    raw = WHOLE.replace(b"PID|1|", b"PID|Bartholomew|").replace(b"PV1|1|O", b"PV1|1|O^Secret")
    assert all("Barth" not in f"{f}" and "Secret" not in f"{f}" for f in check(raw))


def test_list_of_findings_is_cut_and_says_so() -> None:
    findings = check(WHOLE + b"NTE|one\r" * 900)
    assert len(findings) == FINDINGS_MAX + 1
    assert findings[-1].code == "findings-cut"


def test_unknown_versions_are_checked_by_the_nearest() -> None:
    assert [closest_version(name) for name in ("2.1", "2.9", "2.5.9", "")] == [
        "2.3",
        "2.8.2",
        "2.5.1",
        "2.3",
    ]


def test_every_segment_of_every_version_compiles() -> None:
    assert all(segment_rule(version, "PID") for version in VERSIONS)


def test_long_hostile_fields_do_not_slow_the_check() -> None:
    """No pattern may backtrack: 1,500 segments of worst cases stay under a second of CPU."""
    worst = b"^".join([b"&".join([b"a"] * 50)] * 50) + b"^" * 400 + b"!"
    raw = WHOLE + b"".join(b"ROL|" + worst + b"\r" for _ in range(700)) + b"OBX|1\r" * 700
    message = read_message(raw).message
    assert message
    began = time.process_time()
    check_message(message)
    assert time.process_time() - began < 1.0


@pytest.mark.oracle
@pytest.mark.parametrize("event", EVENTS)
def test_hl7apy_reads_what_we_build_and_finds_it_valid(event: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hl7apy.parser import parse_message  # noqa: PLC0415  # warns when imported

        parsed = parse_message(planned(event).decode(), find_groups=True)
        assert parsed.validate()
    assert parsed.msh.msh_10.value == "MSG0001"


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"||MRN1001^^^EHR^MR||", b"||||"),
        (b"EVN|P03", b"EVX|P03"),
        (b"PV1|1|O|", b"PV1|1||"),
    ],
)
def test_hl7apy_and_we_both_refuse(old: bytes, new: bytes) -> None:
    raw = planned()
    assert old in raw
    broken = raw.replace(old, new)
    assert any(f.level is not Level.INFO for f in check(broken))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hl7apy.parser import parse_message  # noqa: PLC0415  # warns when imported

        with pytest.raises(Exception):  # noqa: B017, PT011  # hl7apy raises many kinds
            parse_message(broken.decode(), find_groups=True).validate()
