"""Opens the SQLite file: for reading, for writing, and inside one transaction; turns SQLite's errors into ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from ghl_triage.errors import StoreDamaged, StoreError, StoreForeign

BUSY_MS = 10_000
"""How long one statement waits for another process's transaction; ours last milliseconds."""
CACHE_KIB = 2_000
"""SQLite's page cache for each connection, of which the app has one a thread. A larger one is no faster: 100,000 cases
are listed and counted in the same time (benchmarks/screen.py), for the system keeps the file in memory anyway."""


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; cheap to open. One thread at a time."""
    with as_store_errors(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        _prepare(connection, "query_only = ON")
    return connection


def connect_writer(path: Path, *, durable: bool = False) -> sqlite3.Connection:
    """A connection for writing. `durable`: a commit is on the disk when it returns, whatever happens to the machine."""
    with as_store_errors(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        _prepare(connection, f"synchronous = {'FULL' if durable else 'NORMAL'}")
    return connection


def _prepare(connection: sqlite3.Connection, own: str) -> None:
    try:
        for setting in (f"busy_timeout = {BUSY_MS}", f"cache_size = -{CACHE_KIB}", own):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.DatabaseError:
        # The file was damaged: left open, it would keep `store rebuild` out.
        connection.close()
        raise


class OpenFile:
    """Whoever holds a connection to a store; it is closed at the end of a `with`."""

    _path: Path
    _connection: sqlite3.Connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Takes the write lock at its start, so that it cannot fail half way for want of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_WRITABLE = "Check that the file and its folder belong to you and can be written."
_HINTS = {
    sqlite3.SQLITE_BUSY: "Another program is writing to it; try again in a moment.",
    sqlite3.SQLITE_LOCKED: "Another program is writing to it; try again in a moment.",
    sqlite3.SQLITE_FULL: "Make room on the disk; what was stored before is whole.",
    sqlite3.SQLITE_IOERR: "The disk may be full or failing; what was stored before is whole.",
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_AUTH: _WRITABLE,
}
_UNREADABLE = ("malformed JSON", "Could not decode to UTF-8")
"""What SQLite and its module say of a row whose content was damaged, with the code of any wrong statement."""
DAMAGED_HINT = (
    "`ghl-triage store check` says what is damaged; `ghl-triage store rebuild` keeps the journal and your notes, "
    "and the next sync loads the rest."
)


@contextmanager
def as_store_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as ours, with what the user can do about them."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise store_error(path, error) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """The same where rows are read and made values of: one that makes none was damaged after it was written."""
    with as_store_errors(path):
        try:
            yield
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise _damaged(path, f"a row of it cannot be read ({type(error).__name__}: {error})") from error


def store_error(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """One of SQLite's errors as ours."""
    code, text = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF, str(error)
    if code == sqlite3.SQLITE_NOTADB:
        return foreign(path)
    if code == sqlite3.SQLITE_CORRUPT or any(sign in text for sign in _UNREADABLE):
        return _damaged(path, text)
    return StoreError(f"The store {path} cannot be used: {text}.", hint=_HINTS.get(code, ""))


def foreign(path: Path) -> StoreForeign:
    """A file in the store's place that is none."""
    return StoreForeign(
        f"The file {path} is no store of ghl-triage. It was not touched.",
        hint="Move it away; if it was one, `ghl-triage store rebuild` brings back what its backups hold.",
    )


def _damaged(path: Path, what: str) -> StoreDamaged:
    return StoreDamaged(f"The store {path} is damaged: {what}.", hint=DAMAGED_HINT)
