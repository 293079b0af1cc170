"""Makes a store anew around what cannot be loaded again: the journal, notes, tags, and the consultant's own paths.

All else comes with the next sync. The new file takes the old one's place at once and whole, or not at all, and the old
one is kept. Rows that cannot be read are sought in the backups; the journal's chain says whether any is missing.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ghl_triage.errors import StoreDamaged, StoreError, StoreForeign, StoreLocked
from ghl_triage.store import chain
from ghl_triage.store.backups import backups_of, clear, connect_copy, flush, settle
from ghl_triage.store.checkup import check_copy
from ghl_triage.store.connection import as_store_errors, connect_writer, transaction
from ghl_triage.store.keepsakes import Keepsakes
from ghl_triage.store.lock import LOCK_SECONDS, WriteLock, setting_up
from ghl_triage.store.private import FILE
from ghl_triage.store.schema import draft_of, make_file, migrate, not_there, read_version
from ghl_triage.store.state import State

_OPEN_ELSEWHERE = 1.0
"""Seconds that another process has to close the file, before it counts as in use."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it: where the old file is kept, rows by table, how many of them a backup gave, and what is lost.

    `missed`: old events, or lines of a log that was imported, could not all be read.
    """

    kept: Path
    rows: Mapping[str, int]
    from_backups: int
    lost: tuple[str, ...]
    missed: bool
    head: str


def rebuild(path: Path, *, now: int, accept_loss: bool = False, lock_timeout: float = LOCK_SECONDS) -> Rebuilt:
    """Rebuild the store at `path`; `now`, in epoch seconds, dates the old file.

    Raises StoreLocked while anybody has it open, StoreDamaged where something would be lost without `accept_loss`,
    StoreNewer, or StoreError: then the store is as it was.
    """
    version = _readable_version(path)
    with as_store_errors(path), WriteLock(path, "store rebuild", timeout=lock_timeout), setting_up(path):
        draft = draft_of(path)
        try:
            make_file(draft)
            keepsakes = _collected(path, version)
            written, lost = _write(draft, keepsakes, now), keepsakes.lost
            if written.fault is not None and not lost:
                lost = (f"The journal is not whole: {written.fault}",)
            if lost and not accept_loss:
                raise _refusal(path, lost)
            if lost:
                written = _write(draft, keepsakes.without_dangling(), now, chained=False)
            _assure(draft)
            kept = _swap(path, draft, now)
        finally:
            clear(draft)
    return Rebuilt(kept, written.rows, keepsakes.from_backups, lost, keepsakes.missed, written.head)


def _refusal(path: Path, lost: tuple[str, ...]) -> StoreDamaged:
    return StoreDamaged(
        f"The store {path} was not rebuilt, for something would be lost: {' '.join(lost)}",
        hint="`ghl-triage store rebuild --accept-loss` does it all the same, and keeps the old file.",
    )


def _readable_version(path: Path) -> int:
    """The schema; 0 where SQLite cannot be asked at all. Raises StoreNewer, and StoreError where there is no file."""
    try:
        version = read_version(path)
    except (StoreForeign, StoreDamaged):
        return 0
    if version == 0:
        raise not_there(path)
    return version


def _collected(path: Path, version: int) -> Keepsakes:
    """All that is to be kept: from the store, and what cannot be read there from its backups, the newest first."""
    keepsakes = Keepsakes()
    with _alone(path) if version else nullcontext() as store:
        keepsakes.gather(store, version)
    for copy in backups_of(path) if keepsakes.lost else ():
        with closing(connect_copy(copy)) as older:
            keepsakes.fill_from(older)
    return keepsakes


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    """The store while no other process has it open. Raises StoreLocked."""
    with closing(sqlite3.connect(path, timeout=_OPEN_ELSEWHERE, isolation_level=None)) as connection:
        # The first statement of all: only a connection that never used shared memory shuts others out of a log.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # One letter changed in the text of the schema would shut up all tables: this way only that part is left out.
        connection.execute("PRAGMA writable_schema = ON")
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_BUSY:
                raise StoreLocked(
                    f"The store {path} is open in another ghl-triage.",
                    holder="another ghl-triage",
                    hint="Leave the app, or let that command end, then try again.",
                ) from error
            # A part of the schema that cannot be read is told with the first statement; the next ones do without it.
            if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
        yield connection


@dataclass(frozen=True, slots=True)
class _Written:
    """The new file: its rows by table, and what the journal's chain says."""

    rows: Mapping[str, int]
    fault: str | None
    head: str


def _write(draft: Path, keepsakes: Keepsakes, now: int, *, chained: bool = True) -> _Written:
    clear(draft)
    make_file(draft)
    migrate(draft)
    with closing(connect_writer(draft, durable=True)) as connection:
        with transaction(connection):
            keepsakes.write(connection, chained=chained)
            if keepsakes.states_lost:
                keepsakes.doubt(connection, now)
            _drop_unreadable_state(connection, draft)
        report = chain.verify(connection)
        rows = {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in keepsakes.found}  # noqa: S608
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return _Written(rows, report.fault, report.head)


def _drop_unreadable_state(connection: sqlite3.Connection, draft: Path) -> None:
    """Whose file it is, and Stripe's clock, the next sync writes anew where they make no sense."""
    state = State(connection, draft)
    for key, read in (("account", state.account), ("clock_offset", state.clock_offset)):
        try:
            read()
        except StoreDamaged:
            state.put(key, None)


def _assure(draft: Path) -> None:
    """The last look before the old file goes. Raises StoreError."""
    wrong = [fault.what for fault in check_copy(draft).faults]
    if wrong:
        raise StoreError(f"The rebuilt store is not sound: {' '.join(wrong)}", hint="The old one is as it was.")


def _swap(path: Path, draft: Path, now: int) -> Path:
    """Put the new file in the old one's place, which stays under a dated name."""
    kept = _free_name(path, f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}")
    try:
        _keep(path, kept)
        # A log that could not be written back belongs to the old file, and would spoil the new one.
        log = path.with_name(f"{path.name}-wal")
        if log.exists():
            log.replace(kept.with_name(f"{kept.name}-wal"))
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        settle(draft, path)
    except OSError as error:
        raise StoreError(f"The store {path} cannot be replaced: {error.strerror}.", hint="It is as it was.") from error
    return kept


def _free_name(path: Path, stamp: str) -> Path:
    name, number = path.with_name(f"{path.name}.{stamp}.replaced"), 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.name}.{stamp}-{number}.replaced")
    return name


def _keep(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except OSError:
        # A file system without hard links.
        shutil.copyfile(path, kept)
    kept.chmod(FILE)
    flush(kept)
