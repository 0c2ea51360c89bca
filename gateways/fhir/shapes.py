"""The R4B models behind one function: every problem of one resource, none of its values.

R4 (4.0.1) is what EHRs send; R4B (4.3.0) kept the shape of the types that we act on, which the
tests show type by type. The models stop early in places: a missing required code hides behind any
other fault, one of a choice may stand twice, code sets are not looked at, and a JSON text passes
for an object. So a walk of our own over the same models adds what they leave out.

Source:
    FHIR R4 json.html, formats.html#choice, terminologies.html#required.
"""

from __future__ import annotations

import decimal
import re
import types
import typing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gateways.fhir.r4 import R4_TYPES, REQUIRED_CODES
from gateways.fhir.values import FhirProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateways.fhir.values import Json, JsonObject

_ELEMENT_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,63}")
_SAID_BY_TYPE: Final = {
    "missing": ("required", "This element is required."),
    "model_field_validation.missing": ("required", "This element is required."),
    "extra_forbidden": ("structure", "FHIR R4 has no element of this name here."),
    "string_type": ("value", "Expected a JSON string."),
    "bool_type": ("value", "Expected true or false."),
    "bool_parsing": ("value", "Expected true or false."),
    "int_type": ("value", "Expected a whole number."),
    "int_parsing": ("value", "Expected a whole number."),
    "int_from_float": ("value", "Expected a whole number."),
    "decimal_type": ("value", "Expected a number."),
    "decimal_parsing": ("value", "Expected a number."),
    "list_type": ("structure", "Expected a JSON array."),
    "dict_type": ("structure", "Expected a JSON object."),
    "string_too_short": ("value", "An empty string is not allowed; leave the element out."),
    "string_too_long": ("too-long", "The text is too long."),
    "string_pattern_mismatch": ("value", "The text has a form that FHIR does not allow here."),
    "date_from_datetime_parsing": ("value", "The date does not exist in the calendar."),
    "date_parsing": ("value", "The date does not exist in the calendar."),
    "datetime_parsing": ("value", "The date or time does not exist in the calendar."),
    "datetime_from_date_parsing": ("value", "The date or time does not exist in the calendar."),
}
_SAID_BY_FORMAT: Final = (
    ("DateTime", "Expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone."),
    ("Instant", "Expected YYYY-MM-DDThh:mm:ss with a time zone."),
    ("Date ", "Expected a date: YYYY, YYYY-MM or YYYY-MM-DD."),
    ("Time ", "Expected a time: hh:mm:ss."),
    ("Decimal", "Expected a number."),
)
_TRUTH: Final = "true or false"
_NUMBER: Final = "a JSON number"
_KIND_BY_TYPE: Final[dict[type, str]] = {
    bool: _TRUTH,
    int: _NUMBER,
    decimal.Decimal: _NUMBER,
    str: "a JSON string",
}


@dataclass(frozen=True)
class _Field:
    """One element of a model, as the walk needs it."""

    is_list: bool
    model: type[Any] | None
    is_resource: bool
    codes: frozenset[str] | None
    json_kind: str | None


@dataclass(frozen=True)
class _Shape:
    """One model, as the walk needs it."""

    fields: dict[str, _Field]
    required: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]


def load_models() -> Any:  # noqa: ANN401  # the library's metaclasses have no useful type
    """Return the library's look-up by type name, loaded at the first call (0.3 s)."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415  # `--help` must not pay

    return get_fhir_model_class


def check_resource(
    resource: JsonObject, *, expression: str, entry: int | None
) -> list[FhirProblem]:
    """Return every problem of one resource whose type is a known one.

    Args:
        resource: JSON object with a known `resourceType`.
        expression: FHIRPath of the resource in the body.
        entry: Index of its Bundle entry.

    Returns:
        Problems, each place once, outer before inner.
    """
    problems = list(_check_contained(resource, expression, entry))
    if problems:  # the models raise KeyError on a contained type that they do not know
        return problems
    model = load_models()(resource["resourceType"])
    found = [*_check_shape(model, resource, expression, entry)]
    told = {item.expression.rpartition(".")[0] for item in found if item.code == "invariant"}
    by_library = _check_model(model, resource, expression, entry)
    # the library tells of a choice at its parent, and after it of nothing else
    found += [problem for problem in by_library if problem.expression not in told]
    kept: dict[str, FhirProblem] = {}
    for problem in found:
        kept.setdefault(problem.expression, problem)
    return list(kept.values())


def _check_contained(
    resource: JsonObject, expression: str, entry: int | None
) -> Iterator[FhirProblem]:
    """Yield a problem for each contained resource without a known type."""
    contained = resource.get("contained")
    for index, item in enumerate(contained if isinstance(contained, list) else []):
        name = item.get("resourceType") if isinstance(item, dict) else None
        if not isinstance(name, str) or name not in R4_TYPES:
            place = f"{expression}.contained[{index}].resourceType"
            yield FhirProblem("error", "value", place, "Expected an R4 resource type.", entry)


def _check_model(
    model: type[Any], resource: JsonObject, expression: str, entry: int | None
) -> Iterator[FhirProblem]:
    """Yield what the library finds, in words of our own: its messages may print the input."""
    from pydantic import ValidationError  # noqa: PLC0415  # loaded with the models only

    try:
        model.model_validate(resource)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            code, said = _say(fault["type"], fault["msg"])
            yield FhirProblem("error", code, _to_path(expression, fault["loc"]), said, entry)
    except (KeyError, ValueError, TypeError, RecursionError):
        said = "The resource can't be read as FHIR R4; a type name inside it is not known."
        yield FhirProblem("error", "structure", expression, said, entry)


def _say(kind: str, message: str) -> tuple[str, str]:
    """Return issue type and sentence for a fault of the library."""
    if kind in _SAID_BY_TYPE:
        return _SAID_BY_TYPE[kind]
    for name, said in _SAID_BY_FORMAT:
        if name in message:
            return "value", said
    return "value", "The value is not one that FHIR R4 allows here."


def _to_path(expression: str, place: tuple[int | str, ...]) -> str:
    """Return FHIRPath; a name that could not be an element's is not repeated."""
    path = expression
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if _ELEMENT_NAME.fullmatch(step) else ".(unnamed)"
    return path


def _check_shape(
    model: type[Any], value: JsonObject, path: str, entry: int | None
) -> Iterator[FhirProblem]:
    """Yield what the library leaves out, here and below."""
    shape = _read_shape(typing.cast("Any", model))
    for name in shape.required:
        if value.get(name) is None and value.get(f"_{name}") is None:
            yield FhirProblem(
                "error", "required", f"{path}.{name}", "This element is required.", entry
            )
    for names in shape.choices:
        present = [name for name in names if value.get(name) is not None]
        if len(present) > 1:
            said = f"Only one of {' and '.join(present)} may be given."
            yield FhirProblem("error", "invariant", f"{path}.{present[1]}", said, entry)
    for name, child in value.items():
        field = shape.fields.get(name)
        if field is not None:
            yield from _check_field(field, child, f"{path}.{name}", entry)


def _check_field(field: _Field, child: Json, path: str, entry: int | None) -> Iterator[FhirProblem]:
    """Yield the problems of one element, item by item if it repeats."""
    if isinstance(child, list) and field.is_list:
        if not child:
            said = "An empty array is not allowed; leave the element out."
            yield FhirProblem("error", "structure", path, said, entry)
        for index, item in enumerate(child):
            yield from _check_item(field, item, f"{path}[{index}]", entry)
    elif not isinstance(child, list) and not field.is_list:
        yield from _check_item(field, child, path, entry)
    elif field.is_list:
        yield FhirProblem("error", "structure", path, "Expected a JSON array.", entry)
    else:
        yield FhirProblem("error", "structure", path, "Expected one value, not an array.", entry)


def _check_item(field: _Field, item: Json, path: str, entry: int | None) -> Iterator[FhirProblem]:
    """Yield the problems of one value."""
    if field.codes is not None and isinstance(item, str) and item not in field.codes:
        said = f"Expected one of: {', '.join(sorted(field.codes))}."
        yield FhirProblem("error", "code-invalid", path, said, entry)
    if field.json_kind is not None and not _is_of_kind(item, field.json_kind):
        yield FhirProblem("error", "value", path, f"Expected {field.json_kind}.", entry)
    model = field.model
    if field.is_resource and isinstance(item, dict):
        model = load_models()(item["resourceType"])
    if model is None:
        return
    if isinstance(item, dict):
        yield from _check_shape(model, item, path, entry)
    elif item is not None:
        yield FhirProblem("error", "structure", path, "Expected a JSON object.", entry)


def _is_of_kind(item: Json, json_kind: str) -> bool:
    """Return True for a JSON value of that kind; the library would take "yes" for true."""
    if item is None:  # an empty place beside an extension
        return True
    if json_kind == _TRUTH:
        return isinstance(item, bool)
    if json_kind == _NUMBER:
        return isinstance(item, (int, decimal.Decimal)) and not isinstance(item, bool)
    return isinstance(item, str)


@cache
def _read_shape(model: Any) -> _Shape:  # noqa: ANN401  # a model class; mypy holds those for unhashable
    """Compile what the walk needs from a model, once."""
    blank = model.model_construct()
    required: list[tuple[str, str]] = getattr(blank, "get_required_fields", list)()
    choices: dict[str, list[str]] = getattr(blank, "get_one_of_many_fields", dict)()
    name = model.__name__
    return _Shape(
        fields={
            info.alias or key: _read_field(name, info.alias or key, info)
            for key, info in model.model_fields.items()
        },
        required=tuple(first for first, _extension in required),
        choices=tuple(tuple(names) for names in choices.values()),
    )


def _read_field(model_name: str, element: str, info: Any) -> _Field:  # noqa: ANN401  # pydantic's FieldInfo, not imported before it is needed
    """Compile one field: whether it repeats, what model it holds, which codes it takes."""
    kind = _without_none(info.annotation)
    is_list = typing.get_origin(kind) is list
    if is_list:
        kind = _without_none(typing.get_args(kind)[0])
    is_resource = getattr(kind, "__name__", "") == "ResourceType"
    has_model = hasattr(kind, "get_model_klass") and not is_resource
    extra = info.json_schema_extra or {}
    listed = frozenset(extra.get("enum_values", ()))
    codes = REQUIRED_CODES.get((model_name, element))
    if codes is None and listed and "+" not in listed:
        codes = listed
    return _Field(
        is_list=is_list,
        model=kind.get_model_klass() if has_model else None,
        is_resource=is_resource,
        codes=codes,
        json_kind=_read_json_kind(kind),
    )


def _read_json_kind(kind: Any) -> str | None:  # noqa: ANN401  # a typing form
    """Return what JSON must hold for a primitive, in the words of the problem."""
    base = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    return _KIND_BY_TYPE.get(base) if isinstance(base, type) else None


def _without_none(annotation: Any) -> Any:  # noqa: ANN401  # a typing form
    """Return the type that an optional annotation wraps."""
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return annotation
    return next(part for part in typing.get_args(annotation) if part is not type(None))
