"""The page shell: language, navigation, how values are written, and what every page gets.

Packages bring their own pages; each extends `layout.html` and gets its navigation, its nonce and
its language from here.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_babel import Babel, get_locale, gettext, lazy_gettext
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from config.http import app_settings
from web import formats, policy, refusing

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

LANGUAGES: Final = {"en": "English", "es": "Español"}
_LANGUAGE_COOKIE: Final = "cc_lang"
_KEYS_COOKIE: Final = "cc_keys"
_YEAR_SECONDS: Final = 365 * 24 * 3600

blueprint = Blueprint("shell", __name__)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the navigation.

    Attributes:
        endpoint: The page; shown only to those who may open it.
        key: The letter that goes there after `g`.
        is_main: Stands in the bar at the top; the others only in the palette.
    """

    endpoint: str
    name: Any  # a lazy text
    key: str = ""
    is_main: bool = True

    @property
    def url(self) -> str:
        """Return the page's address."""
        return url_for(self.endpoint)


PLACES: Final = (
    Place("office.show_home", lazy_gettext("Home"), "h"),
    Place("claims.list_claims", lazy_gettext("Claims"), "c"),
    Place("claims.list_denials", lazy_gettext("Denials"), "d"),
    Place("claims.list_remittances", lazy_gettext("Remittances"), "e"),
    Place("patients.list_patients", lazy_gettext("Patients"), "p"),
    Place("encounters.list_messages", lazy_gettext("Messages"), "m"),
    Place("ledger.show_balance", lazy_gettext("Ledger"), "l"),
    Place("ledger.show_aging", lazy_gettext("Aging"), "a", is_main=False),
    Place("shell.show_preferences", lazy_gettext("Keyboard shortcuts"), is_main=False),
)

VERBS: Final = (
    ("j", lazy_gettext("next row")),
    ("k", lazy_gettext("row before")),
    ("x", lazy_gettext("select the row")),
    ("o", lazy_gettext("open the row")),
    ("u", lazy_gettext("back to the list, same row")),
    ("/", lazy_gettext("search")),
    ("e", lazy_gettext("edit")),
    ("n", lazy_gettext("next unresolved")),
    ("g", lazy_gettext("go to a page: then its letter")),
    ("?", lazy_gettext("this help")),
)

# What a page says once after a change, by the code that its address carries; never data.
TOLD: Final = {
    "message-applied": ("", lazy_gettext("The message was replayed and applied.")),
    "message-held": ("bad", lazy_gettext("The message was replayed and is still held.")),
}


def set_up(app: Flask) -> None:
    """Give the application its language, its templates and the values that all pages get."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_language, default_locale="en")
    loader = app.jinja_loader
    assert loader is not None  # noqa: S101  # web has a templates folder
    app.jinja_loader = ChoiceLoader(
        [loader, PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    formats.register(app)
    app.register_blueprint(blueprint)
    app.context_processor(_give_shell)


def choose_language() -> str:
    """Return the reader's language: as chosen, else as the browser asks, else English."""
    chosen = request.cookies.get(_LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "en"


def nonce() -> str:
    """Return this response's nonce for scripts: new for each one, never told twice."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


def may_open(endpoint: str) -> bool:
    """Say whether whoever asks may open a page: a link that would be refused isn't shown."""
    actor = g.get("actor")
    if actor is None or endpoint not in current_app.view_functions:
        return False
    permission = policy.rule_of_endpoint(endpoint).permission
    return permission is None or actor.may(permission)


def list_places() -> list[Place]:
    """Return the places that whoever asks may open."""
    return [place for place in PLACES if may_open(place.endpoint)]


def _give_shell() -> dict[str, Any]:
    places = list_places()
    keys = request.cookies.get(_KEYS_COOKIE, "")
    return {
        "csp_nonce": nonce,
        "places": places,
        "is_practice_mode": app_settings().mode == "practice",
        "language": str(get_locale() or "en"),
        "languages": LANGUAGES,
        "actor": g.get("actor"),
        "verbs": VERBS,
        "keys_off": keys == "off",
        "keymap": "" if keys == "off" else _read_keymap(keys),
        "asset": _asset,
        "may_open": may_open,
        "endpoint": request.endpoint or "",
        "flashes": _list_told,
    }


def _list_told() -> list[tuple[str, Any]]:
    code = request.args.get("told", "")
    return [TOLD[code]] if code in TOLD else []


def _asset(name: str) -> str:
    """Return a static file's address, with what makes a new build a new address."""
    return url_for("static", filename=name, v=current_app.extensions["cleanclaim.build"])


def _read_keymap(text: str) -> str:
    """Return the pairs `pressed:meant` that are sound; a letter never means two things."""
    meant = {verb for verb, _ in VERBS}
    pairs = [pair.split(":") for pair in text.split(",") if len(pair) == 3 and pair[1] == ":"]
    sound = {pressed: verb for pressed, verb in pairs if verb in meant and pressed.isprintable()}
    return ",".join(f"{pressed}:{verb}" for pressed, verb in sound.items())


def refuse_broken_text() -> Response | None:
    """Refuse a character that no database column takes, before any view sees it."""
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        return refusing.refuse(404, "not-found")
    if request.endpoint is not None:
        rule = policy.rule_of_endpoint(request.endpoint)
        if rule.way is policy.Way.DESK and any("\0" in value for value in request.form.values()):
            return refusing.refuse(400, "invalid")
    return None


@blueprint.post("/language")
def choose() -> Response:
    """Keep the language that was chosen, and show the same page in it."""
    chosen = request.form.get("language", "")
    answer = redirect(_own_path(request.form.get("back", "/")), 303)
    if chosen in LANGUAGES:
        _remember(answer, _LANGUAGE_COOKIE, chosen)
    return answer


@blueprint.get("/preferences")
def show_preferences() -> str:
    """Show the keyboard shortcuts, to switch them off or give them other letters."""
    pairs = _read_keymap(request.cookies.get(_KEYS_COOKIE, "")).split(",")
    keymap = {pair[2]: pair[0] for pair in pairs if pair}
    return render_template("preferences.html", remapped=keymap, findings=[])


@blueprint.post("/preferences")
def save_preferences() -> Response | tuple[str, int]:
    """Keep the reader's shortcuts."""
    answer = redirect(url_for("shell.show_preferences"), 303)
    if request.form.get("shortcuts") == "off":
        return _remember(answer, _KEYS_COOKIE, "off")
    wanted = {verb: request.form.get(f"key-{verb}", verb).strip() or verb for verb, _ in VERBS}
    if len(set(wanted.values())) < len(wanted) or any(len(key) != 1 for key in wanted.values()):
        words = gettext("Give each action one letter of its own.")
        return render_template("preferences.html", remapped=wanted, findings=[words]), 422
    pairs = [f"{pressed}:{verb}" for verb, pressed in wanted.items() if pressed != verb]
    return _remember(answer, _KEYS_COOKIE, ",".join(pairs))


def _remember(answer: Response, name: str, value: str) -> Response:
    answer.set_cookie(
        name,
        value,
        max_age=_YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=app_settings().public_url.startswith("https:"),
    )
    return answer


def _own_path(wanted: str) -> str:
    """Return an address of this site, whatever was asked for."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\n" not in wanted
    return wanted if is_ours else "/"
