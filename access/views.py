"""Pages of signing in and of one's own account; each changing page leads on to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, session, url_for

from access import service
from access.rules_throttles import find_network
from access.values import SignInRefusedError, Visitor
from config import clock
from config.finding import MissingError, RefusedError
from config.http import app_database

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from access.values import SignedIn
    from config.cookies import CookieSession

    Answer = str | Response | tuple[str, int]

blueprint: Final = Blueprint("access_pages", __name__, template_folder="templates")


def _cookie() -> CookieSession:
    return cast("CookieSession", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # Flask's proxy


def _visitor() -> Visitor:
    return Visitor(find_network(request.remote_addr), _cookie().device)


def _signed_in() -> SignedIn:
    found: SignedIn = g.signed_in
    return found


def _refused(template: str, refused: SignInRefusedError, **values: Any) -> Answer:  # noqa: ANN401  # a page's values
    """Show a page again; the same words whatever was wrong."""
    status = 429 if refused.wait_seconds else 403
    page = render_template(template, is_refused=True, wait=refused.wait_seconds, **values)
    return page, status


def read_next(text: str) -> str:
    """Return where to go on after signing in: a path of this site and nothing else."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_path and "\\" not in text else "/"


@blueprint.get("/sign-in")
def show_sign_in() -> Answer:
    """Ask for address and password."""
    return render_template("access/sign_in.html", next=read_next(request.args.get("next", "/")))


@blueprint.post("/sign-in")
def sign_in() -> Answer:
    """Hold the password against the account and go on to the code, or say no."""
    onward = read_next(request.form.get("next", "/"))
    email = request.form.get("email", "")
    try:
        token = service.check_first_factor(
            app_database(),
            email,
            request.form.get("password", ""),
            visitor=_visitor(),
            now=clock.true_now(),
        )
    except SignInRefusedError as refused:
        return _refused("access/sign_in.html", refused, email=email, next=onward)
    if g.signed_in is not None:
        service.sign_out(app_database(), g.signed_in)  # whoever was in here before is out
    _cookie().replace(token)
    return redirect(url_for("access_pages.show_code", next=onward), 303)


@blueprint.get("/sign-in/code")
def show_code() -> Answer:
    """Ask for the code."""
    return render_template("access/code.html", next=read_next(request.args.get("next", "/")))


@blueprint.post("/sign-in/code")
def check_code() -> Answer:
    """Hold the code against the account and open a session, or say no."""
    onward = read_next(request.form.get("next", "/"))
    try:
        full = service.check_second_factor(
            app_database(),
            _signed_in(),
            request.form.get("code", ""),
            visitor=_visitor(),
            now=clock.true_now(),
            today=clock.today(),
        )
    except SignInRefusedError as refused:
        return _refused("access/code.html", refused, next=onward)
    _cookie().replace(full.token)
    _cookie().remember_device(full.device)
    return redirect(onward, 303)


@blueprint.post("/sign-out")
def sign_out() -> Answer:
    """End the session at once."""
    service.sign_out(app_database(), _signed_in())
    _cookie().end()
    return redirect(url_for("access_pages.show_sign_in"), 303)


@blueprint.get("/practices")
def show_practices() -> Answer:
    """Show in which practices the person works, to choose one."""
    return render_template(
        "access/practices.html",
        workplaces=service.list_workplaces(
            app_database(), _signed_in().person_id, today=clock.today()
        ),
        chosen=_signed_in().practice_id,
    )


@blueprint.post("/practices")
def choose_practice() -> Answer:
    """Go on in one of the person's practices."""
    try:
        practice_id = UUID(request.form.get("practice", ""))
    except ValueError:
        raise MissingError("there is no such practice") from None
    token = service.choose_practice(
        app_database(), _signed_in(), practice_id, now=clock.true_now(), today=clock.today()
    )
    _cookie().replace(token)
    return redirect("/", 303)


@blueprint.get("/account")
def show_account() -> Answer:
    """Show the person's own account."""
    return render_template("access/account.html", person=_signed_in())


@blueprint.post("/account/password")
def change_password() -> Answer:
    """Change the person's own password."""
    try:
        token = service.change_password(
            app_database(),
            _signed_in(),
            (request.form.get("password", ""), request.form.get("code", "")),
            request.form.get("new", ""),
            now=clock.true_now(),
        )
    except SignInRefusedError as refused:
        return _refused("access/account.html", refused, person=_signed_in())
    except RefusedError as refused:
        page = render_template(
            "access/account.html", person=_signed_in(), findings=refused.findings
        )
        return page, 422
    _cookie().replace(token)
    return redirect(url_for("access_pages.show_account", told="password-changed"), 303)


@blueprint.post("/account/recovery-codes")
def make_recovery_codes() -> Answer:
    """Show new recovery codes, this once."""
    try:
        token, codes = service.make_recovery_codes(
            app_database(), _signed_in(), request.form.get("code", ""), now=clock.true_now()
        )
    except SignInRefusedError as refused:
        return _refused("access/account.html", refused, person=_signed_in())
    _cookie().replace(token)
    return render_template("access/recovery_codes.html", codes=codes)
