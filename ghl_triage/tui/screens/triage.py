"""The main screen: views, filter, table, detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from ghl_triage.errors import FilterError, StoreError
from ghl_triage.text import clean
from ghl_triage.tui.keys import ACT, REPORTS, SHARED, TRIAGE, bindings, row_letters
from ghl_triage.tui.messages import (
    CaseOpened,
    CaseRead,
    ColumnClicked,
    CountsFound,
    CursorMoved,
    EntryChosen,
    FilterAbandoned,
    FilterAccepted,
    FilterTyped,
    IdsFound,
    SelectionChanged,
    SelectionSummed,
)
from ghl_triage.tui.screens.acting import Targets
from ghl_triage.tui.screens.noticing import NoticingScreen
from ghl_triage.tui.screens.triage_queries import AFTER_FIRST_PAINT
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.detail import detail_lines
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.viewmodels.filter_text import toggled, with_view
from ghl_triage.tui.viewmodels.header import header_line
from ghl_triage.tui.viewmodels.key_bar import Marked, key_bar, shown_of
from ghl_triage.tui.viewmodels.rail import rail_entries
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


class MainScreen(NoticingScreen):
    """Everything that fails or will fail, and why."""

    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = bindings(ACT, TRIAGE, REPORTS, SHARED)

    def __init__(self) -> None:
        super().__init__()
        self._before: tuple[str, int | None] = ("", None)
        self._rest: Timer | None = None
        self.detail_of: int | None = None

    def compose(self) -> ComposeResult:
        yield LineBar(lambda width, _h: [header_line(self.home.header, self.home.formats, width)], id="header")
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
        self._show_rail()
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

    def _show_rail(self) -> None:
        self.rail.show(rail_entries(self.home.gateway.filters.VIEWS, self.facets, self.text))

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
        return [key_bar(marked, self.home.hints(self.refused), self.home.formats, width)]

    def show_keys(self) -> None:
        self.query_one("#keys", LineBar).rebuild()

    def show_header(self) -> None:
        self.query_one("#header", LineBar).rebuild()
        self.query_one("#count", LineBar).rebuild()

    # Filtering

    @on(FilterTyped)
    def _filter_typed(self, event: FilterTyped) -> None:
        self.text = event.text
        self.ask(keep=None)
        self._show_rail()

    @on(FilterAccepted)
    def _filter_accepted(self) -> None:
        self.table.focus()

    @on(FilterAbandoned)
    def _filter_abandoned(self) -> None:
        text, row = self._before
        self.wanted_row = row
        self.box.put(text)
        self.table.focus()

    def show_fault(self, fault: FilterError | None) -> None:
        """The fault under the box, an arrow below the place; nothing where the filter can be read."""
        bar = self.query_one("#fault", LineBar)
        bar.set_class(fault is not None, "-shown")
        if fault is not None:
            place = " " * (3 + min(fault.position, max(0, self.size.width - 40)))
            bar.show(lambda _w, _h: [line(Span(f"{place}▲ ", Tone.BAD), Span(clean(str(fault)), Tone.BAD))])

    def action_filter(self) -> None:
        self._before = (self.box.value, self.table.cursor_row)
        self.box.focus()

    def action_views(self) -> None:
        self.set_class(self.narrow and not self.has_class("-drawer"), "-drawer")
        self.rail.focus() if self.has_class("-drawer") or not self.narrow else self.table.focus()

    @on(EntryChosen)
    def _entry_chosen(self, event: EntryChosen) -> None:
        kind, _, value = event.key.partition(":")
        views = {view.slug: view.filter for view in self.home.gateway.filters.VIEWS}
        self.box.put(with_view(self.text, views[value]) if kind == "view" else toggled(self.text, kind, value))
        self.box.remember(self.box.value)
        if self.has_class("-drawer"):
            self._close_drawer()

    def _close_drawer(self) -> None:
        self.remove_class("-drawer")
        self.table.focus()

    # Answers

    @on(IdsFound)
    def _ids_found(self, event: IdsFound) -> None:
        self.take_ids(event)
        self.show_header()

    @on(CountsFound)
    def _counts_found(self, event: CountsFound) -> None:
        if event.generation == self.generation:
            self.facets = event.facets
            self._show_rail()
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
        self.ask(keep=None)

    def action_sync(self) -> None:
        self.home.sync_now()

    def action_journal(self) -> None:
        self.home.open_journal()

    def action_learn(self) -> None:
        self.home.open_learn()

    def action_back(self) -> None:
        if self.has_class("-drawer"):
            self._close_drawer()
        elif not self.table.has_focus:
            self.table.focus()
        elif self.table.selection.anchor is not None:
            self.table.action_range()
        elif self.box.value:
            self.box.put("")
        elif len(self.table.selection):
            self.table.clear_selection()
