"""What the claim pages call states, events, reasons and decisions, in plain words of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from claims.values import ClaimState, OwnerRole
from config.pages import Mark

if TYPE_CHECKING:
    from config.pages import Words

STATES: Final[dict[ClaimState, Mark]] = {
    ClaimState.BUILT: Mark(lazy_gettext("being checked"), "info"),
    ClaimState.HELD: Mark(lazy_gettext("held: needs a fix"), "bad"),
    ClaimState.READY: Mark(lazy_gettext("ready to send"), "info"),
    ClaimState.BATCHED: Mark(lazy_gettext("in a batch"), "info"),
    ClaimState.SENT: Mark(lazy_gettext("sent"), "info"),
    ClaimState.RECEIVED: Mark(lazy_gettext("received by clearinghouse"), "info"),
    ClaimState.ACCEPTED_BY_CLEARINGHOUSE: Mark(lazy_gettext("accepted by clearinghouse"), "info"),
    ClaimState.ACCEPTED_BY_PAYER: Mark(lazy_gettext("accepted by payer"), "info"),
    ClaimState.REJECTED_BY_CLEARINGHOUSE: Mark(lazy_gettext("rejected by clearinghouse"), "bad"),
    ClaimState.REJECTED_BY_PAYER: Mark(lazy_gettext("rejected by payer"), "bad"),
    ClaimState.ADJUDICATED: Mark(lazy_gettext("answered, something open"), "warn"),
    ClaimState.DENIED: Mark(lazy_gettext("denied"), "bad"),
    ClaimState.SETTLED: Mark(lazy_gettext("settled"), "ok"),
    ClaimState.VOIDED: Mark(lazy_gettext("voided")),
}
OWNERS: Final[dict[OwnerRole, Words]] = {
    OwnerRole.SYSTEM: lazy_gettext("Cleanclaim"),
    OwnerRole.BILLER: lazy_gettext("biller"),
    OwnerRole.CODER: lazy_gettext("coder"),
    OwnerRole.CLEARINGHOUSE: lazy_gettext("clearinghouse"),
    OwnerRole.PAYER: lazy_gettext("payer"),
    OwnerRole.PATIENT: lazy_gettext("patient"),
    OwnerRole.NOBODY: lazy_gettext("nobody"),
}
LINE_STATES: Final[dict[str, Mark]] = {
    "open": Mark(lazy_gettext("open"), "info"),
    "paid": Mark(lazy_gettext("answered"), "ok"),
    "denied": Mark(lazy_gettext("denied"), "bad"),
    "held": Mark(lazy_gettext("held"), "warn"),
}
SEQUENCES: Final[dict[int, Words]] = {
    1: lazy_gettext("first payer"),
    2: lazy_gettext("second payer"),
    3: lazy_gettext("third payer"),
}
EVENTS: Final[dict[str, Words]] = {
    "built": lazy_gettext("Claim built from the coded visit"),
    "rebuilt": lazy_gettext("Rebuilt from the visit as it stands now"),
    "scrubbed": lazy_gettext("Checked: ready to send"),
    "held": lazy_gettext("Checked: held"),
    "ready": lazy_gettext("Ready to send"),
    "batched": lazy_gettext("Put into an 837 file"),
    "sent": lazy_gettext("Sent"),
    "received": lazy_gettext("Received by the clearinghouse"),
    "received-by-clearinghouse": lazy_gettext("Received by the clearinghouse"),
    "accepted-by-clearinghouse": lazy_gettext("Accepted by the clearinghouse"),
    "accepted-by-payer": lazy_gettext("Accepted by the payer"),
    "rejected-by-clearinghouse": lazy_gettext("Rejected by the clearinghouse"),
    "rejected-by-payer": lazy_gettext("Rejected by the payer"),
    "remittance-adjudicated": lazy_gettext("The payer answered; something is open"),
    "remittance-denied": lazy_gettext("The payer denied it, whole or in part"),
    "remittance-settled": lazy_gettext("The payer answered; nothing is open with them"),
    "remittance-reversed": lazy_gettext("The payer took its answer back"),
    "remittance-quarantined": lazy_gettext("An answer waits for a person"),
    "lines-withheld": lazy_gettext("Lines were held back"),
    "settled": lazy_gettext("Settled"),
    "unknown": lazy_gettext("An answer that says nothing final"),
    "voided": lazy_gettext("Voided"),
}
TREATMENTS: Final[dict[str, Words]] = {
    "write-off": lazy_gettext("written off, as the contract says"),
    "open": lazy_gettext("stays open with the payer: on the denials list"),
    "next-payer": lazy_gettext("goes to the next payer"),
    "patient": lazy_gettext("the patient's share"),
    "ask": lazy_gettext("waits for a person to decide"),
    "lowered": lazy_gettext("the patient may not be billed for it"),
    "prior-payer": lazy_gettext("settled by the payer before"),
    "repeated": lazy_gettext("was booked before"),
}
# Group and reason codes in our own words; the code always stands beside them.
_REASONS: Final[dict[str, Words]] = {
    "1": lazy_gettext("deductible"),
    "2": lazy_gettext("coinsurance"),
    "3": lazy_gettext("copay"),
    "4": lazy_gettext("modifier missing or doesn't fit the code"),
    "11": lazy_gettext("diagnosis doesn't fit the procedure"),
    "16": lazy_gettext("information is missing or wrong"),
    "18": lazy_gettext("exact duplicate"),
    "22": lazy_gettext("another insurer should pay first"),
    "23": lazy_gettext("what an earlier payer did"),
    "26": lazy_gettext("before the coverage began"),
    "27": lazy_gettext("after the coverage ended"),
    "29": lazy_gettext("filed too late"),
    "31": lazy_gettext("the payer can't find the member"),
    "45": lazy_gettext("above the agreed fee"),
    "50": lazy_gettext("not seen as medically necessary"),
    "96": lazy_gettext("not covered"),
    "97": lazy_gettext("part of another service"),
    "109": lazy_gettext("belongs to another payer"),
    "197": lazy_gettext("no authorization"),
    "204": lazy_gettext("not covered by this plan"),
    "253": lazy_gettext("federal budget cut (sequestration)"),
}
_STATUSES: Final[dict[str, Words]] = {
    "1": lazy_gettext("processed as first payer"),
    "2": lazy_gettext("processed as second payer"),
    "3": lazy_gettext("processed as third payer"),
    "4": lazy_gettext("denied: member not found"),
    "19": lazy_gettext("processed as first payer, forwarded"),
    "20": lazy_gettext("processed as second payer, forwarded"),
    "21": lazy_gettext("processed as third payer, forwarded"),
    "22": lazy_gettext("taken back"),
    "23": lazy_gettext("not the payer's claim, forwarded"),
    "25": lazy_gettext("estimate only"),
}
HOLDS: Final[dict[str, Words]] = {
    "claim-unmatched": lazy_gettext("No claim of ours has this number. Match it by hand."),
    "claim-unbalanced": lazy_gettext(
        "Its amounts don't add up. Ask the payer for a corrected answer."
    ),
    "claim-balance": lazy_gettext(
        "Its amounts don't add up. Ask the payer for a corrected answer."
    ),
    "claim-lines": lazy_gettext(
        "Its lines don't make the claim's charge. Match its lines by hand."
    ),
    "claim-other-payer": lazy_gettext(
        "Another payer was asked, and this one owes nothing. Find out why."
    ),
    "line-unmatched": lazy_gettext("A line is none of ours. Match the line by hand."),
    "line-charge": lazy_gettext(
        "A line answers another charge than ours. Ask which line is meant."
    ),
    "claim-answered-before": lazy_gettext(
        "An answer to it stands already. Decide which one counts."
    ),
    "reversal-unmatched": lazy_gettext("Nothing stands that it could take back. Match it by hand."),
    "reversal-other-amount": lazy_gettext(
        "It takes back another amount than was paid. Ask the payer."
    ),
    "entry-keys": lazy_gettext(
        "The patient has no guarantor, or a line no provider. Add it, then post again."
    ),
}
REMITTANCE_STATES: Final[dict[str, Mark]] = {
    "held": Mark(lazy_gettext("held: doesn't balance"), "bad"),
    "waiting": Mark(lazy_gettext("waiting to post"), "info"),
    "posting": Mark(lazy_gettext("posting"), "info"),
    "posted": Mark(lazy_gettext("posted"), "ok"),
    "undone": Mark(lazy_gettext("undone")),
}
ANSWER_STATES: Final[dict[str, Mark]] = {
    "posted": Mark(lazy_gettext("posted"), "ok"),
    "quarantined": Mark(lazy_gettext("waits for a person"), "bad"),
    "informational": Mark(lazy_gettext("for information")),
}


def name_reason(carc: str) -> Words:
    """Return what a claim adjustment reason means, in words of our own."""
    return _REASONS.get(carc, lazy_gettext("see the payer's remittance advice"))


def name_status(status: str) -> Words:
    """Return what CLP02 says; the code itself where it has no words here."""
    return _STATUSES.get(status, status)


def name_event(kind: str) -> Words:
    """Return what happened; the event's own name where it has no words here."""
    return EVENTS.get(kind, kind.replace("-", " "))


def name_hold(reason: str) -> Words:
    """Return what a quarantined claim waits for."""
    return HOLDS.get(reason, lazy_gettext("It can't be posted by itself. Post it by hand."))
