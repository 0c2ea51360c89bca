"""What coding speaks of: code systems, releases, codes, hits and suggestions.

Pure values; other packages may import this room.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from config.finding import Finding


class CodeSystem(StrEnum):
    """A code set, named as the JSON contract names it."""

    ICD10CM = "ICD-10-CM"
    HCPCS = "HCPCS"
    CPT = "CPT"


@dataclass(frozen=True)
class Period:
    """First and last day, both included."""

    first: dt.date
    last: dt.date

    def contains(self, day: dt.date) -> bool:
        """Return whether the day lies in the period."""
        return self.first <= day <= self.last

    def overlaps(self, other: Period) -> bool:
        """Return whether the two periods share a day."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Release:
    """One release of one code set, as its file says it.

    `file` is the name of the SQLite file inside the folder of code sets; `rows` counts codes.
    """

    system: CodeSystem
    release: str
    effective_from: dt.date
    effective_to: dt.date
    source_file: str
    sha256: str
    rows: int
    file: str

    @property
    def period(self) -> Period:
        """Return the days on which this release is in force."""
        return Period(self.effective_from, self.effective_to)

    def as_json(self) -> dict[str, str]:
        """Return the shape that `codes search --json` prints."""
        return {
            "system": self.system.value,
            "release": self.release,
            "from": self.effective_from.isoformat(),
            "to": self.effective_to.isoformat(),
        }


@dataclass(frozen=True)
class Code:
    """One code of a release; `code` is as printed (E11.9)."""

    system: CodeSystem
    code: str
    title: str
    billable: bool
    kind: str
    effective_from: dt.date
    effective_to: dt.date
    release: str


@dataclass(frozen=True)
class CodeNote:
    """An instruction that holds for a code, its own or inherited from `owner`.

    `kind` is excludes1, excludes2, codeFirst, useAdditionalCode, codeAlso, includes,
    inclusionTerm or notes.
    """

    kind: str
    owner: str
    text: str


@dataclass(frozen=True)
class LoadAnswer:
    """What loading a code set led to: the releases now in force and what was wrong."""

    releases: tuple[Release, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Hit:
    """One search result."""

    code: str
    system: CodeSystem
    description: str
    billable: bool
    why: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `codes search --json` prints."""
        return {
            "code": self.code,
            "system": self.system.value,
            "description": self.description,
            "billable": self.billable,
            "why": list(self.why),
        }


@dataclass(frozen=True)
class SearchAnswer:
    """Hits, best first, with the releases that they come from."""

    on: dt.date | None
    releases: tuple[Release, ...]
    hits: tuple[Hit, ...]
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the JSON contract's shape."""
        return {
            "on": self.on.isoformat() if self.on else None,
            "releases": [release.as_json() for release in self.releases],
            "hits": [hit.as_json() for hit in self.hits],
        }


@dataclass(frozen=True)
class Neighbour:
    """A code that stands next to a suggested one, and why it was not suggested."""

    code: str
    why_not: str


@dataclass(frozen=True)
class Suggestion:
    """A code that words of a note or condition lead to; nothing is ever applied by itself.

    `start` and `end` are character offsets into the text that was given (end excluded);
    `words` are the characters between them. `confidence` runs from 0 to 100.
    """

    code: str
    system: CodeSystem
    description: str
    start: int
    end: int
    words: str
    why: tuple[str, ...]
    neighbours: tuple[Neighbour, ...] = ()
    confidence: int = field(default=100, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `codes suggest --json` prints."""
        return {
            "code": self.code,
            "system": self.system.value,
            "description": self.description,
            "start": self.start,
            "end": self.end,
            "words": self.words,
            "why": list(self.why),
            "neighbours": [{"code": n.code, "why_not": n.why_not} for n in self.neighbours],
        }


@dataclass(frozen=True)
class SuggestAnswer:
    """Suggestions in reading order, and why there are none where there are none."""

    suggestions: tuple[Suggestion, ...]
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the JSON contract's shape."""
        return {"suggestions": [suggestion.as_json() for suggestion in self.suggestions]}
