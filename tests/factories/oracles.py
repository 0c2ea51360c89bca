"""Other people's validators, asked for their opinion of a file."""

from __future__ import annotations

import logging
from io import StringIO

import pyx12.params
import pyx12.x12n_document


def find_pyx12_errors(data: bytes) -> list[str]:
    """Return what pyx12 has against a file; empty when it accepts it."""
    log = StringIO()
    handler = logging.StreamHandler(log)
    logger = logging.getLogger("pyx12")  # noqa: TID251  # pyx12 tells its logger only
    logger.addHandler(handler)
    try:
        params = pyx12.params.ParamsBase()
        text = StringIO(data.decode("ascii"))
        report = StringIO()
        is_valid = pyx12.x12n_document.x12n_document(params, text, None, None, None, fd_json=report)
    finally:
        logger.removeHandler(handler)
    return [] if is_valid else [log.getvalue() + report.getvalue()]
