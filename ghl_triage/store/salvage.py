"""Reads the rows of a damaged store: all that stand on sound pages, whatever lies between them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Key: TypeAlias = tuple[Any, ...]
Row: TypeAlias = Mapping[str, Any]
_MOST_FAULTS = 20_000
"""Single rows that are tried in vain, before what is left of a table counts as unreadable."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a table are meant. `keys` name a row; `numbered` rows can each be asked for by a number."""

    table: str
    keys: tuple[str, ...]
    numbered: bool = True
    where: str = "1"


@dataclass(slots=True)
class Salvaged:
    """Rows by their keys. `unreadable` are keys under which a row may stand; `unsure`: nobody knows what is gone."""

    rows: dict[Key, Row] = field(default_factory=dict)
    unreadable: set[Key] = field(default_factory=set)
    unsure: bool = False


def salvage(
    connection: sqlite3.Connection, of: Wanted, named: Iterable[Key] = (), *, expected: bool = False
) -> Salvaged:
    """All rows that can be read. `named` are keys that other tables tell of: each is tried where it is missing.

    Never raises for a damaged page. A table that is not there has no rows; where it is `expected`, nobody knows which.
    """
    found = Salvaged()
    try:
        select = _select(connection, of)
        if select is None:
            found.unsure = expected
            return found
        last = _last_number(connection, of)
    except sqlite3.DatabaseError:
        found.unsure = True
        return found
    if _take(_rows(connection, f"{select} ORDER BY {_by(of, 'ASC')}"), found):
        return found
    from_the_end = Salvaged()
    _take(_rows(connection, f"{select} ORDER BY {_by(of, 'DESC')}"), from_the_end)
    found.rows |= from_the_end.rows
    if of.numbered:
        found.unsure = not from_the_end.rows and not last
        _between(connection, select, of, found, last)
    else:
        found.unsure = True
    for key in named:
        if key not in found.rows:
            test = " AND ".join(f"{name} = ?" for name in of.keys)
            _take(_rows(connection, f"{select} AND {test}", key), found)
    return found


def last_number(connection: sqlite3.Connection, table: str) -> int:
    """The last number that SQLite gave out in a table; 0 where that cannot be read."""
    try:
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    except sqlite3.DatabaseError:
        return 0
    return int(row[0]) if row else 0


def _last_number(connection: sqlite3.Connection, of: Wanted) -> int:
    given_out = last_number(connection, of.table)
    if given_out or not of.numbered:
        return given_out
    try:
        return int(connection.execute(f'SELECT max({of.keys[0]}) FROM "{of.table}"').fetchone()[0] or 0)  # noqa: S608
    except sqlite3.DatabaseError:
        return 0


def _select(connection: sqlite3.Connection, of: Wanted) -> str | None:
    columns = [name for _, name, *_ in connection.execute(f'PRAGMA table_info("{of.table}")')]
    if not columns:
        return None
    listed = ", ".join(f'"{name}"' for name in columns)
    keys = ", ".join(f"{key} AS key_{key}" for key in of.keys)
    return f'SELECT {keys}, {listed} FROM "{of.table}" WHERE ({of.where})'  # noqa: S608


def _by(of: Wanted, order: str) -> str:
    return ", ".join(f"{key} {order}" for key in of.keys)


def _rows(connection: sqlite3.Connection, sql: str, params: Key = ()) -> Iterator[tuple[Key, Row]]:
    cursor = connection.execute(sql, params)
    names = [column[0] for column in cursor.description]
    keys = sum(name.startswith("key_") for name in names)
    for row in cursor:
        yield tuple(row[:keys]), dict(zip(names[keys:], row[keys:], strict=True))


def _take(rows: Iterator[tuple[Key, Row]], found: Salvaged) -> bool:
    """Keep the rows up to a fault; whether there was none."""
    try:
        for key, row in rows:
            found.rows.setdefault(key, row)
    except sqlite3.DatabaseError:
        return False
    return True


def _between(connection: sqlite3.Connection, select: str, of: Wanted, found: Salvaged, last: int) -> None:
    """Halve the numbers until each that cannot be read stands alone."""
    waiting = [(1, max([last, *(key[0] for key in found.rows)], default=0))]
    while waiting:
        low, high = waiting.pop()
        if low > high:
            continue
        test = f"{select} AND {of.keys[0]} BETWEEN ? AND ?"
        if _take(_rows(connection, test, (low, high)), found):
            continue
        if len(found.unreadable) >= _MOST_FAULTS:
            found.unsure = True
            return
        if low == high:
            found.unreadable.add((low,))
            continue
        middle = (low + high) // 2
        waiting += [(middle + 1, high), (low, middle)]
    found.unreadable.difference_update(found.rows)
