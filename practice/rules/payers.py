"""Checks of payers and of the trading partners by whom they are reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.finding import Finding
from practice.rules.forms import check_address, check_choice, check_form, check_present

if TYPE_CHECKING:
    from practice.values import FilingLimits, Partner, Payer

# Filing codes of SBR09 that 005010 knows.
CLAIM_FILING_CODES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "AM",
        "BL",
        "CH",
        "CI",
        "DS",
        "FI",
        "HM",
        "LM",
        "MA",
        "MB",
        "MC",
        "OF",
        "TV",
        "VA",
        "WC",
        "ZZ",
    ]
)
MAY_BILL: Final = ("pr", "copay", "none")
TRANSPORTS: Final = ("folder", "sftp")
DAYS_MAX: Final = 3650

_PHONE: Final = re.compile(r"[0-9]{10}")
_PARTNER_CODE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
_PAYER_CODE: Final = re.compile(r"[A-Za-z0-9-]{2,80}")
_QUALIFIER: Final = re.compile(r"[0-9]{2}|ZZ")
_INTERCHANGE_ID: Final = re.compile(r"[A-Za-z0-9 ._-]{2,15}")


def check_payer(payer: Payer) -> list[Finding]:
    """Return findings about a payer.

    Source:
        R10; TR3 005010X222A1 2010BB NM109 and 2000B SBR09.
    """
    return [
        *check_form(
            _PAYER_CODE, payer.payer_code, "payer_code", expected="2 to 80 letters, digits or -"
        ),
        *check_present(payer.name, "name"),
        *check_choice(payer.claim_filing_code, CLAIM_FILING_CODES, "claim_filing_code"),
        *(check_address(payer.address) if payer.address else []),
        *check_limits(payer.limits),
        *check_choice(payer.may_bill_patient, MAY_BILL, "may_bill_patient"),
    ]


def check_limits(limits: FilingLimits) -> list[Finding]:
    """Return findings about days that aren't between 0 and ten years, or have no source.

    Source:
        R10; DESIGN 7.13: a number that a payer sets names its source.
    """
    given = {
        "initial": limits.initial,
        "corrected": limits.corrected,
        "appeal": limits.appeal,
        "secondary": limits.secondary,
    }
    findings = [
        Finding(
            "filing-limit",
            f"limits.{name}",
            f"expected days from 0 to {DAYS_MAX}",
            "take the days from the payer's contract or leave them empty",
        )
        for name, days in given.items()
        if days is not None and not 0 <= days <= DAYS_MAX
    ]
    if any(days is not None for days in given.values()) and not limits.source.strip():
        findings.append(
            Finding(
                "filing-limit-source",
                "limits.source",
                "days are given without saying what sets them",
                "name the contract or law",
            )
        )
    return findings


def check_partner(partner: Partner) -> list[Finding]:
    """Return findings about a trading partner.

    Source:
        TR3 005010X222A1 ISA05 to ISA08, ISA15; S19 for the pinned host key.
    """
    findings = [
        *check_form(
            _PARTNER_CODE, partner.code, "code", expected="small letters, digits and inner hyphens"
        ),
        *check_present(partner.name, "name"),
        *check_form(
            _QUALIFIER, partner.sender_qualifier, "sender_qualifier", expected="ZZ or two digits"
        ),
        *check_form(
            _QUALIFIER,
            partner.receiver_qualifier,
            "receiver_qualifier",
            expected="ZZ or two digits",
        ),
        *check_form(_INTERCHANGE_ID, partner.sender_id, "sender_id", expected="2 to 15 characters"),
        *check_form(
            _INTERCHANGE_ID, partner.receiver_id, "receiver_id", expected="2 to 15 characters"
        ),
        *check_present(partner.submitter_id, "submitter_id"),
        *check_present(partner.submitter_name, "submitter_name"),
        *check_form(_PHONE, partner.contact_phone, "contact_phone", expected="ten digits"),
        *check_choice(partner.usage, ("T", "P"), "usage"),
        *check_choice(partner.transport, TRANSPORTS, "transport"),
        *check_present(partner.outbox, "outbox"),
        *check_present(partner.inbox, "inbox"),
    ]
    if partner.transport == "sftp":
        findings += _check_sftp(partner)
    return findings


def _check_sftp(partner: Partner) -> list[Finding]:
    findings = [
        finding
        for name in ("host", "username", "host_key", "key_file")
        for finding in check_present(str(getattr(partner, name)), name)
    ]
    if not 1 <= partner.port <= 65535:
        findings.append(
            Finding("port-range", "port", "expected a port from 1 to 65535", "write 22 or another")
        )
    return findings
