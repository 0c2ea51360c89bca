"""Claims: built from coded visits, checked, sent, answered, posted and followed to their end."""

from __future__ import annotations
