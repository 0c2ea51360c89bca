"""Checks of patients, guarantors and coverages.

Each check returns findings whose `where` is the field, such as `name.family`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from config.finding import Finding, Level
from config.names_index import name_tokens
from config.people import Sex
from patients.values import Relationship
from practice.service import check_address
from practice.values import PayerKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from config.people import Address, Identifier, PersonName
    from patients.values import CoverageDetails, CoverageEntry, GuarantorDetails, PatientDetails

AGE_MAX: Final = 130
LANGUAGES: Final = ("en", "es")
PRIORITY_MAX: Final = 11  # SBR01 knows P, S, T and A to H

_MEMBER_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ./_-]{0,78}[A-Za-z0-9])?")
_L: Final = "[AC-HJKMNP-RT-Y]"
_A: Final = "[0-9AC-HJKMNP-RT-Y]"
_MBI: Final = re.compile(rf"[1-9]{_L}{_A}[0-9]{_L}{_A}[0-9]{_L}{_L}[0-9][0-9]")
_NO_MEMBER_ID: Final = frozenset({PayerKind.WORKERS_COMP, PayerKind.AUTO, PayerKind.SELF_PAY})


def _warn(findings: list[Finding]) -> list[Finding]:
    return [replace(finding, level=Level.WARNING) for finding in findings]


def _check_name(name: PersonName) -> list[Finding]:
    if name_tokens(name.family):
        return []
    return [
        Finding(
            "name-missing",
            "name.family",
            "the family name is missing",
            "add the name as it stands on the insurance card",
        )
    ]


def _check_birth_date(birth_date: dt.date | None, today: dt.date) -> list[Finding]:
    if birth_date is None:
        return [
            Finding(
                "birth-date-missing",
                "birth_date",
                "the birth date is missing; claims need it",
                "ask for it at the next visit",
                Level.WARNING,
            )
        ]
    if birth_date > today:
        return [
            Finding(
                "birth-date-future",
                "birth_date",
                "the birth date lies in the future",
                "correct the year",
            )
        ]
    if today.year - birth_date.year > AGE_MAX:
        return [
            Finding(
                "birth-date-age",
                "birth_date",
                f"the birth date lies more than {AGE_MAX} years back",
                "correct the year",
            )
        ]
    return []


def _check_postal(address: Address | None) -> list[Finding]:
    return _warn(check_address(address)) if address else []


def _check_language(language: str) -> list[Finding]:
    if language in {"", *LANGUAGES}:
        return []
    return [Finding("language-unknown", "language", "expected en or es", "write en or es")]


def check_identifiers(identifiers: Sequence[Identifier]) -> list[Finding]:
    """Return a finding for each identifier that has no value or doesn't say who gave it.

    Source:
        House: decision 0006 (identifiers).
    """
    return [
        Finding(
            "identifier-incomplete",
            f"identifiers[{place}]",
            "an identifier needs its number and who assigned it",
            "give the assigning authority, or take the identifier out",
        )
        for place, identifier in enumerate(identifiers)
        if not identifier.system.strip() or not identifier.value.strip()
    ]


def check_patient(details: PatientDetails, *, today: dt.date) -> list[Finding]:
    """Return findings about a patient; what only a claim needs is a warning here.

    Args:
        details: The patient.
        today: The day on which they are checked.

    Source:
        TR3 005010X222A1 2010CA NM1, DMG; 2010BA N3, N4.
    """
    findings = [
        *_check_name(details.name),
        *_check_birth_date(details.birth_date, today),
        *_check_postal(details.address),
        *_check_language(details.language),
        *check_identifiers(details.identifiers),
    ]
    if details.sex is Sex.UNKNOWN:
        findings.append(
            Finding(
                "sex-unknown",
                "sex",
                "the sex is not known; some payers refuse claims without it",
                "ask for what stands on the insurance card",
                Level.WARNING,
            )
        )
    died, born = details.deceased_on, details.birth_date
    if died and (died > today or (born and died < born)):
        findings.append(
            Finding(
                "deceased-date",
                "deceased_on",
                "the date of death lies before birth or in the future",
                "correct the date",
            )
        )
    return findings


def check_guarantor(details: GuarantorDetails, *, today: dt.date) -> list[Finding]:
    """Return findings about a guarantor.

    Args:
        details: The guarantor.
        today: The day on which they are checked.

    Source:
        HL7 2.5.1 GT1-3, GT1-5; House: decision 0006 (identifiers).
    """
    born = _check_birth_date(details.birth_date, today) if details.birth_date else []
    return [
        *_check_name(details.name),
        *born,
        *_check_postal(details.address),
        *_check_language(details.language),
    ]


def check_mbi(member_id: str) -> list[Finding]:
    """Return a warning unless a Medicare member id has the form of an MBI.

    Source:
        CMS, "Understanding the Medicare Beneficiary Identifier format".
    """
    if _MBI.fullmatch(member_id.replace("-", "").upper()):
        return []
    return [
        Finding(
            "mbi-form",
            "member_id",
            "a Medicare number has eleven characters, letters at places 2, 5, 8 and 9, never "
            "S L O I B Z",
            "copy it from the red, white and blue card",
            Level.WARNING,
        )
    ]


def check_coverage(
    details: CoverageDetails, *, payer_kind: PayerKind, priority: int = 1
) -> list[Finding]:
    """Return findings about a coverage.

    Args:
        details: What the card says.
        payer_kind: The payer's kind; not all have member ids.
        priority: 1 is billed first.

    Source:
        TR3 005010X222A1 2010BA NM109 and DMG, 2000B SBR01 and SBR02.
    """
    findings = _check_member_id(details.member_id, payer_kind)
    if not 1 <= priority <= PRIORITY_MAX:
        findings.append(
            Finding(
                "coverage-priority",
                "priority",
                f"expected a number from 1 to {PRIORITY_MAX}",
                "number the insurances in the order in which they are billed",
            )
        )
    if details.from_date and details.to_date and details.to_date < details.from_date:
        findings.append(
            Finding(
                "span-backwards",
                "to_date",
                "the last day lies before the first",
                "correct one of the two days",
            )
        )
    if details.relationship is not Relationship.SELF:
        findings += _check_subscriber(details)
    return findings


def _check_member_id(member_id: str, payer_kind: PayerKind) -> list[Finding]:
    if not member_id:
        level = Level.WARNING if payer_kind in _NO_MEMBER_ID else Level.ERROR
        return [
            Finding(
                "member-id-missing",
                "member_id",
                "the member id is missing",
                "copy it from the insurance card",
                level,
            )
        ]
    if not _MEMBER_ID.fullmatch(member_id):
        return [
            Finding(
                "member-id-characters",
                "member_id",
                "expected letters and digits, with single marks only between them",
                "copy it from the insurance card",
            )
        ]
    return check_mbi(member_id) if payer_kind is PayerKind.MEDICARE else []


def _check_subscriber(details: CoverageDetails) -> list[Finding]:
    subscriber = details.subscriber
    if subscriber is None or not name_tokens(subscriber.name.family):
        return [
            Finding(
                "subscriber-missing",
                "subscriber.name.family",
                "the patient isn't the subscriber and nobody else is named",
                "add the person who holds the insurance",
            )
        ]
    missing = [
        (part, words)
        for part, words, is_there in (
            ("birth_date", "birth date", subscriber.birth_date is not None),
            ("sex", "sex", subscriber.sex is not Sex.UNKNOWN),
        )
        if not is_there
    ]
    return [
        Finding(
            "subscriber-incomplete",
            f"subscriber.{part}",
            f"the subscriber's {words} is missing",
            f"ask for the subscriber's {words}",
            Level.WARNING,
        )
        for part, words in missing
    ]


def check_entries(entries: Sequence[CoverageEntry]) -> list[Finding]:
    """Return a finding if two insurances of one patient claim the same place in the order.

    Source:
        TR3 005010X222A1 2000B SBR01.
    """
    priorities = [entry.priority for entry in entries]
    return [
        Finding(
            "coverage-priority-twice",
            "priority",
            f"two insurances are number {priority}",
            "number the insurances in the order in which they are billed",
        )
        for priority in sorted(set(priorities))
        if priorities.count(priority) > 1
    ]
