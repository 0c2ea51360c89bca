"""Bringing together what a bill is made of: visits, their lines, their money, names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from claims.service.bills import list_waiting_payers
from coding.service import get_coded_visits
from encounters.service import get_visits
from encounters.values import VisitId
from ledger import service as ledger
from ledger.values.accounts import Account
from patient_billing.values.bills import LineForBill, VisitForBill
from patients.service import get_patients
from practice.service import get_locations, get_providers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from coding.values import CodedLine
    from config.tenancy import PracticeSession
    from encounters.values import Visit
    from ledger.values.postings import Entry
    from patients.values import Guarantor, Patient, PatientId
    from practice.values import Location, LocationId, Provider, ProviderId

# Holds of a line that keep it from the eyes of a guarantor who isn't the patient (P40).
_HIDING = frozenset({"confidential", "part2-no-consent"})
_UNNAMED = {"en": "Medical service", "es": "Servicio médico"}


class _Names(NamedTuple):
    patients: Mapping[PatientId, Patient]
    providers: Mapping[ProviderId, Provider]
    locations: Mapping[LocationId, Location]


def gather_visits(
    session: PracticeSession, guarantor: Guarantor, *, on: dt.date
) -> list[VisitForBill]:
    """Return every visit that the guarantor, or a payer for them, still owes for, oldest first."""
    items = ledger.list_open_items(session, on=on, guarantor_id=guarantor.id)
    visit_ids = {VisitId(item.visit_id) for item in items if item.visit_id is not None}
    visits = get_visits(session, visit_ids)
    entries = ledger.get_visit_entries(session, visit_ids)
    coded = get_coded_visits(session, visit_ids)
    waiting = list_waiting_payers(session, visit_ids)
    names = _gather_names(session, visits.values())
    gathered = []
    for visit_id, visit in visits.items():
        coding = coded.get(visit_id)
        patient = names.patients[visit.patient_id]
        lines = _gather_lines(
            entries.get(visit_id, ()),
            coding.lines if coding else (),
            language=guarantor.details.language,
            is_own=_is_own(guarantor, patient),
        )
        provider = names.providers.get(visit.provider_id) if visit.provider_id else None
        location = names.locations.get(visit.location_id) if visit.location_id else None
        gathered.append(
            VisitForBill(
                visit_id,
                visit.number,
                visit.details.service_date,
                patient.details.name.full,
                _provider_name(provider),
                location.name if location else None,
                waiting.get(visit_id, ()),
                lines,
            )
        )
    return sorted(gathered, key=lambda visit: (visit.served_on, visit.number))


def _gather_names(session: PracticeSession, visits: Iterable[Visit]) -> _Names:
    known = list(visits)
    return _Names(
        get_patients(session, {visit.patient_id for visit in known}, is_resolved=True),
        get_providers(session, {visit.provider_id for visit in known if visit.provider_id}),
        get_locations(session, {visit.location_id for visit in known if visit.location_id}),
    )


def _gather_lines(
    entries: Sequence[Entry], coded: Sequence[CodedLine], *, language: str, is_own: bool
) -> tuple[LineForBill, ...]:
    by_line: dict[UUID, list[Entry]] = {}
    for entry in entries:
        if entry.about.charge_line_id is not None:
            by_line.setdefault(entry.about.charge_line_id, []).append(entry)
    known: dict[UUID, CodedLine] = {line.id: line for line in coded}
    order: dict[UUID, int] = {line.id: line.number for line in coded}
    return tuple(
        _to_line(line_id, by_line[line_id], known.get(line_id), language=language, is_own=is_own)
        for line_id in sorted(by_line, key=lambda key: (order.get(key, len(order) + 1), key))
    )


def _to_line(
    line_id: UUID, entries: list[Entry], line: CodedLine | None, *, language: str, is_own: bool
) -> LineForBill:
    wording = (line.wording_es if language == "es" else line.wording) if line else ""
    words = wording or (line.wording if line else "") or _UNNAMED.get(language, _UNNAMED["en"])
    return LineForBill(
        line_id,
        words,
        line.code if line else "",
        # A line that coding no longer knows may have been held: it isn't shown to others.
        is_hidden=not is_own and (line is None or line.hold in _HIDING),
        entries=tuple(entries),
    )


def _is_own(guarantor: Guarantor, patient: Patient) -> bool:
    """Say whether the guarantor is the patient: same name and, known to both, birth date."""
    theirs, own = guarantor.details, patient.details
    is_named_alike = theirs.name.full.casefold() == own.name.full.casefold()
    return is_named_alike and theirs.birth_date == own.birth_date and own.birth_date is not None


def _provider_name(provider: Provider | None) -> str:
    if provider is None:
        return "—"
    name = f"{provider.given} {provider.family}".strip()
    return f"{name}, {provider.credential}" if provider.credential else name


def list_owing_guarantors(session: PracticeSession, *, on: dt.date) -> set[UUID]:
    """Return the keys of all guarantors who owe something."""
    return {
        item.party_id
        for item in ledger.list_open_items(session, on=on)
        if item.account is Account.PATIENT_AR and item.party_id and item.amount.cents > 0
    }
