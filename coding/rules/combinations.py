"""Conditions that the guidelines presume to be linked, so that one code tells of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Combination:
    """Where `code` stands with a code of category or subcategory `beside`, it is `instead`."""

    code: str
    beside: str
    instead: str
    why: str


_HYPERTENSION = "hypertension with {0} is presumed to be linked (Guidelines I.C.9.a)"
_DIABETES = "diabetes with {0} is presumed to be linked (Guidelines I.A.15)"
# The more special first: the first that fits holds.
COMBINATIONS = (
    Combination("I10", "N18.5", "I12.0", _HYPERTENSION.format("chronic kidney disease")),
    Combination("I10", "N18.6", "I12.0", _HYPERTENSION.format("chronic kidney disease")),
    Combination("I10", "N18", "I12.9", _HYPERTENSION.format("chronic kidney disease")),
    Combination("I10", "I50", "I11.0", _HYPERTENSION.format("heart failure")),
    Combination("E11.9", "N18", "E11.22", _DIABETES.format("chronic kidney disease")),
    Combination("E10.9", "N18", "E10.22", _DIABETES.format("chronic kidney disease")),
    Combination("E11.9", "G62.9", "E11.42", _DIABETES.format("polyneuropathy")),
    Combination("E11.9", "I73.9", "E11.51", _DIABETES.format("peripheral angiopathy")),
)


def find_combinations(codes: Sequence[str]) -> list[Combination]:
    """Return, for each code that becomes another beside the rest, the combination that holds.

    Source:
        ICD-10-CM Official Guidelines I.A.15 ("with"), I.C.9.a (hypertension).
    """
    found: dict[str, Combination] = {}
    for combination in COMBINATIONS:
        if combination.code in codes and any(code.startswith(combination.beside) for code in codes):
            found.setdefault(combination.code, combination)
    return list(found.values())
