"""What the checker found, by file, interchange, group and transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edi.values import Fault, Group, Interchange

if TYPE_CHECKING:
    from collections.abc import Iterable


def has_error(faults: Iterable[Fault]) -> bool:
    """Whether one of the faults is an error."""
    return any(fault.level == "error" for fault in faults)


@dataclass(slots=True, kw_only=True)
class TransactionReport:
    """One ST … SE.

    Attributes:
        version: ST03 as it stands, "" if absent.
        guide: The guide named by GS08 (or else ST03), whether we know it or not.
        claims: The number of CLM or CLP.
        first_index: File-wide index of ST.
        last_index: File-wide index of the last segment.
    """

    st: str
    guide: str
    control: str
    version: str
    claims: int
    first_index: int
    last_index: int
    faults: list[Fault]

    @property
    def accepted(self) -> bool:
        """Whether no error lies in it."""
        return not has_error(self.faults)

    def to_json(self) -> dict[str, object]:
        """Return it as `edi check --json` prints it."""
        return {
            "st": self.st,
            "guide": self.guide,
            "control": self.control,
            "accepted": self.accepted,
            "claims": self.claims,
        }


@dataclass(slots=True, kw_only=True)
class GroupReport:
    """One GS … GE with its own faults and its transactions."""

    group: Group
    transactions: list[TransactionReport] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class InterchangeReport:
    """One ISA … IEA with the faults of ISA and IEA and its groups."""

    interchange: Interchange
    groups: list[GroupReport] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class FileReport:
    """One file. `faults` are all of them, in file order; the parts hold their own too."""

    file: str
    interchanges: list[InterchangeReport]
    faults: list[Fault]

    @property
    def accepted(self) -> bool:
        """Whether the file has no error at all."""
        return not has_error(self.faults)

    @property
    def transactions(self) -> list[TransactionReport]:
        """All transactions, in file order."""
        return [
            transaction
            for interchange in self.interchanges
            for group in interchange.groups
            for transaction in group.transactions
        ]

    def to_json(self) -> dict[str, object]:
        """Return it as `edi check --json` prints it."""
        return {
            "file": self.file,
            "accepted": self.accepted,
            "transactions": [transaction.to_json() for transaction in self.transactions],
            "findings": [fault.to_json() for fault in self.faults],
        }


@dataclass(slots=True)
class CheckReport:
    """What was found in one file or several."""

    files: list[FileReport]

    @property
    def accepted(self) -> bool:
        """Whether no file has an error."""
        return all(file.accepted for file in self.files)

    def to_json(self) -> dict[str, object]:
        """Return the document that `edi check --json` prints."""
        return {"files": [file.to_json() for file in self.files]}
