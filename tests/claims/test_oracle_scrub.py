"""What the scrub lets through, pyx12 takes too: claims put together at random."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from claims.adapters.to_837p import Envelope, write_837p
from claims.rules.scrub.edits import find_stops, scrub
from claims.service.scrub_facts import find_faults, write_alone
from claims.values import ClaimContent, ClaimPayer, ContentLine, Facility
from config.money import Money
from config.people import Address, PersonName, Sex
from encounters.values import Accident, AccidentKind
from patients.values import Relationship
from tests.factories.claims import (
    AT,
    PROVIDER,
    RENDERING,
    SERVED_ON,
    make_billing,
    make_content,
    make_facts,
    make_line,
    make_person,
)
from tests.factories.oracles import find_pyx12_errors
from tests.factories.practice import OTHER_NPI, STREET, make_partner

if TYPE_CHECKING:
    from claims.values import ClaimContent, ContentLine

SEEDS = 300
TEXTS = (
    "Ñandú",
    "O'Hara-Łuk",
    "van der Sloot",
    "A*B~C:D",
    "x" * 70,
    "",
    " ",
    "Zoë 2nd",
    "日本",
    "^|",
)


def pick(dice: random.Random, good: Any, *odd: Any) -> Any:  # noqa: ANN401  # any field's value
    """Mostly the good one, now and then an odd one."""
    return good if dice.random() < 0.85 else dice.choice(odd)


def make_name(dice: random.Random) -> PersonName:
    return PersonName(
        pick(dice, "Vandersloot", *TEXTS),
        pick(dice, "Marigold", *TEXTS[:6]),
        pick(dice, "", *TEXTS[:6]),
        dice.choice(("", "Jr")),
    )


def make_address(dice: random.Random) -> Address | None:
    odd = Address(
        pick(dice, "7 Quay Road", *TEXTS),
        dice.choice(("", "Apt. #4", TEXTS[4])),
        pick(dice, "Portland", "St. Mary's", TEXTS[0], "P"),
        pick(dice, "ME", "PR", ""),
        pick(dice, "04101", "0410", ""),
    )
    found: Address | None = pick(dice, odd, STREET, None)
    return found


def make_drug(dice: random.Random) -> dict[str, Any]:
    return {
        "code": "J1885",
        "system": "HCPCS",
        "ndc": pick(dice, "00409379501", "0409"),
        "ndc_units": pick(dice, "1", "0.25", "x"),
        "ndc_unit_of_measure": pick(dice, "ML", "MG"),
    }


def make_lines(dice: random.Random) -> tuple[ContentLine, ...]:
    return tuple(
        make_line(
            number,
            modifiers=tuple(dice.sample(["25", "59", "LT", "76"], dice.choice((0, 1, 4)))),
            units=pick(dice, 1, 2, 0, 999),
            charge=Money(pick(dice, 15_000, 1, 99, 0, 12_345_678)),
            pointers=tuple(dice.sample([1, 2], dice.choice((1, 2)))),
            **pick(dice, {}, make_drug(dice), {"code": "80053"}),
        )
        for number in range(1, dice.choice((1, 2, 5)) + 1)
    )


def make_random(dice: random.Random) -> ClaimContent:
    person = make_person(
        name=make_name(dice), address=make_address(dice), sex=dice.choice(list(Sex))
    )
    changes: dict[str, Any] = {
        "billing": make_billing(pay_to=dice.choice((None, STREET))),
        "payer": ClaimPayer("SEA01", pick(dice, "Seaside", *TEXTS[:4]), "CI", None),
        "member_id": pick(dice, "SEA1", "A B-1", "X" * 81, "M*1", ""),
        "group_number": pick(dice, "G-55", "", "g" * 51),
        "plan_name": pick(dice, "Silver", "", TEXTS[3]),
        "subscriber": person,
        "facility": dice.choice((None, Facility("Annex", OTHER_NPI, STREET))),
        "referring": dice.choice((None, RENDERING)),
        "authorization_number": pick(dice, "", "AUTH 1", "A~1"),
        "accident": pick(dice, None, Accident(AccidentKind.AUTO, SERVED_ON, "ME")),
        "diagnoses": dice.choice((("E11.9", "I10"), ("E11.9", "I10", "J20.9"))),
        "lines": make_lines(dice),
    }
    if dice.random() < 0.4:
        changes |= {"relationship": Relationship.CHILD, "patient": make_person()}
    return make_content(**changes)


@pytest.mark.oracle
def test_what_the_scrub_lets_through_pyx12_takes_too() -> None:
    passed: list[ClaimContent] = []
    for seed in range(SEEDS):
        content = replace(make_random(random.Random(seed)), claim_number=f"C{seed:05d}")  # noqa: S311  # a test's dice
        facts = make_facts(provider_ids=(PROVIDER,), faults=find_faults(content, None, AT))
        if not find_stops(scrub(content, facts), {"claim-duplicate": "on purpose"}):
            passed.append(content)
    assert len(passed) >= SEEDS // 10, "the dice make too few clean claims to learn from"
    data, _ = write_837p(passed, make_partner(), Envelope(1, 1, "DICE", AT))
    errors = find_pyx12_errors(data)
    if errors:
        bad = [c.claim_number for c in passed if find_pyx12_errors(write_alone(c, None, AT))]
        assert bad == [], errors
