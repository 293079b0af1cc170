"""One case whole: its history, its facts, its raw objects, its notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input
from textual.worker import get_current_worker

from ghl_triage.errors import TriageError
from ghl_triage.model import Path
from ghl_triage.tui.keys import ACT, CASE, SHARED, Group
from ghl_triage.tui.messages import CaseRead, NoteKept, PathSet, QueryFailed
from ghl_triage.tui.screens.acting import ActingScreen, Targets
from ghl_triage.tui.spans import BLANK, Line
from ghl_triage.tui.viewmodels.case import (
    facts_lines,
    gone_lines,
    raw_lines,
    state_lines,
    story_lines,
    verdict_lines,
)
from ghl_triage.tui.viewmodels.casefile import CaseFile
from ghl_triage.tui.viewmodels.key_bar import Marked, key_bar
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView

Neighbour = Callable[[int, int], int | None]
"""Gives the row number so many places beside one in the table, and moves the table's cursor there."""


class CaseScreen(ActingScreen):
    """Everything that is known of one subscription."""

    CSS_PATH = "case.tcss"
    AUTO_FOCUS = "#left"
    GROUPS: ClassVar[tuple[Group, ...]] = (CASE, ACT, SHARED)

    def __init__(self, row: int, neighbour: Neighbour) -> None:
        super().__init__()
        self._row = row
        self._neighbour = neighbour
        self._casefile: CaseFile | None = None
        self._read_once = False
        self._raw = False

    def compose(self) -> ComposeResult:
        yield self.header_bar()
        yield LinesView(self._head, id="head")
        with Horizontal(id="columns"):
            yield LinesView(self._left, id="left")
            yield LinesView(self._right, id="right")
        yield Input(placeholder="note: enter keeps it, esc leaves it", id="note", compact=True)
        yield LineBar(self._key_line, id="keys")

    def on_mount(self) -> None:
        self.query_one("#head").can_focus = False
        self._read(self._row)

    def on_resize(self) -> None:
        self._show()

    def refresh_cases(self) -> None:
        self._read(self._row)

    @work(thread=True, group="case", exclusive=True, exit_on_error=False)
    def _read(self, row: int) -> None:
        if get_current_worker().is_cancelled:
            return
        try:
            self.post_message(CaseRead(row, self.home.gateway.casefile(row, whole=True)))
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    @on(CaseRead)
    def _case_read(self, event: CaseRead) -> None:
        if event.row == self._row:
            self._read_once = True
            self._casefile = event.casefile
            self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        self.query_one("#head").styles.height = len(self._head(self.size.width - 1, 0)) + 1
        for view in self.query(LinesView):
            view.rebuild()
        for bar in self.query(LineBar):
            bar.rebuild()

    # Lines

    def _head(self, width: int, _height: int) -> list[Line]:
        if self._casefile is None:
            return gone_lines() if self._read_once else []
        state = state_lines(self._casefile, self.home.formats, width)
        verdict = verdict_lines(self._casefile, width)
        return [*state, BLANK, *verdict] if self._verdict_fits(verdict) else state

    def _verdict_fits(self, verdict: Sequence[Line]) -> bool:
        """Whether why and what next stand above the columns; else they begin the left one, which can be scrolled."""
        return len(verdict) + 4 <= self.size.height * 2 // 5

    def _left(self, width: int, _height: int) -> list[Line]:
        if self._casefile is None:
            return []
        if self._raw:
            return raw_lines(self._casefile.raw)
        rows = story_lines(self._casefile, self.home.formats, width)
        if not self._verdict_fits(verdict_lines(self._casefile, self.size.width - 1)):
            rows = [*verdict_lines(self._casefile, width), BLANK, *rows]
        return [*rows, BLANK, *facts_lines(self._casefile, self.home.formats, width)] if self.narrow else rows

    def _right(self, width: int, _height: int) -> list[Line]:
        return facts_lines(self._casefile, self.home.formats, width) if self._casefile else []

    def _key_line(self, width: int, _height: int) -> list[Line]:
        refused = self._casefile.refused if self._casefile else {}
        return [key_bar(Marked(), self.home.case_hints(refused), self.home.formats, width)]

    # Keys

    def targets(self) -> Targets:
        return Targets([self._row])

    def current_row(self) -> int | None:
        return self._row

    def action_step(self, step: int) -> None:
        row = self._neighbour(self._row, step)
        if row is None:
            self.say("That was the last case." if step > 0 else "That was the first case.")
            return
        self._row = row
        self.query_one("#left", LinesView).put_on_top(0)
        self.query_one("#right", LinesView).put_on_top(0)
        self._read(row)

    def action_raw(self) -> None:
        self._raw = not self._raw
        left = self.query_one("#left", LinesView)
        left.rebuild()
        left.put_on_top(0)
        left.focus()

    def action_note(self) -> None:
        note = self.query_one("#note", Input)
        note.add_class("-shown")
        note.focus()

    @on(Input.Submitted, "#note")
    def _note_written(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text and self._casefile is not None:
            self._keep_note(self._casefile.case.subscription, text)
        self._leave_note()

    def action_path(self) -> None:
        from ghl_triage.tui.screens.choice import ChoiceScreen
        from ghl_triage.tui.viewmodels.learn import override_entries

        casefile = self._casefile
        if casefile is None or self.home.lessons is None:
            return
        case = casefile.case

        def set_path(choice: str | None) -> None:
            if choice is not None:
                self._set_path(case.subscription, choice)

        entries = override_entries(case.path, case.path_confidence, case.path_evidence, 68)
        self.app.push_screen(ChoiceScreen("How was it sold?", entries), set_path)

    @work(thread=True, group="path", exit_on_error=False)
    def _set_path(self, subscription: str, choice: str) -> None:
        from ghl_triage.tui.viewmodels.learn import AUTO

        lessons = self.home.lessons
        if lessons is None:
            return
        try:
            lessons.set_path(subscription, None if choice == AUTO else Path(choice))
            self.post_message(PathSet(choice != AUTO, None))
        except TriageError as fault:
            self.post_message(PathSet(choice != AUTO, f"The path was not set: {fault}"))

    @on(PathSet)
    def _path_set(self, event: PathSet) -> None:
        if event.fault:
            self.say(event.fault, "error")
        else:
            self.say("The path is set by hand." if event.by_hand else "The path is left to the signs again.")
        self.home.cases_changed()

    def _leave_note(self) -> None:
        note = self.query_one("#note", Input)
        note.value = ""
        note.remove_class("-shown")
        self.query_one("#left").focus()

    @work(thread=True, group="note", exit_on_error=False)
    def _keep_note(self, subscription: str, text: str) -> None:
        try:
            self.home.notes.add_note(subscription, text)
            self.post_message(NoteKept(None))
        except TriageError as fault:
            self.post_message(NoteKept(f"The note was not kept: {fault}"))

    @on(NoteKept)
    def _note_kept(self, event: NoteKept) -> None:
        if event.fault:
            self.say(event.fault, "error")
        self._read(self._row)

    def action_back(self) -> None:
        if self.query_one("#note").has_class("-shown"):
            self._leave_note()
        elif self._raw:
            self.action_raw()
        else:
            self.dismiss()
