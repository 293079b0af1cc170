"""Questions to the store, as plain functions: the screens ask them from threads, each with a reader of its own."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ghl_triage.errors import StoreError
from ghl_triage.model import QUEUE, ActionKind, Case, CaseRow, Raw
from ghl_triage.tui.keys import act_keys
from ghl_triage.tui.ports import FiltersPort, JournalPort, ReaderPort
from ghl_triage.tui.viewmodels.casefile import CaseFile, JournalLine
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.journal import JOURNAL_LIMIT
from ghl_triage.tui.views import ActionView, CutOffView, FacetsView, TotalsView

if TYPE_CHECKING:
    from ghl_triage.rights import Rights
    from ghl_triage.store.filters import CompiledFilter, FilterQuery, Sort
    from ghl_triage.store.journal import JournalEntry

DEFAULT_ORDER = "queue"
"""The order in which the store lists cases where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """A filter that could be read, and an order."""

    text: str
    query: FilterQuery
    where: CompiledFilter
    sort: Sort
    instead: Question | None = None
    """Asked where the answer is empty: the same without a last word that may yet become a qualifier."""

    @property
    def filtered(self) -> bool:
        """Whether it asks for anything but the queue."""
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class Counts:
    """The queue's sums, and the rail's counts for the filter."""

    queue: TotalsView
    facets: FacetsView


@dataclass(frozen=True, slots=True)
class SelectionFacts:
    """What the marked rows come to; `queued` those that wait in the queue, `left` those that no longer do."""

    sums: Mapping[str, int]
    queued: frozenset[int]
    left: tuple[CaseRow, ...]


class Gateway:
    """Answers the screens' questions. `readers` gives None while there is no store yet.

    `key` is the fingerprint of the Stripe key.
    """

    def __init__(
        self,
        readers: Callable[[], ReaderPort | None],
        filters: FiltersPort,
        display: Callable[[], Display],
        catalogue: Sequence[ActionView],
        journal: JournalPort,
        keymap: Mapping[str, str],
        key: str,
    ) -> None:
        self.filters = filters
        self.catalogue = catalogue
        self.keys = act_keys(keymap)
        self._key = key
        self._readers = readers
        self._display = display
        self._journal = journal
        self._threads = threading.local()
        self._values: Mapping[str, Sequence[str]] = {}

    def reader(self) -> ReaderPort | None:
        """This thread's reader, opened on first use."""
        reader: ReaderPort | None = getattr(self._threads, "reader", None)
        if reader is None:
            reader = self._threads.reader = self._readers()
        return reader

    def question(self, text: str, sort: str) -> Question:
        """The filter as a question. Raises FilterError, with the place of the fault."""
        query = self.filters.parse(text)
        where = self.filters.to_sql(query, self._display().now)
        rest, gap, word = text.rpartition(" ")
        unfinished = word.isalpha() and any(each.endswith(":") for each in self.filters.complete(word, len(word)))
        instead = self.question(rest + gap, sort) if unfinished else None
        order = self.filters.order_for(query, self.filters.parse_sort(sort))
        return Question(text, query, where, order, instead)

    def ids(self, question: Question, limit: int | None = None) -> array[int]:
        """The row numbers of the answer, in order."""
        reader = self.reader()
        found = reader.ids(question.where, question.sort, limit) if reader else array("q")
        return found if found or question.instead is None else self.ids(question.instead, limit)

    def rows(self, rows: Sequence[int]) -> list[CaseRow]:
        """What the table shows of these."""
        reader = self.reader()
        return reader.case_rows(rows) if reader and rows else []

    def acting_rows(self, rows: Sequence[int]) -> list[CaseRow]:
        """The same, without the actions for which the key lacks a right."""
        found, reader = self.rows(rows), self.reader()
        if reader is None or not self._lacks_rights(reader):
            return found
        rights = self.rights()
        cases = {case.subscription: case for case in reader.cases_of(rows)}
        return [_within(rights, row, cases.get(row.subscription)) for row in found]

    def never(self) -> dict[ActionKind, str]:
        """For each action that the key lets be done to no case at all, why."""
        reader = self.reader()
        if reader is None or not self._lacks_rights(reader):
            return {}
        rights = self.rights()
        reasons = ((action.kind, rights.never(action.kind)) for action in self.catalogue)
        return {kind: reason for kind, reason in reasons if reason}

    def may_only_read(self) -> bool:
        """Whether the key is known to have no right to write."""
        reader = self.reader()
        return reader is not None and self._lacks_rights(reader) and self.rights().read_only

    def _lacks_rights(self, reader: ReaderPort) -> bool:
        """Asked while the screen is drawn: of a damaged store nothing is known here, and the rows tell of it."""
        try:
            return reader.lacks_rights(self._key)
        except StoreError:
            return False

    def rights(self) -> Rights:
        """What the key may do, as far as the store knows."""
        from ghl_triage.rights import Rights

        reader = self.reader()
        return reader.rights(self._key) if reader else Rights()

    def counts(self, question: Question) -> Counts | None:
        """What the header and the rail count."""
        reader = self.reader()
        if reader is None:
            return None
        queue = self.question("", DEFAULT_ORDER).where
        return Counts(reader.totals(queue), reader.facets(question.query, self._display().now))

    def selection(self, rows: Iterable[int], queued_before: frozenset[int]) -> SelectionFacts | None:
        """What the marked rows come to, and which of them left the queue since the last look."""
        reader = self.reader()
        if reader is None:
            return None
        marked = sorted(rows)
        queue = frozenset(self.ids(self.question("", DEFAULT_ORDER)))
        left = self.rows([row for row in marked if row in queued_before and row not in queue])
        gone = {row.row for row in left if row.stage not in QUEUE}
        kept = [row for row in marked if row not in gone]
        sums = reader.sums(kept)
        return SelectionFacts(sums, queue & frozenset(kept), tuple(row for row in left if row.row in gone))

    def casefile(self, row: int, *, whole: bool = False) -> CaseFile | None:
        """All about one case; `whole` with its notes, its journal and its raw objects."""
        from ghl_triage.diagnosis.texts import sentence
        from ghl_triage.diagnosis.timeline import timeline

        reader = self.reader()
        rows = self.rows([row])
        case = reader.case(rows[0].subscription) if reader and rows else None
        if reader is None or case is None:
            return None
        records = reader.records(case.customer)
        lacking = self._lacking(case)
        raw: Sequence[Raw] = reader.raw_of_case(case.subscription) if whole else ()
        return CaseFile(
            row=row,
            case=case,
            sentence=sentence(case, money=self._display().money, keys=self.keys),
            timeline=timeline(records, case.subscription),
            refused=self._refused(case) | lacking,
            lacking=lacking,
            keys=self.keys,
            highlevel_read=reader.coverage().highlevel_subscriptions_read,
            notes=reader.notes(case.subscription) if whole else (),
            tags=reader.tags(case.subscription) if whole else (),
            journal=[*self.waiting(case.subscription), *self.journal(case.subscription)] if whole else (),
            raw=raw,
        )

    def _refused(self, case: Case) -> dict[ActionKind, str]:
        """For each action that the case does not allow now, why."""
        reasons = ((action.kind, action.applies(case)) for action in self.catalogue)
        return {kind: reason for kind, reason in reasons if reason}

    def _lacking(self, case: Case) -> dict[ActionKind, str]:
        """For each action that the case allows and the key does not, which right is missing."""
        rights = self.rights()
        allowed = (action.kind for action in self.catalogue if action.applies(case) is None)
        reasons = ((kind, rights.why_not(kind, case)) for kind in allowed)
        return {kind: reason for kind, reason in reasons if reason}

    def hanging(self) -> Sequence[CutOffView]:
        """The plans that were cut off, oldest first; for a thread. Raises TriageError."""
        return self._journal.hanging()

    def journal(self, subscription: str | None = None) -> list[JournalLine]:
        """What was done, newest first; of one case or of all."""
        return [_journal_line(entry) for entry in self._journal.entries(JOURNAL_LIMIT, case=subscription)]

    def waiting(self, subscription: str) -> list[JournalLine]:
        """What is to be done for a case once its customer has saved a card."""
        return [
            JournalLine(
                one.created, f"waits for the customer to save a card{', then retries' if one.retry else ''}", None
            )
            for one in self._journal.finishes()
            if one.subscription == subscription
        ]

    def subscriptions(self, rows: Sequence[int]) -> list[str]:
        """The subscriptions behind these row numbers, in their order; rows that are gone are left out."""
        found = {row.row: row.subscription for row in self.rows(rows)}
        return [found[row] for row in rows if row in found]

    def completions(self, text: str) -> list[str]:
        """What the text of the filter box may become, the likeliest first."""
        choices = self.filters.complete(text, len(text), self._values)
        whole = (self.filters.completed(text, len(text), choice)[0] for choice in choices)
        return [candidate for candidate in whole if candidate.startswith(text)]

    def learn_values(self) -> None:
        """Learn which currencies, prices and the like occur, for the completion."""
        reader = self.reader()
        if reader is not None:
            self._values = reader.values()


def _within(rights: Rights, row: CaseRow, case: Case | None) -> CaseRow:
    if row.possible is None or case is None:
        return row
    return replace(row, possible=tuple(kind for kind in row.possible if not rights.why_not(kind, case)))


_GOOD, _BAD = "done", ("declined", "failed")


def _journal_line(entry: JournalEntry) -> JournalLine:
    ok = True if entry.state == _GOOD else False if entry.state in _BAD else None
    words = [entry.shown or f"{entry.method} {entry.path}", str(entry.state)]
    words += [text for text in (entry.error, entry.request_id and f"request {entry.request_id}") if text]
    return JournalLine(entry.created, " · ".join(words), ok)
