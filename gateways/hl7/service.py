"""The door of the HL7 gateway: what other packages may use of it."""

from __future__ import annotations

from gateways.hl7.acknowledging import Ack, AckCode, read_ack, write_ack
from gateways.hl7.building import write_planned
from gateways.hl7.checking import check_message
from gateways.hl7.client import MllpClient, MllpError
from gateways.hl7.message import Message, Segment
from gateways.hl7.plans import (
    AccidentPlan,
    AddressPlan,
    AppointmentPlan,
    ChargePlan,
    ClinicianPlan,
    CoveragePlan,
    DiagnosisPlan,
    GuarantorPlan,
    MessagePlan,
    PersonPlan,
    VisitPlan,
)
from gateways.hl7.reading import Limits, Peek, ReadResult, peek, read_message, split_file
from gateways.hl7.server import MllpServer, ServerLimits, serve_mllp
from gateways.hl7.writing import Envelope, write_message

__all__ = [
    "AccidentPlan",
    "Ack",
    "AckCode",
    "AddressPlan",
    "AppointmentPlan",
    "ChargePlan",
    "ClinicianPlan",
    "CoveragePlan",
    "DiagnosisPlan",
    "Envelope",
    "GuarantorPlan",
    "Limits",
    "Message",
    "MessagePlan",
    "MllpClient",
    "MllpError",
    "MllpServer",
    "Peek",
    "PersonPlan",
    "ReadResult",
    "Segment",
    "ServerLimits",
    "VisitPlan",
    "check_message",
    "peek",
    "read_ack",
    "read_message",
    "serve_mllp",
    "split_file",
    "write_ack",
    "write_message",
    "write_planned",
]
