"""Wraps the body of a transaction, written as it stands in a guide, into a whole file."""

from __future__ import annotations

import datetime as dt

import edi

KINDS = {
    "835": ("HP", "005010X221A1"),
    "999": ("FA", "005010X231A1"),
    "277": ("HN", "005010X214"),
    "837": ("HC", "005010X222A1"),
}
AT = dt.datetime(2026, 9, 15, 8, 0, tzinfo=dt.UTC)


def make_file(st: str, *bodies: str, control: int = 1, is_ta1_requested: bool = False) -> bytes:
    """Return a file with one transaction for each body.

    A body has one segment a line, elements parted by `*`, without ST and SE.
    """
    functional_id, version = KINDS[st]
    made = edi.NewInterchange(
        sender=("ZZ", "SENDER"),
        receiver=("ZZ", "RECEIVER"),
        at=AT,
        control=control,
        is_ta1_requested=is_ta1_requested,
        groups=[
            edi.NewGroup(
                functional_id=functional_id,
                sender="SENDER",
                receiver="RECEIVER",
                at=AT,
                control=control,
                version=version,
                transactions=[
                    edi.NewTransaction(
                        st=st,
                        control=f"{number:04d}",
                        guide="" if st == "835" else version,
                        segments=[_split(line) for line in body.split("\n") if line.strip()],
                    )
                    for number, body in enumerate(bodies, 1)
                ],
            )
        ],
    )
    return edi.write(made)


def _split(line: str) -> tuple[str | tuple[str, ...] | edi.Repeat, ...]:
    elements: list[str | tuple[str, ...] | edi.Repeat] = []
    for text in line.strip().split("*"):
        if "^" in text:
            elements.append(edi.Repeat(tuple(part.split(":")) for part in text.split("^")))
        else:
            elements.append(tuple(text.split(":")) if ":" in text else text)
    return tuple(elements)
