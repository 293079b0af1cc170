"""The filter box, the rail beside it, and the fault under it."""

from __future__ import annotations

from textual import on

from ghl_triage.errors import FilterError
from ghl_triage.text import clean
from ghl_triage.tui.messages import EntryChosen, FilterAbandoned, FilterAccepted, FilterTyped
from ghl_triage.tui.screens.noticing import NoticingScreen
from ghl_triage.tui.spans import Span, Tone, line
from ghl_triage.tui.viewmodels.filter_text import toggled, with_view
from ghl_triage.tui.viewmodels.rail import rail_entries
from ghl_triage.tui.widgets.filter_box import FilterBox
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.pick_list import PickList


class FilteringScreen(NoticingScreen):
    """A screen whose cases are narrowed down by what is typed, and by what is chosen from the rail."""

    box: FilterBox
    rail: PickList

    def __init__(self) -> None:
        super().__init__()
        self._before: tuple[str, int | None] = ("", None)

    def show_rail(self) -> None:
        """The views and facets with their counts, those of the filter marked."""
        self.rail.show(rail_entries(self.home.gateway.filters.VIEWS, self.facets, self.text))

    @on(FilterTyped)
    def _filter_typed(self, event: FilterTyped) -> None:
        self.text = event.text
        self.ask()
        self.show_rail()

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
        # Not `focus`, which waits its turn: over a slow line the letters after the slash come with it.
        self.set_focus(self.box)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            return self.focused is not self.box
        return super().check_action(action, parameters)

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
            self.close_drawer()

    def close_drawer(self) -> None:
        """Give the table its room and the keys back."""
        self.remove_class("-drawer")
        self.table.focus()
