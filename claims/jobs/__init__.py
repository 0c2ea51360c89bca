"""What claims do that spans transactions: sending files, receiving answers, posting remittances."""

from __future__ import annotations
