"""Between our values and X12: claims written as 837P."""

from __future__ import annotations
