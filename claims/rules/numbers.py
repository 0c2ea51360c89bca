"""Numbers as payers want them, from the forms in which cards and records carry them."""

from __future__ import annotations

from typing import Final

from practice.values import PayerKind

_NDC_PARTS: Final = (5, 4, 2)


def to_member_id(member_id: str, kind: PayerKind) -> str:
    """Return a member id as it is sent: a Medicare number without the card's hyphens.

    Source:
        CMS, Medicare Beneficiary Identifier: the hyphens on the card are not part of it.
    """
    if kind is not PayerKind.MEDICARE:
        return member_id
    return member_id.replace("-", "").replace(" ", "").upper()


def to_ndc(code: str) -> str:
    """Return a drug code as eleven digits where its hyphens tell which part lacks its zero.

    What has no hyphens, or no such form, is left as it is for the scrub to speak of.

    Source:
        R26; TR3 005010X222A1 2410 LIN03: 5-4-2 without hyphens.
    """
    parts = code.strip().split("-")
    if len(parts) != len(_NDC_PARTS) or not all(part.isdecimal() for part in parts):
        return code
    lengths = [len(part) for part in parts]
    if sum(lengths) not in (10, 11) or any(n > m for n, m in zip(lengths, _NDC_PARTS, strict=True)):
        return code
    return "".join(part.zfill(size) for part, size in zip(parts, _NDC_PARTS, strict=True))
