"""References, read and resolved inside the Bundle that they came in.

Source:
    FHIR R4 references.html, bundle.html#references, http.html#trules (conditional references).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from gateways.fhir.r4 import R4_TYPES
from gateways.fhir.values import FhirEntry, Reference

if TYPE_CHECKING:
    from gateways.fhir.values import Element, FhirBundle, JsonObject

_LOCAL: Final = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(/_history/[A-Za-z0-9\-.]+)?")
_CONDITIONAL: Final = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^&]+)")


def read_reference(element: Element | None) -> Reference | None:
    """Return where a Reference element points, or None if it is absent or points nowhere.

    A Reference with both an address and an identifier is read by its address.
    """
    if element is None:
        return None
    address = element.text("reference")
    if address is not None:
        return _read_address(address.text, element.path)
    identifier = element.get("identifier")
    value = identifier.text("value") if identifier else None
    if identifier is None or value is None:
        return None
    system, named = identifier.text("system"), element.text("type")
    return Reference(
        "logical",
        value.text,
        named.text if named else None,
        system.text if system else None,
        element.path,
    )


def _read_address(address: str, path: str) -> Reference:
    """Return the kind and parts of `Reference.reference`."""
    if address.startswith("#"):
        return Reference("contained", address[1:], path=path)
    if address.startswith("urn:"):
        return Reference("urn", address, path=path)
    conditional = _CONDITIONAL.fullmatch(address)
    if conditional and conditional[1] in R4_TYPES:
        system, value = read_identifier_token(conditional[2])
        return Reference("conditional", value, conditional[1], system, path)
    local = _LOCAL.fullmatch(address)
    if local and local[1] in R4_TYPES:
        return Reference("local", local[2], local[1], path=path)
    return Reference("absolute", address, path=path)


def read_identifier_token(token: str) -> tuple[str | None, str]:
    """Return system and value of a search token, `system|value`, `|value` or `value`.

    Source:
        FHIR R4 search.html#token.
    """
    system, bar, value = unquote(token).partition("|")
    return (system or None, value) if bar else (None, system)


def read_if_none_exist(search: str | None) -> tuple[str | None, str] | None:
    """Return system and value of an `If-None-Exist` by identifier; None for any other search."""
    if search is None:
        return None
    name, _, token = search.strip().removeprefix("?").partition("=")
    tail = name.rsplit("?", 1)[-1]
    if tail != "identifier" or not token or "&" in token:
        return None
    system, value = read_identifier_token(token)
    return (system, value) if value else None


class ReferenceIndex:
    """The entries of one Bundle by every name that a reference may use."""

    def __init__(self, bundle: FhirBundle) -> None:
        """Index the entries by fullUrl, Type/id and Type with identifier."""
        self._by_url: dict[str, FhirEntry] = {}
        self._by_id: dict[tuple[str, str], FhirEntry] = {}
        self._by_identifier: dict[tuple[str, str | None, str], FhirEntry] = {}
        for entry in bundle.entries:
            self._add(entry)

    def _add(self, entry: FhirEntry) -> None:
        """Index one entry; the first of two with the same name stays."""
        if entry.full_url is not None:
            self._by_url.setdefault(entry.full_url, entry)
        kind, own_id = entry.resource_type, entry.resource.get("id")
        if isinstance(own_id, str):
            self._by_id.setdefault((kind, own_id), entry)
        for identifier in entry.element().each("identifier"):
            value, system = identifier.text("value"), identifier.text("system")
            if value is not None:
                self._by_identifier.setdefault((kind, None, value.text), entry)
                if system is not None:
                    self._by_identifier.setdefault((kind, system.text, value.text), entry)

    def resolve(
        self, reference: Reference | None, *, base: FhirEntry | None = None
    ) -> FhirEntry | None:
        """Return the entry that a reference points to, or None if it isn't in the Bundle.

        Args:
            reference: As read.
            base: The entry that holds the reference; needed for contained resources.
        """
        if reference is None:
            return None
        if reference.kind in {"urn", "absolute"}:
            return self._by_url.get(reference.value)
        kind = reference.resource_type
        if reference.kind == "local":
            return self._by_id.get((kind or "", reference.value)) or self._by_suffix(reference)
        if reference.kind == "contained":
            return _find_contained(reference.value, base) if base is not None else None
        return self._by_identifier.get((kind or "", reference.system, reference.value))

    def _by_suffix(self, reference: Reference) -> FhirEntry | None:
        """Return the entry whose fullUrl ends in Type/id, for Bundles with server addresses."""
        tail = f"/{reference.resource_type}/{reference.value}"
        return next((entry for url, entry in self._by_url.items() if url.endswith(tail)), None)


def _find_contained(own_id: str, base: FhirEntry) -> FhirEntry | None:
    """Return a contained resource as an entry of its own, its path inside its container."""
    contained = base.resource.get("contained")
    for index, item in enumerate(contained if isinstance(contained, list) else []):
        if isinstance(item, dict) and item.get("id") == own_id:
            return _as_entry(item, base, index)
    return None


def _as_entry(item: JsonObject, base: FhirEntry, index: int) -> FhirEntry:
    """Return a contained resource as an entry."""
    return FhirEntry(
        index=base.index,
        expression=f"{base.expression}.contained[{index}]",
        full_url=None,
        resource_type=str(item.get("resourceType")),
        resource=item,
        method=base.method,
        url=None,
        if_none_exist=None,
        is_used=base.is_used,
    )
