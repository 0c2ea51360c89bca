"""Pure rules about code numbers: their printed form, the ranges that notes name, conflicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coding.values import CodeSystem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ICD_SHAPE = re.compile(r"^[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{0,4})?$")
CPT_SHAPE = re.compile(r"^[0-9]{4}[0-9AFMTU]$")
HCPCS_SHAPE = re.compile(r"^[A-HJ-V][0-9]{4}$")

_PARENTHESES = re.compile(r"\(([^()]*)\)")
_REFERENCE = re.compile(
    r"^(?P<first>[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?)(?P<open>\.?-)?"
    r"(?:\s*(?:-|to)\s*(?P<last>[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?)(?:\.?-)?)?"
    r"(?P<seventh>\s+with .*)?$"
)


def to_plain(code: str) -> str:
    """Return a code as it is stored for look-ups: no dot, no spaces, capitals."""
    return code.replace(".", "").replace(" ", "").upper()


def to_printed(plain: str) -> str:
    """Return an ICD-10-CM code as printed: a dot after the third character."""
    return plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


def find_system(code: str) -> CodeSystem | None:
    """Return the code system whose numbers have this shape, or None.

    ICD-10-CM wins where shapes meet (J1885 is HCPCS: its fifth place makes no ICD category,
    as the third place of a category is never the start of a four-digit number without a dot).
    """
    shape = code.strip().upper()
    if CPT_SHAPE.match(shape):
        return CodeSystem.CPT
    if HCPCS_SHAPE.match(shape):
        return CodeSystem.HCPCS
    if ICD_SHAPE.match(shape):
        return CodeSystem.ICD10CM
    return None


def read_references(note: str) -> list[tuple[str, str]]:
    """Return the code ranges that a note names in parentheses, as (first, last) plain prefixes.

    `(A05.-)` is the prefix A05; `(A04.0-A04.4)` runs from A040 to A044; `(J09.X3, J10.2)` are
    two. A code belongs to a range if its prefix of the same length lies within it.
    """
    found: list[tuple[str, str]] = []
    for group in _PARENTHESES.findall(note):
        parts = [_REFERENCE.match(part.strip()) for part in re.split(r",| and ", group)]
        for match in parts:
            if match is None:
                continue
            first = to_plain(match["first"])
            last = to_plain(match["last"]) if match["last"] else first
            found.append((first, last))
    return found


def without_references(note: str) -> str:
    """Return the words of a note without the parentheses that name codes."""

    def keep(match: re.Match[str]) -> str:
        return "" if read_references(match.group(0)) else match.group(0)

    return " ".join(_PARENTHESES.sub(keep, note).split())


def is_in_range(plain: str, span: tuple[str, str]) -> bool:
    """Return whether a plain code lies in a (first, last) range of prefixes."""
    first, last = span
    return first <= plain[: len(first)] and plain[: len(last)] <= last


def list_prefixes(plain: str) -> list[str]:
    """Return a plain code and its ancestors among the codes, longest first."""
    return [plain[:length] for length in range(len(plain), 2, -1)]


def seventh_base(plain: str) -> str:
    """Return a code padded with X so that a seventh character can follow.

    Source:
        ICD-10-CM Official Guidelines I.A.5 (7th characters), I.A.4 (placeholder X).
    """
    return plain.ljust(6, "X")


def find_duplicates(codes: Iterable[str]) -> list[str]:
    """Return the codes that stand more than once, in order of their second appearance."""
    seen: set[str] = set()
    twice: list[str] = []
    for code in codes:
        plain = to_plain(code)
        if plain in seen and plain not in twice:
            twice.append(plain)
        seen.add(plain)
    return twice


def is_excluded(owner: str, spans: Sequence[tuple[str, str]], other: str) -> bool:
    """Return whether an Excludes note of `owner` bars `other`.

    A code below the owner itself is not barred by the owner's note: such notes speak to the
    codes outside.
    """
    return not other.startswith(owner) and any(is_in_range(other, span) for span in spans)
