"""Writes the table of cases: what is filtered and sorted as columns, the whole case beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from ghl_triage.model import Case
from ghl_triage.store.codec import dump
from ghl_triage.store.columns import columns
from ghl_triage.store.signatures import write_signatures
from ghl_triage.store.statements import chunks, marks

_COLUMNS = (
    "subscription", "customer", "rank", "rank_at", "path", "status", "stage", "cause", "pending", "actor", "findings",
    "amount", "amount_milli", "currency", "attempts", "next_retry_at", "trial_end", "failed_at", "created", "since",
    "email", "name", "sort_name", "card", "brand", "funding", "country", "price", "code", "advice", "search",
    "possible",
)  # fmt: skip
_UPSERT = (
    f"INSERT INTO cases ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) "  # noqa: S608
    f"ON CONFLICT (subscription) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)
_DETAIL = "INSERT OR REPLACE INTO case_details (row, json) VALUES ((SELECT row FROM cases WHERE subscription = ?), ?)"


def write_cases(connection: sqlite3.Connection, cases: Sequence[Case]) -> int:
    """Insert or update cases inside the caller's transaction; how many were new or other than before.

    One that is as it was costs no write: a sync that finds nothing new leaves the file, and the screen, in peace.
    """
    encoded = {case.subscription: dump(case) for case in cases}
    stored = _stored(connection, list(encoded))
    changed = [case for case in cases if stored.get(case.subscription) != encoded[case.subscription]]
    connection.executemany(_UPSERT, [columns(case) for case in changed])
    connection.executemany(_DETAIL, [(case.subscription, encoded[case.subscription]) for case in changed])
    write_signatures(connection, changed)
    return len(changed)


def _stored(connection: sqlite3.Connection, subscriptions: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in chunks(subscriptions):
        found.update(
            connection.execute(
                f"""SELECT subscription, json FROM cases JOIN case_details USING (row)
                    WHERE subscription IN ({marks(part)}) AND possible IS NOT NULL""",  # noqa: S608
                part,
            ).fetchall()
        )
    return found


def drop_cases(connection: sqlite3.Connection, customers: Sequence[str], *, keep: Iterable[str]) -> int:
    """Remove the cases of these customers whose subscription is gone; how many."""
    kept = set(keep)
    rows = [
        (row,)
        for part in chunks(customers)
        for row, subscription in connection.execute(
            f"SELECT row, subscription FROM cases WHERE customer IN ({marks(part)})",  # noqa: S608
            part,
        )
        if subscription not in kept
    ]
    connection.executemany("DELETE FROM case_details WHERE row = ?", rows)
    connection.executemany("DELETE FROM signatures_of_cases WHERE row = ?", rows)
    connection.executemany("DELETE FROM cases WHERE row = ?", rows)
    return len(rows)
