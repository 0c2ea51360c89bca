"""Character sets of MSH-18: their HL7 names, and the bytes read by them."""

from __future__ import annotations

import re

from config.finding import Finding

_NAMES = {
    "": None,
    "ASCII": "ascii",
    "US-ASCII": "ascii",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
}
_ISO_8859 = re.compile(r"(?:ISO[ -_]?)?8859[/-]([1-9]|15)\Z")
_HL7_NAMES = {"ascii": "ASCII", "utf-8": "UNICODE UTF-8", "cp1252": "WINDOWS-1252"}


def find_codec(name: str) -> str | None:
    """Return Python's codec for the text of MSH-18, or None if we do not read it.

    Source:
        HL7 2.5.1 MSH-18, table 0211.
    """
    wanted = name.strip().upper()
    latin = _ISO_8859.match(wanted)
    if latin:
        return f"iso8859-{latin[1]}"
    return _NAMES.get(wanted)


def hl7_charset_name(codec: str) -> str:
    """Return what MSH-18 says for a codec: `8859/1`, `UNICODE UTF-8`."""
    return _HL7_NAMES.get(codec) or codec.replace("iso8859-", "8859/")


def decode(raw: bytes, *, declared: str, charset_default: str) -> tuple[str, str, Finding | None]:
    """Return the text, the codec used, and what kept it from being read.

    Args:
        raw: The message without framing.
        declared: MSH-18's first repetition, often empty.
        charset_default: Python codec for senders that declare none.
    """
    codec = find_codec(declared) if declared else charset_default
    if codec is None:
        return "", charset_default, _unknown_charset()
    try:
        return raw.decode(codec), codec, None
    except UnicodeDecodeError as error:
        return "", codec, _undecodable(raw, error.start, codec=codec, declared=declared)


def _unknown_charset() -> Finding:
    return Finding(
        "charset-unknown",
        "MSH-18",
        "The character set is not one that we read (ASCII, 8859/1 to 8859/9, 8859/15, UTF-8).",
        "Have the sender use UNICODE UTF-8 in MSH-18.",
    )


def _undecodable(raw: bytes, offset: int, *, codec: str, declared: str) -> Finding:
    segment = raw[:offset].replace(b"\r\n", b"\r").replace(b"\n", b"\r").count(b"\r") + 1
    name = hl7_charset_name(codec)
    says = f"MSH-18 says {name}" if declared else f"MSH-18 is empty, so {name} was expected"
    return Finding(
        "charset-mismatch",
        f"segment {segment}, byte {offset + 1}",
        f"{says}, but this byte (0x{raw[offset]:02X}) is not {name}.",
        "Have the sender declare the character set that it sends in MSH-18.",
    )
