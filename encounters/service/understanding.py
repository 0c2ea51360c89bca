"""Understanding a kept message's bytes: which adapter reads it, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from encounters import adapters_csv, adapters_hl7
from encounters.values import Intake
from gateways.hl7.service import Limits, read_message

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from encounters.values import Message


def understand(message: Message, raw: bytes, *, bytes_max: int, time_zone: ZoneInfo) -> Intake:
    """Read an HL7 or CSV message into intake values; nothing of it is applied here.

    Args:
        message: What was kept about it.
        raw: Its bytes.
        bytes_max: Largest message that is read.
        time_zone: The sender's, for times without an offset.

    Returns:
        What it says; an error among the findings means that it can't be applied as it is.
    """
    details = message.details
    if message.kind == "CSV":
        return adapters_csv.to_intake(raw, control_id=details.control_id, sender=details.sender)
    result = read_message(raw, limits=Limits(bytes_max=bytes_max))
    if result.message is None:
        return Intake(details.control_id, details.sender, message.kind, findings=result.findings)
    intake = adapters_hl7.to_intake(result.message, time_zone=time_zone)
    return Intake(
        control_id=details.control_id,
        sender=details.sender,
        kind=message.kind,
        occurred_at=intake.occurred_at,
        patients=intake.patients,
        appointments=intake.appointments,
        visits=intake.visits,
        merges=intake.merges,
        findings=(*result.findings, *intake.findings),
    )
