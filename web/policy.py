"""The one table of who may do what: every endpoint, command and job, with its purpose of use.

What isn't listed is refused: an endpoint stops the application's start, a command or job its run.
Views hold no code about rights; what a right depends on beyond the endpoint (the resource type of
a FHIR entry) they ask of the actor.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from access.values import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class PolicyError(RuntimeError):
    """Something that can be called stands in no line of the table."""


class Way(StrEnum):
    """The two ways in: machines bring a token, people come by the desk with a session."""

    TOKEN = "token"  # noqa: S105  # a way in, no secret
    DESK = "desk"


class Stage(StrEnum):
    """How far a person must have signed in; each stage holds those before it, but for `HALF`."""

    OPEN = "open"
    HALF = "half"  # the password held, the code is still to come
    PERSON = "person"
    PRACTICE = "practice"

    def reaches(self, wanted: Stage) -> bool:
        """Say whether somebody at this stage may open what wants that one."""
        if wanted is Stage.HALF:
            return self is not Stage.OPEN
        order = (Stage.OPEN, Stage.HALF, Stage.PERSON, Stage.PRACTICE)
        return order.index(self) >= order.index(wanted)


_FORM_BYTES_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call it and what for.

    Attributes:
        permission: The permission an actor must hold; None for what anybody may call and what
            touches no practice's data.
        purpose: Purpose of use that the audit log records (HL7 PurposeOfUse, lower case).
        way: Whose way in it is; matters to endpoints only.
        stage: For pages: how far whoever asks must have signed in.
        body_bytes_max: For pages: the largest body that is read.
    """

    permission: str | None
    purpose: str = "operations"
    way: Way = Way.TOKEN
    stage: Stage = Stage.PRACTICE
    body_bytes_max: int = _FORM_BYTES_MAX


_PUBLIC: Final = Rule(None)
_OPEN_PAGE: Final = Rule(None, way=Way.DESK, stage=Stage.OPEN)
_HALF_PAGE: Final = Rule(None, way=Way.DESK, stage=Stage.HALF)
_OWN_PAGE: Final = Rule(None, way=Way.DESK, stage=Stage.PERSON)


def _page(permission: str, purpose: str = "payment") -> Rule:
    """Return the rule of a page that people open."""
    return Rule(permission, purpose, Way.DESK)


ENDPOINTS: Final[Mapping[str, Rule]] = {
    "static": _PUBLIC,
    "front.show_front": _OPEN_PAGE,
    "front.show_health": _PUBLIC,
    "access.issue_token": _PUBLIC,
    "access_pages.show_sign_in": _OPEN_PAGE,
    "access_pages.sign_in": _OPEN_PAGE,
    "access_pages.show_code": _HALF_PAGE,
    "access_pages.check_code": _HALF_PAGE,
    "access_pages.sign_out": _HALF_PAGE,
    "access_pages.show_practices": _OWN_PAGE,
    "access_pages.choose_practice": _OWN_PAGE,
    "access_pages.show_account": _OWN_PAGE,
    "access_pages.change_password": _OWN_PAGE,
    "access_pages.make_recovery_codes": _OWN_PAGE,
    "fhir.show_metadata": _PUBLIC,
    "fhir.show_smart_configuration": _PUBLIC,
    "fhir.take_bundle": Rule("intake.write", "payment"),
    "fhir.take_resource": Rule("intake.write", "payment"),
    "fhir.show_resource": Rule("intake.read", "payment"),
    "shell.choose": _OPEN_PAGE,
    "shell.show_preferences": _OPEN_PAGE,
    "shell.save_preferences": _OPEN_PAGE,
    "office.show_home": _page("home.read", "operations"),
    "office.find": _page("home.read"),
    "claims.list_claims": _page("claims.read"),
    "claims.show_claim": _page("claims.read"),
    "claims.show_fields": _page("claims.read"),
    "claims.list_denials": _page("denials.read"),
    "claims.list_remittances": _page("remittances.read"),
    "claims.show_remittance": _page("remittances.read"),
    "encounters.list_messages": _page("intake.read"),
    "encounters.show_message": _page("intake.read"),
    "encounters.replay_message": _page("intake.write"),
    "ledger.show_balance": _page("ledger.read"),
    "ledger.show_aging": _page("ledger.read"),
    "ledger.list_entries": _page("ledger.read"),
    "ledger.list_open_items": _page("ledger.read"),
    "ledger.show_posting": _page("ledger.read"),
    "patients.list_patients": _page("patients.read"),
    "patients.show_patient": _page("patients.read"),
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
    "people add": Rule("access.write"),
    "people deactivate": Rule("access.write"),
    "people list": Rule("access.read"),
    "people reset": Rule("access.write"),
    "mllp": Rule("intake.write", "payment"),
    "remit post": Rule("remittances.post", "payment"),
    "serve": Rule(None),
    "simulate": Rule(None),
    "statements run": Rule("statements.run", "payment"),
    "worker": Rule(None),
}

# Role in a practice -> what it may do there. Who posts doesn't refund or write off over the limit,
# who approves is another, and an auditor changes nothing.
ROLES: Final[Mapping[Role, frozenset[str]]] = {
    Role.FRONT_DESK: frozenset(
        {
            "home.read", "practice.read", "schedule.read", "patients.read", "patients.write",
            "visits.read", "visits.write", "eligibility.read", "eligibility.write",
            "payments.take", "day.close", "statements.read",
        }
    ),
    Role.CODER: frozenset(
        {
            "home.read", "practice.read", "patients.read", "visits.read", "intake.read",
            "coding.read", "coding.write", "codes.read", "claims.read",
        }
    ),
    Role.BILLER: frozenset(
        {
            "home.read", "practice.read", "patients.read", "patients.write", "visits.read",
            "intake.read", "intake.write", "eligibility.read", "eligibility.write",
            "coding.read", "codes.read", "claims.read", "claims.write", "claims.send",
            "claims.receive", "remittances.read", "remittances.post", "denials.read",
            "denials.write", "ledger.read", "statements.read", "statements.run", "questions.write",
            "adjustments.ask",
        }
    ),
    Role.MANAGER: frozenset(
        {
            "home.read", "practice.read", "practice.write", "patients.read", "visits.read",
            "intake.read", "eligibility.read", "coding.read", "codes.read", "claims.read",
            "remittances.read", "denials.read", "ledger.read", "statements.read", "reports.read",
            "schedule.read", "day.read", "access.read", "access.write", "adjustments.approve",
            "refunds.approve",
        }
    ),
    Role.PROVIDER: frozenset(
        {
            "home.read", "practice.read", "schedule.read", "patients.read", "visits.read",
            "coding.read", "codes.read",
        }
    ),
    Role.AUDITOR: frozenset({"home.read", "audit.read", "audit.export", "reports.read"}),
}  # fmt: skip

# Nobody may hold both of a pair through one role: whoever posts doesn't approve.
APART: Final = (
    ("remittances.post", "refunds.approve"),
    ("remittances.post", "adjustments.approve"),
    ("payments.take", "refunds.approve"),
    ("adjustments.ask", "adjustments.approve"),
    ("audit.read", "access.write"),
)


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Return what roles in one practice may do there.

    Two roles of one person join; where two people are wanted, it is people who are compared, not
    roles.
    """
    return frozenset().union(*(ROLES[role] for role in roles))


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
