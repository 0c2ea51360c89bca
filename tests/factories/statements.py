"""Statement data as the template takes it, with sums that hold."""

from __future__ import annotations

import struct
import zlib
from typing import Any

PAYER = "Evergreen Health Plan"


def make_logo(*, size: int = 24) -> bytes:
    """Return a small PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    rows = b"".join(b"\0" + bytes((11, 95, 90)) * size for _ in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def make_line(number: int = 0, **changes: object) -> dict[str, Any]:
    """Return a line owed by deductible and coinsurance, or by copay if its number is odd."""
    owed = 4000 if number % 2 else 11270
    both = [_reason("deductible", 8000), _reason("coinsurance", 3270)]
    line: dict[str, Any] = {
        "description": "Office visit, established patient",
        "code": "99213",
        "charge_cents": 16500,
        "discount_cents": 5230,
        "insurance_paid_cents": 11270 - owed,
        "you_owe_cents": owed,
        "reasons": [_reason("copay", owed)] if number % 2 else both,
    }
    return line | changes


def _reason(kind: str, cents: int) -> dict[str, Any]:
    return {"kind": kind, "cents": cents, "payer_name": PAYER}


def make_visit(number: int = 0, **changes: object) -> dict[str, Any]:
    """Return a visit of one line."""
    line = make_line(number)
    paid = {"payer_name": PAYER, "date": "2026-08-30", "cents": line["insurance_paid_cents"]}
    visit: dict[str, Any] = {
        "visit_number": f"V-10{number:02d}7",
        "date": f"2026-07-{3 + number:02d}",
        "patient_name": "Mariana Castellanos",
        "provider_name": "Dr. Jane Rivers",
        "location_name": "Harbor Street Clinic",
        "lines": [line],
        "insurance_payments": [paid],
    }
    return visit | changes


def make_statement(*, visits: int = 1, **changes: object) -> dict[str, Any]:
    """Return a statement of that many visits and one payment, its sums made to hold."""
    statement: dict[str, Any] = {
        "statement_number": "S-20415-7",
        "account_number": "A-70032-4",
        "statement_date": "2026-09-15",
        "due_date": "2026-10-15",
        "notice": "first",
        "guarantor_name": "Mariana Castellanos",
        "guarantor_address_lines": ["4820 Old Mill Road, Apt 12", "Springfield, MA 01103"],
        "practice": {
            "name": "Harbor Street Family Practice",
            "address_lines": ["120 Harbor Street, Suite 4", "Boston, MA 02110"],
            "phone": "(617) 555-0100",
            "hours": None,
            "website": None,
            "colour": "#0b5f5a",
            "logo": {"format": "png", "content": make_logo(), "alt": "Harbor Street logo"},
        },
        "visits": [make_visit(number) for number in range(visits)],
        "payments": [
            {
                "date": "2026-08-12",
                "kind": "card",
                "visit_number": "V-10007",
                "cents": 2500,
                "is_since_last": True,
            }
        ],
        "pending": [
            {
                "date": "2026-09-10",
                "patient_name": "Mariana Castellanos",
                "provider_name": "Dr. Jane Rivers",
                "payer_name": PAYER,
                "charge_cents": 19000,
            }
        ],
        "has_self_pay": False,
        "offers_assistance": True,
        "scan_line": "70032420415700008770",
    }
    statement |= changes
    owed = sum(line["you_owe_cents"] for visit in statement["visits"] for line in visit["lines"])
    due = owed - sum(payment["cents"] for payment in statement["payments"])
    return {"amount_due_cents": due, "aging": [{"kind": "new", "cents": due}]} | statement
