"""The floor: what every package stands on; imports none of ours."""

from __future__ import annotations
