"""The commands `edi check` and `edi show` as plain functions: paths in, text and exit code out.

They need no settings, no keys, no network. `python -m edi` and the `cleanclaim` command call them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edi.acknowledge import acknowledge
from edi.check import DEFAULT_SNIP, check
from edi.report import CheckReport
from edi.tree import FileTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from edi.report import FileReport
    from edi.values import Fault

DONE, REFUSED, UNREADABLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command leaves.

    Attributes:
        exit_code: 0 done, 1 the file was refused, 2 it could not be read.
        lines: What goes to standard output.
        problems: What goes to standard error.
        report: What was found, for commands that go on from there.
    """

    exit_code: int
    lines: list[str]
    problems: list[str]
    report: CheckReport


def check_files(
    paths: Sequence[str | Path],
    *,
    snip: frozenset[int] = DEFAULT_SNIP,
    as_json: bool = False,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Outcome:
    """Check files and return what to print.

    Args:
        paths: The files.
        snip: The SNIP types to report.
        as_json: Whether to print the JSON document instead of text.
        on_progress: Called now and then with file name, bytes read and bytes in all.
    """
    report, problems = CheckReport([]), []
    for path in paths:
        try:
            report.files += check_path(path, snip=snip, on_progress=on_progress).files
        except OSError as error:
            problems.append(f"{path}: can't be read: {error.strerror or error}")
    if as_json:
        lines = [json.dumps(report.to_json(), indent=2)]
    else:
        lines = [line for file in report.files for line in describe_file(file)]
    code = UNREADABLE if problems else DONE if report.accepted else REFUSED
    return Outcome(code, lines, problems, report)


def check_path(
    path: str | Path,
    *,
    snip: frozenset[int] = DEFAULT_SNIP,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> CheckReport:
    """Check one file.

    Raises:
        OSError: It can't be read.
    """
    with Path(path).open("rb") as stream:
        size = Path(path).stat().st_size
        tell = None
        if on_progress is not None:

            def tell(done: int) -> None:
                on_progress(str(path), done, size)

        return check(stream, name=str(path), snip=snip, on_progress=tell)


def answer_files(
    report: CheckReport, folder: str | Path, *, at: datetime, control: int = 1
) -> list[Path]:
    """Write the TA1, 999 and 277CA that answer checked files into a folder.

    Args:
        report: What `check_files` found; its file names are read again.
        folder: Made if it isn't there. Files are called "claims.837.000000001.999".
        at: When the answers are made, local time.
        control: ISA13 of the first answer; the others count on from it.

    Returns:
        The files written, in order.

    Raises:
        OSError: A file can't be read or written.
    """
    written: list[Path] = []
    Path(folder).mkdir(parents=True, exist_ok=True)
    for file in report.files:
        with Path(file.file).open("rb") as stream:
            answers = acknowledge(file, stream, at=at, control=control + len(written))
        for answer in answers:
            name = f"{Path(file.file).name}.{answer.control:09}.{answer.kind.lower()}"
            written.append(Path(folder, name))
            written[-1].write_bytes(answer.data)
    return written


def show_file(path: str | Path, *, as_json: bool = False, shows_phi: bool = False) -> Iterator[str]:
    """Yield the tree of a file, line by line.

    Args:
        path: The file.
        as_json: Whether to yield the JSON document instead of text.
        shows_phi: Whether patients' data is shown; masked otherwise.

    Raises:
        OSError: It can't be read.
    """
    with Path(path).open("rb") as stream:
        tree = FileTree(stream, shows_phi=shows_phi)
        if as_json:
            yield json.dumps(tree.to_json(), indent=2, ensure_ascii=False)
            return
        yield from tree.lines()
        for fault in tree.faults:
            yield from describe_fault(fault)


def parse_snip(text: str) -> frozenset[int]:
    """Return the SNIP types that "1-3" or "1,2,5" names.

    Raises:
        ValueError: It names none, or one that isn't 1 to 7.
    """
    types: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise ValueError("SNIP types are numbers from 1 to 7, such as 1-3 or 1,2.")
        types.update(range(int(first), int(last or first) + 1))
    if not types or not types <= set(range(1, 8)):
        raise ValueError("SNIP types are numbers from 1 to 7, such as 1-3 or 1,2.")
    return frozenset(types)


def describe_file(file: FileReport) -> Iterator[str]:
    """Yield what was found in a file, for people."""
    verdict = "accepted" if file.accepted else "refused"
    yield f"{file.file or 'file'}: {verdict}{_count_levels(file.faults)}"
    for one in file.transactions:
        verdict = "accepted" if one.accepted else "refused"
        claims = f", {one.claims} {'claims' if one.claims > 1 else 'claim'}" if one.claims else ""
        yield f"  {one.st} {one.guide} transaction {one.control}: {verdict}{claims}"
    for fault in file.faults:
        yield from describe_fault(fault)


def describe_fault(fault: Fault) -> Iterator[str]:
    """Yield one finding: where and what, then what to do."""
    place = fault.segment or ""
    if fault.element is not None:
        place += f"{fault.element:02}" + (f"-{fault.component}" if fault.component else "")
    where = ", ".join(
        f"{word} {value}"
        for word, value in (
            ("interchange", fault.interchange),
            ("group", fault.group),
            ("transaction", fault.transaction),
            ("loop", fault.loop),
            ("segment", fault.segment_index),
        )
        if value is not None
    )
    answer = f", {fault.x12}" if fault.x12 else ""
    yield f"  {fault.level} {fault.code} {place}".rstrip() + f" ({where or 'file'})"
    yield f"    {fault.message} (SNIP {fault.snip}{answer})"
    yield f"    {fault.fix}"


def _count_levels(faults: Iterable[Fault]) -> str:
    levels = [fault.level for fault in faults]
    words = (("error", "errors"), ("warning", "warnings"), ("info", "notes"))
    return "".join(
        f", {levels.count(level)} {word if levels.count(level) != 1 else word[:-1]}"
        for level, word in words
        if level in levels
    )
