"""The locks of a workspace: the write lock, held for one sync or one plan, and the one for making the file itself."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ghl_triage.errors import StoreError, StoreLocked
from ghl_triage.store.private import open_private, private_folder

_POLL_SECONDS = 0.05
_LEAST_WAIT = 0.1
"""Somebody who merely asks who holds the lock takes it for an instant; nobody is turned away for that."""


class WriteLock:
    """A lock on the file beside the store; the operating system frees it when its holder dies, whatever the cause.

    `who` is shown to whoever waits ("sync", "plan retry").
    """

    def __init__(self, path: Path, who: str, *, timeout: float = 0.0) -> None:
        self._path = path.with_name(f"{path.name}.lock")
        self._who = who
        self._timeout = timeout
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self, timeout: float = 0.0) -> None:
        """Take the lock, waiting up to `timeout` seconds. Blocks its thread. Raises `StoreLocked`."""
        if self._descriptor is not None:
            return
        descriptor = _open(self._path)
        try:
            if not _wait(descriptor, max(timeout, _LEAST_WAIT)):
                holder = self.holder() or "another ghl-triage"
                raise StoreLocked(
                    f"The workspace is being written by {holder}.",
                    holder=holder,
                    hint="Wait until it is done, then try again.",
                )
        except BaseException:
            os.close(descriptor)
            raise
        # On a full disk nobody reads who it is; the lock itself holds all the same.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{self._who} (process {os.getpid()})".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; nothing where it is not held."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> str | None:
        """Who holds the lock now, in words; None where nobody does."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(self._path, error) from error
        try:
            if self._descriptor is None and _try(descriptor):
                return None
            return os.read(descriptor, 200).decode(errors="replace") or "another ghl-triage"
        finally:
            os.close(descriptor)

    def __enter__(self) -> Self:
        self.acquire(self._timeout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


SETUP_SECONDS = 60.0
"""How long a start waits while another process makes the file, moves it forward or rebuilds it."""


@contextmanager
def setting_up(path: Path, *, timeout: float = SETUP_SECONDS) -> Iterator[None]:
    """One at a time makes a store, moves it forward or rebuilds it; the others wait, and find it done.

    Raises StoreLocked, or StoreError where the lock cannot be made.
    """
    descriptor = _open(path.with_name(f"{path.name}.setup"))
    try:
        if not _wait(descriptor, timeout):
            raise StoreLocked(
                f"The store {path} is being made, moved forward or rebuilt by another ghl-triage.",
                holder="another ghl-triage",
                hint="Wait until it is done, then try again.",
            )
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        private_folder(path.parent)
        return open_private(path)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The lock {path} cannot be made or read: {error.strerror}.",
        hint="Check that it belongs to you, and that its folder can be written.",
    )


def _wait(descriptor: int, seconds: float) -> bool:
    """Take the lock within so many seconds."""
    deadline = time.monotonic() + seconds
    while not _try(descriptor):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
