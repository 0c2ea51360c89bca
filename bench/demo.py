"""How long the demo day takes, from an empty folder to its table."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.values import Measured


def measure() -> list[Measured]:
    """Live the demo day once, as `make demo` does after setup."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "CLEANCLAIM_HOME": str(Path(folder) / "home"),
            "CLEANCLAIM_KEYS": str(Path(folder) / "keys"),
        }
        started = time.perf_counter()
        subprocess.run(  # our own command
            [sys.executable, "-c", "from web.cli import main; main()", "demo"],
            check=True,
            capture_output=True,
            env=environment,
        )
        seconds = time.perf_counter() - started
    return [
        Measured(
            name="demo day, whole process",
            ours=seconds,
            theirs=None,
            unit="s",
            ratio=None,
            bar=60.0,
            higher_is_better=False,
            note="40 patients, 60 visits",
        )
    ]
