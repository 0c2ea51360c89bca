"""The scrub: pure edits, one subject a file, listed in `edits`; nothing here reads or stores."""

from __future__ import annotations
