"""The locks of a workspace: the write lock, and the one for making the file itself.

A plan holds the write lock until it is over. A sync gives way to whoever waits for it: those who wait share a lock on a
second file, and the sync looks whether anybody does.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ghl_triage.errors import StoreError, StoreLocked
from ghl_triage.store.private import open_private, private_folder

LOCK_SECONDS = 30.0
"""How long a command waits for whoever writes (design.md section 6, rule 9)."""
_POLL_SECONDS = 0.05
_LEAST_WAIT = 0.1
"""Somebody who merely asks who holds the lock takes it for an instant; nobody is turned away for that."""


class WriteLock:
    """A lock on the file beside the store; the operating system frees it when its holder dies, whatever the cause.

    `who` is shown to whoever waits ("sync", "plan retry").
    """

    def __init__(self, path: Path, who: str, *, timeout: float = 0.0) -> None:
        self._path = path.with_name(f"{path.name}.lock")
        self._queue = path.with_name(f"{path.name}.waiting")
        self._who = who
        self._timeout = timeout
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for the lock. Raises StoreError."""
        queue = _look(self._queue)
        if queue is None:
            return False
        try:
            return not _try(queue)
        finally:
            os.close(queue)

    def retake(self) -> bool:
        """Take the lock back after giving way: not before those who wait had it. Raises StoreError."""
        if self.wanted:
            return False
        descriptor = _open(self._path)
        if not _try(descriptor):
            os.close(descriptor)
            return False
        self._hold(descriptor)
        return True

    def acquire(self, timeout: float = 0.0) -> None:
        """Take the lock, waiting up to `timeout` seconds. Blocks its thread. Raises `StoreLocked`."""
        with closing(self._taking(timeout)) as taking:
            for _ in taking:
                time.sleep(_POLL_SECONDS)

    async def acquired(self, timeout: float = 0.0) -> None:
        """The same beside an event loop. Whoever is cancelled waits no longer: a thread would wait on to its end."""
        with closing(self._taking(timeout)) as taking:
            for _ in taking:
                await asyncio.sleep(_POLL_SECONDS)

    def _taking(self, timeout: float) -> Generator[None]:
        """Takes the lock, with a pause for the caller after each try that failed."""
        if self._descriptor is not None:
            return
        descriptor = _open(self._path)
        try:
            if not _try(descriptor):
                yield from self._queueing(descriptor, max(timeout, _LEAST_WAIT))
        except BaseException:
            os.close(descriptor)
            raise
        self._hold(descriptor)

    def _queueing(self, descriptor: int, seconds: float) -> Generator[None]:
        """The same in the queue: whoever holds the lock sees meanwhile that somebody waits."""
        queue = _open(self._queue)
        try:
            for _ in _tries(descriptor, seconds, self._held_elsewhere):
                # Not to be had for the instant in which the holder looks: then the next turn of the loop gets it.
                _try(queue, fcntl.LOCK_SH)
                yield
        finally:
            os.close(queue)

    def _held_elsewhere(self) -> StoreLocked:
        holder = self.holder() or "another ghl-triage"
        return StoreLocked(
            f"The workspace is being written by {holder}.",
            holder=holder,
            hint="Wait until it is done, then try again.",
        )

    def _hold(self, descriptor: int) -> None:
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
        descriptor = _look(self._path)
        if descriptor is None:
            return None
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

    def being_made() -> StoreLocked:
        return StoreLocked(
            f"The store {path} is being made, moved forward or rebuilt by another ghl-triage.",
            holder="another ghl-triage",
            hint="Wait until it is done, then try again.",
        )

    descriptor = _open(path.with_name(f"{path.name}.setup"))
    try:
        for _ in _tries(descriptor, timeout, being_made):
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        private_folder(path.parent)
        return open_private(path)
    except OSError as error:
        raise _unusable(path, error) from error


def _look(path: Path) -> int | None:
    """A lock's file opened only to ask; None where nobody ever made it."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The lock {path} cannot be made or read: {error.strerror}.",
        hint="Check that it belongs to you, and that its folder can be written.",
    )


def _tries(descriptor: int, seconds: float, refusal: Callable[[], StoreLocked]) -> Iterator[None]:
    """Take a lock within so many seconds, with a pause for the caller after each try that failed. Raises `refusal`."""
    deadline = time.monotonic() + seconds
    while not _try(descriptor):
        if time.monotonic() >= deadline:
            raise refusal()
        yield


def _try(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
