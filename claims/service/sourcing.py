"""Noting for each element of a claim which message, person, import or rule it came from.

Keys name the element as it will stand in the 837: `2010BA/NM103`, `2300/HI01-2`,
`2300/REF*G1`, `2400[1]/SV101-2`. What is fixed by the guide itself (qualifiers, level numbers) is
not noted here: `claims.rules.tracing` knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coding.values import CodedVisit
from config.provenance import Source, SourceKind
from patients.values import Coverage, Patient, Relationship
from practice.values import Location, Payer, Practice, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claims.rules.splitting import Part
    from coding.values import CodedLine
    from encounters.values import Visit

BUILDER: Final = "claims/build/1"
_RULE: Final = Source(SourceKind.RULE, BUILDER)
_NAME: Final = {"NM103": "family", "NM104": "given", "NM105": "middle", "NM107": "suffix"}
_ADDRESS: Final = {"N301": "line1", "N302": "line2", "N401": "city", "N402": "state",
                   "N403": "postal_code", "N404": "country"}  # fmt: skip
_ABOUT: Final = {"DMG02": "birth_date", "DMG03": "sex"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who and what a claim is composed from."""

    practice: Practice
    patient: Patient
    coverage: Coverage
    payer: Payer
    provider: Provider | None
    referring: Provider | None
    location: Location | None
    coded: CodedVisit


def note_sources(visit: Visit, part: Part, parties: Parties) -> dict[str, Source]:
    """Return for each element of a claim's 837 where its value came from.

    Args:
        visit: The visit that the claim is for.
        part: The diagnoses and lines on it.
        parties: Everybody on it.
    """
    sources = _practice(parties.practice) | _payer(parties.payer) | _coverage(parties)
    sources |= _people(parties) | _claim(visit, part, parties) | _clinicians(visit, parties)
    for number, line in enumerate(part.lines, start=1):
        sources |= _line(number, line, visit, parties)
    return sources


def _practice(practice: Practice) -> dict[str, Source]:
    own = f"practice/{practice.id}"
    named = {
        "2000A/PRV03": "taxonomy",
        "2010AA/NM103": "name",
        "2010AA/NM109": "npi",
        "2010AA/REF01": "tax_id_kind",
        "2010AA/REF02": "tax_id",
    }
    named |= {f"2010AA/{element}": f"address.{name}" for element, name in _ADDRESS.items()}
    named |= {f"2010AB/{element}": f"pay_to.{name}" for element, name in _ADDRESS.items()}
    return {element: Source(SourceKind.IMPORT, own, name) for element, name in named.items()}


def _payer(payer: Payer) -> dict[str, Source]:
    named = {
        "2000B/SBR09": "claim_filing_code",
        "2010BB/NM103": "name",
        "2010BB/NM109": "payer_code",
    }
    named |= {f"2010BB/{element}": f"address.{name}" for element, name in _ADDRESS.items()}
    origin = f"payer/{payer.id}"
    return {element: Source(SourceKind.IMPORT, origin, name) for element, name in named.items()}


def _coverage(parties: Parties) -> dict[str, Source]:
    found = parties.coverage.details.sources
    record = f"coverage/{parties.coverage.id}"
    named = {
        "2000B/SBR02": "relationship",
        "2000B/SBR03": "group_number",
        "2000B/SBR04": "plan_name",
        "2000C/PAT01": "relationship",
        "2010BA/NM109": "member_id",
    }
    sources = {
        element: found.get(name) or Source(SourceKind.IMPORT, record, name)
        for element, name in named.items()
    }
    return sources | {"2000B/SBR01": _RULE}


def _people(parties: Parties) -> dict[str, Source]:
    """Subscriber and patient: from the coverage's subscriber, or from the patient themselves."""
    details = parties.coverage.details
    patient, record = parties.patient.details.sources, f"patient/{parties.patient.id}"
    if details.relationship is Relationship.SELF or details.subscriber is None:
        return _person("2010BA", patient, record)
    subscriber = {
        name.removeprefix("subscriber."): source
        for name, source in details.sources.items()
        if name.startswith("subscriber.")
    }
    held_by = _person("2010BA", subscriber, f"coverage/{parties.coverage.id}")
    return held_by | _person("2010CA", patient, record)


def _person(loop: str, told: Mapping[str, Source], record: str) -> dict[str, Source]:
    named = {element: f"name.{part}" for element, part in _NAME.items()}
    named |= {element: f"address.{part}" for element, part in _ADDRESS.items()} | _ABOUT
    return {
        f"{loop}/{element}": _find(told, name) or Source(SourceKind.IMPORT, record, name)
        for element, name in named.items()
    }


def _find(told: Mapping[str, Source], name: str) -> Source | None:
    """Find a field's source: its own, its whole's (`name`), or that of another part of it."""
    whole = name.partition(".")[0]
    if name in told or whole in told:
        return told.get(name) or told[whole]
    return next((s for key, s in sorted(told.items()) if key.startswith(f"{whole}.")), None)


def _claim(visit: Visit, part: Part, parties: Parties) -> dict[str, Source]:
    told = visit.details.sources
    location = parties.location
    place = told.get("place_of_service") or (
        Source(SourceKind.IMPORT, f"location/{location.id}", "place_of_service")
        if location is not None
        else _RULE
    )
    made = ("CLM01", "CLM02", "CLM05-3", "CLM06", "CLM07", "CLM08", "CLM09")
    sources = {f"2300/{element}": _RULE for element in made} | {"2300/CLM05-1": place}
    record = f"visit/{visit.id}"
    for element, name in (
        ("2300/CLM11", "accident"),
        ("2300/DTP*439", "accident"),
        ("2300/REF*G1", "authorization_number"),
        ("2300/REF*9F", "referral_number"),
    ):
        sources[element] = _find(told, name) or Source(SourceKind.IMPORT, record, name)
    if location is not None:
        origin = f"location/{location.id}"
        named = {"2300/REF*X4": "clia_number", "2310C/NM103": "name", "2310C/NM109": "npi"}
        named |= {f"2310C/{element}": f"address.{name}" for element, name in _ADDRESS.items()}
        sources |= {key: Source(SourceKind.IMPORT, origin, name) for key, name in named.items()}
    for number, diagnosis in enumerate(part.diagnoses, start=1):
        sources[f"2300/HI{number:02d}-2"] = diagnosis.source
    return sources


def _clinicians(visit: Visit, parties: Parties) -> dict[str, Source]:
    told = visit.details.sources
    sources: dict[str, Source] = {}
    for loop, provider, name in (
        ("2310A", parties.referring, "referring_npi"),
        ("2310B", parties.provider, "provider_npi"),
    ):
        if provider is None:
            continue
        origin = f"provider/{provider.id}"
        named = {"NM103": "family", "NM104": "given", "PRV03": "taxonomy", "NM109": "npi"}
        sources |= {
            f"{loop}/{element}": Source(SourceKind.IMPORT, origin, part)
            for element, part in named.items()
        }
        if name in told:
            sources[f"{loop}/NM109"] = told[name]
    return sources


def _line(number: int, line: CodedLine, visit: Visit, parties: Parties) -> dict[str, Source]:
    prices = Source(SourceKind.IMPORT, f"charge-master/{parties.practice.id}", line.code)
    loop, drug = f"2400[{number}]", f"2410[{number}]"
    return {
        f"{loop}/LX01": _RULE,
        f"{loop}/SV101": line.source,
        f"{loop}/SV101-3": line.sources.get("modifiers", line.source),
        f"{loop}/SV102": prices,
        f"{loop}/SV104": line.sources.get("units", line.source),
        f"{loop}/SV105": line.source,
        f"{loop}/SV107": parties.coded.signed_by or line.source,
        f"{loop}/DTP*472": visit.details.sources.get("service_date", line.source),
        f"{loop}/REF*6R": _RULE,
        f"{drug}/LIN03": line.sources.get("ndc", line.source),
        f"{drug}/CTP04": line.source,
        f"{drug}/CTP05": line.source,
    }
