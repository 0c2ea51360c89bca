"""What we answer in FHIR: OperationOutcome, response Bundle, CapabilityStatement, SMART discovery.

Source:
    FHIR R4 OperationOutcome, Bundle (responses), CapabilityStatement; SMART App Launch 2.2
    conformance and Backend Services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from gateways.fhir.r4 import USED_TYPES
from gateways.fhir.values import FhirProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateways.fhir.values import EntryResult, Json, JsonObject

FHIR_VERSION: Final = "4.0.1"
CONTENT_TYPE: Final = "application/fhir+json"
_SECURITY_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_OAUTH_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def to_json(resource: Json) -> bytes:
    """Return a resource as JSON; its decimals keep the digits that they came with.

    Source:
        FHIR R4 datatypes.html#decimal (precision is to be kept).
    """
    return _ENCODER.encode(resource)


def build_outcome(problems: Sequence[FhirProblem]) -> JsonObject:
    """Return an OperationOutcome that lists the problems; `ok` if there are none."""
    listed = problems or (FhirProblem("information", "informational", "", "All OK"),)
    return {"resourceType": "OperationOutcome", "issue": [_build_issue(item) for item in listed]}


def _build_issue(problem: FhirProblem) -> JsonObject:
    """Return one OperationOutcome.issue."""
    issue: JsonObject = {
        "severity": problem.severity,
        "code": problem.code,
        "diagnostics": problem.diagnostics,
    }
    if problem.expression:
        issue["expression"] = [problem.expression]
    return issue


def build_kept_raw(resource_type: str, *, expression: str, entry: int | None) -> FhirProblem:
    """Return the notice that a resource was kept, and not acted on."""
    said = f"{resource_type} is kept as it came; Cleanclaim does not act on this type."
    return FhirProblem("information", "informational", expression, said, entry)


def build_bundle_response(kind: str, results: Sequence[EntryResult]) -> JsonObject:
    """Return the response Bundle of a transaction or batch, its entries in the order sent."""
    return {
        "resourceType": "Bundle",
        "type": "batch-response" if kind == "batch" else "transaction-response",
        "entry": [{"response": _build_response(result)} for result in results],
    }


def _build_response(result: EntryResult) -> JsonObject:
    """Return one Bundle.entry.response."""
    told: JsonObject = {
        "status": result.status,
        "location": result.location,
        "etag": result.etag,
        "lastModified": result.last_modified,
        "outcome": result.outcome,
    }
    return {name: value for name, value in told.items() if value is not None}


def build_capability_statement(
    *, base_url: str, token_url: str, date: str, software_version: str
) -> JsonObject:
    """Return what `GET /fhir/R4/metadata` answers.

    Args:
        base_url: Address of the FHIR root, without a closing slash.
        token_url: OAuth 2.0 token endpoint.
        date: Day of the statement, ISO.
        software_version: Its version.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "publisher": "Cleanclaim",
        "kind": "instance",
        "software": {"name": "Cleanclaim", "version": software_version},
        "implementation": {"description": "Cleanclaim intake", "url": base_url},
        "fhirVersion": FHIR_VERSION,
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "Resource types that are not listed are kept as they came and answered with an"
                    " information outcome. Bundles of type transaction, batch and collection are"
                    " taken in; POST and PUT are the verbs of their entries."
                ),
                "security": _build_security(token_url),
                "resource": [_build_resource(name) for name in sorted(USED_TYPES)],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _build_security(token_url: str) -> JsonObject:
    """Return CapabilityStatement.rest.security for SMART Backend Services."""
    return {
        "cors": False,
        "service": [
            {
                "coding": [{"system": _SECURITY_SYSTEM, "code": "SMART-on-FHIR"}],
                "text": "SMART Backend Services: client_credentials with private_key_jwt",
            }
        ],
        "extension": [{"url": _OAUTH_URIS, "extension": [{"url": "token", "valueUri": token_url}]}],
    }


def _build_resource(name: str) -> JsonObject:
    """Return CapabilityStatement.rest.resource of one type."""
    return {
        "type": name,
        "interaction": [{"code": "create"}, {"code": "update"}, {"code": "read"}],
        "versioning": "versioned",
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "referencePolicy": ["literal", "logical", "local"],
    }


def build_smart_configuration(*, base_url: str, token_url: str) -> JsonObject:
    """Return what `GET /fhir/R4/.well-known/smart-configuration` answers.

    Source:
        SMART App Launch 2.2, conformance: backend services.
    """
    return {
        "issuer": base_url,
        "token_endpoint": token_url,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "system/*.rs"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        "code_challenge_methods_supported": ["S256"],
    }
