"""The journal: every request that changed something outside, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ghl_triage.errors import TriageError
from ghl_triage.tui.messages import JournalRead, QueryFailed
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.casefile import JournalLine
from ghl_triage.tui.viewmodels.journal import journal_lines
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView


class JournalScreen(TriageScreen):
    """What was done, request by request."""

    CSS_PATH = "journal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,l", "back", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[JournalLine] = ()

    def compose(self) -> ComposeResult:
        yield LineBar(lambda _w, _h: [self.titled("Journal")], id="title")
        yield LinesView(self._lines, id="entries")
        yield LineBar(lambda _w, _h: [line(Span(" esc", Tone.KEY), Span(" back", Tone.MUTED))], id="keys")

    def on_mount(self) -> None:
        self._read()

    def _lines(self, width: int, _height: int) -> list[Line]:
        return journal_lines(self._entries, self.home.formats, width)

    @work(thread=True, group="journal", exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        try:
            self.post_message(JournalRead(self.home.gateway.journal()))
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    @on(JournalRead)
    def _journal_read(self, event: JournalRead) -> None:
        self._entries = event.entries
        self.query_one("#entries", LinesView).rebuild()

    def action_back(self) -> None:
        self.dismiss()
