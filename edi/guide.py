"""The form in which an implementation guide is written down: typed tables, one line an element.

A guide is a tree of `LoopDef`s that hold `Seg`s and further loops in the order in which they may
come. The tables are the source; `edi.compiled` turns them into what is fast when a guide is first
used. Conventions:

- An element number that has no line is not used by the guide; so is everything after the last.
- Neighbours in a loop that share a segment id (all REF of a claim, the NM1 loops 2310A to 2310F)
  may come in any order among themselves, as in the standard they have one position.
- `key` names the element whose codes tell a segment from its namesakes ("REF01", "HI01-1").
- Names are words of our own. Codes are the guide's; what a code means is said in `edi.words`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edi.values import Fault, Loop

Usage = Literal["R", "S"]
Kind = Literal["AN", "ID", "N0", "N2", "R", "DT", "TM", "B"]
"""Data types of the standard: text, code, whole number, implied cents, decimal, date, time, bytes.

`R` counts digits only, neither sign nor point. `DT` is CCYYMMDD (or YYMMDD where max is 6).
"""


@dataclass(frozen=True, slots=True)
class Element:
    """A simple element, or a component of a composite.

    Attributes:
        ref: "CLM02", for a component "CLM05-1".
        codes: The codes that the guide allows, parted by blanks; "" if any value will do.
        format_ref: The element that names this one's date format: DTP03 has "DTP02".
        repeat: How often it may repeat within the segment.
    """

    ref: str
    name: str
    usage: Usage
    kind: Kind
    min: int
    max: int
    codes: str = ""
    format_ref: str = ""
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Composite:
    """An element that is made of components."""

    ref: str
    name: str
    usage: Usage
    parts: tuple[Element, ...]
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Seg:
    """A segment at one place of a guide.

    Attributes:
        max: How often it may come in one instance of its loop; 0 for no limit.
        key: The element whose codes tell it from its namesakes, "" if position alone does.
        notes: Relational notes as the standard writes them, parted by blanks: "P0304 R0203".
    """

    id: str
    name: str
    usage: Usage
    max: int
    elements: tuple[Element | Composite, ...]
    key: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class LoopDef:
    """A loop: its first item is the segment that opens it.

    Attributes:
        max: How often it may come in one instance of its parent; 0 for no limit.
        items: Segments and loops in the order of the guide.
    """

    id: str
    name: str
    usage: Usage
    max: int
    items: tuple[Seg | LoopDef, ...]


class Balance(Protocol):
    """Checks that look at a whole loop, made anew for each transaction.

    `see` is called with each finished loop that `Guide.balance_loops` names (its parents hold their
    own segments), `end` once with the root loop when the transaction is over.
    """

    def see(self, loop: Loop) -> Iterable[Fault]:
        """Return what doesn't hold in this loop."""
        ...

    def end(self, root: Loop) -> Iterable[Fault]:
        """Return what doesn't hold in the transaction as a whole."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """An implementation guide.

    Attributes:
        id: What GS08 says: "005010X222A1".
        st: Transaction set id (ST01).
        functional_id: Group id (GS01).
        body: The loop "ST" that holds everything from ST to SE.
        claim_segment: The segment that counts as a claim in reports (CLM, CLP), or "".
        editions: Other GS08 values that are read by this guide, with a warning.
        balance: Makes the whole-loop checks of one transaction; None if there are none.
        balance_loops: The loops that `balance` wants to see.
    """

    id: str
    st: str
    functional_id: str
    name: str
    body: LoopDef
    claim_segment: str = ""
    editions: tuple[str, ...] = ()
    balance: Callable[[], Balance] | None = None
    balance_loops: tuple[str, ...] = ()
