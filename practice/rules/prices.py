"""Checks of the charge master, the contracts and the enrolments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.finding import Finding
from practice.rules.forms import check_form, check_span

if TYPE_CHECKING:
    from practice.values import Allowed, Charge, Enrolment

_PROCEDURE: Final = re.compile(r"[A-Z0-9]{5}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")


def check_charge(charge: Charge) -> list[Finding]:
    """Return findings about one price.

    Source:
        DESIGN 7.9.
    """
    findings = [
        *check_form(_PROCEDURE, charge.code, "code", expected="five capitals or digits"),
        *check_form(
            _MODIFIER,
            charge.modifier,
            "modifier",
            expected="two capitals or digits",
            is_optional=True,
        ),
        *check_span(charge.from_date, charge.to_date),
    ]
    if charge.unit_price.cents < 0:
        findings.append(_negative("unit_price"))
    return findings


def check_allowed(allowed: Allowed) -> list[Finding]:
    """Return findings about one contract fee.

    Source:
        House: decision 0006 (spans).
    """
    findings = [
        *check_form(_PROCEDURE, allowed.code, "code", expected="five capitals or digits"),
        *check_span(allowed.from_date, allowed.to_date),
    ]
    if allowed.unit_allowed.cents < 0:
        findings.append(_negative("unit_allowed"))
    return findings


def _negative(where: str) -> Finding:
    return Finding(
        "amount-negative", where, "expected an amount of 0 or more", "correct the amount"
    )


def check_enrolment(enrolment: Enrolment) -> list[Finding]:
    """Return findings about one enrolment.

    Source:
        P38.
    """
    return check_span(enrolment.from_date, enrolment.to_date)
