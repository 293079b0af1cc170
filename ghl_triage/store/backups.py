"""Whole copies of a store: before each migration, and whenever the user asks for one."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

from ghl_triage.errors import StoreError
from ghl_triage.store.connection import as_store_errors, connect_reader, store_error
from ghl_triage.store.private import private_file

KEPT_VERSIONS = 3
"""Of so many older schemas the last copy stays; a store of a large account is a gigabyte."""
_OF_A_VERSION = re.compile(r"\.v(\d+)\.backup")


def backup(path: Path, to: Path) -> None:
    """A whole copy of the store as it is now, while others may read and write it; mode 0600.

    It comes to its name when it is complete: a copy that a kill or a full disk cut off never stands there.
    Raises StoreError.
    """
    draft = to.with_name(f"{to.name}.partial")
    try:
        clear(draft)
        private_file(draft)
        _copy(path, draft)
        settle(draft, to)
    except OSError as error:
        raise StoreError(
            f"The copy {to} cannot be made: {error.strerror}.",
            hint="Check that its folder is there and can be written.",
        ) from error
    finally:
        clear(draft)


def clear(draft: Path) -> None:
    """Take a draft away, and what SQLite laid beside it."""
    for ending in ("", "-journal", "-wal", "-shm"):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)


def _copy(path: Path, draft: Path) -> None:
    with as_store_errors(path):
        source, copy = connect_reader(path), sqlite3.connect(draft)
        try:
            source.backup(copy)
        except sqlite3.OperationalError as error:
            # What reading cannot cause is the copy's own: its disk is full, say.
            raise store_error(draft.with_suffix(""), error) from error
        finally:
            copy.close()
            source.close()


def settle(draft: Path, to: Path) -> None:
    """Give a finished file its name, with all that is in it on the disk first. Raises OSError."""
    flush(draft)
    draft.replace(to)
    flush(to.parent)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def before_migration(path: Path, version: int) -> Path:
    """The copy of a store of an older schema, about to be moved forward; the oldest copies go. Raises StoreError."""
    copy = path.with_name(f"{path.name}.v{version}.backup")
    backup(path, copy)
    for old in _by_version(path)[KEPT_VERSIONS:]:
        old.unlink(missing_ok=True)
    return copy


def _by_version(path: Path) -> list[Path]:
    """The copies that migrations made, the newest schema first."""
    found = {each: _OF_A_VERSION.fullmatch(each.name.removeprefix(path.name)) for each in backups_of(path)}
    versions = {each: int(match[1]) for each, match in found.items() if match}
    return sorted(versions, key=lambda each: -versions[each])


def backups_of(path: Path) -> list[Path]:
    """All copies beside the store, the newest first; those that the user put elsewhere are not known."""
    try:
        found = [each for each in path.parent.iterdir() if _is_copy(path, each)]
        return sorted(found, key=lambda each: (-each.stat().st_mtime, each.name))
    except OSError:
        return []


def _is_copy(path: Path, other: Path) -> bool:
    return other.name.startswith(f"{path.name}.") and other.name.endswith(".backup")


def connect_copy(path: Path) -> sqlite3.Connection:
    """A copy, to read: no file is made beside it, and nobody else may be writing to it."""
    with as_store_errors(path):
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
