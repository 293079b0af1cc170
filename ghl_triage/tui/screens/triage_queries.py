"""The main screen's questions to the store: asked in threads, answered by messages, old answers dropped."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from time import monotonic

from textual import work
from textual.worker import get_current_worker

from ghl_triage.errors import FilterError, StoreError, TriageError
from ghl_triage.model import ActionKind
from ghl_triage.text import clean, words
from ghl_triage.tui.data import DEFAULT_ORDER, Question
from ghl_triage.tui.messages import CaseRead, CountsFound, IdsFound, QueryFailed, SelectionSummed
from ghl_triage.tui.screens.acting import ActingScreen
from ghl_triage.tui.viewmodels.notice import notice_lines
from ghl_triage.tui.views import FacetsView
from ghl_triage.tui.widgets.case_table import CaseTable

SCREENFUL = 128
"""Rows that are shown while the rest of a long answer is still being read."""
AFTER_FIRST_PAINT = 0.05
"""Seconds between the first screenful and all that the threads then read."""
LET_IT_REST = 60.0
"""Seconds until a store that could not be read is looked at again."""
PATIENCE = 4.0
"""A refresh waits so many times the length of the last one: a sync that writes all the time must not eat the screen."""


class QueryingScreen(ActingScreen):
    """The state of the main screen, and how it is asked for."""

    table: CaseTable

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.sort = DEFAULT_ORDER
        self.question: Question | None = None
        self.generation = 0
        self.shown = 0
        self.asked = False
        self.facets: FacetsView | None = None
        self.refused: Mapping[ActionKind, str] = dict.fromkeys(ActionKind, "")
        self.selection_facts = SelectionSummed(0, {}, 0, frozenset(), ())
        self.wanted_row: int | None = None
        self.painted = False
        self._began_empty = True
        self._version = -1
        self._busy_until = 0.0
        self._broken = ""

    def show_fault(self, fault: FilterError | None) -> None:
        """Show or hide the fault of the filter."""
        raise NotImplementedError

    # Asking

    def start(self) -> None:
        """The first question: its first screenful is answered at once, so that the first paint has rows."""
        reader = self.home.gateway.reader()
        self.show_notice()
        if reader is None:
            return
        try:
            self._version = reader.data_version()
            self.home.store_opened(reader)
            self.question = self.home.gateway.question(self.text, self.sort)
            first = self.home.gateway.ids(self.question, SCREENFUL)
        except StoreError as fault:
            self.tell_broken(fault)
            return
        self.take_ids(IdsFound(self.generation, first, first=len(first) == SCREENFUL, refreshed=False))

    def tell_broken(self, fault: StoreError) -> None:
        """The store cannot be read: said once, and kept in sight where rows would stand. The screen stays."""
        self._busy_until = monotonic() + LET_IT_REST
        if str(fault) != self._broken:
            self._broken = str(fault)
            self.post_message(QueryFailed(self._broken))
        self.show_notice()

    def go_on(self) -> None:
        """After the first paint: threads would have taken turns with it."""
        self.painted = True
        self._began_empty = not self.table.ids
        self.home.painted()
        if self.question is not None:
            self.ask(refreshed=True)
            self.learn_values()

    def ask(self, *, refreshed: bool = False) -> None:
        """Ask for the rows of the filter as it stands; a filter that cannot be read keeps the last good result.

        `refreshed` leaves the cursor on its case.
        """
        try:
            self.question = self.home.gateway.question(self.text, self.sort)
        except FilterError as fault:
            self.show_fault(fault)
            return
        self.show_fault(None)
        self.generation += 1
        self.find(self.generation, self.question, first=not refreshed, refreshed=refreshed)

    def refresh_cases(self) -> None:
        if self.question is None:
            self.start()
            self.learn_values()
        self.ask(refreshed=True)

    def tick(self) -> None:
        """Once a second: what others wrote is read."""
        reader = self.home.gateway.reader()
        if reader is None or monotonic() < self._busy_until:
            return
        try:
            version = reader.data_version()
            if version == self._version and self.question is not None:
                return
            self._version = version
            self.home.store_opened(reader)
        except StoreError as fault:
            self.tell_broken(fault)
            return
        self._busy_until = monotonic() + 60
        self.home.cases_changed()

    @work(thread=True, group="ids", exclusive=True, exit_on_error=False)
    def find(self, generation: int, question: Question, *, first: bool, refreshed: bool) -> None:
        worker, gateway, began = get_current_worker(), self.home.gateway, monotonic()
        try:
            if first and not worker.is_cancelled:
                screenful = gateway.ids(question, SCREENFUL)
                whole = len(screenful) < SCREENFUL
                self.post_message(IdsFound(generation, screenful, first=not whole, refreshed=False))
                if whole:
                    self.count(generation, question, began)
                    return
            if not worker.is_cancelled:
                self.post_message(IdsFound(generation, gateway.ids(question), first=False, refreshed=refreshed))
            if not worker.is_cancelled:
                self.count(generation, question, began)
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    def count(self, generation: int, question: Question, began: float) -> None:
        """In the same thread, after the rows: what the header and the rail say."""
        counts = self.home.gateway.counts(question)
        if counts is not None:
            self.post_message(CountsFound(generation, counts.queue, counts.facets))
        self._busy_until = monotonic() + max(0.5, PATIENCE * (monotonic() - began))

    @work(thread=True, group="values", exclusive=True, exit_on_error=False)
    def learn_values(self) -> None:
        try:
            self.home.gateway.learn_values()
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    @work(thread=True, group="case", exclusive=True, exit_on_error=False)
    def read_case(self, row: int | None) -> None:
        if get_current_worker().is_cancelled:
            return
        try:
            self.post_message(CaseRead(row, self.home.gateway.casefile(row) if row is not None else None))
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    def sum_selection(self) -> None:
        """Ask what the marked rows come to, and which of them are out of sight."""
        self._sum(self.generation, frozenset(self.table.selection.rows), self.table.ids, self.selection_facts.queued)

    @work(thread=True, group="selection", exclusive=True, exit_on_error=False)
    def _sum(self, generation: int, marked: frozenset[int], ids: array[int], queued: frozenset[int]) -> None:
        if get_current_worker().is_cancelled:
            return
        try:
            facts = self.home.gateway.selection(marked, queued) if marked else None
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))
            return
        if facts is None:
            self.post_message(SelectionSummed(generation, {}, 0, frozenset(), ()))
            return
        left = tuple((row.row, row.email or row.subscription, row.stage) for row in facts.left)
        hidden = len(marked.difference(ids, (row for row, _, _ in left)))
        self.post_message(SelectionSummed(generation, facts.sums, hidden, facts.queued, left))

    # Taking answers in

    def take_ids(self, event: IdsFound) -> None:
        """Show rows, unless a newer question is under way."""
        if event.generation != self.generation:
            return
        if event.refreshed:
            self.table.show(event.ids, keep=self._kept_row())
        elif event.first or not self._goes_on(event):
            self.table.show(event.ids, keep=self.wanted_row)
        else:
            self.table.extend(event.ids)
        if not event.first:
            self.wanted_row = None
            self.asked = True
            self.shown = len(event.ids)
            if len(self.table.selection):
                self.sum_selection()
        self.show_notice()

    def _kept_row(self) -> int | None:
        """The case under the cursor at this moment. Where a first load brings case after case, nobody has chosen the
        one that came first: there the cursor stays at the top until it is moved."""
        if self.wanted_row is not None:
            return self.wanted_row
        return None if self._began_empty and not self.table.moved else self.table.cursor_row

    def _goes_on(self, event: IdsFound) -> bool:
        shown = self.table.ids
        return 0 < len(shown) <= len(event.ids) and event.ids[: len(shown)] == shown and self.wanted_row is None

    def take_selection(self, event: SelectionSummed) -> None:
        """Keep what the marked rows come to; those that left the queue leave the selection, with a word."""
        self.selection_facts = event
        if event.left:
            self.table.drop(iter([row for row, _, _ in event.left]))
            (_, who, stage), *others = event.left
            one = f"{clean(who)} is {words(stage)} now"
            self.say(f"{one}, {len(others)} more left the queue: no longer marked." if others else f"{one}: unmarked.")
            for _, who, stage in event.left:
                self.home.log_line(f"{who} is {stage} now: no longer marked")

    def show_notice(self) -> None:
        """Why there is no row, while there is none."""
        home = self.home
        filtered = self.question is not None and self.question.filtered
        store = self.question is not None
        self.table.set_notice(
            notice_lines(
                home.header.progress,
                store=store,
                filtered=filtered,
                asked=self.asked,
                stopped=home.header.stopped,
                broken=self._broken,
            )
        )
