"""A report laid out for a width in cells: the terminal prints the lines, the app's screen scrolls through them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ghl_triage.report.chart_lines import bar_rows, line_rows
from ghl_triage.report.document import BarChart, Block, Bullets, Code, Document, Heading, LineChart, Paragraph, Table
from ghl_triage.report.lines import Look, Row, row, wrapped
from ghl_triage.report.table_lines import table_rows
from ghl_triage.report.text_lines import bullets_rows, code_rows, heading_rows, paragraph_rows
from ghl_triage.text import harmless

NARROWEST = 24
"""Cells below which no report is laid out: it is cut off instead."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole report. `starts` are the numbers of the rows in which its blocks begin, `sections` those of its sections
    (headings of level 2)."""

    rows: tuple[Row, ...]
    starts: tuple[int, ...]
    sections: tuple[int, ...]

    def same_place(self, other: Layout, at: int) -> int:
        """The row in which that stands which row `at` of another layout of the same document shows."""
        block = bisect_right(other.starts, at) - 1
        if not 0 <= block < len(self.starts):
            return min(at, self.starts[0]) if self.starts else 0
        end = (*self.starts, len(self.rows))[block + 1]
        return min(self.starts[block] + at - other.starts[block], max(self.starts[block], end - 1))


def lay_out(document: Document, width: int) -> Layout:
    """The document in lines of at most `width` cells."""
    width = max(NARROWEST, width)
    rows = [row(text, Look.TITLE) for text in wrapped(harmless(document.title), width)]
    rows += [row(text, Look.NOTE) for text in wrapped(harmless(document.subtitle), width)]
    starts: list[int] = []
    headed = False
    for block in document.blocks:
        if not headed:
            rows.append(())
        headed = isinstance(block, Heading)
        starts.append(len(rows))
        rows += _rows_of(block, width)
    sections = (
        at for at, block in zip(starts, document.blocks, strict=True) if isinstance(block, Heading) and block.level == 2
    )
    return Layout(tuple(rows), tuple(starts), tuple(sections))


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
