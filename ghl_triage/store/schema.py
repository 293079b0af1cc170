"""Makes, checks and moves forward the SQLite file of a workspace.

The check reads the file's header alone: a file that is not ours, or newer than this program, is never opened by SQLite,
so nothing about it changes.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ghl_triage.errors import StoreDamaged, StoreError, StoreNewer
from ghl_triage.store.connection import DAMAGED_HINT, as_store_errors, connect_writer, foreign
from ghl_triage.store.version import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    from ghl_triage.store.migrations.step import Migration

_HEADER = struct.Struct(">16s44xI4xI")
"""SQLite's file header: the magic at 0, user_version at 60, application_id at 68 (sqlite.org/fileformat2.html)."""
_MAGIC = b"SQLite format 3\x00"
_PAGE_SIZE = 8192


_OLDEST_SQLITE = (3, 35)
"""RETURNING came with it (sqlite.org/lang_returning.html)."""


def open_store(path: Path) -> None:
    """Sees to it that `path` is a store of this program's version: made, or moved forward, where it must be.

    Cheap where nothing is to be done. Raises `StoreForeign`, `StoreNewer`, `StoreLocked` or `StoreError`.
    """
    if stored_version(path) == VERSION and not draft_of(path).exists():
        _keep_private(path)
        return
    from ghl_triage.store.backups import clear
    from ghl_triage.store.lock import setting_up

    with as_store_errors(path), setting_up(path):
        # Whoever rebuilt the store holds the lock while its draft is good for anything.
        clear(draft_of(path))
        version = stored_version(path)
        if version == VERSION:
            _keep_private(path)
            return
        if version == 0:
            make_file(path)
        else:
            _keep_a_copy(path)
        migrate(path)
        # Looked at now, before anything of this process has it open; never again.
        stored_version(path)
        _keep_private(path)


def draft_of(path: Path) -> Path:
    """Where a rebuilt store lies until it takes the old one's place."""
    return path.with_name(f"{path.name}.rebuild")


def _keep_private(path: Path) -> None:
    if (path.stat().st_mode | path.parent.stat().st_mode) & 0o077:
        from ghl_triage.store.private import mend

        mend(path)


def _keep_a_copy(path: Path) -> None:
    # A kill between a migration and its checkpoint leaves the new version in the write-ahead log alone: then the file
    # is forward already, and a copy of it is none of the older schema.
    with closing(connect_writer(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise _newer(path, version)
    if version < VERSION:
        from ghl_triage.store.backups import before_migration

        before_migration(path, version)


_seen: dict[tuple[int, int], int] = {}
"""The version of each file (device and inode) that this process has looked at, and may have open."""


def stored_version(path: Path) -> int:
    """The file's schema version; 0 where there is no file yet. Reads the header, and touches nothing.

    A file is read once in a process: closing a descriptor of it would drop the locks of every SQLite connection that
    the process holds on it (sqlite.org/howtocorrupt.html, 2.2).
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            f"ghl-triage needs SQLite 3.35 or newer; this Python has {sqlite3.sqlite_version}.",
            hint="Install a newer Python, or one that is built with a newer SQLite. The store was not touched.",
        )
    identity = _identity(path)
    if identity is not None and _seen.get(identity) == VERSION:
        return VERSION
    version = read_version(path)
    if identity is not None:
        _seen[identity] = version
    return version


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def read_version(path: Path) -> int:
    """The same, read anew: for a process that has no connection to the file."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unusable(path, "read", error) from error
    if not head:
        if _held_data(path):
            raise StoreDamaged(f"The store {path} is empty, and was not always.", hint=DAMAGED_HINT)
        return 0
    if len(head) < _HEADER.size:
        raise foreign(path)
    magic, version, application = _HEADER.unpack(head)
    if magic != _MAGIC or application != APPLICATION_ID:
        raise foreign(path)
    if version > VERSION:
        raise _newer(path, version)
    return int(version)


def _held_data(path: Path) -> bool:
    """Whether an empty file was a store before: a copy lies beside it, or a log of what was written to it."""
    try:
        beside = [each for each in path.parent.iterdir() if each.name.startswith(f"{path.name}")]
        return any(each.name.endswith((".backup", ".replaced", "-wal")) and each.stat().st_size for each in beside)
    except OSError:
        return False


def not_there(path: Path) -> StoreError:
    """A store that nobody has made yet."""
    return StoreError(f"There is no local data in {path} yet.", hint="Run `ghl-triage sync`.")


def make_file(path: Path) -> None:
    """An empty file of the user's own, made before SQLite sees it: its side files get the mode of the main one."""
    from ghl_triage.store.private import private_file

    try:
        private_file(path)
    except OSError as error:
        raise _unusable(path, "made", error) from error


def migrate(path: Path) -> None:
    """Move a file of ours forward, from nothing or from an older schema."""
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

    from ghl_triage.store.migrations import MIGRATIONS

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


def _newer(path: Path, version: int) -> StoreNewer:
    return StoreNewer(
        f"The store {path} was written by a newer ghl-triage (schema {version}, this one knows {VERSION}).",
        hint="Update ghl-triage. The file was not touched.",
    )


def _unusable(path: Path, verb: str, error: OSError) -> StoreError:
    return StoreError(
        f"The store {path} cannot be {verb}: {error.strerror}.",
        hint="Check that the file and its folder belong to you and can be written.",
    )
