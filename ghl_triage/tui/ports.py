"""What the screens ask of the rest of the program: given to the app's constructor, so that a test can give its own."""

from __future__ import annotations

from array import array
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ghl_triage.model import ActionKind, Case, CaseRow, Coverage, Note, Path, Raw, Records, StepResult, SyncProgress
from ghl_triage.tui.views import (
    AccountView,
    ConfirmationView,
    CutOffView,
    FacetsView,
    FinishedView,
    OffersView,
    PlanView,
    SettledView,
    TotalsView,
)

if TYPE_CHECKING:
    from ghl_triage.actions.plan import Choices
    from ghl_triage.kind import Kind
    from ghl_triage.report.document import Document
    from ghl_triage.rights import Rights
    from ghl_triage.store.filters import CompiledFilter, FilterQuery, Sort, View
    from ghl_triage.store.journal import Finish, JournalEntry


class ReaderPort(Protocol):
    """Reads the store. One for each thread; cheap to open."""

    def case_rows(self, rows: Sequence[int]) -> list[CaseRow]: ...
    def ids(self, where: CompiledFilter, sort: Sort, limit: int | None = None) -> array[int]: ...
    def totals(self, where: CompiledFilter) -> TotalsView: ...
    def facets(self, query: FilterQuery, now: int) -> FacetsView: ...
    def case(self, subscription_id: str) -> Case | None: ...
    def cases_of(self, rows: Sequence[int]) -> list[Case]: ...
    def records(self, customer_id: str) -> Records: ...
    def sync_status(self) -> SyncProgress | None: ...
    def data_version(self) -> int: ...
    def account(self) -> AccountView | None: ...
    def rights(self, key: str) -> Rights: ...
    def lacks_rights(self, key: str) -> bool: ...
    def clock_offset(self) -> int: ...
    def coverage(self) -> Coverage: ...
    def notes(self, subscription: str) -> list[Note]: ...
    def tags(self, subscription: str) -> list[str]: ...
    def raw_of_case(self, subscription: str) -> list[Raw]: ...
    def values(self) -> Mapping[str, list[str]]: ...
    def sums(self, rows: Sequence[int]) -> Mapping[str, int]: ...
    def close(self) -> None: ...


class FiltersPort(Protocol):
    """The filter language; the module `store.filters` is one."""

    @property
    def VIEWS(self) -> Sequence[View]: ...  # noqa: N802 - the name in the module

    def parse(self, text: str) -> FilterQuery: ...
    def parse_sort(self, text: str) -> Sort: ...
    def order_for(self, query: FilterQuery, sort: Sort) -> Sort: ...
    def to_sql(self, query: FilterQuery, now: int, *, default_queue: bool = True) -> CompiledFilter: ...
    def complete(self, text: str, cursor: int, values: Mapping[str, Sequence[str]] | None = None) -> list[str]: ...
    def completed(self, text: str, cursor: int, choice: str) -> tuple[str, int]: ...


class ActionsPort(Protocol):
    """Draws plans and carries them out. The plans that it is given are its own, so their type is its own affair."""

    def open_plan(self, kind: ActionKind, subscriptions: Sequence[str], choices: Choices) -> AsyncIterator[PlanView]:
        """The plan as the store knows it, then as its objects are read again."""
        ...

    def offers(self, kind: ActionKind, subscription: str) -> OffersView:
        """What could be decided about a plan for this one case; reads the store, so it is called from a thread."""
        ...

    def confirmation(self, plan: Any) -> ConfirmationView:
        """How loudly the plan asks."""
        ...

    def run(self, plan: Any, by: str) -> AsyncIterator[StepResult]:
        """Carry the plan out: a result for every step, as they come."""
        ...

    def run_finishes(self) -> AsyncIterator[FinishedView]:
        """Look whether customers have saved their cards in a set-up Checkout, and do what was promised for then."""
        ...

    def cancel(self, plan: Any) -> None:
        """Let what was sent of this plan finish, and begin nothing more of it."""
        ...

    def pause(self, plan: Any, paused: bool) -> None:
        """Begin nothing more of this plan until it is called with False; what was sent is finished."""
        ...

    def settle(self) -> AsyncIterator[SettledView]:
        """Settle all requests that left and have no answer. Raises TriageError."""
        ...

    def open_rest(self, old: Any, choices: Choices | None = None) -> AsyncIterator[PlanView]:
        """A plan for what a cut-off plan never sent, as `open_plan`; by its own choices where none are given."""
        ...

    async def discard(self, old: Any) -> None:
        """Give up what a cut-off plan never sent. Raises TriageError."""
        ...


class SyncPort(Protocol):
    """The sync in the background."""

    def __aiter__(self) -> AsyncIterator[SyncProgress]: ...
    async def sync_now(self) -> None: ...
    async def stop(self) -> None: ...


class NotesPort(Protocol):
    """Keeps what the consultant writes."""

    def add_note(self, subscription: str, text: str) -> None:
        """Write a note; may wait for the store's lock, so it is called from a thread."""
        ...


class LessonsPort(Protocol):
    """Learns from the consultant which kind of subscription came through which path."""

    def kinds(self) -> Sequence[Kind]:
        """The kinds in the account, the most frequent first; reads the store, so it is called from a thread."""
        ...

    def teach(self, kind: str, *, path: str, name: str, any_price: bool) -> AsyncGenerator[str]:
        """Name a kind: how far the new verdicts are, in words, and last what came of it. Raises TriageError."""
        ...

    def forget(self, kind: str) -> AsyncGenerator[str]:
        """Take a name back; tells the same."""
        ...

    def set_path(self, subscription: str, path: Path | None) -> None:
        """Say how one subscription was sold; None leaves it to the signs. May wait: it is called from a thread."""
        ...


class ReportsPort(Protocol):
    """Reckons reports beside the app."""

    async def reckon(self, arguments: Sequence[str]) -> Document:
        """The report of this command. Cancelled, it stops reckoning. Raises TriageError, or OSError."""
        ...


class JournalPort(Protocol):
    """Reads what was done."""

    def entries(self, limit: int, *, case: str | None = None) -> Sequence[JournalEntry]:
        """The newest entries first; of one case where it is given."""
        ...

    def finishes(self) -> Sequence[Finish]:
        """What waits for a customer to save a card, oldest first."""
        ...

    def hanging(self) -> Sequence[CutOffView]:
        """The plans that were cut off, oldest first; none that somebody is carrying out now."""
        ...
