"""The table of cases: a virtual view over an array of row numbers, pages fetched as they come into sight.

Only what is on the screen is ever fetched, laid out or painted, so a hundred thousand cases cost what fifty do.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ghl_triage.tui.keys import TABLE, bindings
from ghl_triage.tui.messages import CaseOpened, ColumnClicked, CursorMoved, SelectionChanged
from ghl_triage.tui.spans import Line, Span, width_of
from ghl_triage.tui.viewmodels.grid import Grid
from ghl_triage.tui.viewmodels.rows import MARKS, Cells, Column
from ghl_triage.tui.widgets.selection import Selection
from ghl_triage.tui.widgets.toned import Toned

PAGE = 48
"""Rows fetched at once: more than a screenful, so that a key mostly finds its row in memory."""

Fetch = Callable[[Sequence[int]], Sequence[tuple[int, Cells]]]
"""Gives the cells of these row numbers; rows that are gone are left out."""


class CaseTable(ScrollView, Toned, can_focus=True, inherit_bindings=False):
    """Rows with a cursor and a selection that stay on their cases, whatever comes and goes around them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "case-table--cursor",
        "case-table--blurred-cursor",
        "case-table--header",
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings(TABLE)
    DEFAULT_CSS = """
    CaseTable { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; height: 1fr; }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    def __init__(self, fetch: Fetch, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self._ids: array[int] = array("q")
        self._grid = Grid()
        self._pages: LRUCache[int, dict[int, Cells]] = LRUCache(32)
        self._strips: LRUCache[tuple[int, bool, str], Strip] = LRUCache(2048)
        self._notice: Sequence[Line] = ()
        self.selection = Selection()
        self.moved = False
        """Whether the user ever moved the cursor."""

    # What is shown

    @property
    def ids(self) -> array[int]:
        """The row numbers in the order shown."""
        return self._ids

    @property
    def cursor_row(self) -> int | None:
        """The row number under the cursor."""
        return self._ids[self.cursor] if 0 <= self.cursor < len(self._ids) else None

    @property
    def page_size(self) -> int:
        """How many rows are in sight."""
        return max(1, self.size.height - 1)

    def show(self, ids: array[int], *, keep: int | None = None) -> None:
        """Show these rows. `keep` is the row number that the cursor shall stand on, with the view unmoved around it."""
        offset = self.cursor - self.scroll_offset.y
        self._ids = ids
        self._pages.clear()
        self._strips.clear()
        self._resize_to_content()
        if keep is None:
            self._jump(0, 0)
        else:
            index = self.index_of(keep)
            self._jump(min(self.cursor, max(0, len(ids) - 1)) if index is None else index, offset)
        self.refresh()
        self.post_message(CursorMoved(self.cursor_row))

    def extend(self, ids: array[int]) -> None:
        """Show more rows after the same first ones: nothing that is in sight moves."""
        self._ids = ids
        self._resize_to_content()
        self._pages.clear()
        self.refresh()

    def reload(self) -> None:
        """Fetch what is shown again: its rows changed in the store."""
        self._pages.clear()
        self._strips.clear()
        self.refresh()

    def set_columns(self, columns: tuple[Column, ...], sorted_by: tuple[str, bool]) -> None:
        """Which columns, and by which one the rows are sorted (its key, and whether downwards)."""
        if (columns, sorted_by) != (self._grid.columns, self._grid.sorted_by):
            self._grid = Grid(columns, sorted_by)
            self._lay_out()

    def set_notice(self, lines: Sequence[Line]) -> None:
        """What stands in the middle while there is no row."""
        if lines != self._notice:
            self._notice = lines
            if not self._ids:
                self.refresh()

    def index_of(self, row: int) -> int | None:
        """Where this row number stands."""
        try:
            return self._ids.index(row)
        except ValueError:
            return None

    # Painting

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._lay_out()
        self.call_after_refresh(self._scroll_to_cursor)

    def _lay_out(self) -> None:
        self._fit(self.size.width)
        self._resize_to_content()
        self.refresh()

    def _fit(self, width: int) -> None:
        self._grid = self._grid.fitted_to(width)
        self._strips.clear()

    def _resize_to_content(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._ids) + 1)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if width != self._grid.width:
            # The first frame is painted before the resize is told.
            self._fit(width)
        if y == 0:
            return self.strip_of(self._grid.titles(), width, self.get_component_rich_style("case-table--header"))
        index = y - 1 + self.scroll_offset.y
        if index >= len(self._ids):
            return self._notice_strip(y, width)
        row = self._ids[index]
        is_cursor = index == self.cursor
        mark = self.selection.mark(row, index, self.cursor)
        key = (row, is_cursor, mark)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._paint(index, row, is_cursor, mark, width)
        return strip

    def _paint(self, index: int, row: int, is_cursor: bool, mark: str, width: int) -> Strip:
        over = self._cursor_style() if is_cursor else None
        return self.strip_of(self._grid.row(self._cells_at(index, row), mark, is_cursor=is_cursor), width, over)

    def _cursor_style(self) -> Style:
        name = "case-table--cursor" if self.has_focus else "case-table--blurred-cursor"
        return self.get_component_rich_style(name)

    def _cells_at(self, index: int, row: int) -> Cells | None:
        number = index // PAGE
        page = self._pages.get(number)
        if page is None:
            wanted = self._ids[number * PAGE : (number + 1) * PAGE]
            page = self._pages[number] = dict(self._fetch(wanted))
        return page.get(row)

    def _notice_strip(self, y: int, width: int) -> Strip:
        top = max(2, (self.size.height - len(self._notice)) // 3)
        if self._ids or not top <= y < top + len(self._notice):
            return Strip.blank(width, self.rich_style)
        spans = self._notice[y - top]
        return self.strip_of((Span(" " * max(0, (width - width_of(spans)) // 2)), *spans), width)

    def watch_has_focus(self, _focused: bool) -> None:
        self._strips.clear()
        super().watch_has_focus(_focused)

    # Moving

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._ids) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self.moved = self.moved or old != new
        if self.selection.anchor is None:
            for index in (old, new):
                self.refresh(Region(0, index - self.scroll_offset.y + 1, self.size.width, 1))
        else:
            self.refresh()
        self._scroll_to_cursor()
        self.post_message(CursorMoved(self.cursor_row))

    def _scroll_to_cursor(self) -> None:
        top, page = self.scroll_offset.y, self.page_size
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, immediate=True)

    def _jump(self, index: int, offset: int) -> None:
        self.set_reactive(CaseTable.cursor, max(0, min(index, len(self._ids) - 1)))
        self.scroll_to(y=self.cursor - offset, animate=False, immediate=True)
        self._scroll_to_cursor()

    def action_move(self, rows: int) -> None:
        self.cursor += rows

    def action_page(self, pages: float) -> None:
        self.cursor += round(self.page_size * pages)

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = len(self._ids) - 1

    def action_open(self) -> None:
        if self.cursor_row is not None:
            self.post_message(CaseOpened(self.cursor_row))

    # Selecting

    def action_mark(self) -> None:
        if self.cursor_row is not None:
            self.selection.toggle(self.cursor_row)
            self._selection_changed()
            self.cursor += 1

    def action_all(self) -> None:
        self.selection.add_or_drop_all(self._ids)
        self._selection_changed()

    def action_range(self) -> None:
        if self.selection.close_range(self._ids, self.cursor):
            self._selection_changed()
        else:
            self.selection.anchor = self.cursor
            self.refresh()

    def clear_selection(self) -> None:
        """Mark nothing."""
        self.selection.clear()
        self._selection_changed()

    def drop(self, rows: Iterator[int]) -> None:
        """Take the marks off these rows."""
        self.selection.discard(rows)
        self._selection_changed()

    def _selection_changed(self) -> None:
        self.refresh()
        self.post_message(SelectionChanged(len(self.selection)))

    # The mouse

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            column = self._grid.column_at(event.x)
            if column is not None and column.sort:
                self.post_message(ColumnClicked(column.sort))
            return
        index = event.y - 1 + self.scroll_offset.y
        if index >= len(self._ids):
            return
        was, self.cursor = self.cursor, index
        if event.x < MARKS:
            self.selection.toggle(self._ids[index])
            self._selection_changed()
        elif was == index and event.chain > 1:
            self.action_open()
