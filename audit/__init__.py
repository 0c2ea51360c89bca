"""The record of every touch of patient data: encrypted, and no change to it goes unseen."""

from __future__ import annotations
