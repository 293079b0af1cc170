"""The main screen: views, filter, table, detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from ghl_triage.errors import StoreError
from ghl_triage.model import ActionKind
from ghl_triage.tui.keys import ACT, REPORTS, SHARED, TRIAGE, Group, row_letters
from ghl_triage.tui.messages import (
    CaseOpened,
    CaseRead,
    ColumnClicked,
    CountsFound,
    CursorMoved,
    IdsFound,
    SelectionChanged,
    SelectionSummed,
)
from ghl_triage.tui.screens.acting import Targets
from ghl_triage.tui.screens.filtering import FilteringScreen
from ghl_triage.tui.screens.triage_queries import AFTER_FIRST_PAINT
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.detail import detail_lines
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.viewmodels.key_bar import Marked, key_bar, shown_of
from ghl_triage.tui.viewmodels.rows import cells, columns, key_cells
from ghl_triage.tui.widgets.case_table import CaseTable
from ghl_triage.tui.widgets.filter_box import FilterBox
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView
from ghl_triage.tui.widgets.pick_list import PickList

REST = 0.08
"""Seconds that the cursor must rest before the detail pane follows it."""
SORTS = (
    ("queue", "what comes first"),
    ("amount", "amount at risk"),
    ("age", "age"),
    ("next", "next retry"),
    ("trial-end", "end of the trial"),
    ("customer", "customer"),
    ("cause", "cause"),
    ("path", "path"),
    ("status", "status"),
)


class MainScreen(FilteringScreen):
    """Everything that fails or will fail, and why."""

    AUTO_FOCUS = "#table"
    GROUPS: ClassVar[tuple[Group, ...]] = (TRIAGE, ACT, SHARED, REPORTS)

    def __init__(self) -> None:
        super().__init__()
        self._rest: Timer | None = None
        self.detail_of: int | None = None

    def compose(self) -> ComposeResult:
        yield self.header_bar()
        with Horizontal(id="filter-line"):
            yield LineBar(lambda _w, _h: [line(Span(" / ", Tone.KEY))], id="slash")
            yield FilterBox(self.home.gateway.completions, id="filter")
            yield LineBar(self._count_line, id="count")
        yield LineBar(id="fault")
        yield LineBar(id="hanging")
        with Horizontal(id="body"):
            yield PickList(id="rail")
            with Vertical(id="main"):
                yield CaseTable(self._cells, id="table")
                yield LineBar(lambda width, _h: [line(Span("─" * width, Tone.RULE))], id="rule")
                yield LinesView(id="detail")
        yield LineBar(self._key_line, id="keys")

    def on_mount(self) -> None:
        self._key_cells = key_cells(row_letters(self.home.settings.keymap))
        self.table = self.query_one("#table", CaseTable)
        self.detail = self.query_one("#detail", LinesView)
        self.rail = self.query_one("#rail", PickList)
        self.box = self.query_one("#filter", FilterBox)
        self._show_columns()
        self.show_rail()
        self.start()
        self.call_after_refresh(self.set_timer, AFTER_FIRST_PAINT, self.go_on)
        self.set_interval(1.0, self.tick)

    def on_resize(self) -> None:
        if self.is_mounted:
            self._show_columns()

    # What the parts show

    def _cells(self, rows: Sequence[int]) -> list[tuple[int, dict[str, Span]]]:
        display, keys = self.home.formats, self._key_cells
        try:
            found = self.home.gateway.acting_rows(rows)
        except StoreError as fault:
            self.call_later(self.tell_broken, fault)
            return []
        return [(row.row, dict(cells(row, display, keys))) for row in found]

    def _show_columns(self) -> None:
        sort = self.home.gateway.filters.parse_sort(self.sort)
        shown = columns(narrow=self.narrow, read_only=self.home.settings.read_only)
        self.table.set_columns(shown, (str(sort.key), sort.descending))

    def _count_line(self, width: int, _height: int) -> list[Line]:
        if not self.asked or not self.home.header.totals:
            return []
        whole = self.home.header.totals.count
        filtered = self.question is not None and self.question.filtered and self.shown <= whole
        text = f"{shown_of(self.shown, whole, filtered)} "
        return [line(Span(text.rjust(width), Tone.MUTED))]

    def _key_line(self, width: int, _height: int) -> list[Line]:
        selection = self.table.selection
        facts = self.selection_facts
        marked = Marked(len(selection), facts.hidden, facts.sums, range_open=selection.anchor is not None)
        refused = self.refused if self.table.cursor_row is not None else dict.fromkeys(ActionKind, "")
        return [key_bar(marked, self.home.hints(refused), self.home.formats, width)]

    def show_keys(self) -> None:
        self.query_one("#keys", LineBar).rebuild()

    def show_header(self) -> None:
        super().show_header()
        self.query_one("#count", LineBar).rebuild()

    # Answers

    @on(IdsFound)
    def _ids_found(self, event: IdsFound) -> None:
        self.take_ids(event)
        self.show_header()

    @on(CountsFound)
    def _counts_found(self, event: CountsFound) -> None:
        if event.generation == self.generation:
            self.facets = event.facets
            self.show_rail()
        currencies = event.facets.currency
        self.home.counted(event.totals, currencies[0][0] if currencies else "")
        self.show_header()

    @on(SelectionSummed)
    def _selection_summed(self, event: SelectionSummed) -> None:
        self.take_selection(event)
        self.show_keys()

    # The cursor

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        if not self.painted:
            return
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, lambda: self.read_case(event.row))

    @on(CaseRead)
    def _case_read(self, event: CaseRead) -> None:
        if event.row != self.table.cursor_row and event.casefile is not None:
            return
        casefile = event.casefile
        other, self.detail_of = event.row != self.detail_of, event.row
        self.refused = casefile.refused if casefile else {}
        if casefile is None:
            self.detail.show(lambda _w, _h: [])
        else:
            self.detail.show(lambda width, height: detail_lines(casefile, self.home.formats, width, height), top=other)
        self.show_keys()

    @on(SelectionChanged)
    def _selection_changed(self) -> None:
        self.show_keys()
        self.sum_selection()

    @on(CaseOpened)
    def _case_opened(self, event: CaseOpened) -> None:
        from ghl_triage.tui.screens.case import CaseScreen

        self.app.push_screen(CaseScreen(event.row, self.neighbour))

    def neighbour(self, row: int, step: int) -> int | None:
        """The case beside this one in the table, which the cursor then stands on."""
        index = self.table.index_of(row)
        place = self.table.cursor if index is None else index + step
        if not 0 <= place < len(self.table.ids):
            return None
        self.table.cursor = place
        return self.table.cursor_row

    def targets(self) -> Targets:
        marked = self.table.selection.rows
        if not marked:
            row = self.table.cursor_row
            return Targets([] if row is None else [row])
        shown = [row for row in self.table.ids if row in marked]
        return Targets(shown, sorted(marked.difference(shown)))

    def current_row(self) -> int | None:
        return self.table.cursor_row

    # Other keys

    def action_sort(self) -> None:
        from ghl_triage.tui.screens.choice import ChoiceScreen

        now = self.home.gateway.filters.parse_sort(self.sort)
        entries = [
            Entry(title, key, "turn round" if key == now.key else "", active=key == now.key) for key, title in SORTS
        ]
        self.app.push_screen(ChoiceScreen("Sort by", entries), self._sort_by)

    @on(ColumnClicked)
    def _column_clicked(self, event: ColumnClicked) -> None:
        self._sort_by(event.key)

    def _sort_by(self, key: str | None) -> None:
        if key is None:
            return
        now = self.home.gateway.filters.parse_sort(self.sort)
        self.sort = str(now.flipped if key == now.key else self.home.gateway.filters.parse_sort(key))
        self._show_columns()
        self.ask()

    def action_sync(self) -> None:
        self.home.sync_now()

    def action_journal(self) -> None:
        self.home.open_journal()

    def action_learn(self) -> None:
        self.home.open_learn()

    def action_back(self) -> None:
        if self.has_class("-drawer"):
            self.close_drawer()
        elif not self.table.has_focus:
            self.table.focus()
        elif self.table.selection.anchor is not None:
            self.table.action_range()
        elif self.box.value:
            self.box.put("")
        elif len(self.table.selection):
            self.table.clear_selection()
