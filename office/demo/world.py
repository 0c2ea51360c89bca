"""The demo's world, made from a seed: patients, their insurance, their visits of one day."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Final

from config.people import Address, Identifier, PersonName, Sex
from office.demo.catalogue import (
    COMPLAINTS,
    FAMILY_NAMES,
    GIVEN_NAMES_F,
    GIVEN_NAMES_M,
    STREETS,
    TOWNS,
    UNCODABLE,
    Complaint,
)

PATIENTS: Final = 40
VISITS: Final = 60
EHR: Final = "urn:oid:2.16.840.1.113883.3.9998.1"


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """One payer of the demo: its electronic id, name and the shape of its member ids."""

    payer_code: str
    name: str
    member_pattern: str


PLANS: Final = (
    DemoPlan("99001", "Prairie Mutual", "PRM{:08d}"),
    DemoPlan("99002", "Lone Star Health Plan", "LSH{:08d}"),
    DemoPlan("99003", "Medicare Simulated", "1EG4TE5MK{:02d}"),
    DemoPlan("99004", "State Medicaid Simulated", "5{:09d}"),
    DemoPlan("99005", "Harbor Choice", "HBC{:08d}"),
)
MEDICARE: Final = PLANS[2]
MEDICAID: Final = PLANS[3]


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A clinician of the demo practice."""

    npi: str
    family: str
    given: str


PROVIDERS: Final = (
    DemoProvider("9912345672", "Marchbanks", "Eleanora"),
    DemoProvider("9900000016", "Fernandez-Ortiz", "Santiago"),
    DemoProvider("9900000024", "Whitcombe", "Geraldine"),
)


@dataclass(frozen=True, slots=True)
class DemoCoverage:
    """One insurance of a demo patient; `subscriber` is a parent's name, else the patient's own."""

    plan: DemoPlan
    member_id: str
    subscriber: PersonName | None = None


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """An invented patient."""

    identifier: Identifier
    name: PersonName
    birth_date: dt.date
    sex: Sex
    address: Address
    phone: str
    language: str
    coverages: tuple[DemoCoverage, ...]
    guarantor: PersonName | None


@dataclass(frozen=True, slots=True)
class DemoVisit:
    """An invented visit; `flaw` names what is wrong with it on purpose, or is empty."""

    number: str
    patient: DemoPatient
    provider: DemoProvider
    starts_at: dt.datetime
    complaint: Complaint
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """All that the day is made of, in the order in which it happens."""

    seed: int
    day: dt.date
    patients: tuple[DemoPatient, ...]
    visits: tuple[DemoVisit, ...]
    no_shows: tuple[DemoVisit, ...]


def make_world(seed: int, day: dt.date) -> World:
    """Make the day's world: the same seed and day make the same world."""
    chance = random.Random(f"cleanclaim {seed}")  # noqa: S311  # invented people, not secrets
    families = chance.sample(FAMILY_NAMES, PATIENTS)
    patients = tuple(
        _make_patient(chance, number, family, day) for number, family in enumerate(families, 1)
    )
    order = [*patients, *chance.sample(patients, VISITS - PATIENTS)]
    visits = tuple(
        _make_visit(chance, number, patient, day) for number, patient in enumerate(order, 1)
    )
    no_shows = tuple(
        DemoVisit(
            f"N{number:05d}",
            patient,
            PROVIDERS[0],
            dt.datetime.combine(day, dt.time(16, number), dt.UTC),
            COMPLAINTS[0],
        )
        for number, patient in enumerate(patients[:3])
    )
    return World(seed, day, patients, visits, no_shows)


def _make_patient(chance: random.Random, number: int, family: str, day: dt.date) -> DemoPatient:
    sex = chance.choice((Sex.FEMALE, Sex.MALE))
    given = chance.choice(GIVEN_NAMES_F if sex is Sex.FEMALE else GIVEN_NAMES_M)
    plan = PLANS[number % len(PLANS)]
    age = _pick_age(chance, plan, number)
    birth_date = day.replace(day=1) - dt.timedelta(days=age * 365 + chance.randrange(30, 330))
    town, state, postal_code = TOWNS[number % len(TOWNS)]
    address = Address(
        f"{chance.randrange(100, 9900)} {STREETS[number % len(STREETS)]}",
        "",
        town,
        state,
        postal_code,
    )
    is_child = age < 18
    parent = PersonName(family, chance.choice(GIVEN_NAMES_F)) if is_child else None
    member = plan.member_pattern.format(number if plan is MEDICARE else chance.randrange(10**7))
    coverages = [DemoCoverage(plan, member, parent if plan is not MEDICAID else None)]
    if plan is MEDICARE and number % 3 == 0:
        coverages.append(
            DemoCoverage(PLANS[0], PLANS[0].member_pattern.format(chance.randrange(10**7)))
        )
    return DemoPatient(
        identifier=Identifier(EHR, f"MRN{seed_digits(chance)}{number:03d}"),
        name=PersonName(family, given),
        birth_date=birth_date,
        sex=sex,
        address=address,
        phone=f"555555{number:04d}",
        language="es" if number % 4 == 0 else "en",
        coverages=tuple(coverages),
        guarantor=parent,
    )


def seed_digits(chance: random.Random) -> str:
    """Return four digits, so that numbers differ from seed to seed."""
    return f"{chance.randrange(10**4):04d}"


def _pick_age(chance: random.Random, plan: DemoPlan, number: int) -> int:
    if plan is MEDICARE:
        return chance.randrange(66, 90)
    if number % 6 == 0:
        return chance.randrange(4, 14)
    return chance.randrange(22, 62)


def _make_visit(
    chance: random.Random, number: int, patient: DemoPatient, day: dt.date
) -> DemoVisit:
    age = (day - patient.birth_date).days // 365
    suitable = [c for c in COMPLAINTS if c.ages[0] <= age <= c.ages[1]]
    complaint = chance.choice(suitable)
    flaw = ""
    if number in (17, 41):
        complaint, flaw = UNCODABLE, "uncodable"
    elif number in (23, 52):
        flaw = "accident-without-state"
    return DemoVisit(
        number=f"E{number:05d}",
        patient=patient,
        provider=PROVIDERS[number % len(PROVIDERS)],
        starts_at=dt.datetime.combine(day, dt.time(8 + number // 8, (number % 8) * 7), dt.UTC),
        complaint=complaint,
        flaw=flaw,
    )
