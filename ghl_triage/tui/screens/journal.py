"""The journal: every request that changed something outside, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult

from ghl_triage.errors import TriageError
from ghl_triage.tui.keys import JOURNAL, Group
from ghl_triage.tui.messages import JournalRead, QueryFailed
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.spans import Span, Tone, line
from ghl_triage.tui.viewmodels.casefile import JournalLine
from ghl_triage.tui.viewmodels.journal import journal_lines, journal_size
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView


class JournalScreen(TriageScreen):
    """What was done, request by request."""

    CSS_PATH = "journal.tcss"
    GROUPS: ClassVar[tuple[Group, ...]] = (JOURNAL,)

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[JournalLine] | None = None

    def compose(self) -> ComposeResult:
        yield LineBar(lambda _w, _h: [(*self.titled("Journal"), journal_size(self._entries))], id="title")
        yield LinesView(lambda width, _h: journal_lines(self._entries, self.home.formats, width), id="entries")
        yield LineBar(lambda _w, _h: [line(Span(" esc", Tone.KEY), Span(" back", Tone.MUTED))], id="keys")

    def on_mount(self) -> None:
        self._read()

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
        self.query_one("#title", LineBar).rebuild()

    def action_back(self) -> None:
        self.dismiss()
