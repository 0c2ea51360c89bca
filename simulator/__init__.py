"""A payer and clearinghouse on your own machine: it reads 837P bytes and its own contract file.

It answers TA1, 999, 277CA and 835, ugly cases included, and knows nothing of our database.
"""

from __future__ import annotations
