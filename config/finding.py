"""A finding: one thing wrong with somebody's data, said so that they can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Level(StrEnum):
    """How much a finding stops: an error stops the step, a warning asks, an info tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with data.

    Attributes:
        code: Permanent kebab-case name, such as `npi-check-digit`.
        where: Line, field, path or loop and element: `row 3, column npi`, `2300/CLM02`.
        message: What is wrong and what was expected; never a patient's data.
        fix: What a person can do about it.
        level: What it stops.
    """

    code: str
    where: str
    message: str
    fix: str
    level: Level = Level.ERROR


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether any of the findings stops the step."""
    return any(finding.level is Level.ERROR for finding in findings)


class RefusedError(Exception):
    """A verb was refused because of what is wrong with the data it was given.

    Attributes:
        findings: At least one finding of level error.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("; ".join(f"{f.where}: {f.message}" for f in self.findings))


class MissingError(LookupError):
    """A row isn't there, or belongs to another practice: both look alike."""
