"""Rules of the envelope: control numbers, counts and headers of interchange, group, transaction.

Source:
    X12.5 and X12.6 (005010); TR3 005010 appendix B.1.1.3 and C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edi.standard import known_id
from edi.values import Fault

if TYPE_CHECKING:
    from edi.values import Group, Interchange, Segment

# What a group of each kind holds (GS01 → ST01).
GROUP_KINDS = {
    "BE": ("834",),
    "FA": ("997", "999"),
    "HB": ("271",),
    "HC": ("837",),
    "HI": ("278",),
    "HN": ("277",),
    "HP": ("835",),
    "HR": ("276",),
    "HS": ("270",),
    "PI": ("275",),
    "RA": ("820",),
    "AG": ("824",),
}
VERSIONS = ("00401", "00402", "00403", "00405", "00501", "00502", "00503", "00601", "00602")


def envelope_fault(
    segment: Segment,
    code: str,
    x12: str | None,
    message: str,
    *,
    fix: str,
    element: int | None = None,
) -> Fault:
    """Return an envelope fault at a segment; who reports it adds the control numbers."""
    return Fault(
        code=code,
        message=message,
        fix=fix,
        segment_index=segment.index,
        segment=known_id(segment),
        element=element,
        x12=x12,
    )


def check_interchange_header(header: Segment) -> list[Fault]:
    """Return what is wrong with the values of an ISA (its widths are the scanner's business)."""
    rules = (
        (9, _is_date(header[9], 6), "isa-date", "TA105:014", "a date YYMMDD"),
        (10, _is_time(header[10]), "isa-time", "TA105:015", "a time HHMM"),
        (12, header[12] in VERSIONS, "isa-version", "TA105:017", "a known version, 00501"),
        (13, _is_number(header[13], 9), "isa-control", "TA105:018", "nine digits"),
        (14, header[14] in ("0", "1"), "isa-ack", "TA105:019", "0 or 1"),
        (15, header[15] in ("P", "T"), "isa-usage", "TA105:020", "P or T"),
    )
    return [
        envelope_fault(
            header,
            code,
            x12,
            f"ISA{element:02} must be {expected}.",
            fix=f"Put {expected} in ISA{element:02}.",
            element=element,
        )
        for element, is_right, code, x12, expected in rules
        if not is_right
    ]


def check_interchange_trailer(interchange: Interchange, trailer: Segment) -> list[Fault]:
    """Return how an IEA differs from its ISA and from what was read."""
    faults = []
    if _to_int(trailer[1]) != interchange.groups_read:
        faults.append(
            envelope_fault(
                trailer,
                "iea-count",
                "TA105:021",
                f"IEA01 doesn't say {interchange.groups_read}, the number of groups read.",
                fix=f"Put {interchange.groups_read} in IEA01, or find the groups that are missing.",
                element=1,
            )
        )
    if trailer[2] != interchange.header[13]:
        faults.append(
            envelope_fault(
                trailer,
                "iea-control",
                "TA105:001",
                "IEA02 is not the control number of the ISA (ISA13).",
                fix="Put the value of ISA13 in IEA02.",
                element=2,
            )
        )
    return faults


def check_group_header(header: Segment) -> list[Fault]:
    """Return what is wrong with the values of a GS."""
    rules = (
        (1, header[1] in GROUP_KINDS, "gs-kind", "AK905:1", "a functional id such as HC or HP"),
        (2, bool(header[2].strip()), "gs-sender", "TA105:024", "the application sender"),
        (3, bool(header[3].strip()), "gs-receiver", "TA105:024", "the application receiver"),
        (4, _is_date(header[4], 8), "gs-date", "TA105:024", "a date CCYYMMDD"),
        (5, _is_time(header[5]), "gs-time", "TA105:024", "a time HHMM"),
        (6, _is_number(header[6]), "gs-control", "AK905:6", "one to nine digits"),
        (7, header[7] == "X", "gs-agency", "AK905:2", "X"),
        (8, bool(header[8].strip()), "gs-version", "AK905:2", "the guide, such as 005010X222A1"),
    )
    return [
        envelope_fault(
            header,
            code,
            x12,
            f"GS{element:02} must be {expected}.",
            fix=f"Put {expected} in GS{element:02}.",
            element=element,
        )
        for element, is_right, code, x12, expected in rules
        if not is_right
    ]


def check_group_trailer(group: Group, trailer: Segment) -> list[Fault]:
    """Return how a GE differs from its GS and from what was read."""
    faults = []
    if _to_int(trailer[1]) != group.transactions_read:
        faults.append(
            envelope_fault(
                trailer,
                "ge-count",
                "AK905:5",
                f"GE01 doesn't say {group.transactions_read}, the number of transactions read.",
                fix=f"Put {group.transactions_read} in GE01, or find those that are missing.",
                element=1,
            )
        )
    if trailer[2] != group.control:
        faults.append(
            envelope_fault(
                trailer,
                "ge-control",
                "AK905:4",
                "GE02 is not the control number of the group (GS06).",
                fix="Put the value of GS06 in GE02.",
                element=2,
            )
        )
    return faults


def check_transaction_header(header: Segment, group: Group) -> list[Fault]:
    """Return what is wrong with an ST, and how it differs from its group."""
    faults = []
    if len(header[1]) != 3 or not header[1].isdigit():
        faults.append(
            envelope_fault(
                header,
                "st-kind",
                "IK502:6",
                "ST01 must be the three digits of a transaction set, such as 837.",
                fix="Put the transaction set in ST01.",
                element=1,
            )
        )
    elif header[1] not in GROUP_KINDS.get(group.functional_id, (header[1],)):
        faults.append(
            envelope_fault(
                header,
                "st-group",
                "IK502:18",
                "This transaction set doesn't belong in a group of this kind (GS01).",
                fix="Move it to a group whose GS01 fits, or correct GS01.",
                element=1,
            )
        )
    if not 4 <= len(header[2]) <= 9:
        faults.append(
            envelope_fault(
                header,
                "st-control",
                "IK502:7",
                "ST02 must be a control number of 4 to 9 characters.",
                fix="Give each transaction of the group its own number, such as 0001.",
                element=2,
            )
        )
    if header[3] and group.version and header[3] != group.version:
        faults.append(
            envelope_fault(
                header,
                "st-guide",
                "IK502:19",
                "ST03 names another guide than the group (GS08).",
                fix="Put the value of GS08 in ST03; one group holds one guide.",
                element=3,
            )
        )
    return faults


def check_transaction_trailer(header: Segment, trailer: Segment) -> list[Fault]:
    """Return how an SE differs from its ST and from what was read."""
    faults = []
    count = trailer.index - header.index + 1
    if _to_int(trailer[1]) != count:
        faults.append(
            envelope_fault(
                trailer,
                "se-count",
                "IK502:4",
                f"SE01 doesn't say {count}, the number of segments from ST to SE.",
                fix=f"Put {count} in SE01, or find the segments that are missing.",
                element=1,
            )
        )
    if trailer[2] != header[2]:
        faults.append(
            envelope_fault(
                trailer,
                "se-control",
                "IK502:3",
                "SE02 is not the control number of the transaction (ST02).",
                fix="Put the value of ST02 in SE02.",
                element=2,
            )
        )
    return faults


def missing_trailer(header: Segment) -> Fault:
    """Return the fault of a header whose trailer never came."""
    trailer, x12 = {
        "ISA": ("IEA", "TA105:023"),
        "GS": ("GE", "AK905:3"),
        "ST": ("SE", "IK502:2"),
    }[header.id]
    return envelope_fault(
        header,
        f"{trailer.lower()}-missing",
        x12,
        f"This {header.id} has no {trailer}: what it opens breaks off.",
        fix=f"Send the whole file; end what {header.id} opens with {trailer}.",
    )


def repeated_control(header: Segment) -> Fault:
    """Return the fault of a control number that was used before."""
    element, x12, scope = {
        "ISA": (13, "TA105:025", "in this file"),
        "GS": (6, "AK905:19", "in this interchange"),
        "ST": (2, "IK502:23", "in this group"),
    }[header.id]
    return envelope_fault(
        header,
        f"{header.id.lower()}-control-repeated",
        x12,
        f"{header.id}{element:02} repeats a control number used before {scope}.",
        fix="Give each its own control number.",
        element=element,
    )


def stray_segment(segment: Segment) -> Fault:
    """Return the fault of a segment that stands where none may stand."""
    return envelope_fault(
        segment,
        "segment-outside",
        "TA105:024",
        "A segment stands outside any transaction.",
        fix="Put it between ST and SE; a TA1 stands directly after ISA.",
    )


def _to_int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1


def _is_number(text: str, width: int = 0) -> bool:
    return text.isascii() and text.isdigit() and (len(text) == width if width else len(text) <= 9)


def _is_date(text: str, width: int) -> bool:
    if len(text) != width or not text.isascii() or not text.isdigit():
        return False
    return 1 <= int(text[-4:-2]) <= 12 and 1 <= int(text[-2:]) <= 31


def _is_time(text: str) -> bool:
    is_form = text.isascii() and text.isdigit() and len(text) in (4, 6, 7, 8)
    return is_form and int(text[:2]) < 24 and int(text[2:4]) < 60
