"""What of an amount may be billed to a patient: rules that can only lower it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.money import Money
from ledger.rules.tables import list_ceilings
from ledger.values.remittance import PatientCeiling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from ledger.values.remittance import Cas, PayerTerms

# Deductible, coinsurance, copay: the reasons that become the patient's without a person (P4).
COST_SHARES: Final = frozenset({"1", "2", "3"})


def compute_patient_ceiling(
    cas: Cas, terms: PayerTerms, remarks: Iterable[str], *, on: dt.date
) -> PatientCeiling:
    """Return the most of an adjustment that the patient may be billed.

    Args:
        cas: The adjustment; only group PR can be a patient's at all.
        terms: The payer's terms and the programs that hold.
        remarks: RARCs of line and claim.
        on: The service date.

    Source:
        House: DESIGN 7.6, P3, P4; each row of `tables.CEILINGS` names its law.
    """
    if cas.group != "PR":
        return PatientCeiling(
            Money(0, cas.amount.currency),
            None,
            "patient-share/only-pr",
            "X12 group codes: only PR may be a patient's; House: DESIGN 7.6",
        )
    for row in list_ceilings(terms, frozenset(remarks), on):
        if cas.carc not in row.carcs_billable:
            return PatientCeiling(Money(0, cas.amount.currency), row.account, row.name, row.source)
    return PatientCeiling(
        cas.amount, None, "patient-share/pr", "X12 group PR: the most a patient can owe"
    )
