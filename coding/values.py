"""What coding speaks of: code systems, releases, codes, hits, suggestions, coded visits.

Pure values; other packages may import this room.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from config.finding import Finding
from config.money import Money
from config.provenance import Source
from encounters.values import Condition, VisitCharge, VisitId

ChargeLineId = NewType("ChargeLineId", UUID)


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


class CodingState(StrEnum):
    """How the coding of a visit stands; moves are open ⇄ held, open → signed, signed → open."""

    OPEN = "open"
    HELD = "held"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that led to a code: characters start to end (excluded) of the text at `source`."""

    words: str
    start: int
    end: int
    source: Source


@dataclass(frozen=True, slots=True)
class CodedDiagnosis:
    """One diagnosis of a visit, in its place.

    Attributes:
        code: As printed: E11.9.
        source: The message that carried the code, the person who chose it, or the rule that
            suggested it.
        evidence: The words behind it, where it was chosen from a suggestion.
        note: The coder's reason; it overrides an Excludes1 warning.
    """

    code: str
    source: Source
    evidence: Evidence | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosisChoice:
    """A diagnosis that a coder chooses; without a source the coder is the source."""

    code: str
    source: Source | None = None
    evidence: Evidence | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CodedLine:
    """One charge line of a visit.

    Attributes:
        id: Stable key of the line, for as long as it lives: claims and the ledger name it.
        number: Place in the visit, from 1.
        system: `CPT` or `HCPCS`.
        modifiers: Up to four.
        charge: Total of the line: the charge master's price on the date of service times units.
        pointers: 1 to 4 places in the visit's diagnoses, from 1, the most important first.
        place_of_service: Empty where it is the visit's.
        provider_id: None where it is the visit's.
        hold: Empty, or why a claim may not carry the line: paid-in-full-restriction,
            part2-no-consent, confidential (P40).
        wording: The practice's own words for bills; `wording_es` in Spanish.
        sources: Where parts other than the code came from: `units`, `modifiers`, `ndc`…
    """

    id: ChargeLineId
    number: int
    code: str
    system: str
    modifiers: tuple[str, ...]
    units: int
    charge: Money
    pointers: tuple[int, ...]
    service_date: dt.date
    source: Source
    service_to: dt.date | None = None
    place_of_service: str = ""
    provider_id: UUID | None = None
    ndc: str = ""
    ndc_units: str = ""
    ndc_unit_of_measure: str = ""
    hold: str = ""
    wording: str = ""
    wording_es: str = ""
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineChoice:
    """A charge line that a coder adds; without a source the coder is the source.

    `service_date` None is the visit's. The charge comes from the charge master, never from here.
    """

    code: str
    pointers: tuple[int, ...]
    modifiers: tuple[str, ...] = ()
    units: int = 1
    service_date: dt.date | None = None
    service_to: dt.date | None = None
    place_of_service: str = ""
    provider_id: UUID | None = None
    ndc: str = ""
    ndc_units: str = ""
    ndc_unit_of_measure: str = ""
    source: Source | None = None
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodingEvent:
    """One step of a visit's coding: what was done, when, by whom, and why."""

    at: dt.datetime
    what: str
    by: Source
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VisitCoding:
    """What is known of a visit's coding; the sealed payload of its row."""

    diagnoses: tuple[CodedDiagnosis, ...] = ()
    lines: tuple[CodedLine, ...] = ()
    signed_at: dt.datetime | None = None
    signed_by: Source | None = None
    hold_reason: str = ""
    history: tuple[CodingEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class CodedVisit:
    """A visit's coding as other packages read it; only a signed one may become a claim."""

    visit_id: VisitId
    state: CodingState
    diagnoses: tuple[CodedDiagnosis, ...]
    lines: tuple[CodedLine, ...]
    signed_at: dt.datetime | None
    signed_by: Source | None
    hold_reason: str = ""
    history: tuple[CodingEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionSuggestion:
    """A visit's condition with the diagnoses that it leads to, best first, ready to be chosen."""

    condition: Condition
    choices: tuple[DiagnosisChoice, ...]
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class VisitSuggestions:
    """All that a visit offers its coder: conditions, words of the note, charges in the message."""

    conditions: tuple[ConditionSuggestion, ...]
    note: tuple[DiagnosisChoice, ...]
    charges: tuple[VisitCharge, ...]
    findings: tuple[Finding, ...] = ()
