"""Bytes to JSON values, with everything hostile refused before a model sees it.

Python's reader takes more than JSON allows (NaN, repeated names, numbers of a million digits); the
FHIR models take NUL and bidirectional overrides, and expand entities of a DOCTYPE in a narrative.
Neither may pass, in types that are only kept raw as little as in those that act.

Source:
    RFC 8259; FHIR R4 json.html; FHIR R4 datatypes.html#string (no characters below 32 but TAB, CR
    and LF); Unicode TR36 (bidirectional spoofing).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NoReturn

from gateways.fhir.values import FhirProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateways.fhir.values import Json, JsonObject, Limits

_NUMBER_LENGTH_MAX: Final = 40
_EXPONENT_MAX: Final = 40
#: C0 but TAB, LF, CR; DEL and C1; embeddings, overrides and isolates; lone surrogates.
_HOSTILE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_DOCTYPE: Final = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ELEMENT_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,63}")
_REPEATED: Final = "\x00repeated"


class _NotJsonError(ValueError):
    """The body is not JSON, for a reason that holds none of it."""


def decode(body: bytes, *, limits: Limits) -> tuple[JsonObject | None, list[FhirProblem]]:
    """Return the JSON object of a body, and every problem with its text.

    Args:
        body: As received.
        limits: Bytes and depth.

    Returns:
        The object and its problems; None with one fatal problem if there is no object.
    """
    if len(body) > limits.bytes_max:
        text = f"The body is larger than {limits.bytes_max:,} bytes; send it in parts."
        return None, [FhirProblem("fatal", "too-long", "", text)]
    try:
        decoded = _read_json(body)
    except _NotJsonError as error:
        return None, [FhirProblem("fatal", "structure", "", str(error))]
    if not isinstance(decoded, dict):
        text = "The body is not a JSON object; expected one FHIR resource."
        return None, [FhirProblem("fatal", "structure", "", text)]
    return decoded, list(_walk(decoded, limits))


def _read_json(body: bytes) -> Json:
    """Read the bytes, or say in our words why not."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _NotJsonError(f"The body is not UTF-8: byte {error.start + 1} is wrong.") from None
    if not text.strip():
        raise _NotJsonError("The body is empty; expected one FHIR resource as JSON.")
    try:
        value: Json = json.loads(
            text,
            parse_float=_read_number,
            parse_int=_read_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_read_object,
        )
    except json.JSONDecodeError as error:
        raise _NotJsonError(
            f"The body is not JSON: line {error.lineno}, column {error.colno} can't be read."
        ) from None
    except RecursionError:
        raise _NotJsonError("The body is nested too deep to be read.") from None
    return value


def _read_number(text: str) -> int | Decimal:
    """Return an exact number; refuse those that only serve to exhaust memory."""
    if len(text) > _NUMBER_LENGTH_MAX:
        raise _NotJsonError(f"A number has more than {_NUMBER_LENGTH_MAX} characters.")
    if text.lstrip("-").isdigit():
        return int(text)
    number = Decimal(text)
    if abs(number.adjusted()) > _EXPONENT_MAX:
        raise _NotJsonError(f"A number has an exponent beyond {_EXPONENT_MAX}.")
    return number


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which JSON does not know."""
    raise _NotJsonError(f"{name} is not a JSON number.")


def _read_object(pairs: list[tuple[str, Json]]) -> JsonObject:
    """Return an object; mark it if a name is there twice, for then readers would differ."""
    value: JsonObject = dict(pairs)
    if len(value) != len(pairs):
        value[_REPEATED] = True
    return value


def _walk(root: JsonObject, limits: Limits) -> Iterator[FhirProblem]:
    """Yield every problem with depth, names and texts, in the order of the body.

    The stack is our own: a recursive walk would fall over on the depth that it looks for.
    """
    kind = root.get("resourceType")
    top = kind if isinstance(kind, str) and _ELEMENT_NAME.fullmatch(kind) else "Resource"
    stack: list[tuple[Json, str, int, int | None]] = [(root, top, 1, None)]
    found = 0
    while stack and found < limits.problems_max:
        value, path, depth, entry = stack.pop()
        if isinstance(value, str):
            problem = _check_text(value, path, entry)
        elif isinstance(value, (dict, list)):
            problem = _check_container(value, path, (depth, limits.depth_max), entry)
            if problem is None or problem.code != "too-costly":
                stack.extend(reversed(list(_children(value, path, depth, entry))))
        else:
            continue
        if problem is not None:
            found += 1
            yield problem


def _children(
    value: dict[str, Json] | list[Json], path: str, depth: int, entry: int | None
) -> Iterator[tuple[Json, str, int, int | None]]:
    """Yield what lies inside, with its path and the Bundle entry that it belongs to."""
    if isinstance(value, list):
        in_bundle = path == "Bundle.entry"
        for index, item in enumerate(value):
            yield item, f"{path}[{index}]", depth + 1, index if in_bundle else entry
        return
    for name, item in value.items():
        yield item, f"{path}.{_show_name(name)}", depth + 1, entry


def _show_name(name: str) -> str:
    """Return an element name as it may be shown; anything else might be a person's."""
    return name if _ELEMENT_NAME.fullmatch(name) else "(unnamed)"


def _check_container(
    value: dict[str, Json] | list[Json], path: str, depth: tuple[int, int], entry: int | None
) -> FhirProblem | None:
    """Return the problem of an object or array itself."""
    level, level_max = depth
    if level > level_max:
        text = f"Nested deeper than {level_max} levels."
        return FhirProblem("error", "too-costly", path, text, entry)
    if isinstance(value, dict) and value.pop(_REPEATED, False):
        text = "An element name stands here twice; each may stand once."
        return FhirProblem("error", "structure", path, text, entry)
    if isinstance(value, dict) and any(not _ELEMENT_NAME.fullmatch(name) for name in value):
        text = "A name here is not a FHIR element name."
        return FhirProblem("error", "structure", path, text, entry)
    return None


def _check_text(value: str, path: str, entry: int | None) -> FhirProblem | None:
    """Return the problem of a text: characters that deceive or break, or a DOCTYPE."""
    hostile = _HOSTILE.search(value)
    if hostile is not None:
        text = (
            f"Character U+{ord(hostile.group()):04X} at position {hostile.start() + 1} is not"
            " allowed; remove control and bidirectional formatting characters."
        )
        return FhirProblem("error", "value", path, text, entry)
    if "<" in value and _DOCTYPE.search(value):
        text = "A document type or entity declaration is not allowed; send the text without it."
        return FhirProblem("error", "security", path, text, entry)
    return None
