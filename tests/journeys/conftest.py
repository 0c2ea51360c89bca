"""The demo day, lived once for all journeys of a test process, by the command itself."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Demo:
    """A demo that was lived: its folders and what the command printed."""

    home: Path
    keys: Path
    output: str

    @property
    def temporary(self) -> Path:
        """Folder of the temporary files that commands make."""
        folder = self.home.parent / "tmp"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def log(self) -> Path:
        """What the commands wrote to standard error."""
        return self.home.parent / "log.txt"

    def run(self, *words: str, code: int = 0) -> str:
        """Run another command in the same installation and return what it prints."""
        environment = os.environ | {
            "CLEANCLAIM_HOME": str(self.home),
            "CLEANCLAIM_KEYS": str(self.keys),
            "CLEANCLAIM_DATE": "2026-09-15",
            "TMPDIR": str(self.temporary),
        }
        done = subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-c", "from web.cli import main; main()", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        with self.log.open("a") as log:
            log.write(done.stderr)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


def live_demo(folder: Path, *, seed: int = 1) -> Demo:
    """Live the demo day in a folder by the `demo` command, as a process of its own."""
    made = Demo(folder / "home", folder / "keys", "")
    output = made.run("demo", "--seed", str(seed))
    return Demo(made.home, made.keys, output)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return live_demo(tmp_path_factory.mktemp("demo"))
