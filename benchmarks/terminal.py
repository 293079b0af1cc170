"""A program in a pseudo-terminal, watched byte by byte: what its user sees, and when."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType


class Terminal:
    """One program in a terminal of 120x36 cells; times are seconds since it was started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._started = time.perf_counter()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"})  # noqa: S606
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.perf_counter() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.perf_counter() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            self.drain(0.05)
        os.close(self._file)

    def wait_for(self, wanted: bytes, timeout: float = 60.0) -> float:
        """Read until these bytes were printed; gives the time since the start. Raises TimeoutError."""
        seen = b""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            chunk = self.read(deadline - time.perf_counter())
            seen = (seen + chunk)[-200_000:]
            if wanted in seen:
                return time.perf_counter() - self._started
        raise TimeoutError(f"{wanted!r} was not printed within {timeout} s; last: {seen[-300:]!r}")

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._file, keys.encode())

    def times(self, keys: str, *wanted: bytes, timeout: float = 10.0) -> list[float]:
        """Type; for each of `wanted` the seconds until it was printed. Empty bytes stand for the first byte at all."""
        pressed = time.perf_counter()
        self.press(keys)
        seen, found = b"", dict[bytes, float]()
        while len(found) < len(set(wanted)):
            left = pressed + timeout - time.perf_counter()
            chunk = self.read(left)
            if not chunk and left <= 0:
                missing = [each for each in wanted if each not in found]
                raise TimeoutError(f"{missing!r} was not printed within {timeout} s; last: {seen[-300:]!r}")
            seen += chunk
            for each in wanted:
                if each not in found and chunk and each in seen:
                    found[each] = time.perf_counter() - pressed
        return [found[each] for each in wanted]

    def drain(self, quiet: float) -> None:
        """Read until nothing was printed for so many seconds."""
        while self.read(quiet):
            pass

    def child(self) -> int | None:
        """The process id of the program's own child, where it has one (Linux)."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children") as children:
            pids = children.read().split()
        return int(pids[0]) if pids else None

    def read(self, timeout: float) -> bytes:
        """What is printed next, as far as it comes in one piece; nothing when the time is over."""
        ready, _, _ = select.select([self._file], [], [], max(0.0, timeout))
        if not ready:
            return b""
        try:
            return os.read(self._file, 65_536)
        except OSError:
            return b""


def peak_memory(pid: int) -> float:
    """The largest resident memory that a process has had, in MB (Linux)."""
    with open(f"/proc/{pid}/status") as status:
        kilobytes = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    return int(kilobytes) / 1024
