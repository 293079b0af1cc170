"""The help: every key of the table of keys, and the filter's words; typing searches."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.spans import Span, Tone, line
from ghl_triage.tui.viewmodels.help import help_lines
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView


class HelpScreen(TriageScreen):
    """Which key does what, as the keys are bound now."""

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("down", "scroll(1)", show=False, priority=True),
        Binding("up", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(10)", show=False, priority=True),
        Binding("pageup", "scroll(-10)", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        hint = Span("   type to search, esc back", Tone.MUTED)
        yield LineBar(lambda _w, _h: [line(*self.titled("Help"), hint)], id="title")
        yield Input(placeholder="search", id="search", compact=True)
        yield LinesView(
            lambda width, _h: help_lines(self.query_one("#search", Input).value, self.home.settings.keymap, width),
            id="help",
        )

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#help", LinesView).rebuild()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help", LinesView).scroll_relative(y=lines, animate=False)

    def action_back(self) -> None:
        self.dismiss()
