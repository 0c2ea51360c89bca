"""Code sets for tests: the shipped release built once, small files written by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from coding.service import load_shipped_icd10cm, load_shipped_procedures
from coding.values import Period
from config.finding import has_errors
from config.money import Money
from config.people import Identifier, PersonName, Sex
from encounters import service as encounters
from encounters.values import (
    Intake,
    IntakeCharge,
    IntakeCondition,
    IntakePatient,
    IntakePerson,
    IntakeVisit,
    VisitState,
)
from practice.service import add_charge
from practice.values import Charge

if TYPE_CHECKING:
    from pathlib import Path

    from config.tenancy import PracticeSession
    from encounters.values import VisitId

SPRING_2026 = Period(dt.date(2026, 4, 1), dt.date(2026, 9, 30))
SERVICE_DATE = dt.date(2026, 9, 14)

SMALL_TABULAR = b"""<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2026</version>
 <chapter><name>19</name><desc>Injury (S00-T88)</desc>
  <useAdditionalCode><note>code, if known, the cause (V00-Y99)</note></useAdditionalCode>
  <section id="S90-S99"><desc>Injuries to the ankle and foot (S90-S99)</desc>
   <diag><name>S93</name><desc>Sprain of ankle</desc>
    <excludes1><note>strain of muscle of ankle (S96.-)</note></excludes1>
    <sevenChrDef><extension char="A">initial encounter</extension>
     <extension char="D">subsequent encounter</extension></sevenChrDef>
    <diag><name>S93.4</name><desc>Sprain of unspecified ankle</desc>
     <inclusionTerm><note>Twisted ankle NOS</note></inclusionTerm></diag>
   </diag>
   <diag><name>S96</name><desc>Strain of muscle at ankle</desc>
    <diag><name>S96.0</name><desc>Strain of long muscle</desc></diag>
    <diag><name>S96.9</name><desc>Strain of unspecified muscle</desc></diag>
   </diag>
  </section>
 </chapter>
</ICD10CM.tabular>"""


def make_code_folder(folder: Path) -> Path:
    """Load the shipped ICD-10-CM and the demo's procedures into a folder."""
    load_shipped_icd10cm(folder)
    load_shipped_procedures(folder)
    return folder


def make_ready_visit(session: PracticeSession, control_id: str = "M1", **changes: Any) -> VisitId:  # noqa: ANN401  # any field of a visit
    """Take in a message with one patient and one finished visit; return the visit's key."""
    record = Identifier("urn:test", "MR-1001")
    visit = IntakeVisit(
        **{
            "identifier": Identifier("urn:test", "VN-1", "VN"),
            "patient": record,
            "service_date": SERVICE_DATE,
            "place_of_service": "11",
            "conditions": (
                IntakeCondition("Essential hypertension (disorder)", paths={"words": "DG1-4"}),
                IntakeCondition("Acute bronchitis", "ICD-10-CM", "J20.9", 1),
            ),
            "charges": (IntakeCharge("C1", "CPT", "99213", "visit", SERVICE_DATE),),
            "note": "Left knee pain. Denies chest pain.",
            "paths": {"note": "OBX-5", "service_date": "PV1-44"},
            **changes,
        }
    )
    intake = Intake(
        control_id=control_id,
        sender="EHR|LAB",
        kind="ADT^A04",
        patients=(
            IntakePatient(
                (record,),
                IntakePerson(PersonName("Quenneville", "Marisol"), dt.date(1970, 1, 2), Sex.FEMALE),
            ),
        ),
        visits=(visit,),
    )
    now = dt.datetime(2026, 9, 15, 8, tzinfo=dt.UTC)
    envelope = encounters.Envelope(control_id, "EHR|LAB", "ADT^A04", now)
    kept = encounters.keep_message(session, envelope, repr(intake).encode())
    findings = encounters.apply_message(session, kept.message_id, intake, today=now.date())
    assert not has_errors(findings), findings
    (visit_id,) = encounters.list_visit_ids(session, VisitState.READY)
    return visit_id


def add_prices(session: PracticeSession) -> None:
    """Give the demo's commonest codes a price."""
    for code, modifier, cents in (
        ("99213", "", 15_000),
        ("93000", "", 4_500),
        ("J1885", "", 1_250),
        ("20610", "", 20_000),
        ("20610", "50", 30_000),
    ):
        add_charge(
            session,
            Charge(code, modifier, Money(cents), f"Our {code}", "", dt.date(2026, 1, 1), None),
        )
