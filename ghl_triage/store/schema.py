"""Makes, checks and moves forward the SQLite file of a workspace.

The check reads the file's header alone: a file that is not ours, or newer than this program, is never opened by SQLite,
so nothing about it changes.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ghl_triage.errors import StoreError, StoreForeign, StoreNewer
from ghl_triage.store.connection import as_store_errors, connect_reader, connect_writer
from ghl_triage.store.tables import APPLICATION_ID, MIGRATIONS, VERSION, Migration

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

_HEADER = struct.Struct(">16s44xI4xI")
"""SQLite's file header: the magic at 0, user_version at 60, application_id at 68 (sqlite.org/fileformat2.html)."""
_MAGIC = b"SQLite format 3\x00"
_PAGE_SIZE = 8192


def open_store(path: Path) -> None:
    """Sees to it that `path` is a store of this program's version: made, or moved forward, where it must be.

    Cheap where nothing is to be done. Raises `StoreForeign`, `StoreNewer`, or `StoreError`.
    """
    if stored_version(path) == VERSION:
        return
    with as_store_errors(path), _one_at_a_time(path):
        version = stored_version(path)
        if version == VERSION:
            return
        if version == 0:
            _create(path)
        else:
            backup(path, path.with_name(f"{path.name}.v{version}.backup"))
        _migrate(path)


_seen: dict[tuple[int, int], int] = {}
"""The version of each file (device and inode) that this process has looked at, and may have open."""


def stored_version(path: Path) -> int:
    """The file's schema version; 0 where there is no file yet. Reads the header, and touches nothing.

    A file is read once in a process: closing a descriptor of it would drop the locks of every SQLite connection that
    the process holds on it (sqlite.org/howtocorrupt.html, 2.2).
    """
    identity = _identity(path)
    if identity is not None and _seen.get(identity) == VERSION:
        return VERSION
    version = _read_version(path)
    if identity is not None:
        _seen[identity] = version
    return version


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _read_version(path: Path) -> int:
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unusable(path, "read", error) from error
    if not head:
        return 0
    if len(head) < _HEADER.size:
        raise _foreign(path)
    magic, version, application = _HEADER.unpack(head)
    if magic != _MAGIC or application != APPLICATION_ID:
        raise _foreign(path)
    if version > VERSION:
        raise StoreNewer(
            f"The store {path} was written by a newer ghl-triage (schema {version}, this one knows {VERSION}).",
            hint="Update ghl-triage. The file was not touched.",
        )
    return int(version)


def backup(path: Path, to: Path) -> None:
    """A whole copy of the store as it is now, while others may read and write it; mode 0600."""
    to.unlink(missing_ok=True)
    _private_file(to)
    source, copy = connect_reader(path), sqlite3.connect(to)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _private_file(path)


def _private_file(path: Path) -> None:
    """Made before SQLite sees it: SQLite gives its side files the mode of the main one."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise _unusable(path, "made", error) from error


def _migrate(path: Path) -> None:
    from sqlite_utils import Database

    connection = connect_writer(path, durable=True)
    try:
        database = Database(connection, execute_plugins=False)
        database.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        # Before anything else: cut off here, the next start must know the file as ours.
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.enable_wal()
        migrations().apply(database)
        # The header that the next start reads must be in the main file, not in the write-ahead log.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def migrations() -> Migrations:
    """Our steps, as sqlite-utils runs and records them: each in a transaction together with its version number."""
    from sqlite_utils.migrations import Migrations

    steps = Migrations("ghl_triage")
    for number, migration in enumerate(MIGRATIONS, start=1):
        _register(steps, migration, number)
    return steps


def _register(steps: Migrations, migration: Migration, number: int) -> None:
    def apply(database: Database) -> None:
        for statement in migration.statements:
            database.execute(statement)
        if migration.then is not None:
            migration.then(database.conn)
        database.execute(f"PRAGMA user_version = {number}")

    steps(name=migration.name)(apply)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Two first starts at once: one makes the file, the other waits and finds it made."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path.with_name(f"{path.name}.setup"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise _unusable(path, "made", error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _foreign(path: Path) -> StoreForeign:
    return StoreForeign(f"The file {path} is no store of ghl-triage. It was not touched.", hint="Choose another path.")


def _unusable(path: Path, verb: str, error: OSError) -> StoreError:
    return StoreError(
        f"The store {path} cannot be {verb}: {error.strerror}.",
        hint="Check that the file and its folder belong to you and can be written.",
    )
