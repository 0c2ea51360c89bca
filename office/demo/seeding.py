"""The demo practice: its places, clinicians, payers, prices, and the feeds that belong to it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final
from uuid import UUID

from config.ids import PracticeId, uuid7
from config.money import Money
from config.people import Address
from office.demo.feeds import APPLICATION, FACILITY, LOCATION
from office.demo.world import PROVIDERS
from practice import service as practice
from practice.values import (
    Allowed,
    Charge,
    Enrolment,
    Feed,
    FeedId,
    FeedKind,
    FilingLimits,
    Location,
    LocationId,
    Partner,
    PartnerId,
    Payer,
    PayerId,
    PayerKind,
    Practice,
    Provider,
    ProviderId,
)
from simulator.service import demo_contract

if TYPE_CHECKING:
    from pathlib import Path

    from config.tenancy import PracticeSession

PRACTICE_ID: Final = PracticeId(UUID("0192c1ea-0000-7000-8000-000000000001"))
PARTNER_CODE: Final = "simclear"
_FROM: Final = dt.date(2026, 1, 1)
_TAXONOMY: Final = "207Q00000X"
ADDRESS: Final = Address("1200 Clearwater Boulevard", "Suite 300", "Brightwater", "TX", "750019998")

DEMO_PRACTICE: Final = Practice(
    id=PRACTICE_ID,
    name="Clearwater Family Medicine",
    npi="1234567893",
    tax_id="900000017",
    tax_id_kind="EI",
    taxonomy="261QP2300X",
    address=ADDRESS,
    pay_to=Address("PO Box 4400", "", "Brightwater", "TX", "750019997"),
    phone="5555550100",
    email="billing@clearwater.example",
    colour="#1f5f8b",
    logo_svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
    '<circle cx="20" cy="20" r="18" fill="#1f5f8b"/>'
    '<path d="M18 10h4v8h8v4h-8v8h-4v-8h-8v-4h8z" fill="#ffffff"/></svg>',
    language="en",
    time_zone="America/Chicago",
)

# Code -> price of one unit in cents, our words in English and Spanish.
PRICES: Final[dict[str, tuple[int, str, str]]] = {
    "99212": (9200, "Short office visit", "Consulta breve"),
    "99213": (14800, "Office visit", "Consulta médica"),
    "99214": (21400, "Longer office visit", "Consulta médica más larga"),
    "93000": (6200, "Heart tracing (ECG)", "Electrocardiograma"),
    "83036": (3400, "Blood sugar test (A1c)", "Prueba de azúcar en sangre (A1c)"),
    "80053": (4800, "Blood chemistry panel", "Panel de química de la sangre"),
    "80061": (5200, "Cholesterol panel", "Panel de colesterol"),
    "36415": (1800, "Blood draw", "Toma de sangre"),
    "71046": (11800, "Chest X-ray", "Radiografía de tórax"),
    "81003": (1600, "Urine test", "Análisis de orina"),
    "87880": (3600, "Rapid strep test", "Prueba rápida de estreptococo"),
    "84443": (5400, "Thyroid test", "Prueba de tiroides"),
    "85025": (3800, "Blood count", "Hemograma"),
    "20610": (17600, "Joint injection", "Inyección en la articulación"),
    "73562": (9400, "Knee X-ray", "Radiografía de rodilla"),
    "69210": (9900, "Earwax removal", "Extracción de cerumen"),
    "94640": (5600, "Breathing treatment", "Tratamiento respiratorio"),
}

_PAYERS: Final = (
    ("99001", "Prairie Mutual", PayerKind.COMMERCIAL, "CI", "pr", 180),
    ("99002", "Lone Star Health Plan", PayerKind.HMO, "HM", "pr", 95),
    ("99003", "Medicare Simulated", PayerKind.MEDICARE, "MB", "pr", 365),
    ("99004", "State Medicaid Simulated", PayerKind.MEDICAID, "MC", "none", 365),
    ("99005", "Harbor Choice", PayerKind.COMMERCIAL, "CI", "pr", 120),
)


def seed_practice(session: PracticeSession, *, outbox: Path, inbox: Path) -> None:
    """Store the demo practice's own data.

    Args:
        session: A writing session of the demo practice.
        outbox: The clearinghouse's folder that 837 files are put into.
        inbox: The clearinghouse's folder that answers are read from.
    """
    practice.save_location(
        session,
        Location(LocationId(uuid7()), LOCATION, "Clearwater Family Medicine", "", ADDRESS, "11",
                 "99D9999999"),
    )  # fmt: skip
    providers = [
        practice.save_provider(
            session,
            Provider(ProviderId(uuid7()), p.npi, p.family, p.given, "MD", _TAXONOMY, True),  # noqa: FBT003  # a field
        )
        for p in PROVIDERS
    ]
    partner = practice.save_partner(session, _partner(outbox, inbox))
    payers = [
        practice.save_payer(session, _payer(row, partner), also_known_as=()) for row in _PAYERS
    ]
    for code, (cents, wording, wording_es) in PRICES.items():
        practice.add_charge(
            session, Charge(code, "", Money(cents), wording, wording_es, _FROM, None)
        )
    for payer_id, row in zip(payers, _PAYERS, strict=True):
        _seed_contract(session, payer_id, row[0])
        for provider_id in providers:
            practice.save_enrolment(
                session,
                Enrolment(provider_id, payer_id, _FROM, None, is_participating=True),
            )
    sender = f"{APPLICATION}|{FACILITY}"
    practice.save_feed(
        session,
        Feed(FeedId(uuid7()), FeedKind.MLLP, sender, "Demo EHR", DEMO_PRACTICE.time_zone),
    )


def _seed_contract(session: PracticeSession, payer_id: PayerId, payer_code: str) -> None:
    contract = next(p for p in demo_contract().payers if p.payer_id == payer_code)
    for code, cents in sorted(contract.fees_cents.items()):
        practice.add_allowed(session, Allowed(payer_id, code, Money(cents), _FROM, None))


def _payer(row: tuple[str, str, PayerKind, str, str, int], partner: PartnerId) -> Payer:
    code, name, kind, filing, may_bill, days = row
    return Payer(
        id=PayerId(uuid7()),
        payer_code=code,
        name=name,
        kind=kind,
        claim_filing_code=filing,
        address=None,
        limits=FilingLimits(days, days, 180, days, "House: the demo's contracts"),
        may_bill_patient=may_bill,
        allows_replacement=kind is not PayerKind.MEDICARE,
        partner_id=partner,
    )


def _partner(outbox: Path, inbox: Path) -> Partner:
    return Partner(
        id=PartnerId(uuid7()),
        code=PARTNER_CODE,
        name="Simulated Clearinghouse",
        sender_qualifier="ZZ",
        sender_id="CLEARWATER",
        receiver_qualifier="ZZ",
        receiver_id="SIMCLEAR",
        submitter_id="CLEARWATER",
        submitter_name="Clearwater Family Medicine",
        contact_name="Billing Office",
        contact_phone="5555550100",
        usage="T",
        transport="folder",
        host="",
        port=22,
        username="",
        host_key="",
        key_file="",
        outbox=str(outbox),
        inbox=str(inbox),
    )
