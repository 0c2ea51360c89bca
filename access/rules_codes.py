"""Pure rules about second factors: time-based codes and recovery codes."""

from __future__ import annotations

import base64
import hmac
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
RECOVERY_CHARACTERS: Final = 12
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans("OIL", "011", " -")
_ISSUER: Final = "Cleanclaim"


def compute_step(seconds: int) -> int:
    """Return the time step that a Unix time lies in.

    Source:
        RFC 6238 section 4.2, X = 30, T0 = 0.
    """
    return seconds // STEP_SECONDS


def compute_code(secret: bytes, step: int) -> str:
    """Return the six digits of a time step.

    Source:
        RFC 4226 section 5.3; RFC 6238 section 4 (HMAC-SHA-1, what every authenticator app reads).
    """
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode("ascii")  # noqa: S303  # RFC 6238


def is_code(typed: str, secret: bytes, step: int) -> bool:
    """Say whether what was typed is the code of this very time step, which lasts 30 seconds."""
    digits = "".join(typed.split())
    expected = compute_code(secret, step).encode()
    return hmac.compare_digest(digits.encode("utf-8", "surrogatepass"), expected)


def write_secret(secret: bytes) -> str:
    """Write a secret in the letters that are typed into an app."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def write_uri(email: str, secret: bytes) -> str:
    """Write what an authenticator app reads from a QR code."""
    label = f"{_ISSUER}:{_quote(email)}"
    return f"otpauth://totp/{label}?secret={write_secret(secret)}&issuer={_ISSUER}"


def _quote(text: str) -> str:
    """Write all but plain letters, digits and a few signs as percent and two digits."""
    return "".join(
        character
        if character.isascii() and (character.isalnum() or character in "@.-_")
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def write_recovery_code(raw: bytes) -> str:
    """Write random bytes, one a character, as a code to be noted on paper."""
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in raw)
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def read_recovery_code(typed: str) -> str | None:
    """Read a recovery code as people write it; None where it can't be one."""
    letters = typed.upper().translate(_READ_AS)
    if len(letters) != RECOVERY_CHARACTERS or any(c not in _ALPHABET for c in letters):
        return None
    return letters
