"""A small menu over the screen: what to copy, what to sort by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ghl_triage.tui.messages import EntryChosen
from ghl_triage.tui.spans import Span, Tone, line
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.pick_list import PickList
from ghl_triage.tui.widgets.toned import TONE_CLASSES


class ChoiceScreen(ModalScreen[str | None]):
    """Gives the key of the entry that was chosen, or None."""

    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES
    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", show=False)]

    def __init__(self, title: str, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._title = title
        self._entries = entries

    def compose(self) -> ComposeResult:
        with Vertical(id="menu"):
            yield LineBar(lambda _w, _h: [line(Span(f" {self._title}", Tone.TITLE))])
            yield PickList(id="choices")

    def on_mount(self) -> None:
        choices = self.query_one("#choices", PickList)
        choices.show(self._entries)
        choices.styles.height = len(self._entries)

    @on(EntryChosen)
    def _chosen(self, event: EntryChosen) -> None:
        if self.is_current:  # two keys in a row choose twice
            self.dismiss(event.key)

    def action_cancel(self) -> None:
        self.dismiss(None)
