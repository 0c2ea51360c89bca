"""Foreign code about passwords: Argon2id's hashes, and a list of passwords that attackers know.

The list is the one that the package `zxcvbn` carries (30,000 passwords of published breaches by
frequency); nothing asks the network.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
# Verified where there is no such person, so that both answers take the same work; no password's.
NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "bm9ib2R5J3Mgc2FsdC4uLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
# Bounds memory and leaves other requests their share of the processor.
_TURNS: Final = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a normalised password.

    Source:
        OWASP ASVS 5.0 appendix C: Argon2id, t=2, m=19 MiB, p=1.
    """
    with _TURNS:
        return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def is_password(password: str, hashed: str) -> bool:
    """Say whether a normalised password has this hash."""
    try:
        with _TURNS:
            return _HASHER.verify(hashed, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def is_breached(password: str) -> bool:
    """Say whether attackers know a password, in capitals or small letters."""
    return password.casefold() in _breached()


@cache
def _breached() -> frozenset[str]:
    from zxcvbn.frequency_lists import (  # noqa: PLC0415  # it takes a while; only a new password needs it
        FREQUENCY_LISTS,
    )

    return frozenset(FREQUENCY_LISTS["passwords"])
