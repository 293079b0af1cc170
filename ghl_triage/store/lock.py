"""The write lock of a workspace: held for one sync or one plan; says who holds it."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from ghl_triage.errors import StoreError, StoreLocked

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
        descriptor = self._open()
        deadline = time.monotonic() + max(timeout, _LEAST_WAIT)
        while not _try(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                holder = self.holder() or "another ghl-triage"
                raise StoreLocked(
                    f"The workspace is being written by {holder}.",
                    holder=holder,
                    hint="Wait until it is done, then try again.",
                )
            time.sleep(_POLL_SECONDS)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{self._who} (process {os.getpid()})".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; nothing where it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> str | None:
        """Who holds the lock now, in words; None where nobody does."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            if self._descriptor is None and _try(descriptor):
                return None
            return os.read(descriptor, 200).decode(errors="replace") or "another ghl-triage"
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StoreError(
                f"The lock {self._path} cannot be made: {error.strerror}.", hint="Check that its folder can be written."
            ) from error

    def __enter__(self) -> Self:
        self.acquire(self._timeout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
