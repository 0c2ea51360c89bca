"""What goes into a PDF and what can go wrong."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "es"]
PdfErrorCode = Literal["pdf-glyph", "pdf-template"]


class PdfError(Exception):
    """A page could not be made.

    Attributes:
        code: `pdf-glyph` if a character of the data is not in the font; `pdf-template` if the
            template refused the data or is itself wrong.
        message: What and where, without anything of the data.
    """

    def __init__(self, code: PdfErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: PdfErrorCode = code
        self.message = message
