"""The one table of who may do what: every endpoint, command and job, with its purpose of use.

What isn't listed is refused: an endpoint stops the application's start, a command or job its run.
Views hold no code about rights; what a right depends on beyond the endpoint (the resource type of
a FHIR entry) they ask of the actor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class PolicyError(RuntimeError):
    """Something that can be called stands in no line of the table."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call it and what for.

    Attributes:
        permission: The permission an actor must hold; None for what anybody may call and what
            touches no practice's data.
        purpose: Purpose of use that the audit log records (HL7 PurposeOfUse, lower case).
    """

    permission: str | None
    purpose: str = "operations"


_PUBLIC: Final = Rule(None)

ENDPOINTS: Final[Mapping[str, Rule]] = {
    "static": _PUBLIC,
    "front.show_front": _PUBLIC,
    "front.show_health": _PUBLIC,
    "access.issue_token": _PUBLIC,
    "fhir.show_metadata": _PUBLIC,
    "fhir.show_smart_configuration": _PUBLIC,
    "fhir.take_bundle": Rule("intake.write", "payment"),
    "fhir.take_resource": Rule("intake.write", "payment"),
    "fhir.show_resource": Rule("intake.read", "payment"),
}

COMMANDS: Final[Mapping[str, Rule]] = {
    "audit export": Rule("audit.export", "audit"),
    "audit verify": Rule(None, "audit"),
    "claims batch": Rule("claims.send", "payment"),
    "claims build": Rule("claims.write", "payment"),
    "claims receive": Rule("claims.receive", "payment"),
    "claims scrub": Rule("claims.write", "payment"),
    "claims send": Rule("claims.send", "payment"),
    "claims show": Rule("claims.read", "payment"),
    "claims status": Rule("claims.read", "payment"),
    "claims void": Rule("claims.write", "payment"),
    "clients add": Rule("access.write"),
    "clients deactivate": Rule("access.write"),
    "clients list": Rule("access.read"),
    "codes load": Rule("codes.write"),
    "codes search": Rule(None),
    "codes suggest": Rule(None),
    "db upgrade": Rule("installation.write"),
    "demo": Rule(None),
    "edi check": Rule(None),
    "edi show": Rule(None),
    "import charges": Rule("practice.write"),
    "import contracts": Rule("practice.write"),
    "import coverages": Rule("patients.write", "payment"),
    "import enrolments": Rule("practice.write"),
    "import feeds": Rule("practice.write"),
    "import guarantors": Rule("patients.write", "payment"),
    "import locations": Rule("practice.write"),
    "import partners": Rule("practice.write"),
    "import patients": Rule("patients.write", "payment"),
    "import payers": Rule("practice.write"),
    "import practice": Rule("practice.write"),
    "import providers": Rule("practice.write"),
    "intake csv": Rule("intake.write", "payment"),
    "intake fhir": Rule("intake.write", "payment"),
    "intake hl7": Rule("intake.write", "payment"),
    "intake list": Rule("intake.read", "payment"),
    "intake replay": Rule("intake.write", "payment"),
    "keys make": Rule(None),
    "ledger aging": Rule("ledger.read", "payment"),
    "ledger balance": Rule("ledger.read", "payment"),
    "ledger clearing": Rule("ledger.read", "payment"),
    "mllp": Rule("intake.write", "payment"),
    "remit post": Rule("remittances.post", "payment"),
    "serve": Rule(None),
    "simulate": Rule(None),
    "statements run": Rule("statements.run", "payment"),
    "worker": Rule(None),
}

# Kind of change -> the rule under which its jobs run (as the practice's worker account).
JOBS: Final[Mapping[str, Rule]] = {
    "message-kept": Rule("intake.write", "payment"),
    "visit-changed": Rule("coding.write", "payment"),
    "visit-excused": Rule("coding.write", "payment"),
    "visit-held": Rule("claims.write", "payment"),
    "visit-line-held": Rule("claims.write", "payment"),
    "visit-reopened": Rule("claims.write", "payment"),
    "visit-signed": Rule("claims.write", "payment"),
    "visit-voided": Rule("coding.write", "payment"),
}


def rule_of_endpoint(endpoint: str) -> Rule:
    """Return an endpoint's rule.

    Raises:
        PolicyError: The table doesn't hold the endpoint.
    """
    if endpoint not in ENDPOINTS:
        raise PolicyError(f"endpoint {endpoint} is missing in web/policy.py")
    return ENDPOINTS[endpoint]


def rule_of_command(path: str) -> Rule:
    """Return a command's rule.

    Raises:
        PolicyError: The table doesn't hold the command.
    """
    if path not in COMMANDS:
        raise PolicyError(f"command `{path}` is missing in web/policy.py")
    return COMMANDS[path]


def check_endpoints(endpoints: Iterable[str]) -> None:
    """Refuse to start with an endpoint that the table doesn't hold."""
    for endpoint in endpoints:
        rule_of_endpoint(endpoint)


def check_jobs(kinds: Iterable[str]) -> None:
    """Refuse to start with a job whose kind of change the table doesn't hold."""
    for kind in kinds:
        if kind not in JOBS:
            raise PolicyError(f"jobs for `{kind}` are missing in web/policy.py")
