"""How a coded visit becomes claims: one claim per rendering provider and place, never too large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from coding.values import CodedDiagnosis, CodedLine
from practice.values import ProviderId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


DIAGNOSES_MAX: Final = 12
LINES_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Part:
    """What goes on one claim.

    Attributes:
        provider_id: Who rendered its lines.
        place_of_service: Where.
        diagnoses: 1 to 12 of the visit's diagnoses, in the visit's order.
        lines: 1 to 50 lines, their pointers counted within `diagnoses`.
    """

    provider_id: ProviderId | None
    place_of_service: str
    diagnoses: tuple[CodedDiagnosis, ...]
    lines: tuple[CodedLine, ...]


def split_visit(
    diagnoses: Sequence[CodedDiagnosis],
    lines: Sequence[CodedLine],
    *,
    provider_id: ProviderId | None,
    place_of_service: str,
) -> list[Part]:
    """Split a visit's lines into claims, in the order of the lines.

    Lines of another rendering provider or place go on a claim of their own; a claim that would
    point at more than 12 diagnoses or hold more than 50 lines is followed by another.

    Args:
        diagnoses: The visit's diagnoses in order.
        lines: The lines that may go to the payer; a pointer to no diagnosis stays as it is.
        provider_id: The visit's rendering provider, for lines that name none.
        place_of_service: The visit's place, for lines that name none.

    Source:
        TR3 005010X222A1 2300 HI (12 diagnoses), 2400 LX (50 lines), 2310B, CLM05-1.
    """
    groups: dict[tuple[ProviderId | None, str], list[CodedLine]] = {}
    for line in lines:
        own = ProviderId(line.provider_id) if line.provider_id else provider_id
        key = (own, line.place_of_service or place_of_service)
        groups.setdefault(key, []).append(line)
    return [
        _make_part(provider, place, diagnoses, chunk)
        for (provider, place), group in groups.items()
        for chunk in _chunk(group)
    ]


def _chunk(lines: Sequence[CodedLine]) -> Iterator[list[CodedLine]]:
    held: list[CodedLine] = []
    pointed: set[int] = set()
    for line in lines:
        wanted = pointed | set(line.pointers)
        if held and (len(held) == LINES_MAX or len(wanted) > DIAGNOSES_MAX):
            yield held
            held, wanted = [], set(line.pointers)
        held.append(line)
        pointed = wanted
    if held:
        yield held


def _make_part(
    provider_id: ProviderId | None,
    place_of_service: str,
    diagnoses: Sequence[CodedDiagnosis],
    lines: Sequence[CodedLine],
) -> Part:
    pointed = sorted({place for line in lines for place in line.pointers})
    kept = pointed
    if len(diagnoses) <= DIAGNOSES_MAX:
        kept = list(range(1, len(diagnoses) + 1))  # what no line points at still tells the story
    new_place = {old: new for new, old in enumerate(kept, start=1)}
    return Part(
        provider_id=provider_id,
        place_of_service=place_of_service,
        diagnoses=tuple(diagnoses[old - 1] for old in kept if old <= len(diagnoses)),
        lines=tuple(
            replace(line, pointers=tuple(new_place.get(old, old) for old in line.pointers))
            for line in lines
        ),
    )
