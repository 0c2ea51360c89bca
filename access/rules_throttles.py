"""Pure rules about tries: how many are free, and how long the next one waits."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

_SECOND_DOUBLINGS_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Limit:
    """How fast something may be tried.

    Attributes:
        name: Part of the bucket's key.
        free: Tries without any delay.
        delay_seconds_max: The longest delay; delays double from one second.
        quiet_seconds: After this long without a try all is forgotten; 0 for never.
        tries_max: No try after so many until an administrator resets it; 0 for no such bound.
    """

    name: str
    free: int
    delay_seconds_max: int
    quiet_seconds: int = 0
    tries_max: int = 0


# Per account, until somebody signs in: 5 tries, then 1, 2, 4 … seconds.
ACCOUNT: Final = Limit("account", free=5, delay_seconds_max=24 * 3600, tries_max=100)
# The same for a browser that signed in before: strangers can't lock its owner out.
DEVICE: Final = Limit("device", free=5, delay_seconds_max=24 * 3600, tries_max=100)
SECOND_FACTOR: Final = Limit("second", free=5, delay_seconds_max=24 * 3600, tries_max=100)
NETWORK: Final = Limit("network", free=30, delay_seconds_max=900, quiet_seconds=3600)
EVERYBODY: Final = Limit("everybody", free=500, delay_seconds_max=60, quiet_seconds=600)

_NEVER_SECONDS: Final = 100 * 366 * 86400


def compute_delay(limit: Limit, tries: int) -> int:
    """Return the seconds to wait after so many tries without success.

    Source:
        NIST SP 800-63B-4 section 3.2.2 (at most 100 consecutive failures); OWASP ASVS 5.0 6.1.1.
    """
    if limit.tries_max and tries >= limit.tries_max:
        return _NEVER_SECONDS
    if tries < limit.free:
        return 0
    doublings = min(tries - limit.free, _SECOND_DOUBLINGS_MAX)
    return int(min(2**doublings, limit.delay_seconds_max))


def find_network(address: str | None) -> str:
    """Return an address's network: a household or an office, not a machine."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = 24 if found.version == 4 else 56
    return str(ipaddress.ip_network(f"{found}/{bits}", strict=False))
