"""Foreign shapes to texts: the conditions' words in a FHIR bundle, with where they stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ConditionText:
    """A condition's words as they stand in a file: `text[start:end]`, without the quotes."""

    words: str
    start: int
    end: int


def read_bundle_conditions(text: str) -> list[ConditionText] | None:
    """Return the words of each Condition in a FHIR bundle or resource; None if it is no such file.

    Args:
        text: The file's text, JSON with a resourceType.

    Returns:
        Conditions that are not refuted or entered in error, in file order.

    Source:
        FHIR R4 Condition.code, Condition.verificationStatus.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or "resourceType" not in record:
        return None
    found: list[ConditionText] = []
    after = 0
    for resource in _list_resources(record):
        words = _read_words(resource)
        if words:
            start, end = _find_place(text, words, after)
            found.append(ConditionText(words, start, end))
            after = end
    return found


def _list_resources(record: dict[str, Any]) -> list[dict[str, Any]]:
    entries = record.get("entry", []) if record["resourceType"] == "Bundle" else [record]
    resources = [
        entry.get("resource", entry) if isinstance(entry, dict) else {}
        for entry in (entries if isinstance(entries, list) else [])
    ]
    return [r for r in resources if isinstance(r, dict) and r.get("resourceType") == "Condition"]


def _read_words(resource: dict[str, Any]) -> str:
    status = json.dumps(resource.get("verificationStatus", ""))
    code = resource.get("code")
    if '"refuted"' in status or '"entered-in-error"' in status or not isinstance(code, dict):
        return ""
    codings = code.get("coding")
    displays = [
        coding.get("display")
        for coding in (codings if isinstance(codings, list) else [])
        if isinstance(coding, dict)
    ]
    words = next((value for value in [*displays, code.get("text")] if isinstance(value, str)), "")
    return words.strip()


def _find_place(text: str, words: str, after: int) -> tuple[int, int]:
    for written in (words, json.dumps(words)[1:-1], words.replace("/", "\\/")):
        for begin in (after, 0):
            start = text.find(f'"{written}', begin)
            if start >= 0:
                return start + 1, start + 1 + len(written)
    return 0, 0
