"""The orders in which cases can be listed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ghl_triage.errors import UsageError
from ghl_triage.store.filters.query import FilterQuery


class SortKey(StrEnum):
    """What cases are sorted by."""

    QUEUE = "queue"
    CUSTOMER = "customer"
    PATH = "path"
    STATUS = "status"
    CAUSE = "cause"
    AMOUNT = "amount"
    NEXT_RETRY = "next"
    AGE = "age"
    TRIAL_END = "trial-end"


_LARGEST_FIRST = frozenset({SortKey.AMOUNT, SortKey.AGE})
"""Where one looks for the large end: without a word on the direction it comes first."""

_COLUMNS = {
    SortKey.QUEUE: "rank",
    SortKey.CUSTOMER: "sort_name",
    SortKey.PATH: "path",
    SortKey.STATUS: "status",
    SortKey.CAUSE: "cause",
    SortKey.AMOUNT: "amount_milli",
    SortKey.NEXT_RETRY: "next_retry_at",
    SortKey.AGE: "since",
    SortKey.TRIAL_END: "trial_end",
}
_ABSENT = {
    SortKey.CAUSE: "cause = ''",
    SortKey.NEXT_RETRY: "next_retry_at IS NULL",
    SortKey.TRIAL_END: "trial_end IS NULL",
}


@dataclass(frozen=True, slots=True)
class Sort:
    """An order. Cases without the value stand last in both directions; ties stand in the order of the queue.

    The order of the queue itself: failing, then at risk; in each first what the consultant can mend; the youngest
    failure first, the nearest trial end first. Amounts compare in major units, each in its own currency.
    """

    key: SortKey = SortKey.QUEUE
    descending: bool = False

    @property
    def order_by(self) -> str:
        """The order as SQL."""
        if self.key is SortKey.QUEUE:
            return "rank DESC, rank_at DESC, row DESC" if self.descending else "rank, rank_at, row"
        # The older a case, the smaller the time since which it counts.
        down = self.descending != (self.key is SortKey.AGE)
        column = f"{_COLUMNS[self.key]} DESC" if down else _COLUMNS[self.key]
        absent = f"{_ABSENT[self.key]}, " if self.key in _ABSENT else ""
        return f"{absent}{column}, rank, rank_at, row"

    @property
    def column(self) -> str:
        """The column that decides."""
        return _COLUMNS[self.key]

    @property
    def flipped(self) -> Sort:
        """The same the other way round."""
        return Sort(self.key, not self.descending)

    def __str__(self) -> str:
        return f"{self.key}:{'desc' if self.descending else 'asc'}"


DEFAULT_SORT = Sort()


def order_for(query: FilterQuery, sort: Sort) -> Sort:
    """The order of an answer: a filter on the trial's end lists the nearest first, unless another order was chosen."""
    if sort == DEFAULT_SORT and query.chooses("trial-ends"):
        return Sort(SortKey.TRIAL_END)
    return sort


def parse_sort(text: str) -> Sort:
    """`amount` (its usual direction), `-amount` (the other one), `amount:asc`, `amount:desc`. Raises `UsageError`."""
    written = text.strip()
    name, _, direction = written.lower().removeprefix("-").replace("_", "-").partition(":")
    try:
        key = SortKey(name)
    except ValueError:
        raise UsageError(f"There is no order by {written!r}.", hint=f"Choose one of {', '.join(SortKey)}.") from None
    if direction not in {"", "asc", "desc"}:
        raise UsageError(f"A direction is asc or desc: {written!r} says neither.")
    descending = direction == "desc" if direction else key in _LARGEST_FIRST
    return Sort(key, descending != written.startswith("-"))
