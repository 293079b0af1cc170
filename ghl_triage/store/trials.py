"""The table of trials: one row each, written with the verdicts, read by the reports."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from ghl_triage.model import Confidence, Path
from ghl_triage.store.statements import chunks, marks
from ghl_triage.trial import FailureKind, FirstCharge, LeftOut, SetUp, Trial, TrialState, Try

_COLUMNS = tuple(field.name for field in dataclasses.fields(Trial))
_NAMES = ", ".join(_COLUMNS)
_UPSERT = f"INSERT OR REPLACE INTO trials ({_NAMES}) VALUES ({marks(_COLUMNS)})"  # noqa: S608
_SUBSCRIPTION, _TRIES = _COLUMNS.index("subscription"), _COLUMNS.index("tries")


def _values(members: Iterable[Any]) -> Mapping[Any, Any]:
    """Members by their texts, with None for none: a hundred thousand rows have a million of them."""
    return {None: None} | {member.value: member for member in members}


_READ: Mapping[int, Mapping[Any, Any]] = {
    _COLUMNS.index(name): _values(members)
    for name, members in (
        ("path", Path),
        ("confidence", Confidence),
        ("state", TrialState),
        ("first_charge", FirstCharge),
        ("set_up", SetUp),
        ("left_out", LeftOut),
        ("failure", FailureKind),
    )
} | {
    _COLUMNS.index(name): {None: None, 0: False, 1: True}
    for name in ("checked_at_sign_up", "ready_at_start", "duplicate_customer")
}


def write_trials(connection: sqlite3.Connection, trials: Sequence[Trial]) -> int:
    """Insert or update trials inside the caller's transaction; how many were new or other than before.

    One that is as it was costs no write.
    """
    rows = [_row(trial) for trial in trials]
    stored = _stored(connection, [trial.subscription for trial in trials])
    changed = [row for row in rows if stored.get(row[_SUBSCRIPTION]) != row]
    connection.executemany(_UPSERT, changed)
    return len(changed)


def _row(trial: Trial) -> tuple[Any, ...]:
    values = [getattr(trial, name) for name in _COLUMNS]
    values[_TRIES] = orjson.dumps([(one.at, one.ok, one.ours) for one in trial.tries]).decode()
    # As SQLite gives them back: flags as numbers, slugs as plain text.
    return tuple(
        str(value) if isinstance(value, str) else int(value) if isinstance(value, bool) else value for value in values
    )


def _stored(connection: sqlite3.Connection, subscriptions: Sequence[str]) -> Mapping[str, tuple[Any, ...]]:
    return {
        row[_SUBSCRIPTION]: row
        for part in chunks(subscriptions)
        for row in connection.execute(f"SELECT {_NAMES} FROM trials WHERE subscription IN ({marks(part)})", part)  # noqa: S608
    }


def drop_trials(connection: sqlite3.Connection, customers: Sequence[str], *, keep: Iterable[str]) -> int:
    """Remove the trials of these customers that are there no more; how many."""
    kept = set(keep)
    gone = [
        (subscription,)
        for part in chunks(customers)
        for (subscription,) in connection.execute(
            f"SELECT subscription FROM trials WHERE customer IN ({marks(part)})",  # noqa: S608
            part,
        )
        if subscription not in kept
    ]
    connection.executemany("DELETE FROM trials WHERE subscription = ?", gone)
    return len(gone)


def read_trials(connection: sqlite3.Connection, *, since: int | None, until: int | None) -> Iterator[Trial]:
    """The trials that end, or ended, in [since, until), by their end; None is no bound."""
    rows = connection.execute(
        f"""SELECT {_NAMES} FROM trials
            WHERE (?1 IS NULL OR trial_end >= ?1) AND (?2 IS NULL OR trial_end < ?2)
            ORDER BY trial_end, subscription""",  # noqa: S608
        (since, until),
    )
    for row in rows:
        values = list(row)
        for column, members in _READ.items():
            values[column] = members[values[column]]
        tries = values[_TRIES]
        values[_TRIES] = () if tries == "[]" else tuple(Try(*each) for each in orjson.loads(tries))
        yield Trial(*values)
