"""Names, addresses, phones and dates of any person in a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.people import Address, PersonName, Sex
from encounters.values import IntakePerson

if TYPE_CHECKING:
    from encounters.adapters_hl7_fields import Taken
    from gateways.hl7.service import Segment

_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE}
_LANGUAGES: Final = {
    "EN": "en",
    "ENG": "en",
    "ENGLISH": "en",
    "EN-US": "en",
    "ES": "es",
    "SPA": "es",
    "SPANISH": "es",
    "ES-US": "es",
}


def to_person(
    taken: Taken, *, name: int, birth_date: int, sex: int, address: int, phone: int = 0
) -> IntakePerson:
    """Return a person of a segment; the name's family is empty where nobody is named.

    Args:
        taken: The segment; its paths become the person's.
        name: Field of the name (XPN).
        birth_date: Field of the birth date.
        sex: Field of the sex.
        address: Field of the address (XAD).
        phone: Field of telephone numbers and e-mail (XTN), 0 for none.
    """
    segment = taken.segment
    repeat = _legal_name(segment, name)
    person_name = PersonName(
        family=taken.text("name.family", name, repeat=repeat),
        given=taken.text("name.given", name, 2, repeat=repeat),
        middle=taken.text("name.middle", name, 3, repeat=repeat),
        suffix=taken.text("name.suffix", name, 4, repeat=repeat),
    )
    is_patient = segment.name == "PID"
    language = taken.text("language", 15).upper() if is_patient else ""
    return IntakePerson(
        name=person_name,
        birth_date=taken.date("birth_date", birth_date),
        sex=_SEXES.get(taken.text("sex", sex).upper()[:1], Sex.UNKNOWN),
        address=_to_address(taken, address),
        phone=_to_phone(taken, phone) if phone else "",
        email=_to_email(taken, phone) if phone else "",
        language=_LANGUAGES.get(language, ""),
        deceased_on=taken.date("deceased_on", 29) if is_patient else None,
        paths=taken.paths,
    )


def _legal_name(segment: Segment, place: int) -> int:
    """Return which repetition of a name is the legal one (XPN-7 L), else the first."""
    for repeat in range(1, segment.repeats(place) + 1):
        if segment.text(place, 7, repeat=repeat) == "L":
            return repeat
    return 1


def _to_address(taken: Taken, place: int) -> Address | None:
    segment = taken.segment
    repeats = range(1, segment.repeats(place) + 1)
    kinds = {segment.text(place, 7, repeat=repeat): repeat for repeat in reversed(repeats)}
    repeat = kinds.get("H") or kinds.get("M") or 1
    line1 = taken.text("address.line1", place, repeat=repeat)
    city = taken.text("address.city", place, 3, repeat=repeat)
    postal_code = taken.text("address.postal_code", place, 5, repeat=repeat)
    if not (line1 or city or postal_code):
        return None
    taken.paths["address"] = segment.path(place, repeat=repeat)
    country = taken.text("address.country", place, 6, repeat=repeat).upper()
    return Address(
        line1=line1,
        line2=taken.text("address.line2", place, 2, repeat=repeat),
        city=city,
        state=taken.text("address.state", place, 4, repeat=repeat).upper(),
        postal_code=re.sub(r"[\s-]", "", postal_code),
        country="US" if country in {"", "USA", "US", "UNITED STATES"} else country[:2],
    )


def _to_phone(taken: Taken, place: int) -> str:
    """Return the first telephone number: XTN-1, or its parts as later versions have them."""
    segment = taken.segment
    for repeat in range(1, segment.repeats(place) + 1):
        if segment.text(place, 2, repeat=repeat) == "NET":
            continue
        text = segment.text(place, repeat=repeat) or segment.text(place, 12, repeat=repeat)
        if not text:
            text = segment.text(place, 6, repeat=repeat) + segment.text(place, 7, repeat=repeat)
        if text and "@" not in text:
            taken.paths["phone"] = segment.path(place, repeat=repeat)
            return text
    return ""


def _to_email(taken: Taken, place: int) -> str:
    segment = taken.segment
    for repeat in range(1, segment.repeats(place) + 1):
        for component in (4, 1):
            if "@" in segment.text(place, component, repeat=repeat):
                return taken.text("email", place, component, repeat=repeat)
    return ""
