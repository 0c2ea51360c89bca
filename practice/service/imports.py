"""What each kind of the practice's CSV files means: keys, checks and storing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from config.csv_import import Importer, Placed
from config.finding import Finding
from practice import rules
from practice.forms import (
    ChargeForm,
    ContractDraft,
    ContractForm,
    EnrolmentDraft,
    EnrolmentForm,
    FeedForm,
    LocationForm,
    PartnerForm,
    PayerDraft,
    PayerForm,
    PracticeForm,
    ProviderForm,
)
from practice.queries import find_partner, find_payers, find_provider_by_npi
from practice.service.opening import store_opened
from practice.service.prices import (
    check_allowed_fit,
    check_charges_fit,
    store_allowed,
    store_charges,
)
from practice.service.saving import (
    check_payer_names,
    store_enrolment,
    store_feed,
    store_location,
    store_partner,
    store_payer,
    store_provider,
)
from practice.values import (
    Allowed,
    Charge,
    Enrolment,
    Feed,
    Location,
    Partner,
    Payer,
    PayerId,
    Practice,
    Provider,
    ProviderId,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Mapping, Sequence

    from config.csv_fields import RowSchema
    from config.outcome import Outcome
    from config.tenancy import Database, PracticeSession

_ADDRESS: Mapping[str, str] = {
    f"address.{part}": part
    for part in ("line1", "line2", "city", "state", "postal_code", "country")
}
_PAY_TO: Mapping[str, str] = {
    f"pay_to.{part}": f"pay_to_{part}"
    for part in ("line1", "line2", "city", "state", "postal_code", "country")
}
_LIMITS: Mapping[str, str] = {
    **{f"limits.{n}": f"{n}_days_max" for n in ("initial", "corrected", "appeal", "secondary")},
    "limits.source": "limits_source",
}


class PracticeImporter(Importer[Practice]):
    """Practices by NPI; a new one is opened for the operating system's user.

    It needs no session: a practice has none before it is there.

    Args:
        database: The installation's database.
        os_user: Who runs the command.
    """

    name = "practice"
    schema: ClassVar[type[RowSchema]] = PracticeForm
    columns = {**_ADDRESS, **_PAY_TO}

    def __init__(self, database: Database, os_user: str) -> None:
        super().__init__()
        self.database, self.os_user = database, os_user

    def key(self, draft: Practice) -> Hashable:
        """Return the NPI."""
        return draft.npi

    def check(
        self,
        session: PracticeSession,  # noqa: ARG002  # a practice has no session before it is there
        rows: Sequence[Placed[Practice]],
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_practice(row.draft) for row in rows}

    def store(
        self,
        session: PracticeSession,  # noqa: ARG002  # see above
        rows: Sequence[Placed[Practice]],
    ) -> list[Outcome]:
        """Open or change each practice."""
        return [store_opened(self.database, row.draft, os_user=self.os_user)[1] for row in rows]


class LocationImporter(Importer[Location]):
    """Locations by code."""

    name = "locations"
    schema: ClassVar[type[RowSchema]] = LocationForm
    columns = _ADDRESS

    def key(self, draft: Location) -> Hashable:
        """Return the code."""
        return draft.code

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[Location]]
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_location(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Location]]) -> list[Outcome]:
        """Store each location."""
        return [store_location(session, row.draft).outcome for row in rows]


class ProviderImporter(Importer[Provider]):
    """Providers by NPI."""

    name = "providers"
    schema: ClassVar[type[RowSchema]] = ProviderForm

    def key(self, draft: Provider) -> Hashable:
        """Return the NPI."""
        return draft.npi

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[Provider]]
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_provider(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Provider]]) -> list[Outcome]:
        """Store each provider."""
        return [store_provider(session, row.draft).outcome for row in rows]


class PartnerImporter(Importer[Partner]):
    """Trading partners by code."""

    name = "partners"
    schema: ClassVar[type[RowSchema]] = PartnerForm

    def key(self, draft: Partner) -> Hashable:
        """Return the code."""
        return draft.code

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[Partner]]
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_partner(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Partner]]) -> list[Outcome]:
        """Store each trading partner."""
        return [store_partner(session, row.draft).outcome for row in rows]


class PayerImporter(Importer[PayerDraft]):
    """Payers by electronic code; each may name its trading partner."""

    name = "payers"
    schema: ClassVar[type[RowSchema]] = PayerForm
    columns = {**_ADDRESS, **_LIMITS}

    def key(self, draft: PayerDraft) -> Hashable:
        """Return the electronic code."""
        return draft.payer.payer_code

    def _resolve(self, session: PracticeSession, draft: PayerDraft) -> Payer | None:
        if not draft.partner_code:
            return draft.payer
        partner = find_partner(session, draft.partner_code)
        return replace(draft.payer, partner_id=partner.id) if partner else None

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[PayerDraft]]
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row, its names and its trading partner."""
        found = {}
        for row in rows:
            findings = rules.check_payer(row.draft.payer)
            names = [row.draft.payer.name, *row.draft.also_known_as]
            findings += check_payer_names(session, row.draft.payer.payer_code, names)
            if self._resolve(session, row.draft) is None:
                findings.append(
                    _unknown("partner", "partner_code", "trading partner", "import partners first")
                )
            found[row.number] = findings
        return found

    def store(self, session: PracticeSession, rows: Sequence[Placed[PayerDraft]]) -> list[Outcome]:
        """Store each payer with its names."""
        return [
            store_payer(
                session,
                self._resolve(session, row.draft) or row.draft.payer,
                also_known_as=row.draft.also_known_as,
            ).outcome
            for row in rows
        ]


class ChargeImporter(Importer[Charge]):
    """Prices of the charge master by code, modifier and first day."""

    name = "charges"
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

    name = "contracts"
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
                found[row.number] = [_unknown_payer()]
        return found

    def store(
        self, session: PracticeSession, rows: Sequence[Placed[ContractDraft]]
    ) -> list[Outcome]:
        """Store the fees."""
        return store_allowed(session, list(self._resolve(session, rows).values()))


class EnrolmentImporter(Importer[EnrolmentDraft]):
    """Enrolments by provider, payer and first day."""

    name = "enrolments"
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
            [] if provider else [_unknown("provider", "npi", "provider", "import providers first")]
        )
        if payer is None:
            findings.append(_unknown_payer())
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


class FeedImporter(Importer[Feed]):
    """Feeds by kind and sender."""

    name = "feeds"
    schema: ClassVar[type[RowSchema]] = FeedForm

    def key(self, draft: Feed) -> Hashable:
        """Return kind and sender."""
        return draft.kind.value, draft.sender

    def check(
        self, session: PracticeSession, rows: Sequence[Placed[Feed]]
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_feed(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Feed]]) -> list[Outcome]:
        """Store each feed."""
        return [store_feed(session, row.draft).outcome for row in rows]


_FINDINGS_PER_PRICE: Final = 3


class _Spans:
    """The spans of a file's earlier rows, some hundred bytes each."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.seen: dict[bytes, list[tuple[dt.date, dt.date | None]]] = {}

    def check(self, key: str, days: tuple[dt.date, dt.date | None]) -> list[Finding]:
        """Return a finding if an earlier row of the key shares a day; remember this one."""
        mark = hashlib.blake2b(key.encode(), digest_size=16).digest()
        spans = self.seen.setdefault(mark, [])
        # The same first day is the same thing twice, which is said already.
        others = [other for other in spans if other[0] != days[0]]
        findings = [f for other in others for f in rules.check_overlap(days, other, self.kind)]
        spans.append(days)
        return findings[:1]


def _unknown(code: str, column: str, words: str, fix: str) -> Finding:
    return Finding(f"{code}-unknown", column, f"the practice has no such {words}", fix)


def _unknown_payer() -> Finding:
    return _unknown("payer", "payer_code", "payer", "import payers first, or correct the code")


IMPORTERS: Final[tuple[type[Importer[Any]], ...]] = (
    LocationImporter,
    ProviderImporter,
    PartnerImporter,
    PayerImporter,
    ChargeImporter,
    ContractImporter,
    EnrolmentImporter,
    FeedImporter,
)
