"""DG1, FT1 and PR1 to conditions and charges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from encounters.adapters_hl7_fields import Taken
from encounters.values import IntakeCharge, IntakeCondition

if TYPE_CHECKING:
    import datetime as dt

    from encounters.adapters_hl7_fields import Reading
    from gateways.hl7.service import Segment

_SYSTEMS: Final = {
    "I10": "ICD-10-CM",
    "I10C": "ICD-10-CM",
    "ICD10": "ICD-10-CM",
    "ICD-10": "ICD-10-CM",
    "ICD10CM": "ICD-10-CM",
    "ICD-10-CM": "ICD-10-CM",
    "10": "ICD-10-CM",
    "2.16.840.1.113883.6.90": "ICD-10-CM",
    "I9": "ICD-9-CM",
    "I9C": "ICD-9-CM",
    "ICD9": "ICD-9-CM",
    "ICD-9-CM": "ICD-9-CM",
    "SCT": "SNOMED",
    "SNOMED": "SNOMED",
    "SNOMEDCT": "SNOMED",
    "SNM": "SNOMED",
    "2.16.840.1.113883.6.96": "SNOMED",
    "C4": "CPT",
    "C5": "CPT",
    "CPT": "CPT",
    "CPT4": "CPT",
    "CPT-4": "CPT",
    "HCPCS": "HCPCS",
    "HCPC": "HCPCS",
    "HCPT": "HCPCS",
    "HPC": "HCPCS",
}
_CHARGE_KINDS: Final = frozenset({"CG", ""})
_REVERSAL_KINDS: Final = frozenset({"CD", "CR"})
_UNITS: Final = re.compile(r"([+-]?)([0-9]{1,5})(?:\.0*)?\Z")
_POINTER: Final = re.compile(r"[0-9]{1,2}\Z")
_MODIFIED: Final = re.compile(r"([A-Z0-9]{5})-([A-Z0-9]{2})\Z")


def system_of(name: str, code: str = "") -> str:
    """Return our name of a code system; where the sender names none, the code's shape decides."""
    if name:
        return _SYSTEMS.get(name.upper(), name)
    if re.fullmatch(r"[0-9]{4}[0-9FTUM]", code):
        return "CPT"
    if re.fullmatch(r"[A-V][0-9]{4}", code):
        return "HCPCS"
    return ""


def to_conditions(reading: Reading, following: list[Segment]) -> tuple[IntakeCondition, ...]:
    """Return the diagnoses of DG1 in order; those of FT1-19 where there is no DG1."""
    rows = [s for s in following if s.name == "DG1" and s.text(21).upper() != "D"]
    rows.sort(key=lambda row: (_rank_of(row), row.index))
    found: dict[tuple[str, str, str], IntakeCondition] = {}
    for row in rows:
        condition = _to_condition(reading, row)
        if condition:
            key = (condition.system, condition.code, "" if condition.code else condition.words)
            found.setdefault(key, condition)
    if not rows:
        for charge in (s for s in following if s.name == "FT1"):
            for repeat in range(1, charge.repeats(19) + 1):
                _add_charge_diagnosis(charge, repeat, found)
    return tuple(_ranked(condition, rank) for rank, condition in enumerate(found.values(), 1))


def to_charges(
    reading: Reading, following: list[Segment], visit_date: tuple[dt.date | None, str]
) -> tuple[IntakeCharge, ...]:
    """Return the charges of FT1; payments and adjustments stay with the EHR.

    Args:
        reading: The message.
        following: Its segments after PID, in order.
        visit_date: For a charge without its own date: the visit's, and where it came from.
    """
    charges = []
    for row in (segment for segment in following if segment.name == "FT1"):
        kind = row.text(6).upper()
        if kind not in _CHARGE_KINDS | _REVERSAL_KINDS:
            reading.warn(
                "transaction-not-taken",
                row.path(6),
                "Only charges and their reversals are taken from FT1, no payment or adjustment.",
                "Enter payments at the desk.",
            )
            continue
        charge = _to_charge(reading, row, following, visit_date)
        if charge:
            charges.append(charge)
    return tuple(charges)


def dotted(code: str, system: str) -> str:
    """Return an ICD-10-CM code as it is printed, with its point: E119 is E11.9."""
    code = code.upper()
    if system == "ICD-10-CM" and len(code) > 3 and "." not in code:
        return f"{code[:3]}.{code[3:]}"
    return code


def _rank_of(row: Segment) -> int:
    rank = row.text(15)
    return int(rank) if re.fullmatch(r"[1-9][0-9]?", rank) else 100


def _to_condition(reading: Reading, row: Segment) -> IntakeCondition | None:
    taken = Taken(row, reading)
    code = taken.text("code", 3)
    words = taken.first_text("words", (3, 2), (4, 1), (3, 5))
    method = row.text(3, 3) or row.text(2)
    system = system_of(method) or ("ICD-10-CM" if code else "")
    if not code and not words:
        reading.refuse(
            "diagnosis-missing",
            row.path(3, 1),
            "The diagnosis has neither a code nor words.",
            "Have the sender fill DG1-3 or DG1-4.",
        )
        return None
    return IntakeCondition(
        words=words,
        system=system if code else "",
        code=dotted(code, system),
        paths=taken.paths,
    )


def _add_charge_diagnosis(
    charge: Segment, repeat: int, found: dict[tuple[str, str, str], IntakeCondition]
) -> None:
    code = charge.text(19, repeat=repeat)
    system = system_of(charge.text(19, 3, repeat=repeat)) or "ICD-10-CM"
    if not code or _POINTER.match(code):
        return
    code = dotted(code, system)
    paths = {name: charge.path(19, place, repeat=repeat) for name, place in _CODE_AND_WORDS}
    words = charge.text(19, 2, repeat=repeat)
    found.setdefault((system, code, ""), IntakeCondition(words, system, code, paths=paths))


_CODE_AND_WORDS: Final = (("code", 1), ("words", 2))


def _ranked(condition: IntakeCondition, rank: int) -> IntakeCondition:
    return IntakeCondition(condition.words, condition.system, condition.code, rank, condition.paths)


def _to_charge(
    reading: Reading,
    row: Segment,
    following: list[Segment],
    visit_date: tuple[dt.date | None, str],
) -> IntakeCharge | None:
    taken = Taken(row, reading)
    source, place = _procedure(row, following)
    coded = Taken(source, reading)
    code = coded.text("code", place).upper()
    service_date = taken.service_date("service_date", 4)
    if service_date is None and visit_date[0] and not row.text(4):
        service_date = visit_date[0]
        taken.paths["service_date"] = visit_date[1]
    if not code or service_date is None:
        _refuse_charge(reading, row, has_code=bool(code))
        return None
    split = _MODIFIED.match(code)
    code, glued = (split[1], split[2]) if split else (code, "")
    words = coded.text("words", place, 2) or taken.first_text("words", (8, 1), (7, 2))
    units, is_negative = _units(taken)
    identifier = taken.text("identifier", 2)
    is_reversal = row.text(6).upper() in _REVERSAL_KINDS or is_negative
    if is_reversal and not identifier:
        reading.refuse(
            "reversal-unnamed",
            row.path(2),
            "A reversal must carry the number (FT1-2) of the charge that it takes back.",
            "Have the sender fill FT1-2.",
        )
    modifiers = _modifiers(taken, source, glued)
    return IntakeCharge(
        identifier=identifier,
        system=system_of(source.text(place, 3), code),
        code=code,
        words=words,
        service_date=service_date,
        units=units,
        modifiers=modifiers,
        diagnosis_codes=_diagnosis_codes(taken, following),
        performer_npi=taken.npi("performer_npi", 20),
        ndc=taken.text("ndc", 29),
        is_reversal=is_reversal,
        paths=taken.paths | coded.paths,
    )


def _procedure(row: Segment, following: list[Segment]) -> tuple[Segment, int]:
    """Return where a charge's procedure code stands: FT1-25, PR1-3 of its group, or FT1-7."""
    if row.text(25):
        return row, 25
    for segment in _group_of(row, following):
        if segment.name == "PR1" and segment.text(3):
            return segment, 3
    return row, 7


def _group_of(row: Segment, following: list[Segment]) -> list[Segment]:
    """Return the segments between a charge and the next."""
    group = []
    for segment in following[following.index(row) + 1 :]:
        if segment.name == "FT1":
            break
        group.append(segment)
    return group


def _units(taken: Taken) -> tuple[int, bool]:
    """Return FT1-10 as whole units of at least 1, and whether it was negative."""
    text = taken.text("units", 10)
    found = _UNITS.match(text) if text else None
    if text and (found is None or int(found[2]) == 0):
        taken.reading.refuse(
            "charge-units",
            taken.segment.path(10),
            "The quantity is not a whole number of units, one or more.",
            "Have the sender correct FT1-10.",
        )
    if found is None:
        return 1, False
    return max(int(found[2]), 1), found[1] == "-"


def _modifiers(taken: Taken, source: Segment, glued: str) -> tuple[str, ...]:
    """Return modifiers in order: glued to the code, then FT1-26, else PR1-16."""
    row, place = (source, 16) if source.name == "PR1" and source.raw(16) else (taken.segment, 26)
    values = [row.text(place, repeat=n).upper() for n in range(1, row.repeats(place) + 1)]
    values = [part for value in values for part in re.split(r"[\s,:]+", value) if part]
    if values:
        taken.paths["modifiers"] = row.path(place)
    return tuple(dict.fromkeys(part for part in (glued, *values) if part))


def _diagnosis_codes(taken: Taken, following: list[Segment]) -> tuple[str, ...]:
    """Return the ICD-10-CM codes that a charge is tied to, in pointer order.

    FT1-19 holds codes, or with some senders the numbers of DG1 segments; without it, DG1 segments
    that stand right behind a charge belong to it where another charge follows.
    """
    row = taken.segment
    numbered = {s.text(1): s for s in following if s.name == "DG1"}
    found: list[str] = []
    for repeat in range(1, row.repeats(19) + 1):
        code, system = row.text(19, repeat=repeat), row.text(19, 3, repeat=repeat)
        if code in numbered:
            code, system = numbered[code].text(3), numbered[code].text(3, 3)
        elif _POINTER.match(code):
            taken.reading.warn(
                "diagnosis-pointer",
                row.path(19, repeat=repeat),
                "This number names no diagnosis of the message.",
                "Point the charge to its diagnosis when coding.",
            )
            continue
        found += _icd10(code, system)
        taken.paths["diagnosis_codes"] = row.path(19)
    if found:
        return tuple(dict.fromkeys(found))
    group = [segment for segment in _group_of(row, following) if segment.name == "DG1"]
    if group and any(s.name == "FT1" and s.index > group[-1].index for s in following):
        taken.paths["diagnosis_codes"] = group[0].path(3)
        found = [c for s in group for c in _icd10(s.text(3), s.text(3, 3) or s.text(2))]
    return tuple(dict.fromkeys(found))


def _icd10(code: str, system: str) -> list[str]:
    name = system_of(system) or "ICD-10-CM"
    return [dotted(code, name)] if code and name == "ICD-10-CM" else []


def _refuse_charge(reading: Reading, row: Segment, *, has_code: bool) -> None:
    where = row.path(4) if has_code else row.path(25, 1)
    if any(finding.where.startswith(where) for finding in reading.findings):
        return
    what = "date of service" if has_code else "procedure code"
    reading.refuse(
        "charge-date-missing" if has_code else "charge-code-missing",
        where,
        f"The charge has no {what}.",
        f"Have the sender fill {'FT1-4' if has_code else 'FT1-25'}.",
    )
