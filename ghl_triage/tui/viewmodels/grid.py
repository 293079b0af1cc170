"""The table's columns laid out in so many cells: its title line, its rows, and which column a click meets."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.text import fit
from ghl_triage.tui.spans import Line, Span, Tone
from ghl_triage.tui.viewmodels.rows import MARKS, Cells, Column, fitted


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns with the widths that they get in `width` cells; `sorted_by` is a column's sort and whether downwards."""

    columns: tuple[Column, ...] = ()
    sorted_by: tuple[str, bool] = ("", False)
    width: int = 0
    widths: tuple[int, ...] = ()

    def fitted_to(self, width: int) -> Grid:
        """The same columns in so many cells."""
        return Grid(self.columns, self.sorted_by, width, fitted(self.columns, width))

    def titles(self) -> Line:
        """The first line, with an arrow at the column that the rows are sorted by."""
        spans = [Span(" " * MARKS)]
        key, down = self.sorted_by
        for column, room in zip(self.columns, self.widths, strict=True):
            arrow = ("↓" if down else "↑") if column.sort and column.sort == key else ""
            text = fit(f"{column.title}{arrow}", room, right=column.right)
            spans.append(Span(text + " " * column.gap, Tone.TITLE if arrow else Tone.MUTED))
        return tuple(spans)

    def row(self, cells: Cells | None, mark: str, *, is_cursor: bool) -> Line:
        """A case as one line; empty cells where it is gone."""
        spans = [Span("▌" if is_cursor else " ", Tone.KEY), Span(f"{mark} ", Tone.GOOD)]
        for column, room in zip(self.columns, self.widths, strict=True):
            cell = cells.get(column.key) if cells else None
            text = fit(cell.text if cell else "", room, right=column.right)
            spans.append(Span(text + " " * column.gap, cell.tone if cell else Tone.MUTED))
        return tuple(spans)

    def column_at(self, x: int) -> Column | None:
        """The column under this cell of a line."""
        edge = MARKS
        for column, room in zip(self.columns, self.widths, strict=True):
            edge += room + column.gap
            if x < edge:
                return column
        return None
