"""A search of bytes at rest for what may not lie there in any common dress."""

from __future__ import annotations

import base64
import urllib.parse
import zlib
from typing import TYPE_CHECKING

import ahocorasick

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PACKED_MARKS = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_UNPACKED_MAX = 8_000_000


def date_forms(day: dt.date) -> tuple[str, str, str]:
    """Return the three forms in which a birth date is written."""
    return f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day:%m/%d/%Y}"


def dress(text: str) -> set[bytes]:
    """Return a text in every dress in which it is searched for."""
    dressed: set[bytes] = set()
    for spelled in {text, text.lower(), text.upper()}:
        plain = spelled.encode()
        dressed |= {plain, spelled.encode("utf-16-le"), spelled.encode("utf-16-be")}
        dressed |= {plain.hex().encode(), plain.hex().upper().encode()}
        dressed |= {
            urllib.parse.quote(spelled, safe="").encode(),
            urllib.parse.quote_plus(spelled).encode(),
        }
        dressed |= set(_base64_forms(plain))
    return dressed


def _base64_forms(plain: bytes) -> Iterator[bytes]:
    """Yield what stays the same of a text's base64 wherever in a longer text it stands."""
    for offset in range(3):
        coded = base64.b64encode(b"\x00" * offset + plain).rstrip(b"=")
        start = (0, 2, 3)[offset]
        end = len(coded) - (1 if (offset + len(plain)) % 3 else 0)
        yield coded[start:end]


class Sweep:
    """Searches files for texts in every dress, also inside gzip and zlib streams."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for text in sorted(set(texts)):
            for needle in dress(text):
                self._automaton.add_word(needle.decode("latin-1"), text)
        self._automaton.make_automaton()

    def find_in(self, content: bytes) -> set[str]:
        """Return the texts that bytes hold."""
        found: set[str] = set()
        for piece in (content, *_unpack(content)):
            found |= {text for _, text in self._automaton.iter(piece.decode("latin-1"))}
        return found

    def find_under(self, folder: Path, *, leaving_out: Iterable[Path] = ()) -> dict[Path, set[str]]:
        """Return for each file under a folder the texts that it holds; clean ones are left out."""
        left_out = tuple(leaving_out)
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(out) for out in left_out):
                hits = self.find_in(path.read_bytes()) | self.find_in(path.name.encode())
                if hits:
                    found[path] = hits
        return found


def _unpack(content: bytes) -> Iterator[bytes]:
    for mark in _PACKED_MARKS:
        place = content.find(mark)
        while place >= 0:
            unpacked = _inflate(content[place:])
            if len(unpacked) > 6:
                yield unpacked
            place = content.find(mark, place + 1)


def _inflate(content: bytes) -> bytes:
    packer = zlib.decompressobj(wbits=47)  # tells gzip and zlib apart by itself
    try:
        return packer.decompress(content, _UNPACKED_MAX)
    except zlib.error:
        return b""
