"""Provenance: where a value came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """What a value came from."""

    MESSAGE = "message"
    PERSON = "person"
    RULE = "rule"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value came from.

    Attributes:
        kind: Message, person, rule or import.
        origin: The message's or person's key, the rule's name and version, or the file's digest.
        path: The place inside it: `PID-5.1`, `Patient.name[0].family`, `row 3, column npi`.
    """

    kind: SourceKind
    origin: str
    path: str = ""
