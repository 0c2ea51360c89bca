"""What the CSV files of charges, contracts and enrolments mean: dated rows that may not overlap."""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from typing import TYPE_CHECKING, ClassVar, Final

from config.csv_import import Importer
from practice import rules
from practice.forms.findings import unknown, unknown_payer
from practice.forms.rows import (
    ChargeForm,
    ContractDraft,
    ContractForm,
    EnrolmentDraft,
    EnrolmentForm,
)
from practice.queries import find_payers, find_provider_by_npi
from practice.service.prices import (
    check_allowed_fit,
    check_charges_fit,
    store_allowed,
    store_charges,
)
from practice.service.saving import (
    store_enrolment,
)
from practice.values import (
    Allowed,
    Charge,
    Enrolment,
    PayerId,
    ProviderId,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from config.csv_fields import RowSchema
    from config.csv_import import Placed
    from config.finding import Finding
    from config.outcome import Outcome
    from config.tenancy import PracticeSession

_FINDINGS_PER_PRICE: Final = 3
_SPAN: Final = struct.Struct(">II")


class _Spans:
    """The spans of a file's earlier rows, packed, for a file may have a million."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.seen: dict[bytes, bytes] = {}

    def check(self, key: str, days: tuple[dt.date, dt.date | None]) -> list[Finding]:
        """Return a finding if an earlier row of the key shares a day; remember this one."""
        mark = hashlib.blake2b(key.encode(), digest_size=16).digest()
        packed = self.seen.get(mark, b"")
        findings = [
            finding
            for first, last in _SPAN.iter_unpack(packed)
            # The same first day is the same thing twice, which is said already.
            if first != days[0].toordinal()
            for finding in rules.check_overlap(
                days,
                (dt.date.fromordinal(first), dt.date.fromordinal(last) if last else None),
                self.kind,
            )
        ]
        last_day = days[1].toordinal() if days[1] else 0
        self.seen[mark] = packed + _SPAN.pack(days[0].toordinal(), last_day)
        return findings[:1]


class ChargeImporter(Importer[Charge]):
    """Prices of the charge master by code, modifier and first day."""

    name: ClassVar[str] = "charges"
    schema: ClassVar[type[RowSchema]] = ChargeForm

    def __init__(self) -> None:
        super().__init__()
        self._spans = _Spans("charge")

    def key(self, draft: Charge) -> Hashable:
        """Return code, modifier and first day."""
        return draft.code, draft.modifier, draft.from_date

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[Charge]]
    ) -> Mapping[int, list[Finding]]:
        """Check each row alone, with the charge master and with the file's earlier rows."""
        found = check_charges_fit(session, [row.draft for row in rows])
        return {
            row.number: [
                *found.get(place, []),
                *self._spans.check(
                    f"{row.draft.code}/{row.draft.modifier}",
                    (row.draft.from_date, row.draft.to_date),
                ),
            ][:_FINDINGS_PER_PRICE]
            for place, row in enumerate(rows)
        }

    def store(self, session: PracticeSession, rows: Sequence[Placed[Charge]]) -> list[Outcome]:
        """Store the prices."""
        return store_charges(session, [row.draft for row in rows])


class ContractImporter(Importer[ContractDraft]):
    """Contract fees by payer, code and first day."""

    name: ClassVar[str] = "contracts"
    schema: ClassVar[type[RowSchema]] = ContractForm

    def __init__(self) -> None:
        super().__init__()
        self._spans = _Spans("contract")

    def key(self, draft: ContractDraft) -> Hashable:
        """Return payer, code and first day."""
        return draft.payer_code, draft.code, draft.from_date

    def _resolve(
        self, session: PracticeSession, rows: Sequence[Placed[ContractDraft]]
    ) -> dict[int, Allowed]:
        payers = find_payers(session, {row.draft.payer_code for row in rows})
        return {
            row.number: Allowed(
                payer_id=PayerId(payers[row.draft.payer_code].id),
                code=row.draft.code,
                unit_allowed=row.draft.unit_allowed,
                from_date=row.draft.from_date,
                to_date=row.draft.to_date,
            )
            for row in rows
            if row.draft.payer_code in payers
        }

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[ContractDraft]]
    ) -> Mapping[int, list[Finding]]:
        """Check each row alone, with the contracts and with the file's earlier rows."""
        fees = self._resolve(session, rows)
        fits = check_allowed_fit(session, list(fees.values()))
        found: dict[int, list[Finding]] = {
            number: [
                *fits.get(place, []),
                *self._spans.check(f"{fee.payer_id}/{fee.code}", (fee.from_date, fee.to_date)),
            ][:_FINDINGS_PER_PRICE]
            for place, (number, fee) in enumerate(fees.items())
        }
        for row in rows:
            if row.number not in fees:
                found[row.number] = [unknown_payer()]
        return found

    def store(
        self, session: PracticeSession, rows: Sequence[Placed[ContractDraft]]
    ) -> list[Outcome]:
        """Store the fees."""
        return store_allowed(session, list(self._resolve(session, rows).values()))


class EnrolmentImporter(Importer[EnrolmentDraft]):
    """Enrolments by provider, payer and first day."""

    name: ClassVar[str] = "enrolments"
    schema: ClassVar[type[RowSchema]] = EnrolmentForm

    def __init__(self) -> None:
        super().__init__()
        self._spans = _Spans("enrolment")

    def key(self, draft: EnrolmentDraft) -> Hashable:
        """Return provider, payer and first day."""
        return draft.npi, draft.payer_code, draft.from_date

    def _resolve(
        self, session: PracticeSession, draft: EnrolmentDraft
    ) -> Enrolment | list[Finding]:
        provider = find_provider_by_npi(session, draft.npi)
        payer = find_payers(session, [draft.payer_code]).get(draft.payer_code)
        findings = (
            [] if provider else [unknown("provider", "npi", "provider", "import providers first")]
        )
        if payer is None:
            findings.append(unknown_payer())
        if provider is None or payer is None:
            return findings
        return Enrolment(
            provider_id=ProviderId(provider.id),
            payer_id=PayerId(payer.id),
            from_date=draft.from_date,
            to_date=draft.to_date,
            is_participating=draft.is_participating,
        )

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[EnrolmentDraft]]
    ) -> Mapping[int, list[Finding]]:
        """Check provider, payer and days of each row."""
        found = {}
        for row in rows:
            value = self._resolve(session, row.draft)
            if isinstance(value, Enrolment):
                value = rules.check_enrolment(value)
            days = (row.draft.from_date, row.draft.to_date)
            found[row.number] = [
                *value,
                *self._spans.check(f"{row.draft.npi}/{row.draft.payer_code}", days),
            ]
        return found

    def store(
        self, session: PracticeSession, rows: Sequence[Placed[EnrolmentDraft]]
    ) -> list[Outcome]:
        """Store each enrolment."""
        values = [self._resolve(session, row.draft) for row in rows]
        return [
            store_enrolment(session, value).outcome
            for value in values
            if isinstance(value, Enrolment)
        ]
