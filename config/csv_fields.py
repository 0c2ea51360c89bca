"""Fields of CSV rows: what a cell must look like, and what to say when it doesn't."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields

from config.finding import Finding
from config.money import AmountError, Money
from config.people import Address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YES: Final = frozenset({"yes", "y", "true", "1"})
_NO: Final = frozenset({"no", "n", "false", "0"})
_FIRST_YEAR: Final = 1880


class RowSchema(Schema):
    """The base of row schemas; an empty cell is a field that isn't given."""

    class Meta:
        """A column that the schema doesn't know was refused with the header."""

        unknown = RAISE


class AddressRow(RowSchema):
    """A row with an address; what an address needs is its owner's rule, not the form's."""

    line1 = fields.String(load_default="")
    line2 = fields.String(load_default="")
    city = fields.String(load_default="")
    state = fields.String(load_default="")
    postal_code = fields.String(load_default="")
    country = fields.String(load_default="US")


class Day(fields.Field[dt.date]):
    """A day as `2026-09-15`."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # marshmallow's signature
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002  # marshmallow's signature
        **_: Any,  # noqa: ANN401  # marshmallow's signature
    ) -> dt.date:
        if _DAY.fullmatch(value) and int(value[:4]) >= _FIRST_YEAR:
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                pass
        raise ValidationError("a day such as 2026-09-15")


class Amount(fields.Field[Money]):
    """An amount of money as `120` or `120.50`."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # marshmallow's signature
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002  # marshmallow's signature
        **_: Any,  # noqa: ANN401  # marshmallow's signature
    ) -> Money:
        try:
            return Money.from_text(value)
        except AmountError:
            raise ValidationError("an amount such as 120 or 120.50") from None


class Flag(fields.Field[bool]):
    """Yes or no."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # marshmallow's signature
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002  # marshmallow's signature
        **_: Any,  # noqa: ANN401  # marshmallow's signature
    ) -> bool:
        if value.casefold() in _YES:
            return True
        if value.casefold() in _NO:
            return False
        raise ValidationError("yes or no")


class Count(fields.Field[int]):
    """A whole number of 0 or more, at most nine digits."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # marshmallow's signature
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002  # marshmallow's signature
        **_: Any,  # noqa: ANN401  # marshmallow's signature
    ) -> int:
        if value.isascii() and value.isdigit() and len(value) <= 9:
            return int(value)
        raise ValidationError("a whole number")


class Choice(fields.Field["Enum"]):
    """One of an enum's values, case ignored."""

    def __init__(self, kind: type[Enum], **options: Any) -> None:  # noqa: ANN401  # handed on
        super().__init__(**options)
        self.kind = kind
        self.values = {str(member.value).casefold(): member for member in kind}

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # marshmallow's signature
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002  # marshmallow's signature
        **_: Any,  # noqa: ANN401  # marshmallow's signature
    ) -> Enum:
        member = self.values.get(value.casefold())
        if member is None:
            raise ValidationError("one of " + ", ".join(str(m.value) for m in self.kind))
        return member


class Names(fields.Field[tuple[str, ...]]):
    """Several texts in one cell, separated by semicolons."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # marshmallow's signature
        attr: str | None,  # noqa: ARG002  # marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002  # marshmallow's signature
        **_: Any,  # noqa: ANN401  # marshmallow's signature
    ) -> tuple[str, ...]:
        return tuple(part.strip() for part in value.split(";") if part.strip())


def take_address(values: dict[str, Any], prefix: str = "") -> Address | None:
    """Return the address of a loaded row, None where no part but the country is given.

    ZIP codes lose their hyphen and blanks; states become capitals.
    """

    def part(name: str) -> str:
        return values.get(f"{prefix}{name}") or ""

    if not any(part(name) for name in ("line1", "line2", "city", "state", "postal_code")):
        return None
    return Address(
        line1=part("line1"),
        line2=part("line2"),
        city=part("city"),
        state=part("state").upper(),
        postal_code=part("postal_code").replace("-", "").replace(" ", ""),
        country=part("country").upper() or "US",
    )


def digits(text: str | None) -> str:
    """Return a number as people write it (phone, tax id) without its marks."""
    return re.sub(r"[\s().-]", "", text or "")


def load_row(schema: RowSchema, number: int, cells: dict[str, str]) -> Any | list[Finding]:  # noqa: ANN401  # what the schema makes
    """Load a row's cells, or say which are wrong and what they should be.

    Args:
        schema: What the row must look like.
        number: The row's number, header 1.
        cells: Its cells by column; empty ones count as not given.
    """
    try:
        return schema.load({name: cell for name, cell in cells.items() if cell})
    except ValidationError as error:
        found: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's own
        return [
            _finding(f"row {number}, column {name}", messages) for name, messages in found.items()
        ]


def _finding(where: str, messages: Any) -> Finding:  # noqa: ANN401  # marshmallow's messages
    expected = messages[0] if isinstance(messages, list) and messages else "another value"
    if expected == "Missing data for required field.":
        return Finding("value-missing", where, "the cell is empty", "fill it in")
    return Finding("value-form", where, f"expected {expected}", f"write {expected}")
