"""`make bench`: ours beside a peer in one run, ratio, bar, pass or miss.

Exit status 1 if a bar was missed. Name modules to run only those: `python -m bench edi_check`.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bench.values import Measured

MODULES: Final = ("edi_check", "hl7_intake", "code_search", "pdf", "audit", "help", "demo")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, and print one line a figure."""
    missed = 0
    print(f"{'what':<52}{'ours':>12}{'peer':>12} {'unit':<12}{'ratio':>8}{'bar':>8}  result")
    for name in names or MODULES:
        started = time.monotonic()
        for measured in import_module(f"bench.{name}").measure():
            missed += not _print(measured)
        print(f"  ({name}: {time.monotonic() - started:.0f} s)", file=sys.stderr)
    print("all bars held" if not missed else f"{missed} bars missed")
    return 1 if missed else 0


def _print(measured: Measured) -> bool:
    is_held = _is_held(measured)
    result = "" if measured.bar is None else "pass" if is_held else "MISS"
    print(
        f"{measured.name:<52}{measured.ours:>12,.4g}{_number(measured.theirs):>12} "
        f"{measured.unit:<12}{_number(measured.ratio):>8}{_number(measured.bar):>8}  {result}"
        f"  {measured.note}"
    )
    return is_held


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def _is_held(measured: Measured) -> bool:
    """Compare ratio with bar, or ours where there is no peer."""
    if measured.bar is None:
        return True
    value = measured.ratio if measured.ratio is not None else measured.ours
    return value >= measured.bar if measured.higher_is_better else value <= measured.bar


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
