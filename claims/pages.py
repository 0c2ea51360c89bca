"""A claim as people and programs read it: lines of text, and the JSON of `claims show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from claims.service import Provenance, ShownClaim
    from config.finding import Finding
    from config.provenance import Source


def to_lines(shown: ShownClaim, traced: Provenance | None) -> Iterator[str]:
    """Yield a claim as lines of text, the most urgent first.

    Args:
        shown: The claim.
        traced: Its elements with their sources, where they were asked for.
    """
    claim, content = shown.claim, shown.content
    yield (
        f"Claim {claim.number} to {content.payer.name}, ${claim.total.text},"
        f" version {claim.version}"
    )
    yield f"  {claim.state}: {claim.owner_role}'s turn" + (
        f", to be looked at by {claim.next_on}" if claim.next_on else ""
    )
    if claim.file_by:
        yield f"  payer takes it until {claim.file_by}"
    if claim.details.payer_claim_number:
        yield f"  payer's number {claim.details.payer_claim_number}"
    person = content.patient or content.subscriber
    yield f"  patient {person.name.full}, member id {content.member_id or 'none'}"
    yield f"  diagnoses {' '.join(content.diagnoses)}"
    yield from _findings(claim.details.findings, claim.details.overrides)
    yield "Lines"
    states = {line.charge_line_id: line.state for line in shown.lines}
    for line in content.lines:
        code = " ".join((line.code, *line.modifiers))
        points = ",".join(str(pointer) for pointer in line.pointers)
        yield (
            f"  {line.number:>2} {line.service_date} {code:<14} x{line.units}"
            f" ${line.charge.text} diagnoses {points} {states.get(line.charge_line_id, '')}"
        ).rstrip()
        yield from _denials(shown, line.charge_line_id)
    yield from _denials(shown, None)
    yield "Timeline"
    for event in shown.events:
        words = f": {event.details.words}" if event.details.words else ""
        file = f" [file {event.file_id}]" if event.file_id else ""
        yield f"  {event.at:%Y-%m-%d %H:%M} {event.kind}{words}{file}"
    if traced is not None:
        yield from _provenance(traced)


def _denials(shown: ShownClaim, charge_line_id: UUID | None) -> Iterator[str]:
    for denial in shown.denials:
        if denial.charge_line_id == charge_line_id:
            remarks = f" {denial.remarks}" if denial.remarks else ""
            yield f"     unpaid {denial.reason}{remarks}: ${Money(denial.cents).text} still open"


def _findings(findings: Iterable[Finding], overrides: dict[str, str]) -> Iterator[str]:
    for finding in findings:
        passed = f" (passed: {overrides[finding.code]})" if finding.code in overrides else ""
        yield f"  {finding.level} {finding.where}: {finding.message} ({finding.code}){passed}"
        yield f"      to do: {finding.fix}"


def _provenance(traced: Provenance) -> Iterator[str]:
    carried = f"as sent in {traced.file_name}" if traced.file_name else "as it would be sent now"
    yield f"Where each element came from, version {traced.version} {carried}"
    for each in traced.elements:
        words = describe_source(each.source, traced.messages)
        yield f"  {each.element.place:<26} {each.element.value:<24} {words}"


def describe_source(source: Source, messages: Mapping[str, str]) -> str:
    """Return where a value came from: what, which one, and the place in it.

    Args:
        source: Where it came from.
        messages: What people call the messages.
    """
    origin = messages.get(source.origin, source.origin)
    return f"{source.kind} {origin} {source.path}".rstrip()


def to_json(shown: ShownClaim, traced: Provenance | None) -> dict[str, Any]:
    """Return the document that `claims show --json` prints.

    Args:
        shown: The claim.
        traced: Its elements with their sources, where they were asked for.
    """
    claim, content = shown.claim, shown.content
    states = {line.charge_line_id: line.state for line in shown.lines}
    document: dict[str, Any] = {
        "claim": claim.number,
        "version": claim.version,
        "state": claim.state,
        "owner": claim.owner_role,
        "next_on": claim.next_on.isoformat() if claim.next_on else None,
        "file_by": claim.file_by.isoformat() if claim.file_by else None,
        "payer": {"code": content.payer.payer_code, "name": content.payer.name},
        "payer_claim_number": claim.details.payer_claim_number,
        "frequency": content.frequency,
        "total_cents": claim.total.cents,
        "diagnoses": list(content.diagnoses),
        "lines": [
            {
                "line": line.number,
                "control_number": line.control_number,
                "code": line.code,
                "modifiers": list(line.modifiers),
                "units": line.units,
                "charge_cents": line.charge.cents,
                "pointers": list(line.pointers),
                "service_date": line.service_date.isoformat(),
                "state": states.get(line.charge_line_id, ""),
            }
            for line in content.lines
        ],
        "denials": _denials_to_json(shown),
        "findings": findings_to_json(claim.details.findings),
        "overrides": dict(claim.details.overrides),
        "timeline": [
            {
                "at": event.at.isoformat(),
                "kind": event.kind,
                "state": event.state,
                "actor": str(event.actor_id),
                "file": str(event.file_id) if event.file_id else None,
                "words": event.details.words,
                "findings": findings_to_json(event.details.findings),
            }
            for event in shown.events
        ],
    }
    if traced is not None:
        document["provenance"] = _provenance_to_json(traced)
    return document


def _denials_to_json(shown: ShownClaim) -> list[dict[str, Any]]:
    numbers: dict[UUID | None, int] = {
        line.charge_line_id: line.number for line in shown.content.lines
    }
    return [
        {
            "line": numbers.get(denial.charge_line_id),
            "reason": denial.reason,
            "remarks": denial.remarks.split(),
            "cents": denial.cents,
            "next_on": denial.next_on.isoformat() if denial.next_on else None,
        }
        for denial in shown.denials
    ]


def _provenance_to_json(traced: Provenance) -> dict[str, Any]:
    return {
        "version": traced.version,
        "file": traced.file_name or None,
        "elements": [
            {
                "loop": each.element.loop,
                "element": each.element.name,
                "qualifier": each.element.qualifier or None,
                "value": each.element.value,
                "source": {
                    "kind": each.source.kind,
                    "origin": each.source.origin,
                    "message": traced.messages.get(each.source.origin),
                    "path": each.source.path,
                },
            }
            for each in traced.elements
        ],
    }


def findings_to_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as programs read them."""
    return [
        {"level": f.level, "code": f.code, "where": f.where, "message": f.message, "fix": f.fix}
        for f in findings
    ]
