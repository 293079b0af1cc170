"""What happened, in the past tense: the words between widgets, screens, workers and the app."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from ghl_triage.model import Stage, StepResult, SyncProgress
from ghl_triage.tui.viewmodels.casefile import CaseFile, JournalLine
from ghl_triage.tui.views import CutOffView, FacetsView, PlanView, SettledView, TotalsView

if TYPE_CHECKING:
    from ghl_triage.kind import Kind


class Latest(Message, bubble=False):
    """News of which only the newest counts: a queued older one is dropped."""

    def can_replace(self, message: Message) -> bool:
        return type(message) is type(self)


@dataclass
class CursorMoved(Message):
    """The table's cursor stands on another case, or on none."""

    row: int | None

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CursorMoved)


@dataclass
class CaseOpened(Message):
    """The user wants to see this case whole."""

    row: int


@dataclass
class SelectionChanged(Message):
    """Other cases are marked than before."""

    count: int

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SelectionChanged)


@dataclass
class ColumnClicked(Message):
    """The user clicked on a column's title."""

    key: str


@dataclass
class EntryChosen(Message):
    """The user chose an entry of a list; `key` is what the list's maker gave it."""

    key: str


@dataclass
class FilterTyped(Message):
    """The text in the filter box changed."""

    text: str


@dataclass
class FilterAccepted(Message):
    """The user is done with the filter box and wants the table."""

    text: str


class FilterAbandoned(Message):
    """The user wants back what was before he opened the filter box."""


@dataclass
class IdsFound(Latest):
    """The rows of a filter, in order. `first` is the first screenful of them, shown while the rest is read.

    `generation` is that of the question: the answer to an older question is dropped.
    """

    generation: int
    ids: array[int]
    first: bool
    refreshed: bool

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, IdsFound) and message.generation < self.generation


@dataclass
class CountsFound(Latest):
    """Sums of the whole queue, and the rail's counts for the filter of the question."""

    generation: int
    totals: TotalsView
    facets: FacetsView


@dataclass
class SelectionSummed(Latest):
    """What the marked cases come to, and which of them are out of sight or left the queue."""

    generation: int
    sums: Mapping[str, int]
    hidden: int
    queued: frozenset[int]
    left: tuple[tuple[int, str, Stage], ...]


@dataclass
class CaseRead(Latest):
    """All about one case, or None where it is gone."""

    row: int | None
    casefile: CaseFile | None


@dataclass
class QueryFailed(Message):
    """The store could not answer; the last good result stays."""

    reason: str


@dataclass
class SyncProgressed(Latest):
    """The background sync came further."""

    progress: SyncProgress


@dataclass
class SyncStopped(Message):
    """The background sync ended and will not come back by itself."""

    reason: str


@dataclass
class PlanDrawn(Latest):
    """A plan as it stands now: some steps checked, or all. `drawing` says which drawing it belongs to."""

    plan: PlanView
    drawing: int


@dataclass
class PlanFailed(Message):
    """The plan could not be drawn."""

    drawing: int
    reason: str


@dataclass
class StepFinished(Message):
    """One step of the plan ended."""

    result: StepResult


class PlanFinished(Message):
    """All of the plan was carried out, or left as the user wished."""


@dataclass
class PlanBroken(Message):
    """The plan could not be carried out, or not to its end."""

    reason: str


@dataclass
class HangingFound(Latest):
    """The plans that were cut off."""

    plans: Sequence[CutOffView]


@dataclass
class EntrySettled(Message):
    """What became of a request that had no answer."""

    settled: SettledView


@dataclass
class SettlingEnded(Message):
    """All was settled that can be now; or something kept it from being done: then `fault` says what."""

    fault: str | None


@dataclass
class NoteKept(Message):
    """A note was written down, or could not be: then `fault` says why."""

    fault: str | None


@dataclass
class JournalRead(Latest):
    """The journal's lines, newest first."""

    entries: Sequence[JournalLine]


@dataclass
class KindsRead(Latest):
    """The kinds of subscriptions in the account."""

    kinds: Sequence[Kind]


@dataclass
class PathSet(Message):
    """A case was given a path by hand, or left to the signs again, or neither could be done: then `fault` says why."""

    by_hand: bool
    fault: str | None


@dataclass
class CheckoutFinished(Message):
    """A customer's set-up Checkout was followed up, or came to nothing."""

    subscription: str
    state: str
    why: str
