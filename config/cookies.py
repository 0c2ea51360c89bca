"""The session cookie: a random id and nothing else; what belongs to it lies in the database.

A browser gets an id when a page needs one (to mark its forms as ours) and another at every step of
signing in, so that an id that somebody planted before is worth nothing after. The mark against
forged requests is a keyed hash of the id: nothing is stored for a visitor who only looks.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import os
import re
from typing import TYPE_CHECKING, Any, Final

from flask import request as present_request
from flask.sessions import SessionInterface, SessionMixin

from config.http import app_settings

if TYPE_CHECKING:
    from flask import Flask, Request, Response

ID_BYTES: Final = 32
CSRF_FIELD: Final = "csrf_token"
_NAME: Final = "cleanclaim"
_DEVICE: Final = "cleanclaim-device"
_DEVICE_SECONDS: Final = 180 * 24 * 3600
_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class CookieSession(dict[str, Any], SessionMixin):
    """What Flask calls the session: here the cookie's id, and the mark made of it.

    Attributes:
        id: What the browser sent, or a new one.
        is_fresh: The browser doesn't hold it yet.
        device: For a browser that signed in: what it keeps to be known again.
    """

    def __init__(self, found: str | None, device: str, secret: bytes) -> None:
        super().__init__()
        self._secret = secret
        self.is_fresh = found is None
        self.is_ended = False
        self.device = device
        self.is_new_device = False
        self._take(found or draw_id())

    def _take(self, token: str) -> None:
        self.id = token
        self[CSRF_FIELD] = hmac.digest(self._secret, token.encode(), "sha256").hex()

    def replace(self, token: str) -> None:
        """Give the browser another id."""
        self._take(token)
        self.is_fresh = True
        self.accessed = True

    def remember_device(self, device: str) -> None:
        """Let the browser be known again."""
        self.device, self.is_new_device = device, True

    def end(self) -> None:
        """Take the browser's id away."""
        self.is_ended = True


def draw_id() -> str:
    """Draw an id of 256 bits."""
    return base64.urlsafe_b64encode(os.urandom(ID_BYTES)).rstrip(b"=").decode("ascii")


class CookieSessions(SessionInterface):
    """Reads the cookie and writes it where an answer needs one.

    Args:
        secret: Makes the marks of forms; the same for every process.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def open_session(self, app: Flask, request: Request) -> CookieSession:  # noqa: ARG002  # Flask's signature
        """Return the session of a request."""
        found = request.cookies.get(name_cookie(_NAME, request), "")
        device = request.cookies.get(name_cookie(_DEVICE, request), "")
        return CookieSession(found if _ID.fullmatch(found) else None, device, self._secret)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002  # Flask's signature
        """Set the cookie where a new id is to be kept; data never goes into it."""
        assert isinstance(session, CookieSession)  # noqa: S101  # open_session made it
        request: Request = present_request
        name, is_secure = name_cookie(_NAME, request), is_over_tls(request)
        if session.is_ended:
            response.delete_cookie(name, secure=is_secure, httponly=True, samesite="Lax")
        elif session.is_fresh and session.accessed:
            response.set_cookie(
                name, session.id, secure=is_secure, httponly=True, samesite="Lax", path="/"
            )
        if session.is_new_device:
            response.set_cookie(
                name_cookie(_DEVICE, request),
                session.device,
                max_age=_DEVICE_SECONDS,
                secure=is_secure,
                httponly=True,
                samesite="Strict",
                path="/",
            )


def is_over_tls(request: Request) -> bool:
    """Say whether a request came encrypted, as the server or the proxy before it tells."""
    return request.is_secure


def may_be_plain(request: Request) -> bool:
    """Say whether pages may be served without encryption: to try things out on one machine only.

    What a proxy on this machine hands on came from another one.
    """
    return (
        app_settings().mode == "practice"
        and _is_loopback(request.remote_addr)
        and not {"X-Forwarded-For", "Forwarded"} & set(request.headers.keys())
    )


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def name_cookie(name: str, request: Request) -> str:
    """Return a cookie's name; `__Host-` lets browsers take it from this host and encrypted only."""
    return f"__Host-{name}" if is_over_tls(request) else name
