"""The log: JSON lines on standard error, with listed keys only.

A key that isn't listed is dropped, so that a careless call can't leak a patient's data. Values
are ids, counts, kinds and class names; never names, dates of birth, codes or message text.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

ALLOWED_KEYS: Final = frozenset(
    {
        "event", "level", "timestamp", "logger",
        "job", "error", "practice", "message_id", "claim_id", "batch", "count", "bytes", "seconds",
        "host", "port", "endpoint", "method", "status", "error_id", "state", "kind", "peer", "size",
        "version", "path_kind", "cleanclaim_home", "fault",
    }
)  # fmt: skip


def _keep_listed_keys(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}


def set_up(level: str = "INFO") -> None:
    """Point the log at standard error; libraries' own logging shows warnings' names only."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            _keep_listed_keys,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whichever it is by then
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the logger for a module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
