"""`python -m edi check FILE…` and `python -m edi show FILE`, for those who use the engine alone."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edi.commands import UNREADABLE, answer_files, check_files, parse_snip, show_file

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRESS_BYTES_MIN = 16 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused, 2 usage or unreadable file."""
    options = _make_parser().parse_args(arguments)
    try:
        return _check(options) if options.command == "check" else _show(options)
    except BrokenPipeError:
        # The reader of our output (head, a pager) has seen enough: that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        name = error.filename or "file"
        sys.stderr.write(f"{name}: can't be read or written: {error.strerror or error}\n")
        return UNREADABLE


def _check(options: argparse.Namespace) -> int:
    outcome = check_files(
        options.files,
        snip=options.snip,
        as_json=options.json,
        on_progress=None if options.quiet else tell_progress,
    )
    sys.stdout.writelines(f"{line}\n" for line in outcome.lines)
    sys.stderr.writelines(f"{problem}\n" for problem in outcome.problems)
    if options.ack is not None:
        # The engine alone has no clock of ours to ask: this is its one entry.
        at = datetime.fromtimestamp(time.time(), tz=UTC)
        for path in answer_files(outcome.report, options.ack, at=at):
            sys.stderr.write(f"{path}\n")
    return outcome.exit_code


def _show(options: argparse.Namespace) -> int:
    for line in show_file(options.file, as_json=options.json, shows_phi=options.phi):
        sys.stdout.write(f"{line}\n")
    return 0


def tell_progress(name: str, done: int, size: int) -> None:
    """Say on standard error how far a large file was read."""
    if size < _PROGRESS_BYTES_MIN:
        return
    if done >= size or done % _PROGRESS_BYTES_MIN < (1 << 18):
        end = "\n" if done >= size else "\r"
        sys.stderr.write(f"{name}: {done * 100 // size}% of {size >> 20} MB{end}")
        sys.stderr.flush()


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("edi", description="Read, check and show X12 files.")
    commands = parser.add_subparsers(dest="command", required=True)
    checker = commands.add_parser("check", help="say what is wrong with files")
    checker.add_argument("files", nargs="+", metavar="FILE")
    checker.add_argument("--json", action="store_true", help="print the findings as JSON")
    checker.add_argument("--snip", type=parse_snip, default="1-3", help="SNIP types, as 1-3")
    checker.add_argument("--ack", metavar="DIR", help="write TA1, 999 and 277CA into this folder")
    checker.add_argument("--quiet", action="store_true", help="no progress on standard error")
    shower = commands.add_parser("show", help="show a file as a readable tree")
    shower.add_argument("file", metavar="FILE")
    shower.add_argument("--json", action="store_true", help="print the tree as JSON")
    shower.add_argument("--phi", action="store_true", help="show patients' data too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
