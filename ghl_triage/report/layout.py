"""A report laid out for a width in cells: the terminal prints the lines, the app's screen scrolls through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ghl_triage.report.chart_lines import bar_rows, line_rows
from ghl_triage.report.document import BarChart, Block, Bullets, Code, Document, Heading, LineChart, Paragraph, Table
from ghl_triage.report.lines import Look, Row, row
from ghl_triage.report.table_lines import table_rows
from ghl_triage.report.text_lines import bullets_rows, code_rows, heading_rows, paragraph_rows
from ghl_triage.text import harmless, wrap

NARROWEST = 24
"""Cells below which no report is laid out: it is cut off instead."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole report; `sections` are the numbers of the rows that a heading begins in."""

    rows: tuple[Row, ...]
    sections: tuple[int, ...]


def lay_out(document: Document, width: int) -> Layout:
    """The document in lines of at most `width` cells."""
    width = max(NARROWEST, width)
    rows = [row(text, Look.TITLE) for text in wrap(harmless(document.title), width)]
    rows += [row(text, Look.NOTE) for text in wrap(harmless(document.subtitle), width)]
    sections = []
    for block in document.blocks:
        rows.append(())
        if isinstance(block, Heading):
            sections.append(len(rows))
        rows += _rows_of(block, width)
    return Layout(tuple(rows), tuple(sections))


def _rows_of(block: Block, width: int) -> Iterator[Row]:
    match block:
        case Heading():
            rows = heading_rows(block, width)
        case Paragraph():
            rows = paragraph_rows(block, width)
        case Bullets():
            rows = bullets_rows(block, width)
        case Code():
            rows = code_rows(block, width)
        case Table():
            rows = table_rows(block, width)
        case BarChart():
            rows = bar_rows(block, width)
        case LineChart():
            rows = line_rows(block, width)
    return rows
