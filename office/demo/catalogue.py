"""What the demo's people are made of: names, streets, complaints, and what is done about them.

Names and streets have seven letters or more, so that a search of the disk for them finds nothing
by chance. The codes beside the complaints are the key that the coder's work is compared with; the
coder never sees them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAMILY_NAMES: Final = (
    "Abernathy", "Bellweather", "Castellano", "Delacroix", "Eversleigh", "Fairbanks",
    "Galloway", "Hawthorne", "Iturralde", "Jankowski", "Kowalczyk", "Lindqvist",
    "Montesinos", "Nightingale", "Okonkwo-Reyes", "Pemberton", "Quintanilla", "Rothwell",
    "Santamaria", "Thistlewood", "Underhill", "Valenzuela", "Winterbourne", "Yamaguchi",
    "Zimmermann", "Armitage", "Blackwood", "Carmichael", "Dunleavy", "Ellsworth",
    "Fitzgerald", "Greenfield", "Honeycutt", "Ingersoll", "Jefferies", "Kirkpatrick",
    "Livingston", "McAllister", "Northcott", "Oberlander",
)  # fmt: skip
GIVEN_NAMES_F: Final = (
    "Adelaide", "Beatrice", "Cordelia", "Dorothea", "Estefania", "Francisca", "Gabriela",
    "Henrietta", "Isabella", "Josephine", "Katherine", "Leocadia", "Marisol-Ana", "Penelope",
    "Rosalind", "Seraphina", "Theodora", "Valentina", "Wilhelmina", "Yolanda-Inez",
)  # fmt: skip
GIVEN_NAMES_M: Final = (
    "Alejandro", "Bartholomew", "Cornelius", "Demetrius", "Ezekiel-Jon", "Ferdinand",
    "Guillermo", "Humberto", "Ignatius", "Jeremiah", "Leonardo", "Maximilian", "Nathaniel",
    "Octavio", "Percival", "Reginald", "Sebastian", "Thaddeus", "Valentin", "Zachariah",
)  # fmt: skip
STREETS: Final = (
    "Meadowlark Lane", "Cottonwood Street", "Silverleaf Avenue", "Prairie Rose Court",
    "Wildflower Way", "Blackberry Road", "Huckleberry Hill", "Stonebridge Drive",
)  # fmt: skip
TOWNS: Final = (
    ("Brightwater", "TX", "750019998"),
    ("Cedar Hollow", "TX", "750029998"),
    ("Willow Springs", "TX", "750039998"),
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What brings a patient, in an EHR's words, and what the visit holds.

    Attributes:
        words: Display words of the conditions, as EHRs send them.
        snomed: The conditions' SNOMED codes, in the same order.
        key: The ICD-10-CM codes that a good coder gives, in order.
        charges: CPT or HCPCS numbers with units.
        ages: Who has it: youngest and oldest.
    """

    words: tuple[str, ...]
    snomed: tuple[str, ...]
    key: tuple[str, ...]
    charges: tuple[tuple[str, int], ...]
    ages: tuple[int, int] = (18, 95)


COMPLAINTS: Final = (
    Complaint(("Essential hypertension (disorder)",), ("59621000",), ("I10",),
              (("99213", 1), ("93000", 1))),
    Complaint(("Diabetes mellitus type 2 (disorder)", "Essential hypertension (disorder)"),
              ("44054006", "59621000"), ("E11.9", "I10"),
              (("99214", 1), ("83036", 1), ("80053", 1), ("36415", 1))),
    Complaint(("Hyperlipidemia (disorder)",), ("55822004",), ("E78.5",),
              (("99213", 1), ("80061", 1), ("36415", 1))),
    Complaint(("Acute bronchitis (disorder)",), ("10509002",), ("J20.9",),
              (("99213", 1), ("71046", 1)), (5, 95)),
    Complaint(("Urinary tract infectious disease (disorder)",), ("68566005",), ("N39.0",),
              (("99213", 1), ("81003", 1))),
    Complaint(("Gastroesophageal reflux disease (disorder)",), ("235595009",), ("K21.9",),
              (("99213", 1),)),
    Complaint(("Acute pharyngitis (disorder)",), ("363746003",), ("J02.9",),
              (("99213", 1), ("87880", 1)), (3, 60)),
    Complaint(("Hypothyroidism (disorder)",), ("40930008",), ("E03.9",),
              (("99213", 1), ("84443", 1), ("36415", 1))),
    Complaint(("Anemia (disorder)",), ("271737000",), ("D64.9",),
              (("99214", 1), ("85025", 1), ("36415", 1))),
    Complaint(("Low back pain (finding)",), ("279039007",), ("M54.50",), (("99213", 1),)),
    Complaint(("Osteoarthritis of knee (disorder)",), ("239873007",), ("M17.9",),
              (("99213", 1), ("20610", 1), ("73562", 1)), (50, 95)),
    Complaint(("Impacted cerumen (disorder)",), ("18070006",), ("H61.20",),
              (("99212", 1), ("69210", 1)), (5, 95)),
    Complaint(("Allergic rhinitis (disorder)",), ("61582004",), ("J30.9",), (("99213", 1),),
              (5, 80)),
    Complaint(("Generalized anxiety disorder (disorder)",), ("21897009",), ("F41.1",),
              (("99214", 1),)),
    Complaint(("Prediabetes (finding)", "Body mass index 30+ - obesity (finding)"),
              ("714628002", "162864005"), ("R73.03",),
              (("99213", 1), ("83036", 1), ("36415", 1))),
    Complaint(("Chronic obstructive lung disease (disorder)",), ("13645005",), ("J44.9",),
              (("99214", 1), ("94640", 1)), (50, 95)),
    Complaint(("Vitamin D deficiency (disorder)",), ("34713006",), ("E55.9",), (("99213", 1),)),
    Complaint(("Migraine (disorder)",), ("37796009",), ("G43.909",), (("99214", 1),), (15, 60)),
    Complaint(("Acute otitis media (disorder)",), ("3110003",), ("H66.90",), (("99213", 1),),
              (2, 14)),
    Complaint(("Contact dermatitis (disorder)",), ("40275004",), ("L25.9",), (("99212", 1),),
              (3, 80)),
)  # fmt: skip

# Words that no diagnosis code follows from: the coder holds such a visit.
UNCODABLE: Final = Complaint(
    ("Received certificate of high school equivalency (finding)",),
    ("473461003",),
    (),
    (("99213", 1),),
)
