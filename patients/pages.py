"""What the patient pages show: typed contexts, built inside one audited reading."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from config.finding import MissingError
from config.pages import PAGE_ROWS, Mark, Words
from config.people import Sex
from patients import service
from patients.values import Guarantor, PatientId, Relationship
from practice import service as practice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.people import Address
    from config.tenancy import PracticeSession
    from patients.values import Coverage, Patient
    from practice.values import Payer, PayerId

RELATIONSHIPS: Final = {
    Relationship.SELF: lazy_gettext("the patient"),
    Relationship.SPOUSE: lazy_gettext("spouse"),
    Relationship.CHILD: lazy_gettext("child"),
    Relationship.OTHER: lazy_gettext("other"),
}
SEXES: Final = {
    Sex.FEMALE: lazy_gettext("female"),
    Sex.MALE: lazy_gettext("male"),
    Sex.UNKNOWN: lazy_gettext("not known"),
}
LANGUAGES: Final = {"en": lazy_gettext("English"), "es": lazy_gettext("Spanish")}
PRIORITIES: Final = {
    1: lazy_gettext("Billed first"),
    2: lazy_gettext("Billed second"),
    3: lazy_gettext("Billed third"),
}
_DAY: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})/(\d{1,2})/(\d{4})\b")


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient of the list."""

    number: str
    name: str
    birth_date: dt.date | None
    sex: Words
    city: str


@dataclass(frozen=True, slots=True)
class PatientList:
    """Patients that were asked for, closest first, or the newest of all.

    Attributes:
        is_search: Something was asked for.
        next_key: Behind which the next page of all patients begins.
    """

    rows: tuple[PatientRow, ...]
    is_search: bool
    next_key: PatientId | None


@dataclass(frozen=True, slots=True)
class CoverageCard:
    """An insurance as its card shows it."""

    payer: str
    priority: Words
    member_id: str
    group_number: str
    plan_name: str
    relationship: Words
    subscriber: str
    from_date: dt.date | None
    to_date: dt.date | None
    stands: Mark


@dataclass(frozen=True, slots=True)
class PatientPage:
    """A patient with insurance and whoever answers for the bills.

    Attributes:
        survivor_number: Number of the patient that this one was merged into, or empty.
    """

    number: str
    survivor_number: str
    name: str
    birth_date: dt.date | None
    age: int | None
    sex: Words
    address: tuple[str, ...]
    phone: str
    email: str
    language: Words
    is_qmb: bool
    deceased_on: dt.date | None
    identifiers: tuple[tuple[str, str], ...]
    guarantor: Guarantor | None
    cards: tuple[CoverageCard, ...]


def build_list(session: PracticeSession, *, after: PatientId | None) -> PatientList:
    """Return a page of all patients, oldest first."""
    found = service.list_all_patients(session, after=after, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    next_key = shown[-1].id if len(found) > PAGE_ROWS else None
    return PatientList(tuple(_to_row(each) for each in shown), is_search=False, next_key=next_key)


def build_search(session: PracticeSession, words: str) -> PatientList:
    """Return the patients that words find: a number, or names and a birth date."""
    number = words.strip().upper()
    found: Sequence[Patient] = ()
    if number and (patient := service.find_patient_by_number(session, number)) is not None:
        found = (patient,)
    else:
        birth_date = _find_day(words)
        name = _DAY.sub(" ", words).strip()
        found = service.search_patients(session, name=name, birth_date=birth_date, limit=PAGE_ROWS)
    return PatientList(tuple(_to_row(each) for each in found), is_search=True, next_key=None)


def build_patient(session: PracticeSession, number: str, *, today: dt.date) -> PatientPage:
    """Return a patient's page by the number that people read out.

    Raises:
        MissingError: No patient has the number.
    """
    patient = service.find_patient_by_number(session, number.strip().upper())
    if patient is None:
        raise MissingError("no patient has that number")
    survivor = ""
    if patient.survivor_id is not None:
        survivor = service.get_patients(session, [patient.survivor_id])[patient.survivor_id].number
    guarantor = None
    if patient.guarantor_id is not None:
        guarantor = service.get_guarantors(session, [patient.guarantor_id])[patient.guarantor_id]
    coverages = service.get_coverages(session, [patient.id])[patient.id]
    payers = practice.get_payers(session, [coverage.payer_id for coverage in coverages])
    details = patient.details
    return PatientPage(
        number=patient.number,
        survivor_number=survivor,
        name=details.name.full,
        birth_date=details.birth_date,
        age=_age(details.birth_date, today),
        sex=SEXES[details.sex],
        address=write_address(details.address),
        phone=details.phone,
        email=details.email,
        language=LANGUAGES.get(details.language, details.language),
        is_qmb=details.is_qmb,
        deceased_on=details.deceased_on,
        identifiers=tuple((each.kind, each.value) for each in details.identifiers),
        guarantor=guarantor,
        cards=tuple(_to_card(each, payers, today) for each in coverages),
    )


def write_address(address: Address | None) -> tuple[str, ...]:
    """Return an address by its lines; nothing where there is none."""
    if address is None:
        return ()
    code = address.postal_code
    code = f"{code[:5]}-{code[5:]}" if len(code) == 9 else code
    town = " ".join(part for part in (f"{address.city},", address.state, code) if part.strip(","))
    return tuple(line for line in (address.line1, address.line2, town) if line)


def _to_row(patient: Patient) -> PatientRow:
    details = patient.details
    return PatientRow(
        number=patient.number,
        name=f"{details.name.family}, {details.name.given}".strip(", "),
        birth_date=details.birth_date,
        sex=SEXES[details.sex],
        city=details.address.city if details.address else "",
    )


def _to_card(coverage: Coverage, payers: dict[PayerId, Payer], today: dt.date) -> CoverageCard:
    details = coverage.details
    if coverage.is_in_force(today):
        stands = Mark(lazy_gettext("in force"), "ok")
    elif details.to_date is not None and details.to_date < today:
        stands = Mark(lazy_gettext("ended"))
    else:
        stands = Mark(lazy_gettext("not yet in force"), "warn")
    return CoverageCard(
        payer=payers[coverage.payer_id].name,
        priority=PRIORITIES.get(coverage.priority, str(coverage.priority)),
        member_id=details.member_id,
        group_number=details.group_number,
        plan_name=details.plan_name,
        relationship=RELATIONSHIPS[details.relationship],
        subscriber=details.subscriber.name.full if details.subscriber else "",
        from_date=details.from_date,
        to_date=details.to_date,
        stands=stands,
    )


def _age(birth_date: dt.date | None, today: dt.date) -> int | None:
    if birth_date is None:
        return None
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (0 if had_birthday else 1)


def _find_day(words: str) -> dt.date | None:
    """Return the birth date among the words: `1980-02-29` or `2/29/1980`."""
    match = _DAY.search(words)
    if match is None:
        return None
    year, month, day = (
        (match[1], match[2], match[3]) if match[1] else (match[6], match[4], match[5])
    )
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
