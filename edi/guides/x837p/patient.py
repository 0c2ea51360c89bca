"""837P, patient who is not the subscriber: 2000C with name, address and claims.

Source:
    TR3 005010X222A1, loops 2000C and 2010CA.
"""

from __future__ import annotations

from dataclasses import replace

from edi.guide import Element, LoopDef, Seg
from edi.guides.x837p.claim import CLAIM
from edi.guides.x837p.shapes import (
    city,
    number,
    person,
    street,
    telephone,
)
from edi.guides.x837p.shared import (
    BIRTH_AND_SEX,
    PREGNANCY_AND_DEATH,
    RELATIONS,
)

PATIENT = LoopDef(
    "2010CA",
    "patient",
    "R",
    1,
    (
        person("QC", "patient", identifier=""),
        street("R"),
        city("R"),
        Seg("DMG", "birth and sex", "R", 1, BIRTH_AND_SEX),
        number("Y4", "property and casualty claim number"),
        number("1W SY", "property and casualty patient id"),
        telephone("property and casualty contact"),
    ),
)

PATIENT_LEVEL = LoopDef(
    "2000C",
    "patient level",
    "S",
    0,
    (
        Seg(
            "HL",
            "patient level",
            "R",
            1,
            (
                Element("HL01", "level number", "R", "AN", 1, 12),
                Element("HL02", "level above", "R", "AN", 1, 12),
                Element("HL03", "kind of level", "R", "ID", 1, 2, "23"),
                Element("HL04", "has levels below", "R", "ID", 1, 1, "0"),
            ),
            key="HL03",
        ),
        Seg(
            "PAT",
            "patient facts",
            "R",
            1,
            (
                Element("PAT01", "relation to the subscriber", "R", "ID", 2, 2, RELATIONS),
                *PREGNANCY_AND_DEATH,
            ),
            notes="P0506 P0708",
        ),
        PATIENT,
        replace(CLAIM, usage="R"),
    ),
)
