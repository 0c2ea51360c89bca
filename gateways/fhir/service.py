"""The door of the FHIR gateway."""

from __future__ import annotations

from gateways.fhir.answers import (
    CONTENT_TYPE,
    FHIR_VERSION,
    build_bundle_response,
    build_capability_statement,
    build_kept_raw,
    build_outcome,
    build_smart_configuration,
    to_json,
)
from gateways.fhir.parsing import parse_bundle, parse_resource
from gateways.fhir.r4 import R4_TYPES, USED_TYPES
from gateways.fhir.references import (
    ReferenceIndex,
    read_identifier_token,
    read_if_none_exist,
    read_reference,
)
from gateways.fhir.shapes import load_models

__all__ = [
    "CONTENT_TYPE",
    "FHIR_VERSION",
    "USED_TYPES",
    "ReferenceIndex",
    "build_bundle_response",
    "build_capability_statement",
    "build_kept_raw",
    "build_outcome",
    "build_smart_configuration",
    "is_known_type",
    "parse_bundle",
    "parse_resource",
    "read_identifier_token",
    "read_if_none_exist",
    "read_reference",
    "to_json",
    "warm_up",
]


def is_known_type(name: str) -> bool:
    """Return True if R4 has a resource type of that name."""
    return name in R4_TYPES


def warm_up() -> None:
    """Load the models now (0.3 s), so that the first message does not wait for them."""
    load = load_models()
    for name in sorted(USED_TYPES):
        load(name)
