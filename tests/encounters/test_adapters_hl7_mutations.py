"""However a sample is bent, reading it ends in an intake or a finding, never in an exception."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.finding import has_errors
from encounters.adapters_hl7 import to_intake
from gateways.hl7.service import read_message, write_ack
from tests.factories.hl7 import AT, EVENTS, planned

SAMPLES = Path(__file__).parents[1] / "samples" / "hl7"
RAWS = [path.read_bytes().replace(b"\n", b"\r") for path in sorted(SAMPLES.glob("*.hl7"))]
RAWS += [planned(event) for event in EVENTS]
ZONE = ZoneInfo("America/Chicago")
EVIL = [
    b"|", b"^", b"~", b"&", b"\\", b"\r", b'""', b"", b"\\X00\\", b"99999999", b"00000000",
    b"20261332", b"-1", b"1e9", b"0.0", b"2026091525", b"20260915+9999", b"00010101000000+1400",
    b"99991231235959-1200", "\u0663".encode(), "\u00b2".encode(), "\U0001d7d9".encode(),
    b"X" * 3000, b"~" * 150, b"MSH|", b"PID|", b"\x00", b"\xff", b"IN1|1|x\r", b"FT1\r",
]  # fmt: skip
ROUNDS = 400


@given(st.data())
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_mutation_of_a_message_raises(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(RAWS))
    for _ in range(data.draw(st.integers(1, 4))):
        raw = mutate(data, raw)
    result = read_message(raw)
    if result.message is None:
        assert has_errors(result.findings)
    else:
        intake = to_intake(result.message, time_zone=ZONE)
        for finding in intake.findings:
            assert finding.where
    write_ack(raw, code="AR", control_id="K", sent_at=AT, findings=result.findings)


def mutate(data: st.DataObject, raw: bytes) -> bytes:
    """Replace, drop, double or swap one field or segment."""
    lines = raw.split(b"\r")
    place = data.draw(st.integers(0, len(lines) - 1))
    kind = data.draw(st.sampled_from(["field", "field", "field", "bytes", "drop", "double"]))
    if kind == "drop":
        return b"\r".join(lines[:place] + lines[place + 1 :])
    if kind == "double":
        return b"\r".join([*lines, lines[place]])
    evil = data.draw(st.sampled_from(EVIL))
    if kind == "bytes":
        at = data.draw(st.integers(0, len(raw)))
        return raw[:at] + evil + raw[at + data.draw(st.integers(0, 3)) :]
    fields = lines[place].split(b"|")
    fields[data.draw(st.integers(0, len(fields) - 1))] = evil
    lines[place] = b"|".join(fields)
    return b"\r".join(lines)


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: repr(evil)[:20])
@pytest.mark.parametrize("event", ["ADT^A04", "SIU^S12", "DFT^P03"])
def test_every_field_takes_every_evil_value(event: str, evil: bytes) -> None:
    raw = planned(event)
    lines = raw.split(b"\r")
    for number, line in enumerate(lines[1:], start=1):
        fields = line.split(b"|")
        for place in range(1, len(fields)):
            bent = [*fields[:place], evil, *fields[place + 1 :]]
            message = read_message(
                b"\r".join([*lines[:number], b"|".join(bent), *lines[number + 1 :]])
            ).message
            if message is not None:
                to_intake(message, time_zone=ZONE)
