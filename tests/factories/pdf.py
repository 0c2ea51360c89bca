"""Reading back what a PDF says."""

from __future__ import annotations

import io
import re

import pikepdf


def read_text(content: bytes) -> str:
    """Return the characters of a PDF by its own ToUnicode maps."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return "".join(map(_read_page, pdf.pages))


def _read_page(page: pikepdf.Page) -> str:
    fonts = {
        str(name): _read_map(bytes(font["/ToUnicode"].read_bytes()))
        for name, font in page.resources["/Font"].items()
    }
    text, current = "", {}
    for instruction in pikepdf.parse_content_stream(page):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            continue
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            current = fonts[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            parts = operands[0] if str(operator) == "TJ" else [operands[0]]
            for part in parts:
                if isinstance(part, pikepdf.String):
                    raw = bytes(part)
                    codes = [raw[i : i + 2].hex() for i in range(0, len(raw), 2)]
                    text += "".join(current.get(code, "?") for code in codes)
    return text


def _read_map(cmap: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, char in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[code.decode().lower()] = bytes.fromhex(char.decode()).decode("utf-16-be")
    return found
