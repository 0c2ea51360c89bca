"""What the CSV files of patients, guarantors and coverages mean."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from config.csv_import import Importer
from config.finding import Finding
from config.outcome import Outcome
from config.provenance import Source, SourceKind
from patients import rules
from patients.forms.rows import (
    CoverageDraft,
    CoverageForm,
    GuarantorDraft,
    GuarantorForm,
    PatientDraft,
    PatientForm,
)
from patients.queries import find_patient_ids, get_coverages
from patients.service.coverages import place_taken, store_coverage
from patients.service.guarantors import store_guarantor
from patients.service.registering import register_patients, set_guarantor, store_update
from patients.values import CoverageEntry
from practice.service import find_payers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Mapping, Sequence

    from config.csv_fields import RowSchema
    from config.csv_import import Placed
    from config.tenancy import PracticeSession
    from patients.values import (
        Coverage,
        CoverageDetails,
        GuarantorDetails,
        PatientDetails,
        PatientId,
    )
    from practice.values import Payer

_PARTS: Final = ("line1", "line2", "city", "state", "postal_code", "country")
_NAMES: Final = ("family", "given", "middle", "suffix")
_PERSON: Final[Mapping[str, str]] = {
    **{f"name.{part}": part for part in _NAMES},
    **{f"address.{part}": part for part in _PARTS},
}
_SUBSCRIBER: Final[Mapping[str, str]] = {
    **{f"subscriber.name.{part}": f"subscriber_{part}" for part in _NAMES},
    **{f"subscriber.address.{part}": f"subscriber_{part}" for part in _PARTS},
    "subscriber.birth_date": "subscriber_birth_date",
    "subscriber.sex": "subscriber_sex",
}
_PATIENT_FIELDS: Final = (
    "birth_date", "sex", "phone", "email", "language", "deceased_on", "is_qmb",
)  # fmt: skip
_COVERAGE_FIELDS: Final = (
    "member_id", "group_number", "plan_name", "relationship", "from_date", "to_date",
)  # fmt: skip

_Details = TypeVar("_Details", "PatientDetails", "GuarantorDetails", "CoverageDetails")


def _with_sources(row: Placed[Any], details: _Details, columns: Mapping[str, str]) -> _Details:
    """Say of each field that was given which cell of which file it came from."""
    sources = {
        path: Source(SourceKind.IMPORT, row.digest, row.where(column))
        for path, column in columns.items()
        if rules.is_said(rules.value_at(details, path))
    }
    return replace(details, sources=sources)


def _unknown_patient() -> Finding:
    return Finding(
        "patient-unknown",
        "mrn",
        "the practice has no patient with this number of this assigner",
        "import patients first, or correct the number or the assigner",
    )


class PatientImporter(Importer[PatientDraft]):
    """Patients by medical record number and who assigned it.

    Args:
        today: The day on which rows are checked.
    """

    name: ClassVar[str] = "patients"
    schema: ClassVar[type[RowSchema]] = PatientForm
    columns: ClassVar[Mapping[str, str]] = {
        **_PERSON,
        **{name: name for name in _PATIENT_FIELDS},
        "identifiers[0]": "mrn",
    }

    def __init__(self, today: dt.date) -> None:
        super().__init__()
        self.today = today

    def key(self, draft: PatientDraft) -> Hashable:
        """Return the identifier."""
        return draft.identifier

    def check(
        self,
        session: PracticeSession,  # noqa: ARG002  # a row stands for itself
        rows: Sequence[Placed[PatientDraft]],
    ) -> Mapping[int, list[Finding]]:
        """Check each row alone."""
        return {
            row.number: rules.check_patient(row.draft.details, today=self.today) for row in rows
        }

    def store(
        self, session: PracticeSession, rows: Sequence[Placed[PatientDraft]]
    ) -> list[Outcome]:
        """Register who is new and update who is known."""
        known = find_patient_ids(session, [row.draft.identifier for row in rows])
        outcomes, new = [], []
        for row in rows:
            details = _with_sources(row, row.draft.details, self.columns)
            if patient_id := known.get(row.draft.identifier):
                outcomes.append(store_update(session, patient_id, details, today=self.today)[1])
            else:
                new.append((details, None))
        if new:
            register_patients(session, new, today=self.today)
        return outcomes + [Outcome.ADDED] * len(new)


class GuarantorImporter(Importer[GuarantorDraft]):
    """Guarantors by another system's account number, one row for each of their patients.

    Args:
        today: The day on which rows are checked.
    """

    name: ClassVar[str] = "guarantors"
    schema: ClassVar[type[RowSchema]] = GuarantorForm
    columns: ClassVar[Mapping[str, str]] = {
        **_PERSON,
        **{name: name for name in ("birth_date", "phone", "email", "language")},
    }

    def __init__(self, today: dt.date) -> None:
        super().__init__()
        self.today = today

    def key(self, draft: GuarantorDraft) -> Hashable:
        """Return the patient: one person answers for each."""
        return draft.patient

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[GuarantorDraft]]
    ) -> Mapping[int, list[Finding]]:
        """Check each row alone, and that its patient is there."""
        known = find_patient_ids(session, [row.draft.patient for row in rows])
        found = {}
        for row in rows:
            findings = rules.check_guarantor(row.draft.details, today=self.today)
            if row.draft.patient not in known:
                findings.append(_unknown_patient())
            found[row.number] = findings
        return found

    def store(
        self, session: PracticeSession, rows: Sequence[Placed[GuarantorDraft]]
    ) -> list[Outcome]:
        """Add or update each guarantor and set them for the patient."""
        known = find_patient_ids(session, [row.draft.patient for row in rows])
        outcomes = []
        for row in rows:
            details = _with_sources(row, row.draft.details, self.columns)
            guarantor, outcome = store_guarantor(
                session, details, today=self.today, identifier=row.draft.account
            )
            is_set = set_guarantor(session, known[row.draft.patient], guarantor.id)
            if is_set and outcome is Outcome.UNCHANGED:
                outcome = Outcome.CHANGED
            outcomes.append(outcome)
        return outcomes


class CoverageImporter(Importer[CoverageDraft]):
    """Coverages by patient, payer and member id.

    Args:
        today: The day on which an insurance's place in the order must be free.
    """

    name: ClassVar[str] = "coverages"
    schema: ClassVar[type[RowSchema]] = CoverageForm
    columns: ClassVar[Mapping[str, str]] = {
        **_SUBSCRIBER,
        **{name: name for name in _COVERAGE_FIELDS},
    }

    def __init__(self, today: dt.date) -> None:
        super().__init__()
        self.today = today
        self._places: set[bytes] = set()

    def key(self, draft: CoverageDraft) -> Hashable:
        """Return patient, payer, member id and first day."""
        return draft.patient, draft.payer_code, draft.details.member_id, draft.details.from_date

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[CoverageDraft]]
    ) -> Mapping[int, list[Finding]]:
        """Check each row alone, its patient and payer, and its place in the order."""
        patients = find_patient_ids(session, [row.draft.patient for row in rows])
        payers = find_payers(session, {row.draft.payer_code for row in rows})
        stored = get_coverages(session, set(patients.values()), on=self.today)
        found = {}
        for row in rows:
            payer = payers.get(row.draft.payer_code)
            patient_id = patients.get(row.draft.patient)
            findings = self._check_names(row.draft, payer, patient_id)
            if payer is not None and patient_id is not None:
                known = stored[patient_id]
                findings += self._check_place(row.draft, payer, patient_id, known)
            found[row.number] = findings
        return found

    def _check_names(
        self, draft: CoverageDraft, payer: Payer | None, patient_id: PatientId | None
    ) -> list[Finding]:
        findings = [] if patient_id else [_unknown_patient()]
        if payer is None:
            return [
                *findings,
                Finding(
                    "payer-unknown",
                    "payer_code",
                    "the practice has no such payer",
                    "import payers first, or correct the code",
                ),
            ]
        return findings + rules.check_coverage(
            draft.details, payer_kind=payer.kind, priority=draft.priority
        )

    def _check_place(
        self,
        draft: CoverageDraft,
        payer: Payer,
        patient_id: PatientId,
        known: Sequence[Coverage],
    ) -> list[Finding]:
        """Two insurances in force today can't both be the first to be billed."""
        start, end = draft.details.from_date, draft.details.to_date
        if (start and start > self.today) or (end and end < self.today):
            return []
        is_taken = any(
            coverage.priority == draft.priority
            and (coverage.payer_id, coverage.details.member_id)
            != (payer.id, draft.details.member_id)
            for coverage in known
        )
        mark = hashlib.blake2b(f"{patient_id}/{draft.priority}".encode(), digest_size=16).digest()
        is_taken = is_taken or mark in self._places
        self._places.add(mark)
        return [place_taken(draft.priority)] if is_taken else []

    def store(
        self, session: PracticeSession, rows: Sequence[Placed[CoverageDraft]]
    ) -> list[Outcome]:
        """Store each coverage."""
        patients = find_patient_ids(session, [row.draft.patient for row in rows])
        payers = find_payers(session, {row.draft.payer_code for row in rows})
        return [
            store_coverage(
                session,
                patients[row.draft.patient],
                CoverageEntry(
                    payers[row.draft.payer_code].id,
                    row.draft.priority,
                    _with_sources(row, row.draft.details, self.columns),
                ),
                today=self.today,
            )[1]
            for row in rows
        ]
