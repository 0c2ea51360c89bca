"""What the readers of code set files hand on: codes, notes and findings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from coding.values import CodeSystem
from config.finding import Finding


@dataclass(frozen=True)
class CodeRow:
    """One row of a release; `plain` is the look-up form, `parent` the plain code above or ''."""

    plain: str
    code: str
    title: str
    kind: str
    parent: str
    billable: bool
    effective_from: dt.date
    effective_to: dt.date


@dataclass(frozen=True)
class NoteRow:
    """An instruction at the place where it is printed: a code, section or chapter."""

    owner: str
    kind: str
    text: str


@dataclass
class CodeFile:
    """All that a code set file says, and what was wrong with it."""

    system: CodeSystem
    codes: list[CodeRow] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
