"""What a FHIR body becomes: problems, entries, and elements that know their path.

The resources stay plain JSON values (numbers as `Decimal`): they were validated once and are never
dumped and read again. `Element` reads them and keeps the FHIRPath of each value, which is the
provenance that encounters and claims carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | Decimal | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"
Severity = Literal["fatal", "error", "warning", "information"]
ReferenceKind = Literal["urn", "local", "conditional", "contained", "absolute", "logical"]


@dataclass(frozen=True)
class FhirProblem:
    """One thing that is wrong with a body, said without any of its values.

    Attributes:
        severity: How bad, as in OperationOutcome.
        code: FHIR issue type: structure, required, value, invariant, security, too-long, …
        expression: FHIRPath of the place, from the root of the body; empty if there is none.
        diagnostics: What is wrong and what was expected. Holds nothing that the sender wrote but
            element names.
        entry: Index of the Bundle entry (0-based), or None if the whole body is meant.

    Source:
        FHIR R4 OperationOutcome.issue.
    """

    severity: Severity
    code: str
    expression: str
    diagnostics: str
    entry: int | None = None

    @property
    def is_error(self) -> bool:
        """True if the place can't be used."""
        return self.severity in {"fatal", "error"}


@dataclass(frozen=True)
class Limits:
    """How much one body may hold; beyond it the body is refused before it is understood."""

    bytes_max: int = 20 * 1024 * 1024
    depth_max: int = 40
    entries_max: int = 20_000
    problems_max: int = 200


@dataclass(frozen=True)
class Sourced:
    """A text and the FHIRPath that it came from."""

    text: str
    path: str


@dataclass(frozen=True)
class SourcedNumber:
    """A number and the FHIRPath that it came from."""

    number: Decimal
    path: str


@dataclass(frozen=True)
class Element:
    """A JSON object inside a resource, with its FHIRPath."""

    value: JsonObject
    path: str

    def get(self, name: str) -> Element | None:
        """Return the child object of that name, or None; the first one if it repeats."""
        children = self.each(name)
        return children[0] if children else None

    def at(self, *names: str) -> Element | None:
        """Walk down several names, taking the first of each that repeats."""
        here: Element | None = self
        for name in names:
            here = here.get(name) if here is not None else None
        return here

    def each(self, name: str) -> list[Element]:
        """Return the child objects of that name, in order; empty if there are none."""
        child = self.value.get(name)
        if isinstance(child, dict):
            return [Element(child, f"{self.path}.{name}")]
        if not isinstance(child, list):
            return []
        return [
            Element(item, f"{self.path}.{name}[{index}]")
            for index, item in enumerate(child)
            if isinstance(item, dict)
        ]

    def text(self, name: str) -> Sourced | None:
        """Return the child text of that name, stripped; None if absent or blank."""
        texts = self.texts(name)
        return texts[0] if texts else None

    def texts(self, name: str) -> list[Sourced]:
        """Return the child texts of that name, in order; blank ones are left out."""
        child = self.value.get(name)
        if isinstance(child, str):
            return [Sourced(child.strip(), f"{self.path}.{name}")] if child.strip() else []
        if not isinstance(child, list):
            return []
        return [
            Sourced(item.strip(), f"{self.path}.{name}[{index}]")
            for index, item in enumerate(child)
            if isinstance(item, str) and item.strip()
        ]

    def number(self, name: str) -> SourcedNumber | None:
        """Return the child number of that name, exact."""
        child = self.value.get(name)
        if isinstance(child, bool) or not isinstance(child, (int, Decimal)):
            return None
        return SourcedNumber(Decimal(child), f"{self.path}.{name}")

    def flag(self, name: str) -> bool | None:
        """Return the child boolean of that name."""
        child = self.value.get(name)
        return child if isinstance(child, bool) else None


@dataclass(frozen=True)
class Reference:
    """Where a Reference points.

    Attributes:
        kind: urn (`urn:uuid:…`), local (`Type/id`), conditional (`Type?identifier=…`), contained
            (`#id`), absolute (a URL), or logical (an identifier and no address).
        value: The urn, the id, the identifier's value, or the URL.
        resource_type: The type that it names, where it names one.
        system: The identifier's system, for conditional and logical ones.
        path: FHIRPath of the Reference.

    Source:
        FHIR R4 references, 2.3.0.1 and http.html#trules (conditional references).
    """

    kind: ReferenceKind
    value: str
    resource_type: str | None = None
    system: str | None = None
    path: str = ""


@dataclass(frozen=True)
class FhirEntry:
    """One entry of a Bundle, or the one resource of a create.

    Attributes:
        index: 0-based place in the Bundle.
        expression: FHIRPath of the resource, `Bundle.entry[3].resource` or the type of a create.
        full_url: `fullUrl`, the name by which other entries refer to it.
        resource_type: A known R4 type.
        resource: The resource, as sent.
        method: HTTP verb that the entry asks for; POST where the Bundle isn't of requests.
        url: `request.url`.
        if_none_exist: `request.ifNoneExist`, a search such as `identifier=sys|val`.
        is_used: True if we act on the type; False if it is kept raw.
    """

    index: int
    expression: str
    full_url: str | None
    resource_type: str
    resource: JsonObject
    method: str
    url: str | None
    if_none_exist: str | None
    is_used: bool

    def element(self) -> Element:
        """Return the resource as an Element whose path starts at the resource's type.

        Provenance reads `Patient.name[0].family`; the entry's place is `expression`.
        """
        return Element(self.resource, self.resource_type)

    def where(self, path: str) -> str:
        """Return the place in the body of a path that starts at the resource's type."""
        return self.expression + path.removeprefix(self.resource_type)


@dataclass(frozen=True)
class FhirBundle:
    """A body that could be read.

    Attributes:
        kind: Bundle.type, or `create` for a single resource.
        identifier: Bundle.identifier.value, the sender's own number for the message.
        timestamp: Bundle.timestamp as sent.
        entries: Entries whose resource could be told; broken ones too, see the problems.
    """

    kind: str
    identifier: str | None
    timestamp: str | None
    entries: tuple[FhirEntry, ...]


@dataclass(frozen=True)
class ParsedBundle:
    """A body and every problem found in it.

    Attributes:
        bundle: None if the body isn't a FHIR JSON body at all.
        problems: All of them, in the order of the body.
    """

    bundle: FhirBundle | None
    problems: tuple[FhirProblem, ...]

    @property
    def is_refused(self) -> bool:
        """True if nothing of the body may be applied.

        Source:
            FHIR R4 http.html#transaction: a transaction stands or falls as one; the entries of a
            batch stand alone.
        """
        if self.bundle is None:
            return True
        if self.bundle.kind == "batch":
            return any(problem.is_error and problem.entry is None for problem in self.problems)
        return any(problem.is_error for problem in self.problems)

    def problems_of(self, index: int) -> tuple[FhirProblem, ...]:
        """Return the problems of one entry."""
        return tuple(problem for problem in self.problems if problem.entry == index)


@dataclass(frozen=True)
class EntryResult:
    """What happened to one entry, for the response Bundle.

    Attributes:
        status: HTTP status with its words, `201 Created`.
        location: `Patient/<id>/_history/<version>`.
        etag: `W/"1"`.
        last_modified: Instant, `2026-09-15T12:00:00Z`.
        outcome: An OperationOutcome, where there is something to say.

    Source:
        FHIR R4 Bundle.entry.response.
    """

    status: str
    location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    outcome: JsonObject | None = None
