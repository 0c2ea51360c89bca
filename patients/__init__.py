"""Patients, the guarantors who answer for their bills, and their insurance coverage."""

from __future__ import annotations
