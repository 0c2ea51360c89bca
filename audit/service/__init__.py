"""The door to the log: sessions that may touch patients' data, and the record of what they did.

An entry room opens `reading` or `writing` and hands the session to services; `integrate` seals
what was recorded.
"""

from __future__ import annotations

from audit.adapters import (
    PUBLIC_FILE,
    SIGNING_FILE,
    load_public_key,
    load_signing_key,
    make_signing_key,
)
from audit.rules.notes import PublicKey, SigningKey
from audit.service.proving import export, verify_store
from audit.service.recording import (
    note,
    open_entry,
    reading,
    record_entries,
    seal_entry,
    writing,
)
from audit.service.sealing import BATCH_MAX, IntegratorThread, integrate

__all__ = [
    "BATCH_MAX",
    "PUBLIC_FILE",
    "SIGNING_FILE",
    "IntegratorThread",
    "PublicKey",
    "SigningKey",
    "export",
    "integrate",
    "load_public_key",
    "load_signing_key",
    "make_signing_key",
    "note",
    "open_entry",
    "reading",
    "record_entries",
    "seal_entry",
    "verify_store",
    "writing",
]
