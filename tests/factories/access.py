"""A client of the API with keys of its own, and the assertions that it signs."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from config.ids import uuid7

TOKEN_URL = "http://localhost:8000/oauth/token"  # an address  # noqa: S105  # no secret
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Made once per run: an RSA key takes a while.
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
EC = ECKey.generate_key("P-384", {"kid": "ec-1"})


def make_jwks(*keys: RSAKey | ECKey) -> str:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys or (RSA, EC)]})


def make_assertion(
    client_id: str,
    now: int,
    *,
    key: RSAKey | ECKey = EC,
    header: dict[str, Any] | None = None,
    **changes: object,
) -> str:
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": TOKEN_URL,
        "iat": now,
        "exp": now + 240,
        "jti": str(uuid7()),
    }
    claims = {name: v for name, v in {**claims, **changes}.items() if v is not None}
    algorithm = "ES384" if isinstance(key, ECKey) else "RS384"
    full = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **(header or {})}
    return jwt.encode(full, claims, key, algorithms=[full["alg"]])


def make_form(assertion: str, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **changes,
    }
