"""What the simulator remembers between runs: copies of what it took in and what became of it.

One folder: `received/` with the 837 bytes, `memory.json` with everything else. Written whole,
beside and renamed, so that a killed run leaves the memory of the run before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

# States of a claim that stands or will: what comes again under its number refers to it.
OPEN_STATES = frozenset(("accepted", "decided", "corrected"))
_FILE = "memory.json"
_RECEIVED = "received"


@dataclass(slots=True)
class ClaimRecord:
    """One claim that a payer accepted.

    `transaction` and `place` say which ST of the copied file it is in and which claim of that ST,
    both from 0. `state` goes accepted, decided, then reversed or corrected.
    """

    copy: str
    transaction: int
    place: int
    claim_number: str
    payer_id: str
    member: str
    received_on: str
    payer_claim_number: str
    state: str = "accepted"
    deductible_left_cents: int = 0
    allowed_permille: int = 1000
    is_duplicate: bool = False
    struck_before: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Memory:
    """The simulator's memory; change it, then `save` it."""

    folder: Path
    next_control: int = 0
    copies: dict[str, str] = field(default_factory=dict)
    controls: list[str] = field(default_factory=list)
    struck: list[list[str]] = field(default_factory=list)
    claims: list[ClaimRecord] = field(default_factory=list)
    deductible_used: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    def keep(self, data: bytes, name: str) -> str | None:
        """Keep a copy of a file's bytes; return its name, or None if they were seen before."""
        digest = hashlib.sha256(data).hexdigest()
        if digest in self.copies:
            return None
        folder = self.folder / _RECEIVED
        folder.mkdir(parents=True, exist_ok=True)
        copy = f"{digest[:16]}.837"
        (folder / copy).write_bytes(data)
        self.copies[digest] = name
        return copy

    def read_copy(self, copy: str) -> bytes:
        """Return the bytes of a kept file."""
        return (self.folder / _RECEIVED / copy).read_bytes()

    def take_control(self, count: int = 1) -> int:
        """Return the next control number and reserve as many as are needed."""
        first = self.next_control
        self.next_control = (first + count - 1) % 999_999_999 + 1
        return first

    def struck_pairs(self) -> frozenset[tuple[str, str]]:
        """Return which rule has struck which claim number."""
        return frozenset((rule, claim) for rule, claim in self.struck)

    def name_file(self, stem: str, suffix: str) -> str:
        """Return a name that no earlier answer has: the second of a stem gets -2, and so on."""
        count = self.names.get(stem + suffix, 0) + 1
        self.names[stem + suffix] = count
        return f"{stem}{suffix}" if count == 1 else f"{stem}-{count}{suffix}"

    def open_numbers(self, payer_id: str, claim_number: str) -> frozenset[str]:
        """Return the payer's own numbers of this claim that a replacement or void may name."""
        return frozenset(
            record.payer_claim_number
            for record in self.claims
            if (record.payer_id, record.claim_number) == (payer_id, claim_number)
            and record.state in OPEN_STATES
        )

    def strike(self, rule: str, claim_number: str) -> None:
        """Remember that a rule has struck a claim."""
        if [rule, claim_number] not in self.struck:
            self.struck.append([rule, claim_number])

    def save(self) -> None:
        """Write the memory to its folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = asdict(self)
        del told["folder"]
        beside = self.folder / f"{_FILE}.new"
        beside.write_text(json.dumps(told, sort_keys=True, indent=1), encoding="utf-8")
        beside.replace(self.folder / _FILE)


def load_memory(folder: Path, *, first_control: int) -> Memory:
    """Return the memory of a folder, a fresh one where there is none."""
    path = folder / _FILE
    if not path.exists():
        return Memory(folder, next_control=first_control)
    told = json.loads(path.read_text(encoding="utf-8"))
    claims = [ClaimRecord(**record) for record in told.pop("claims")]
    return Memory(folder, claims=claims, **told)
