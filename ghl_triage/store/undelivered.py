"""Which events the client's endpoint has not taken: a mark for each, beside the event itself.

The event is stored once, as it was read first; whether it was delivered may change later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ghl_triage.store.statements import chunks, marks

_MARKED = """
SELECT id FROM lookups WHERE kind = 'undelivered'
  AND NOT EXISTS (SELECT 1 FROM objects WHERE objects.id = lookups.id AND objects.created < ?)
"""


def mark_undelivered(connection: sqlite3.Connection, events: Sequence[str], at: int, *, since: int) -> set[str]:
    """Marks these events, and takes the mark from others made from `since` on; whose records that changes."""
    before = {identity for (identity,) in connection.execute(_MARKED, (since,))}
    now = set(events)
    connection.executemany(
        "DELETE FROM lookups WHERE kind = 'undelivered' AND id = ?", [(identity,) for identity in before - now]
    )
    connection.executemany(
        "INSERT OR REPLACE INTO lookups (kind, id, at) VALUES ('undelivered', ?, ?)", [(each, at) for each in now]
    )
    touched: set[str] = set()
    for part in chunks(sorted(before ^ now)):
        rows = connection.execute(
            f"SELECT DISTINCT customer FROM objects WHERE id IN ({marks(part)}) AND customer IS NOT NULL",  # noqa: S608
            part,
        )
        touched.update(customer for (customer,) in rows)
    return touched
