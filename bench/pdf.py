"""Statements a second: one guarantor, one visit, PDF/UA-1, as they are sent."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Final

import patient_billing
from bench.values import Measured
from gateways.pdf.service import render
from tests.factories.statements import make_statement

_STATEMENTS: Final = 60
_ROUNDS: Final = 3
_PER_SECOND_MIN: Final = 20.0


def measure() -> list[Measured]:
    """Return PDFs a second of one process, the best of three rounds.

    No peer is in the lock: WeasyPrint, the usual choice for accessible PDF, made 6.7 one-page
    PDF/UA files a second on a machine of this size, ReportLab 53 without any tags.
    """
    template = Path(patient_billing.__file__).parent / "templates" / "statement.typ"
    day = dt.date(2026, 9, 15)
    data = [make_statement(statement_number=f"S-{number}") for number in range(_STATEMENTS)]
    render(template, data[0], lang="en", date=day)
    best = 0.0
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for statement in data:
            render(template, statement, lang="en", date=day)
        best = max(best, _STATEMENTS / (time.perf_counter() - started))
    return [
        Measured(
            name="Patient statements, PDF/UA-1",
            ours=best,
            theirs=None,
            unit="PDFs/s",
            ratio=None,
            bar=_PER_SECOND_MIN,
            note="two pages, logo, one process; WeasyPrint made 6.7/s of one page elsewhere",
        )
    ]
