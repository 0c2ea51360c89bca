"""How what is newly said joins what is known."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from config.names_index import normalise
from config.people import PersonName, Sex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.provenance import Source
    from patients.values import CoverageDetails, GuarantorDetails, PatientDetails

Details = TypeVar("Details", "PatientDetails", "GuarantorDetails", "CoverageDetails")


def is_said(value: object) -> bool:
    """Say whether a field's value says anything; text that only looks like a code does."""
    return value not in (None, "") and value is not False and value is not Sex.UNKNOWN


def value_at(details: object, path: str) -> object:
    """Return the field at a path such as `name.family`; None where there is none."""
    found: Any = details
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


def join_sources(old: Details, new: Details, joined: Details) -> dict[str, Source]:
    """Return where each field comes from: an unchanged field keeps its first source."""
    sources = {path: s for path, s in old.sources.items() if value_at(joined, path) is not None}
    for path, source in new.sources.items():
        is_same = value_at(old, path) == value_at(joined, path)
        if path not in sources or not is_same:
            sources[path] = source
    return sources


def _join_name(old: PersonName, new: PersonName) -> PersonName:
    """A name without middle name or suffix doesn't take the known ones of the same person."""
    if not new.family:
        return old
    is_same = normalise(f"{old.family}|{old.given}") == normalise(f"{new.family}|{new.given}")
    if not is_same:
        return new
    return replace(new, middle=new.middle or old.middle, suffix=new.suffix or old.suffix)


def join_details(old: Details, new: Details, *, is_complete: bool = False) -> Details:
    """Return what is known after something new was said.

    Args:
        old: What is known.
        new: What is said; unless complete, an empty field says nothing, and so does a language
            without a source, an unknown sex, or not being a QMB.
        is_complete: Whether `new` is the whole truth, such as a form that a person filled in.
    """
    if is_complete:
        return replace(new, sources=join_sources(old, new, new))
    values: dict[str, Any] = {}
    for field in fields(new):
        was, said = getattr(old, field.name), getattr(new, field.name)
        values[field.name] = _join_field(field.name, was, said, new.sources)
    joined = replace(old, **values)
    return replace(joined, sources=join_sources(old, new, joined))


def _join_field(name: str, was: object, said: object, sources: Mapping[str, Source]) -> object:
    if isinstance(was, PersonName) and isinstance(said, PersonName):
        return _join_name(was, said)
    if isinstance(was, tuple) and isinstance(said, tuple):
        return (*was, *(item for item in said if item not in was))
    if name == "language" and name not in sources:
        return was or said
    return said if is_said(said) else was
