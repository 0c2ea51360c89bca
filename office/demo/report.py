"""What the day came to: the table on the terminal, and `summary.json` for others to read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.service import reading
from claims import service as claims
from claims.service import RemittanceSummary
from coding import service as coding
from encounters import service as encounters
from ledger import service as ledger
from ledger.values.balances import Totals
from office.demo.room import DAY, FOLDERS

if TYPE_CHECKING:
    from pathlib import Path

    from office.demo.room import DayRoom, Outcome


@dataclass(frozen=True, slots=True)
class Figures:
    """The day's counts and cents, read from the books and lists themselves."""

    appointments_kept: int
    appointments: int
    excused: int
    visits: int
    coded: int
    held: int
    sent: int
    accepted: int
    rejected: int
    waiting: int
    totals: Totals
    remittances: list[RemittanceSummary]


def read_figures(room: DayRoom) -> Figures:
    """Read the day's figures back from the database."""
    with reading(room.database, room.actor, purpose="operations") as session:
        visits = encounters.count_visits(session)
        coded = coding.count_coding(session)
        fate = claims.count_fates(session)
        totals = ledger.get_totals(session)
        remittances = claims.list_remittances(session)
    return Figures(
        appointments_kept=visits.get("appointment:kept", 0),
        appointments=sum(n for state, n in visits.items() if state.startswith("appointment:")),
        excused=visits.get("excused", 0),
        visits=sum(visits.get(state, 0) for state in ("open", "ready", "excused")),
        coded=coded.get("signed", 0),
        held=coded.get("held", 0) + coded.get("open", 0),
        sent=fate.sent,
        accepted=fate.accepted_by_payer,
        rejected=fate.rejected,
        waiting=fate.waiting,
        totals=totals,
        remittances=remittances,
    )


def find_gaps(figures: Figures) -> list[str]:
    """Return what doesn't tie, in words; nothing is lost while this is empty.

    Source:
        House: DESIGN 7.4 and 7.11.
    """
    gaps = []
    totals = figures.totals
    if figures.appointments_kept != figures.visits:
        gaps.append("appointments kept are not visits and excused ones")
    if figures.visits != figures.coded + figures.held + figures.excused:
        gaps.append("visits are not coded, held and excused ones")
    if figures.sent != figures.accepted + figures.rejected + figures.waiting:
        gaps.append("claims sent are not accepted, rejected and waiting ones")
    if totals.billed != totals.paid + totals.adjusted + totals.patient + totals.open:
        gaps.append("billed is not paid, adjusted, patient and open")
    for remittance in figures.remittances:
        if remittance.bpr02 != remittance.posted + remittance.quarantined - remittance.plb:
            gaps.append(f"remittance {remittance.trace}: the check is not its parts")
        if remittance.posted + remittance.quarantined != remittance.clp04:
            gaps.append(f"remittance {remittance.trace}: its claims are not posted or quarantined")
    return gaps


def write_summary(room: DayRoom, outcome: Outcome, figures: Figures) -> Path:
    """Write `summary.json`: the same seed writes the same bytes."""
    home = room.settings.home
    totals = figures.totals
    body: dict[str, Any] = {
        "seed": room.seed,
        "date": DAY.isoformat(),
        "counts": {
            "appointments": figures.appointments_kept,
            "visits": figures.visits,
            "coded": figures.coded,
            "held": figures.held,
            "excused": figures.excused,
            "claims_sent": figures.sent,
            "claims_accepted": figures.accepted,
            "claims_rejected": figures.rejected,
            "claims_waiting": figures.waiting,
            "eras": len(figures.remittances),
            "statements": outcome.statements,
        },
        "cents": {
            "billed": totals.billed.cents,
            "paid": totals.paid.cents,
            "adjusted": totals.adjusted.cents,
            "patient": totals.patient.cents,
            "open": totals.open.cents,
        },
        "remittances": [
            {
                "trace": r.trace,
                "bpr02": r.bpr02.cents,
                "clp04": r.clp04.cents,
                "plb": r.plb.cents,
                "posted": r.posted.cents,
                "quarantined": r.quarantined.cents,
            }
            for r in figures.remittances
        ],
        "files": {name: sorted(path.name for path in (home / name).glob("*")) for name in FOLDERS},
    }
    path = home / "summary.json"
    path.write_text(json.dumps(body, indent=1) + "\n")
    return path


def print_table(room: DayRoom, outcome: Outcome, figures: Figures) -> None:
    """Print counts and dollars, each line with what it ties to."""
    totals = figures.totals
    say = room.say
    say("")
    say("  What happened")
    rows = (
        ("appointments kept", figures.appointments_kept, f"= {figures.visits} visits"),
        ("visits", figures.visits,
         f"= {figures.coded} coded + {figures.held} held + {figures.excused} excused"),
        ("claims sent", figures.sent,
         (f"= {figures.accepted} accepted by the payer + {figures.rejected} rejected"
         f" + {figures.waiting} waiting")),
        ("claims held by the scrub", outcome.held_claims, "each with its findings"),
        ("claims sent a second time", outcome.resent, "after a rejection"),
        ("remittances", len(figures.remittances), ""),
        ("patient statements", outcome.statements, ""),
        ("codes as in the seed's key", outcome.key_hits, f"of {outcome.key_size}"),
    )  # fmt: skip
    for name, count, ties in rows:
        say(f"  {name:<28}{count:>8}  {ties}")
    for reason, count in sorted(outcome.coder.held.items()):
        say(f"    held by the coder: {reason} ({count})")
    say("")
    say("  What it came to, in dollars")
    for name, amount in (
        ("billed", totals.billed),
        ("paid", totals.paid),
        ("adjusted", totals.adjusted),
        ("owed by patients", totals.patient),
        ("open with payers", totals.open),
    ):
        say(f"  {name:<28}{_dollars(amount.cents):>14}")
    say("")
    for r in figures.remittances:
        say(
            f"  remittance {r.trace}: check {r.bpr02} = posted {r.posted}"
            f" + quarantined {r.quarantined} - provider adjustments {r.plb}"
        )
    gaps = find_gaps(figures)
    say("")
    say("  Everything ties." if not gaps else "  DOES NOT TIE:")
    for gap in gaps:
        say(f"    {gap}")


def _dollars(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
