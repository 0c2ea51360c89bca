"""The demo's EHR as a client: signs in by SMART Backend Services and sends its day."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from config import clock

if TYPE_CHECKING:
    from pathlib import Path

KEY_FILE: Final = "demo-ehr.jwk"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS: Final = 240


@dataclass(frozen=True, slots=True)
class Ehr:
    """A registered client with its private key.

    Attributes:
        base_url: Where the application is reached, without a slash at the end.
    """

    base_url: str
    client_id: str
    key: ECKey


def make_key(folder: Path) -> ECKey:
    """Make the client's key pair and leave the private key in the keys folder, or read it."""
    path = folder / KEY_FILE
    if path.exists():
        return ECKey.import_key(json.loads(path.read_text()))
    key = ECKey.generate_key("P-384", {"alg": "ES384", "use": "sig", "kid": "demo"})
    path.touch(mode=0o600)
    path.write_text(json.dumps(key.as_dict(private=True)))
    return key


def public_keys(key: ECKey) -> str:
    """Return the JWKS that is registered for the client."""
    return json.dumps({"keys": [key.as_dict(private=False)]})


def fetch_token(ehr: Ehr) -> str:
    """Get an access token for a signed assertion."""
    token_url = f"{ehr.base_url}/oauth/token"
    now = int(clock.true_now().timestamp())
    claims: dict[str, Any] = {
        "iss": ehr.client_id,
        "sub": ehr.client_id,
        "aud": token_url,
        "iat": now,
        "exp": now + _SECONDS,
        "jti": uuid4().hex,
    }
    header = {"alg": "ES384", "kid": "demo"}
    assertion = jwt.encode(header, claims, ehr.key, algorithms=["ES384"])
    form = urllib.parse.urlencode(
        {
            "grant_type": "client_credentials",
            "scope": "system/*.cru",
            "client_assertion_type": _ASSERTION,
            "client_assertion": assertion,
        }
    ).encode()
    request = urllib.request.Request(token_url, data=form, method="POST")  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # as above
        token: str = json.load(response)["access_token"]
    return token


def send_bundle(ehr: Ehr, token: str, body: bytes) -> tuple[int, bytes]:
    """Post a bundle and return status and answer."""
    request = urllib.request.Request(  # noqa: S310  # our own server
        f"{ehr.base_url}/fhir/R4",
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/fhir+json",
            "Authorization": f"Bearer {token}",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310  # as above
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
