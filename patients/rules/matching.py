"""Whether what was found is who was meant, and who answers for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.names_index import name_tokens, normalise, phonetic

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from config.people import Address
    from patients.values import GuarantorDetails, PatientDetails

AGE_OF_MAJORITY: Final = 18


def matches_search(
    details: PatientDetails, words: Sequence[str], birth_date: dt.date | None
) -> bool:
    """Say whether a patient is one that was looked for.

    Args:
        details: A candidate.
        words: Each must begin one of the name's words, or sound like one.
        birth_date: Must be equal, if given.
    """
    if birth_date is not None and details.birth_date != birth_date:
        return False
    tokens = name_tokens(details.name.full)
    sounds = {phonetic(token) for token in tokens}
    return all(
        any(token.startswith(word) for token in tokens)
        or (bool(phonetic(word)) and phonetic(word) in sounds)
        for word in words
    )


def is_same_guarantor(known: GuarantorDetails, said: GuarantorDetails) -> bool:
    """Say whether two descriptions of one name are of one person: birth date, else address."""
    if normalise(known.name.full) != normalise(said.name.full):
        return False
    if known.birth_date and said.birth_date:
        return known.birth_date == said.birth_date
    if known.address is None or said.address is None:
        return False
    return _street(known.address) == _street(said.address)


def _street(address: Address) -> tuple[str, str]:
    return normalise(f"{address.line1} {address.line2}"), address.postal_code[:5]


def is_of_age(birth_date: dt.date | None, today: dt.date) -> bool:
    """Say whether a person answers for their own bills; one of unknown age does.

    Source:
        House: eighteen years; state law may differ (Alabama and Nebraska nineteen).
    """
    if birth_date is None:
        return True
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (not had_birthday) >= AGE_OF_MAJORITY
