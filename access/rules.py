"""Pure rules of access: scopes and the permissions they stand for, public keys, assertions."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeGuard
from uuid import UUID

from config.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ACTIONS: Final = "cruds"
ALGORITHMS: Final = {"RS384": "RSA", "ES384": "EC"}
RSA_BITS_MIN: Final = 2048
KEYS_MAX: Final = 10
ASSERTION_SECONDS_MAX: Final = 300
SKEW_SECONDS: Final = 30
JTI_CHARACTERS_MAX: Final = 255
NAME_CHARACTERS_MAX: Final = 80

_SCOPE: Final = re.compile(r"system/(\*|[A-Z][A-Za-z]{1,63})\.(\*|read|write|[cruds]{1,5})")
_V1: Final = {"read": "rs", "write": "cud", "*": ACTIONS}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_UUID_BYTES: Final = 16


# Scopes


def read_scope(scope: str) -> tuple[str, str] | None:
    """Return a system scope's resource type and actions in order, None for anything else.

    Source:
        SMART App Launch 2.2, scopes: `system/Patient.rs`, `system/*.cruds`; 1.0: `.read`.
    """
    match = _SCOPE.fullmatch(scope)
    if match is None:
        return None
    kind, actions = match.groups()
    letters = _V1.get(actions, actions)
    in_order = "".join(letter for letter in ACTIONS if letter in letters)
    return (kind, in_order) if in_order == letters else None


def covers(held: Iterable[str], scope: str) -> bool:
    """Say whether scopes that a client holds allow all of one that it asks for."""
    asked = read_scope(scope)
    if asked is None:
        return False
    allowed = {
        letter
        for kind, actions in filter(None, map(read_scope, held))
        if kind in ("*", asked[0])
        for letter in actions
    }
    return set(asked[1]) <= allowed


def list_permissions(scopes: Iterable[str]) -> frozenset[str]:
    """Return the policy table's permissions that scopes stand for.

    Each type and action is one, such as `fhir.Patient.c`; any writing also gives `intake.write`,
    any reading `intake.read`.
    """
    pairs = {
        (kind, letter)
        for kind, actions in filter(None, map(read_scope, scopes))
        for letter in actions
    }
    permissions = {f"fhir.{kind}.{letter}" for kind, letter in pairs}
    letters = {letter for _, letter in pairs}
    if letters & {"c", "u"}:
        permissions.add("intake.write")
    if letters & {"r", "s"}:
        permissions.add("intake.read")
    return frozenset(permissions)


def check_scopes(scopes: Sequence[str]) -> list[Finding]:
    """Return findings about the scopes that a client shall hold.

    Source:
        SMART Backend Services, scopes; HL7 SMART App Launch 2.0.
    """
    findings = [
        Finding(
            "scope-form",
            f"scope {place}",
            "expected a system scope such as system/Patient.c or system/*.rs",
            "write the actions in the order c r u d s",
        )
        for place, scope in enumerate(scopes, start=1)
        if read_scope(scope) is None
    ]
    if not scopes:
        findings.append(
            Finding("scope-missing", "scope", "the client holds no scope", "give at least one")
        )
    return findings


# Keys


def check_client_name(name: str) -> list[Finding]:
    """Return a finding unless a client's name can be read out and logged.

    Source:
        House: decision 0006 (names of our own rows).
    """
    if name.strip() and name.isprintable() and len(name) <= NAME_CHARACTERS_MAX:
        return []
    return [
        Finding(
            "client-name",
            "name",
            f"expected 1 to {NAME_CHARACTERS_MAX} printable characters",
            "choose a name that says which system it is",
        )
    ]


def read_jwks(text: str | bytes) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Read a client's public keys, and say what is wrong with them.

    Source:
        RFC 7517; SMART Backend Services 2.2: RS384 or ES384.
    """
    try:
        keys = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        keys = None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        return [], [
            Finding(
                "jwks-form",
                "jwks",
                'expected a JSON Web Key Set: {"keys": [...]}',
                "ask the client's maker for its public key set",
            )
        ]
    findings = [f for place, key in enumerate(keys) for f in _check_key(key, f"keys[{place}]")]
    kids = [key.get("kid") for key in keys]
    if not 1 <= len(keys) <= KEYS_MAX or len(set(map(str, kids))) < len(kids):
        findings.append(
            Finding(
                "jwks-keys",
                "jwks",
                f"expected 1 to {KEYS_MAX} keys, each with another kid",
                "give each key a kid of its own",
            )
        )
    return keys, findings


def _check_key(key: Mapping[str, Any], where: str) -> list[Finding]:
    if _PRIVATE & key.keys():
        return [
            Finding(
                "jwks-private",
                where,
                "this is a private or shared key; whoever has seen it can act as the client",
                "make a new pair and send the public half only",
            )
        ]
    findings = []
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        findings.append(
            Finding("jwks-kid", where, "the key has no kid", "give the key an id of its own")
        )
    if not _is_strong(key):
        findings.append(
            Finding(
                "jwks-algorithm",
                where,
                f"expected an RSA key of {RSA_BITS_MIN} bits or more (RS384) or an EC key on "
                "P-384 (ES384)",
                "make a key for one of the two algorithms",
            )
        )
    return findings


def _is_strong(key: Mapping[str, Any]) -> bool:
    kind, algorithm = key.get("kty"), key.get("alg")
    if key.get("use", "sig") != "sig":
        return False
    if kind == "RSA":
        return algorithm in (None, "RS384") and _bits(key.get("n")) >= RSA_BITS_MIN
    return kind == "EC" and key.get("crv") == "P-384" and algorithm in (None, "ES384")


def _bits(number: object) -> int:
    if not isinstance(number, str):
        return 0
    return int.from_bytes(decode_base64url(number) or b"", "big").bit_length()


# Texts that carry the practice's key


def encode_base64url(raw: bytes) -> str:
    """Write bytes in letters that need no quoting, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes | None:
    """Read such letters; None for anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def write_client_id(practice_id: UUID, client_id: UUID) -> str:
    """Return what a client calls itself: its practice's key and its own."""
    return encode_base64url(practice_id.bytes + client_id.bytes)


def read_client_id(text: str) -> tuple[UUID, UUID] | None:
    """Return the practice's and the client's key; None where the text isn't one of ours."""
    raw = decode_base64url(text)
    if raw is None or len(raw) != 2 * _UUID_BYTES:
        return None
    return UUID(bytes=raw[:_UUID_BYTES]), UUID(bytes=raw[_UUID_BYTES:])


def read_token(text: str, random_bytes: int) -> UUID | None:
    """Return the practice whose token it claims to be; None where the text isn't one of ours."""
    raw = decode_base64url(text)
    if raw is None or len(raw) != _UUID_BYTES + random_bytes:
        return None
    return UUID(bytes=raw[:_UUID_BYTES])


# Assertions


def read_unverified(assertion: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return header and claims of a JWT before its signature is checked; None if it is none."""
    parts = assertion.split(".")
    if len(parts) != 3:
        return None
    decoded = []
    for part in parts[:2]:
        try:
            value = json.loads(decode_base64url(part) or b"")
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        decoded.append(value)
    return decoded[0], decoded[1]


def check_claims(
    claims: Mapping[str, Any], *, client_id: str, token_url: str, now: int
) -> str | None:
    """Return what is wrong with an assertion's claims, None if nothing is.

    Args:
        claims: The claims, of a signature that holds.
        client_id: Who must have issued it about itself.
        token_url: Whom it must be for.
        now: Seconds since 1970, as the client's clock should show.

    Source:
        RFC 7523 section 3; SMART Backend Services 2.2, "exp" at most five minutes ahead.
    """
    audience = claims.get("aud")
    expires, issued, begins = (claims.get(name) for name in ("exp", "iat", "nbf"))
    jti = claims.get("jti")
    checks = (
        (
            claims.get("iss") == client_id and claims.get("sub") == client_id,
            "iss and sub must both be the client_id",
        ),
        (audience in (token_url, [token_url]), f"aud must be {token_url}"),
        (_is_time(expires), "exp is missing or no number of seconds"),
        (_is_time(expires) and expires > now - SKEW_SECONDS, "the assertion has expired"),
        (
            _is_time(expires) and expires <= now + ASSERTION_SECONDS_MAX + SKEW_SECONDS,
            "exp must lie at most 5 minutes ahead",
        ),
        (
            issued is None
            or (
                _is_time(issued)
                and now - ASSERTION_SECONDS_MAX - SKEW_SECONDS <= issued <= now + SKEW_SECONDS
            ),
            "iat must lie in the last 5 minutes",
        ),
        (
            begins is None or (_is_time(begins) and begins <= now + SKEW_SECONDS),
            "nbf lies in the future",
        ),
        (
            isinstance(jti, str) and 1 <= len(jti) <= JTI_CHARACTERS_MAX,
            f"jti must be a text of 1 to {JTI_CHARACTERS_MAX} characters",
        ),
    )
    return next((words for holds, words in checks if not holds), None)


def _is_time(value: object) -> TypeGuard[float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value < 1e11  # false for NaN and the infinities too
    )
