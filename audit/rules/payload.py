"""The payload of an entry: who touched what, why, and how it ended, as JSON to be sealed.

Ids only: the rows that were touched, never what stands in them, and nothing of an error's text.

Source:
    45 CFR 164.312(b); ASTM E2147-18 section 7.1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from config.actor import Actor

VERSION: Final = 1
Touches = set[tuple[str, str, "UUID", "UUID | None"]]


def build_payload(
    actor: Actor,
    *,
    purpose: str,
    outcome: str,
    touches: Touches,
    events: Iterable[Mapping[str, Any]],
) -> bytes:
    """Return an entry's payload.

    Args:
        actor: Who acted.
        purpose: The purpose of use, such as `payment`.
        outcome: `done`, `refused <codes>` or `failed <class of error>`.
        touches: Action, table, row and patient of every value opened or sealed.
        events: What happened by name, each with its ids.
    """
    rows: dict[str, dict[str, list[str]]] = {}
    for action, table, row_id, _patient in sorted(touches, key=_by_place):
        rows.setdefault(action, {}).setdefault(table, []).append(row_id.hex)
    patients = sorted({patient.hex for *_place, patient in touches if patient is not None})
    return json.dumps(
        {
            "v": VERSION,
            "actor": {"kind": actor.kind, "id": actor.id.hex, "name": actor.name},
            "practice": actor.practice_id.hex if actor.practice_id else None,
            "purpose": purpose,
            "outcome": outcome,
            "events": list(events),
            "rows": rows,
            "patients": patients,
        },
        separators=(",", ":"),
        default=str,
    ).encode()


def _by_place(touch: tuple[str, str, UUID, UUID | None]) -> tuple[str, str, UUID]:
    return touch[:3]
