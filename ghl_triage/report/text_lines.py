"""Headings, paragraphs, lists and source code in lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.report.document import Bullets, Code, Heading, Paragraph
from ghl_triage.report.lines import Look, Piece, Row, row, wrapped
from ghl_triage.text import cells_of, code_lines, harmless, head

_READABLE = 100
"""Cells of the longest line that running text takes, however wide the screen is."""


def heading_rows(heading: Heading, width: int) -> Iterator[Row]:
    """A section's title with a rule below it, a part's with a mark before it."""
    text = harmless(heading.text)
    if heading.level == 3:
        for number, part in enumerate(wrapped(text, width - 2)):
            yield Piece("  " if number else "▸ ", Look.RULE), Piece(part, Look.TITLE)
        return
    parts = wrapped(text, width)
    yield from (row(part, Look.TITLE) for part in parts)
    yield row("─" * max(cells_of(part) for part in parts), Look.RULE)


def paragraph_rows(paragraph: Paragraph, width: int) -> Iterator[Row]:
    """Running text; a conclusion has a bar at its side."""
    text, width = harmless(paragraph.text), min(width, _READABLE)
    if paragraph.tone == "strong":
        for part in wrapped(text, width - 2):
            yield Piece("▌ ", Look.RULE), Piece(part, Look.STRONG)
        return
    look = Look.NOTE if paragraph.tone == "note" else Look.TEXT
    yield from (row(part, look) for part in wrapped(text, width))


def bullets_rows(bullets: Bullets, width: int) -> Iterator[Row]:
    """A list, each item hanging under its mark."""
    places, width = len(str(len(bullets.items))), min(width, _READABLE)
    for number, item in enumerate(bullets.items, start=1):
        lead = f"{number:>{places}}. " if bullets.ordered else "• "
        for index, part in enumerate(wrapped(harmless(item), width - len(lead))):
            yield Piece(" " * len(lead) if index else lead, Look.RULE), Piece(part)


def code_rows(code: Code, width: int) -> Iterator[Row]:
    """Source code, indented; a line that is too long is broken."""
    for text in code_lines(code.text):
        rest = text
        while (part := head(rest, width - 4)) != rest:
            yield row(f"  {part}", Look.CODE)
            rest = rest[len(part) :]
        yield row(f"  {rest}" if rest else "", Look.CODE)
