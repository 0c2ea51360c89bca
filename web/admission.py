"""Who may pass: each request by its line in the policy table, before any view runs.

Machines come with a token; people come by the desk, with a session. Neither opens the other's way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from flask import Response, g, redirect, request, session, url_for
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from access import service as access
from access.values import Level
from audit import service as audit
from config import clock
from config.cookies import CookieSession, CookieSessions, draw_id, is_over_tls, may_be_plain
from config.http import app_database, app_settings
from config.settings import SettingsError
from web import policy, refusing
from web.policy import Stage, Way

if TYPE_CHECKING:
    from flask import Flask

    from access.values import SignedIn
    from config.actor import Actor
    from config.keyring import Keyring
    from config.settings import Settings
    from web.policy import Rule

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# A page that asks again by itself says so, and keeps no session alive.
POLLING_HEADER: Final = "X-Polling"
_csrf: Final = CSRFProtect()


def set_up(app: Flask, settings: Settings, keyring: Keyring | None) -> None:
    """Give the application its sessions, its marks against forged requests and its own names.

    Args:
        app: The application.
        settings: Says under which address it is reached.
        keyring: Makes the secret of forms' marks, the same in every process; without one, as in
            tests that make no request, it is drawn.

    Raises:
        SettingsError: Live mode is reached without TLS.
    """
    secret = (
        keyring.unique_key(access.INSTALLATION, "staff_session", "form", "mark")
        if keyring is not None
        else draw_id().encode()
    )
    app.session_interface = CookieSessions(secret)
    app.config.update(
        SECRET_KEY=secret.hex(),
        WTF_CSRF_CHECK_DEFAULT=False,  # admit checks, by the policy table
        WTF_CSRF_SSL_STRICT=False,  # asks for a Referer, which we tell browsers not to send
        WTF_CSRF_TIME_LIMIT=None,  # a mark lives as long as the session that it is made of
    )
    _csrf.init_app(app)
    address = urlsplit(settings.public_url)
    if settings.mode == "live" and address.scheme != "https":
        raise SettingsError(
            "CLEANCLAIM_PUBLIC_URL must be an https:// address in CLEANCLAIM_MODE=live: put a "
            "proxy that ends TLS before Cleanclaim and name its address"
        )
    app.config["TRUSTED_HOSTS"] = [address.hostname or "localhost"]
    if settings.mode == "practice":
        app.config["TRUSTED_HOSTS"] += ["localhost", "127.0.0.1", "[::1]"]
    if address.scheme == "https":
        # The proxy that ends TLS stands before us and says from where and how a request came.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # Flask's own advice


def admit() -> Response | None:
    """Let a request pass only by its line in the policy table; put its actor into `g`."""
    if request.endpoint is None:
        return None  # no such page: the error handler answers
    rule = policy.rule_of_endpoint(request.endpoint)
    g.purpose = rule.purpose
    if not _is_transport_safe(rule):
        return refusing.refuse(426, "security", "this installation answers over https only")
    return _admit_person(rule) if rule.way is Way.DESK else _admit_client(rule)


def _is_transport_safe(rule: Rule) -> bool:
    """Say whether a request is encrypted, or may be plain: health always is."""
    if is_over_tls(request) or request.endpoint == "front.show_health" or may_be_plain(request):
        return True
    return rule.way is Way.TOKEN and app_settings().mode == "practice"


# Machines


def _admit_client(rule: Rule) -> Response | None:
    if rule.permission is None:
        return None
    actor = _find_client()
    if actor is None:
        return refusing.refuse(401, "login")
    return _hold_against(rule, actor)


def _find_client() -> Actor | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    return access.find_actor_by_token(app_database(), token.strip(), now=clock.now())


# People


def _admit_person(rule: Rule) -> Response | None:
    request.max_content_length = rule.body_bytes_max
    if request.method not in _SAFE_METHODS:
        if not _is_same_site():
            return refusing.refuse(403, "forbidden")
        _csrf.protect()
    signed_in = g.signed_in = find_signed_in()
    stage = _stage_of(signed_in)
    if rule.stage is Stage.OPEN:
        if signed_in is not None and stage is Stage.PRACTICE:
            g.actor = _make_actor(signed_in)
        return None
    if signed_in is None or not stage.reaches(rule.stage):
        return _send_to(stage)
    actor = _make_actor(signed_in)
    if rule.permission is None:
        g.actor = actor
        return None
    return _hold_against(rule, actor)


def find_signed_in() -> SignedIn | None:
    """Return the living session that the request's cookie names, if any."""
    cookie = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's proxy
    assert isinstance(cookie, CookieSession)  # noqa: S101  # our own interface made it
    if cookie.is_fresh:
        return None
    return access.find_signed_in(
        app_database(),
        cookie.id,
        now=clock.true_now(),
        today=clock.today(),
        is_activity=POLLING_HEADER not in request.headers,
    )


def _stage_of(signed_in: SignedIn | None) -> Stage:
    if signed_in is None:
        return Stage.OPEN
    if signed_in.level is not Level.FULL:
        return Stage.HALF
    return Stage.PRACTICE if signed_in.practice_id is not None else Stage.PERSON


def _make_actor(signed_in: SignedIn) -> Actor:
    return access.make_actor(signed_in, policy.permissions_of(signed_in.roles))


def _send_to(stage: Stage) -> Response:
    """Send somebody to the step of signing in that is missing; they come back afterwards."""
    if stage is Stage.HALF:
        there = url_for("access_pages.show_code")
    elif stage is Stage.PERSON:
        there = url_for("access_pages.show_practices")
    else:
        back = request.full_path.rstrip("?") if request.method in _SAFE_METHODS else "/"
        there = url_for("access_pages.show_sign_in", next=back)
    if "HX-Request" in request.headers:
        return Response("", 401, {"HX-Redirect": there})
    answer = redirect(there, 303)
    assert isinstance(answer, Response)  # noqa: S101  # Flask's own class
    return answer


def _is_same_site() -> bool:
    """Say whether a changing request comes from our own pages, as far as browsers tell.

    Browsers that are told to send no Referer write `null` as the Origin of a form.
    """
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin in (None, "null") or urlsplit(origin).netloc == request.host


# Both


def _hold_against(rule: Rule, actor: Actor) -> Response | None:
    if rule.permission is not None and not actor.may(rule.permission):
        with audit.writing(app_database(), actor, purpose=rule.purpose) as unit:
            audit.note(unit, "access.refused", endpoint=request.endpoint or "")
        g.refused_actor = actor
        return refusing.refuse(403, "forbidden")
    g.actor = actor
    return None
