"""HL7 v2: reads, checks, acknowledges and builds ER7 messages, and carries them over MLLP."""

from __future__ import annotations
