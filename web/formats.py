"""How pages write money, days and instants, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from babel.dates import format_date, format_time
from flask_babel import get_locale, gettext, ngettext

from config import clock
from config.money import Money

if TYPE_CHECKING:
    import datetime as dt

    from flask import Flask

_NEAR_DAYS: Final = 60


def write_money(amount: Money | int) -> str:
    """Write an amount as `$1,234.50`; below nil with a minus sign in front."""
    money = amount if isinstance(amount, Money) else Money(amount)
    whole, cents = divmod(abs(money.cents), 100)
    sign = "\N{MINUS SIGN}" if money.cents < 0 else ""
    return f"{sign}${whole:,}.{cents:02d}"


def write_day(day: dt.date | None) -> str:
    """Write a day, as `Sep 15, 2026` or `15 sept 2026`; nothing where there is none."""
    return "" if day is None else format_date(day, "medium", locale=_locale())


def write_month(day: dt.date | None) -> str:
    """Write a month, as `September 2026`."""
    return "" if day is None else format_date(day, "LLLL y", locale=_locale())


def write_instant(instant: dt.datetime | None) -> str:
    """Write an instant, as `Sep 15, 2026, 8:02 AM UTC`."""
    if instant is None:
        return ""
    locale = _locale()
    day, time = format_date(instant, "medium", locale), format_time(instant, "short", locale=locale)
    return f"{day}, {time} UTC"


def write_due(day: dt.date | None) -> str:
    """Write how far a due day is: `today`, `in 3 days`, `2 days late`."""
    if day is None:
        return ""
    days = (day - clock.today()).days
    if days == 0:
        return str(gettext("today"))
    if days < 0:
        return str(ngettext("%(num)s day late", "%(num)s days late", -days))
    return str(ngettext("in %(num)s day", "in %(num)s days", days))


def is_near(day: dt.date | None) -> bool:
    """Say whether a last day is gone by or at most 60 days away."""
    return day is not None and (day - clock.today()).days <= _NEAR_DAYS


def is_past(day: dt.date | None) -> bool:
    """Say whether a day has gone by."""
    return day is not None and day < clock.today()


def register(app: Flask) -> None:
    """Let templates write values by these names."""
    app.jinja_env.filters.update(
        money=write_money, day=write_day, month=write_month, instant=write_instant, due=write_due
    )
    app.jinja_env.tests.update(past=is_past, near=is_near)


def _locale() -> str:
    return "es_US" if str(get_locale() or "en").startswith("es") else "en_US"
