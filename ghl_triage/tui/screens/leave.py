"""Asked when somebody quits while a plan runs."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from ghl_triage.tui.spans import Span, Tone, line
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.toned import TONE_CLASSES


class LeaveScreen(ModalScreen[bool]):
    """Gives True for leaving after the case in hand."""

    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES
    CSS_PATH = "leave.tcss"
    AUTO_FOCUS = "#stay"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("escape,n,q", "answer(False)", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="question"):
            yield LineBar(lambda _w, _h: [line(Span("A plan is running.", Tone.STRONG))])
            yield LineBar(
                lambda _w, _h: [line(Span("y", Tone.KEY), " stops it and quits: what was sent is finished first.")]
            )
            yield LineBar(lambda _w, _h: [line("The rest is left undone, and the journal says so.")])
            yield Button("Stay", id="stay", compact=True)

    @on(Button.Pressed)
    def _stayed(self) -> None:
        self.dismiss(False)

    def action_answer(self, leave: bool) -> None:
        self.dismiss(leave)
