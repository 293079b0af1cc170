"""A list to choose from: the rail, and the menus for copying and sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ghl_triage.text import cells_of, clip
from ghl_triage.tui.messages import EntryChosen
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, spread
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.widgets.toned import Toned


class PickList(ScrollView, Toned, can_focus=True, inherit_bindings=False):
    """Entries with a cursor that steps over the headings and stays on its entry when the counts change."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick-list--cursor"}
    DEFAULT_CSS = "PickList { overflow-x: hidden; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("g,home", "edge(1)", show=False),
        Binding("G,end", "edge(-1)", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    cursor: reactive[int] = reactive(0)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: Sequence[Entry] = ()

    @property
    def entries(self) -> Sequence[Entry]:
        """What can be chosen, headings included."""
        return self._entries

    def show(self, entries: Sequence[Entry]) -> None:
        """Replace the entries; the cursor stays on the entry of the same key."""
        if entries == self._entries:
            return
        key = self._entries[self.cursor].key if self.cursor < len(self._entries) else ""
        self._entries = entries
        self.virtual_size = Size(self.size.width, len(entries))
        index = next((place for place, entry in enumerate(entries) if key and entry.key == key), None)
        self.cursor = index if index is not None else next(iter(self._choosable()), 0)
        self.refresh()

    def _choosable(self) -> list[int]:
        return [place for place, entry in enumerate(self._entries) if entry.key]

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self._entries):
            return self.strip_of(BLANK, width)
        entry = self._entries[index]
        over = None
        if index == self.cursor and self.has_focus:
            over = self.get_component_rich_style("pick-list--cursor")
        return self.strip_of(self._line(entry, width, index == self.cursor and self.has_focus), width, over)

    def _line(self, entry: Entry, width: int, under_cursor: bool) -> Line:
        if not entry.key:
            return (Span(f" {entry.label}", Tone.TITLE),)
        mark = "▸" if entry.active else "▌" if under_cursor else " "
        tone = Tone.STRONG if entry.active else Tone.TEXT
        # What stands at the right gives way to the label, but never by more than half of the line.
        count = clip(entry.count, max(width // 2, width - cells_of(entry.label) - 5))
        return spread((Span(f" {mark} ", Tone.KEY), Span(entry.label, tone)), (Span(f"{count} ", Tone.MUTED),), width)

    def watch_cursor(self, _old: int, new: int) -> None:
        height = self.size.height
        if new < self.scroll_offset.y:
            self.scroll_to(y=0 if new <= 1 else new, animate=False, immediate=True)
        elif height and new >= self.scroll_offset.y + height:
            self.scroll_to(y=new - height + 1, animate=False, immediate=True)

    def action_move(self, by: int) -> None:
        places = self._choosable()
        ahead = [place for place in places if (place > self.cursor if by > 0 else place < self.cursor)]
        if ahead:
            self.cursor = ahead[0] if by > 0 else ahead[-1]

    def action_edge(self, side: int) -> None:
        places = self._choosable()
        if places:
            self.cursor = places[0 if side > 0 else -1]

    def action_choose(self) -> None:
        if self.cursor < len(self._entries) and self._entries[self.cursor].key:
            self.post_message(EntryChosen(self._entries[self.cursor].key))

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self._entries) and self._entries[index].key:
            self.cursor = index
            self.action_choose()
