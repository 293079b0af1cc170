"""The journal's chain: each row's digest covers the row and the digest before it, so that no row can be changed,
taken out or put in between unseen.

SQLite's own count of the links tells of an end that was cut off. All this proves nothing against somebody who rewrites
the whole file: against him, note the head that `journal verify` prints.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "plans": ("id", ("id", "action", "livemode", "shown", "by", "created")),
    "journal": (
        "id",
        (
            "id", "plan", "case", "action", "method", "path", "params", "idempotency_key", "shown", "by", "created",
            "paid_invoice", "payment_method", "undo", "undoes",
        ),
    ),
    "journal_events": ("seq", ("seq", "entry", "state", "at", "request_id", "error")),
}  # fmt: skip
"""By table: what names a row, and what its digest covers. A column that is added later is not covered."""
START = "0" * 64
"""What stands before the first row."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk along the chain found. `fault` is one sentence, None where the journal is whole."""

    rows: int
    head: str
    fault: str | None = None

    @property
    def whole(self) -> bool:
        """Whether every row is as it was written."""
        return self.fault is None


def append(connection: sqlite3.Connection, table: str, key: str | int) -> None:
    """Chain a row that was just written, inside the caller's transaction."""
    row = _row(connection, table, key)
    if row is None:
        raise ValueError(f"{table} has no row {key}")
    digest = _digest(_head(connection), table, row)
    connection.execute(
        "INSERT INTO journal_chain (of_table, of_row, digest) VALUES (?, ?, ?)", (table, str(key), digest)
    )


def adopt(connection: sqlite3.Connection) -> None:
    """Chain the rows of a journal that had no chain yet: from here on they cannot change unseen either."""
    for table, (key, _) in _COLUMNS.items():
        for (identity,) in connection.execute(f"SELECT {key} FROM {table} ORDER BY {_ORDER[table]}").fetchall():  # noqa: S608
            append(connection, table, identity)


_ORDER = {"plans": "created, id", "journal": "id", "journal_events": "seq"}


def verify(connection: sqlite3.Connection, *, noted: str | None = None) -> ChainReport:
    """Walk the whole chain in one view of the file. `noted` is a head from an earlier walk: it must stand in it."""
    connection.execute("BEGIN")
    try:
        return _walk(connection, noted)
    finally:
        connection.execute("ROLLBACK")


def _walk(connection: sqlite3.Connection, noted: str | None) -> ChainReport:
    head, count, seen, met = START, 0, set[tuple[str, str]](), noted in (None, START)
    links = connection.execute("SELECT seq, of_table, of_row, digest FROM journal_chain ORDER BY seq").fetchall()
    for seq, table, key, digest in links:
        count += 1
        fault = _fault_of_link(connection, seq, count, table, key, digest, head)
        if fault:
            return ChainReport(count, head, fault)
        head = digest
        met = met or head == noted
        seen.add((table, key))
    for table, key in _rows(connection):
        if (table, key) not in seen:
            return ChainReport(count, head, f"{_named(table, key)} was put in past the chain.")
    if _given_out(connection, beyond=count):
        left = f"Rows at its end were taken out: {_named(*links[-1][1:3])} is the last one left." if links else ""
        return ChainReport(count, head, left or "All its rows were taken out.")
    if not met:
        return ChainReport(count, head, "The noted head is not in the journal: rows at its end were taken out.")
    return ChainReport(count, head)


def _given_out(connection: sqlite3.Connection, *, beyond: int) -> bool:
    """Whether SQLite gave out more numbers of links; what was rolled back does not count."""
    query = "SELECT 1 FROM sqlite_sequence WHERE name = 'journal_chain' AND seq > ?"
    return connection.execute(query, (beyond,)).fetchone() is not None


def _fault_of_link(
    connection: sqlite3.Connection, seq: int, count: int, table: str, key: str, digest: str, head: str
) -> str | None:
    if seq != count:
        return f"Link {count} of the chain is missing."
    if table not in _COLUMNS:
        return f"Link {seq} of the chain names a table that the journal does not have."
    row = _row(connection, table, key)
    if row is None:
        return f"{_named(table, key)} was taken out."
    if _digest(head, table, row) != digest:
        return f"{_named(table, key)} is not as it was written."
    return None


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for table, (key, _) in _COLUMNS.items():
        for (identity,) in connection.execute(f"SELECT {key} FROM {table} ORDER BY {key}"):  # noqa: S608
            yield table, str(identity)


def _row(connection: sqlite3.Connection, table: str, key: str | int) -> Sequence[Any] | None:
    name, columns = _COLUMNS[table]
    quoted = ", ".join(f'"{column}"' for column in columns)
    found: Sequence[Any] | None = connection.execute(
        f"SELECT {quoted} FROM {table} WHERE {name} = ?",  # noqa: S608
        (key,),
    ).fetchone()
    return found


def _head(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT digest FROM journal_chain ORDER BY seq DESC LIMIT 1").fetchone()
    return str(row[0]) if row else START


def _digest(head: str, table: str, row: Sequence[Any]) -> str:
    # Whoever changed the file may have put bytes where we write text and numbers: they have a digest too, another one.
    text = json.dumps([head, table, list(row)], ensure_ascii=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(table: str, key: str) -> str:
    kind = {"plans": "Plan", "journal": "Entry", "journal_events": "State"}[table]
    return f"{kind} {key} of the journal"
