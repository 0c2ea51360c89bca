"""What the CSV files of the practice, its locations, providers, partners, payers and feeds mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from config.csv_import import Importer
from practice import rules
from practice.forms.findings import unknown
from practice.forms.rows import (
    FeedForm,
    LocationForm,
    PartnerForm,
    PayerDraft,
    PayerForm,
    PracticeForm,
    ProviderForm,
)
from practice.queries import find_partner
from practice.service.opening import store_opened
from practice.service.saving import (
    check_payer_names,
    store_feed,
    store_location,
    store_partner,
    store_payer,
    store_provider,
)
from practice.values import (
    Feed,
    Location,
    Partner,
    Practice,
    Provider,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from config.csv_fields import RowSchema
    from config.csv_import import Placed
    from config.finding import Finding
    from config.outcome import Outcome
    from config.tenancy import Database, PracticeSession
    from practice.values import (
        Payer,
    )

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

    name: ClassVar[str] = "practice"
    schema: ClassVar[type[RowSchema]] = PracticeForm
    columns: ClassVar[Mapping[str, str]] = {**_ADDRESS, **_PAY_TO}

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

    name: ClassVar[str] = "locations"
    schema: ClassVar[type[RowSchema]] = LocationForm
    columns: ClassVar[Mapping[str, str]] = _ADDRESS

    def key(self, draft: Location) -> Hashable:
        """Return the code."""
        return draft.code

    def check(
        self,
        session: PracticeSession,  # noqa: ARG002  # a row stands for itself
        rows: Sequence[Placed[Location]],
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_location(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Location]]) -> list[Outcome]:
        """Store each location."""
        return [store_location(session, row.draft).outcome for row in rows]


class ProviderImporter(Importer[Provider]):
    """Providers by NPI."""

    name: ClassVar[str] = "providers"
    schema: ClassVar[type[RowSchema]] = ProviderForm

    def key(self, draft: Provider) -> Hashable:
        """Return the NPI."""
        return draft.npi

    def check(
        self,
        session: PracticeSession,  # noqa: ARG002  # a row stands for itself
        rows: Sequence[Placed[Provider]],
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_provider(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Provider]]) -> list[Outcome]:
        """Store each provider."""
        return [store_provider(session, row.draft).outcome for row in rows]


class PartnerImporter(Importer[Partner]):
    """Trading partners by code."""

    name: ClassVar[str] = "partners"
    schema: ClassVar[type[RowSchema]] = PartnerForm

    def key(self, draft: Partner) -> Hashable:
        """Return the code."""
        return draft.code

    def check(
        self,
        session: PracticeSession,  # noqa: ARG002  # a row stands for itself
        rows: Sequence[Placed[Partner]],
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_partner(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Partner]]) -> list[Outcome]:
        """Store each trading partner."""
        return [store_partner(session, row.draft).outcome for row in rows]


class PayerImporter(Importer[PayerDraft]):
    """Payers by electronic code; each may name its trading partner."""

    name: ClassVar[str] = "payers"
    schema: ClassVar[type[RowSchema]] = PayerForm
    columns: ClassVar[Mapping[str, str]] = {**_ADDRESS, **_LIMITS}

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
                    unknown("partner", "partner_code", "trading partner", "import partners first")
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


class FeedImporter(Importer[Feed]):
    """Feeds by kind and sender."""

    name: ClassVar[str] = "feeds"
    schema: ClassVar[type[RowSchema]] = FeedForm

    def key(self, draft: Feed) -> Hashable:
        """Return kind and sender."""
        return draft.kind.value, draft.sender

    def check(
        self,
        session: PracticeSession,  # noqa: ARG002  # a row stands for itself
        rows: Sequence[Placed[Feed]],
    ) -> Mapping[int, list[Finding]]:
        """Check the form of each row."""
        return {row.number: rules.check_feed(row.draft) for row in rows}

    def store(self, session: PracticeSession, rows: Sequence[Placed[Feed]]) -> list[Outcome]:
        """Store each feed."""
        return [store_feed(session, row.draft).outcome for row in rows]
