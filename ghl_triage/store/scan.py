"""How the table of cases is gone through: by its index where that holds all that is asked, else as it lies.

SQLite has no statistics of this table and guesses wrong: it would walk the index in order and fetch each row from
elsewhere, which takes 250 ms for 100,000 cases, where one pass over the table takes 35 ms, sorting included.
"""

from __future__ import annotations

from collections.abc import Iterable

INDEXED = frozenset(
    {
        "actor",
        "amount",
        "amount_milli",
        "attempts",
        "cause",
        "currency",
        "next_retry_at",
        "path",
        "rank",
        "rank_at",
        "since",
        "stage",
        "status",
        "trial_end",
    }
)
"""The columns of the index `cases_in_order`."""


def cases_for(columns: Iterable[str]) -> str:
    """The table of cases as a statement that asks these columns should name it."""
    return "cases INDEXED BY cases_in_order" if set(columns) <= INDEXED else "cases NOT INDEXED"
