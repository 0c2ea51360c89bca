"""The life of a claim: one table of legal moves, and for each state an owner and a next date.

DESIGN: rejected before adjudication is fixed and sent again with the frequency it had; a payer may
still reject what it accepted; adjudicated claims reopen when a payer takes back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from claims.rules.filing import ALARM_DAYS
from claims.values import ClaimState, OwnerRole

if TYPE_CHECKING:
    from collections.abc import Mapping

_S = ClaimState
_SENT_ON: Final = frozenset(
    {_S.SENT, _S.RECEIVED, _S.ACCEPTED_BY_CLEARINGHOUSE, _S.ACCEPTED_BY_PAYER}
)
_ANSWERED: Final = frozenset({_S.ADJUDICATED, _S.DENIED, _S.SETTLED})
_REJECTED: Final = frozenset({_S.REJECTED_BY_CLEARINGHOUSE, _S.REJECTED_BY_PAYER})

# An answer may overtake the ones before it: an ERA may come before the payer's 277CA.
LEGAL_MOVES: Final[Mapping[ClaimState, frozenset[ClaimState]]] = {
    _S.BUILT: frozenset({_S.HELD, _S.READY, _S.VOIDED}),
    _S.HELD: frozenset({_S.BUILT, _S.READY, _S.HELD, _S.VOIDED}),
    _S.READY: frozenset({_S.BUILT, _S.HELD, _S.BATCHED, _S.VOIDED}),
    _S.BATCHED: frozenset({_S.SENT, _S.READY}),
    _S.SENT: (_SENT_ON - {_S.SENT}) | _REJECTED | _ANSWERED,
    _S.RECEIVED: frozenset({_S.ACCEPTED_BY_CLEARINGHOUSE, _S.ACCEPTED_BY_PAYER})
    | _REJECTED
    | _ANSWERED,
    _S.ACCEPTED_BY_CLEARINGHOUSE: frozenset({_S.ACCEPTED_BY_PAYER}) | _REJECTED | _ANSWERED,
    _S.ACCEPTED_BY_PAYER: frozenset({_S.REJECTED_BY_PAYER}) | _ANSWERED,
    _S.REJECTED_BY_CLEARINGHOUSE: frozenset({_S.BUILT, _S.HELD, _S.READY, _S.VOIDED}) | _ANSWERED,
    _S.REJECTED_BY_PAYER: frozenset({_S.BUILT, _S.HELD, _S.READY, _S.VOIDED}) | _ANSWERED,
    _S.ADJUDICATED: frozenset({_S.BUILT}) | _ANSWERED,
    _S.DENIED: frozenset({_S.BUILT, _S.VOIDED}) | _ANSWERED,
    _S.SETTLED: frozenset({_S.BUILT}) | _ANSWERED,
    _S.VOIDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Stand:
    """Who works a claim in a state and how many days later it must be looked at."""

    owner: OwnerRole
    days: int | None


STANDS: Final[Mapping[ClaimState, Stand]] = {
    _S.BUILT: Stand(OwnerRole.SYSTEM, 0),
    _S.HELD: Stand(OwnerRole.BILLER, 1),
    _S.READY: Stand(OwnerRole.SYSTEM, 1),
    _S.BATCHED: Stand(OwnerRole.SYSTEM, 1),
    _S.SENT: Stand(OwnerRole.CLEARINGHOUSE, 2),
    _S.RECEIVED: Stand(OwnerRole.CLEARINGHOUSE, 3),
    _S.ACCEPTED_BY_CLEARINGHOUSE: Stand(OwnerRole.PAYER, 5),
    _S.ACCEPTED_BY_PAYER: Stand(OwnerRole.PAYER, 30),
    _S.REJECTED_BY_CLEARINGHOUSE: Stand(OwnerRole.BILLER, 1),
    _S.REJECTED_BY_PAYER: Stand(OwnerRole.BILLER, 1),
    _S.ADJUDICATED: Stand(OwnerRole.BILLER, 14),
    _S.DENIED: Stand(OwnerRole.BILLER, 3),
    _S.SETTLED: Stand(OwnerRole.NOBODY, None),
    _S.VOIDED: Stand(OwnerRole.NOBODY, None),
}


class IllegalMoveError(RuntimeError):
    """A claim was to move where it can't go from here: a bug, not bad data."""


def check_move(before: ClaimState, after: ClaimState) -> None:
    """Refuse a move that the table doesn't hold.

    Raises:
        IllegalMoveError: Names both states.

    Source:
        House: decision 0006 (legal moves of a claim).
    """
    if after not in LEGAL_MOVES[before]:
        raise IllegalMoveError(f"a claim can't go from {before} to {after}")


def compute_next_on(
    state: ClaimState, *, today: dt.date, file_by: dt.date | None = None
) -> dt.date | None:
    """Return the day on which a claim in this state must be looked at.

    Args:
        state: The claim's state.
        today: The day on which it came there.
        file_by: The filing deadline of a claim that its payer hasn't taken yet: it must be looked
            at before the deadline comes near.

    Source:
        House: decision 0006 (legal moves of a claim); P8, R12.
    """
    days = STANDS[state].days
    if days is None:
        return None
    next_on = today + dt.timedelta(days=days)
    return next_on if file_by is None else min(next_on, file_by - dt.timedelta(days=ALARM_DAYS))
