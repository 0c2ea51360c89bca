"""A FHIR body to entries and problems: all problems at once, none half-way.

Order: bytes to JSON with everything hostile found (`decoding`), the Bundle's own form, then each
entry of a type that we act on against the models (`shapes`). Types that we do not use are kept raw
and not validated: what nobody reads can't be wrong in a way that matters.

Source:
    FHIR R4 http.html#transaction, bundle.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateways.fhir.decoding import decode
from gateways.fhir.r4 import (
    BUNDLE_KINDS,
    BUNDLE_KINDS_TAKEN,
    METHODS,
    METHODS_TAKEN,
    R4_TYPES,
    USED_TYPES,
)
from gateways.fhir.shapes import check_resource
from gateways.fhir.values import FhirBundle, FhirEntry, FhirProblem, Limits, ParsedBundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateways.fhir.values import Json, JsonObject

DEFAULT_LIMITS: Final = Limits()
#: A resource with such a problem is not shown to the models at all.
_STOPS_THE_MODELS: Final = frozenset({"security", "too-costly"})


def parse_bundle(body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> ParsedBundle:
    """Read a Bundle of type transaction, batch or collection.

    Args:
        body: UTF-8 JSON as received.
        limits: Beyond which the body is refused.

    Returns:
        The Bundle with its entries, and every problem found. Nothing is raised for bad input.
    """
    root, problems = decode(body, limits=limits)
    if root is None:
        return ParsedBundle(None, tuple(problems))
    if root.get("resourceType") != "Bundle":
        said = 'Expected a Bundle: "resourceType": "Bundle".'
        problems.append(FhirProblem("fatal", "structure", "Resource.resourceType", said))
        return ParsedBundle(None, tuple(problems))
    problems += _check_kind(root)
    raw_entries = root.get("entry", [])
    if not isinstance(raw_entries, list):
        problems.append(FhirProblem("fatal", "structure", "Bundle.entry", "Expected a JSON array."))
        return ParsedBundle(None, tuple(problems))
    if len(raw_entries) > limits.entries_max:
        said = f"The Bundle has more than {limits.entries_max:,} entries; send it in parts."
        problems.append(FhirProblem("fatal", "too-long", "Bundle.entry", said))
        return ParsedBundle(None, tuple(problems))
    hostile = {problem.entry for problem in problems if problem.code in _STOPS_THE_MODELS}
    entries = _read_entries(raw_entries, str(root.get("type")), hostile, problems)
    bundle = FhirBundle(
        kind=str(root.get("type")),
        identifier=_read_identifier(root.get("identifier")),
        timestamp=_as_text(root.get("timestamp")),
        entries=tuple(entries),
    )
    return ParsedBundle(bundle, _in_order(problems, limits))


def parse_resource(
    body: bytes,
    *,
    resource_type: str,
    if_none_exist: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ParsedBundle:
    """Read the one resource of a create.

    Args:
        body: UTF-8 JSON as received.
        resource_type: The type that the address names.
        if_none_exist: The header of that name.
        limits: Beyond which the body is refused.

    Returns:
        A Bundle of kind `create` with one entry, and every problem found.
    """
    root, problems = decode(body, limits=limits)
    if root is None:
        return ParsedBundle(None, tuple(problems))
    if resource_type not in R4_TYPES:
        said = "This is not an R4 resource type."
        problems.append(FhirProblem("fatal", "not-supported", "", said))
        return ParsedBundle(None, tuple(problems))
    if root.get("resourceType") != resource_type:
        said = f'Expected "resourceType": "{resource_type}", as in the address.'
        problems.append(FhirProblem("fatal", "structure", f"{resource_type}.resourceType", said))
        return ParsedBundle(None, tuple(problems))
    is_used = resource_type in USED_TYPES
    if is_used and not {problem.code for problem in problems} & _STOPS_THE_MODELS:
        problems += check_resource(root, expression=resource_type, entry=0)
    entry = FhirEntry(
        index=0,
        expression=resource_type,
        full_url=None,
        resource_type=resource_type,
        resource=root,
        method="POST",
        url=resource_type,
        if_none_exist=if_none_exist,
        is_used=is_used,
    )
    bundle = FhirBundle(kind="create", identifier=None, timestamp=None, entries=(entry,))
    return ParsedBundle(bundle, _in_order(problems, limits))


def _in_order(problems: list[FhirProblem], limits: Limits) -> tuple[FhirProblem, ...]:
    """Return the problems by entry, the whole body's first, cut at the limit with a word."""
    ordered = sorted(problems, key=lambda problem: -1 if problem.entry is None else problem.entry)
    if len(ordered) <= limits.problems_max:
        return tuple(ordered)
    said = f"There are more problems than the {limits.problems_max} that are listed."
    return (*ordered[: limits.problems_max], FhirProblem("error", "too-long", "", said))


def _check_kind(root: JsonObject) -> Iterator[FhirProblem]:
    """Yield the problem of Bundle.type, if any."""
    kind = root.get("type")
    if not isinstance(kind, str):
        yield FhirProblem("fatal", "required", "Bundle.type", "This element is required.")
    elif kind not in BUNDLE_KINDS:
        said = f"Expected one of: {', '.join(sorted(BUNDLE_KINDS))}."
        yield FhirProblem("fatal", "code-invalid", "Bundle.type", said)
    elif kind not in BUNDLE_KINDS_TAKEN:
        taken = ", ".join(sorted(BUNDLE_KINDS_TAKEN))
        said = f"Bundles of this type are not taken in; send one of: {taken}."
        yield FhirProblem("fatal", "not-supported", "Bundle.type", said)


def _read_entries(
    raw_entries: list[Json],
    kind: str,
    hostile: set[int | None],
    problems: list[FhirProblem],
) -> Iterator[FhirEntry]:
    """Yield the entries whose type is known; add what is wrong with any to `problems`."""
    names: set[str] = set()
    for index, raw in enumerate(raw_entries):
        place = f"Bundle.entry[{index}]"
        if not isinstance(raw, dict):
            problems.append(FhirProblem("error", "structure", place, "Expected an object.", index))
            continue
        full_url = _as_text(raw.get("fullUrl"))
        if full_url is not None and full_url in names:
            said = "Two entries have this fullUrl; each entry needs its own."
            problems.append(FhirProblem("error", "duplicate", f"{place}.fullUrl", said, index))
        names |= {full_url} if full_url is not None else set()
        problems += _check_request(raw, kind, place, index)
        entry = _read_entry(raw, index, problems)
        if entry is None:
            continue
        if entry.is_used and index not in hostile:
            problems += check_resource(entry.resource, expression=entry.expression, entry=index)
        yield entry


def _read_entry(raw: JsonObject, index: int, problems: list[FhirProblem]) -> FhirEntry | None:
    """Return the entry, or None with its problem added if its type can't be told."""
    place = f"Bundle.entry[{index}].resource"
    resource = raw.get("resource")
    if not isinstance(resource, dict):
        said = "This element is required: a resource as a JSON object."
        problems.append(FhirProblem("error", "required", place, said, index))
        return None
    name = resource.get("resourceType")
    if not isinstance(name, str) or name not in R4_TYPES:
        said = "Expected the name of an R4 resource type."
        problems.append(FhirProblem("error", "not-supported", f"{place}.resourceType", said, index))
        return None
    request = raw.get("request")
    asked = request if isinstance(request, dict) else {}
    return FhirEntry(
        index=index,
        expression=place,
        full_url=_as_text(raw.get("fullUrl")),
        resource_type=name,
        resource=resource,
        method=_as_text(asked.get("method")) or "POST",
        url=_as_text(asked.get("url")),
        if_none_exist=_as_text(asked.get("ifNoneExist")),
        is_used=name in USED_TYPES,
    )


def _check_request(raw: JsonObject, kind: str, place: str, index: int) -> Iterator[FhirProblem]:
    """Yield the problems of Bundle.entry.request; a collection has none and needs none."""
    if kind == "collection":
        return
    request = raw.get("request")
    if not isinstance(request, dict):
        said = "This element is required in a transaction or batch."
        yield FhirProblem("error", "required", f"{place}.request", said, index)
        return
    method = _as_text(request.get("method"))
    if method not in METHODS_TAKEN:
        code = "not-supported" if method in METHODS else "code-invalid"
        said = "Expected POST or PUT."
        yield FhirProblem("error", code, f"{place}.request.method", said, index)
    yield from _check_url(request, raw.get("resource"), f"{place}.request.url", index)


def _check_url(
    request: JsonObject, resource: Json, place: str, index: int
) -> Iterator[FhirProblem]:
    """Yield a problem if the address does not fit the method and the resource."""
    url = _as_text(request.get("url"))
    if url is None:
        yield FhirProblem("error", "required", place, "This element is required.", index)
        return
    name = _as_text(resource.get("resourceType")) if isinstance(resource, dict) else None
    asked = url.split("?", 1)[0].split("/")
    if name in R4_TYPES and asked[0] != name:
        said = "The address names another resource type than the resource."
        yield FhirProblem("error", "value", place, said, index)
    elif request.get("method") == "PUT" and len(asked) == 1 and "?" not in url:
        said = "A PUT needs Type/id or Type?identifier=system|value."
        yield FhirProblem("error", "value", place, said, index)


def _read_identifier(raw: Json) -> str | None:
    """Return Bundle.identifier.value."""
    return _as_text(raw.get("value")) if isinstance(raw, dict) else None


def _as_text(raw: Json) -> str | None:
    """Return a text that isn't blank, or None."""
    return raw.strip() or None if isinstance(raw, str) else None
