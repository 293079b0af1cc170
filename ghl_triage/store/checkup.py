"""Whether a store is sound: its file, its pages, its journal, and what belongs together. Reads, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ghl_triage.errors import StoreDamaged, StoreError, StoreNewer
from ghl_triage.store import chain
from ghl_triage.store.backups import backups_of, connect_copy
from ghl_triage.store.codec import load_case
from ghl_triage.store.connection import as_store_errors, connect_reader, reading
from ghl_triage.store.migrations import found_shapes, shapes
from ghl_triage.store.private import is_open_to_others
from ghl_triage.store.report_rows import report_cases
from ghl_triage.store.schema import not_there, read_version
from ghl_triage.store.signatures import found_signatures
from ghl_triage.store.state import State
from ghl_triage.store.trials import read_trials
from ghl_triage.store.version import VERSION
from ghl_triage.text import plural

_REBUILD = "`ghl-triage store rebuild`, then `ghl-triage sync`"
_MOST_LINES = 5
"""So many of SQLite's own sentences are told; one broken page makes hundreds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and what mends it. `kind` is one of file, mode, pages, schema, journal, rows, backup."""

    kind: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found. `schema` and the journal's figures are None where they could not be read."""

    file: Path
    size: int
    schema: int | None
    journal_rows: int | None
    journal_head: str | None
    backups: tuple[Path, ...]
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check(path: Path) -> Checkup:
    """Check a store in use. Raises StoreError where there is none."""
    if not path.exists():
        raise not_there(path)
    faults = list(_mode_faults(path))
    copies = tuple(backups_of(path))
    faults += [fault for copy in copies for fault in _backup_faults(copy)]
    return _checked(path, faults, copies, copy=False)


def check_copy(path: Path) -> Checkup:
    """Check a copy. Raises StoreError where there is none.

    One with a log beside it was copied as it lay, or is in use: its last changes stand in the log.
    """
    return _checked(path, [], (), copy=not path.with_name(f"{path.name}-wal").exists())


def _checked(path: Path, faults: list[Fault], copies: tuple[Path, ...], *, copy: bool) -> Checkup:
    schema, report = None, None
    try:
        schema = read_version(path)
        if schema == 0:
            raise not_there(path)
        with as_store_errors(path), closing(connect_copy(path) if copy else connect_reader(path)) as connection:
            faults += _content_faults(connection, path)
            if schema == VERSION and not any(fault.kind == "pages" for fault in faults):
                report = chain.verify(connection)
    except StoreNewer as error:
        faults.append(Fault("file", error.message, error.hint))
    except StoreDamaged as error:
        faults.append(Fault("pages", error.message, _REBUILD))
    except StoreError as error:
        if schema == 0:
            raise
        faults.append(Fault("file", error.message, error.hint))
    rows, head = (report.rows, report.head) if report else (None, None)
    return Checkup(path, path.stat().st_size, schema, rows, head, copies, tuple(faults))


def _content_faults(connection: sqlite3.Connection, path: Path) -> list[Fault]:
    """What is wrong with what stands in a store, from the pages up. Raises sqlite3.DatabaseError for the worst."""
    pages = list(_page_faults(connection))
    if pages:
        return pages
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version < VERSION:
        return []
    schema = list(_schema_faults(connection))
    found = [*schema, *_journal_faults(connection), *_row_faults(connection)]
    return found if schema else [*found, *_value_faults(connection, path)]


def _mode_faults(path: Path) -> Iterator[Fault]:
    folder = path.parent
    for name in sorted(os.listdir(folder)):
        if name.startswith(path.name) and (folder / name).is_file() and is_open_to_others(folder / name):
            yield Fault("mode", f"{folder / name} can be read by others.", f"chmod 600 '{folder / name}'")
    if is_open_to_others(folder):
        yield Fault("mode", f"The folder {folder} can be entered by others.", f"chmod 700 '{folder}'")


def _backup_faults(copy: Path) -> Iterator[Fault]:
    said, mend = f"The backup {copy} is no whole store", "Remove it; `ghl-triage store backup` makes a new one."
    try:
        if read_version(copy) == 0:
            yield Fault("backup", f"{said}: it is empty.", mend)
            return
        with as_store_errors(copy), closing(connect_copy(copy)) as connection:
            wrong = _said_of_pages(connection, "quick_check(1)")
    except StoreNewer as error:
        yield Fault("backup", error.message, error.hint)
    except StoreError as error:
        yield Fault("backup", f"{said}: {error.message}", mend)
    else:
        if wrong:
            yield Fault("backup", f"{said}: {wrong[0]}.", mend)


def _page_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    told = _said_of_pages(connection, "integrity_check")
    for line in told[:_MOST_LINES]:
        yield Fault("pages", f"SQLite finds: {line}.", _REBUILD)
    if len(told) > _MOST_LINES:
        yield Fault("pages", f"SQLite finds {len(told) - _MOST_LINES:,} more such faults.", _REBUILD)


def _said_of_pages(connection: sqlite3.Connection, check: str) -> list[str]:
    """SQLite's own sentences; none where all is well."""
    found = [line for (text,) in connection.execute(f"PRAGMA {check}") for line in str(text).splitlines()]
    return [line for line in found if line != "ok" and not line.startswith("***")]


def _schema_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    for kind, name in sorted(shapes() - found_shapes(connection)):
        yield Fault("schema", f"The {kind} `{name}` is missing.", _REBUILD)


def _journal_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    report = chain.verify(connection)
    if report.fault is not None:
        yield Fault(
            "journal",
            f"The journal is not whole: {report.fault}",
            "`ghl-triage store rebuild` seeks the row in the backups, and says what it cannot find",
        )
    stateless = _count(
        connection,
        "SELECT count(*) FROM journal WHERE NOT EXISTS (SELECT 1 FROM journal_events WHERE entry = journal.id)",
    )
    if stateless:
        yield Fault("journal", f"{plural(stateless, 'journal entry', 'journal entries')} without a state.", _REBUILD)


_ROWS = (
    (
        "SELECT count(*) FROM cases WHERE NOT EXISTS (SELECT 1 FROM objects WHERE id = cases.subscription)",
        ("case has no subscription behind it", "cases have no subscription behind them"),
    ),
    (
        "SELECT count(*) FROM cases WHERE NOT EXISTS (SELECT 1 FROM case_details WHERE row = cases.row)",
        ("case has no details", "cases have no details"),
    ),
    (
        "SELECT count(*) FROM case_details WHERE row NOT IN (SELECT row FROM cases)",
        ("row of details belongs to no case", "rows of details belong to no case"),
    ),
    (
        "SELECT count(*) FROM trials WHERE NOT EXISTS (SELECT 1 FROM objects WHERE id = trials.subscription)",
        ("trial has no subscription behind it", "trials have no subscription behind them"),
    ),
    (
        "SELECT count(*) FROM objects WHERE NOT json_valid(json)",
        ("object is no JSON", "objects are no JSON"),
    ),
)


def _row_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall()[:_MOST_LINES]:
        yield Fault("rows", f"A row of `{table}` names one of `{parent}` that is not there.", _REBUILD)
    for question, (one, many) in _ROWS:
        count = _count(connection, question)
        if count:
            yield Fault("rows", f"{plural(count, one, many)}.", _REBUILD)


def _count(connection: sqlite3.Connection, question: str) -> int:
    return int(connection.execute(question).fetchone()[0])


def _value_faults(connection: sqlite3.Connection, path: Path) -> Iterator[Fault]:
    """What the app could not make values of, asked as the app asks."""
    cases = sum(not _is_case(text) for (text,) in connection.execute("SELECT json FROM case_details"))
    if cases:
        yield Fault("rows", f"{plural(cases, 'case')} cannot be read.", _REBUILD)
    state = State(connection, path)
    for what, ask in (
        ("The table of cases", lambda: deque(report_cases(connection), 0)),
        ("The trials", lambda: deque(read_trials(connection, since=None, until=None), 0)),
        ("The signatures", lambda: found_signatures(connection)),
        (
            "What the last sync left",
            lambda: (state.account(), state.clock_offset(), state.coverage(), state.sync_status()),
        ),
    ):
        try:
            with reading(path):
                ask()
        except StoreDamaged as error:
            yield Fault("rows", f"{what} cannot be read: {error.message}", _REBUILD)


def _is_case(text: str) -> bool:
    try:
        load_case(text)
    except (AttributeError, LookupError, TypeError, ValueError):
        return False
    return True
