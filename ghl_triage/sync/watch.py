"""The background sync of the app: a process of its own, so that parsing a page never delays a key.

It prints progress as JSON lines on standard output, takes lines on standard input that make the next sync start at
once, and ends when that closes: whoever started it is gone then, or wants it gone.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from ghl_triage.clock import Clock
from ghl_triage.config import Settings
from ghl_triage.errors import StoreLocked, TriageError
from ghl_triage.model import PartState, SyncProgress
from ghl_triage.sync.engine import TICK_SECONDS
from ghl_triage.sync.progress import SYNC_FULL, progress_to_json
from ghl_triage.sync.run import OnProgress, Workspace, next_try

LOCKED_SECONDS = 2
"""Until a store that another process writes is tried again: a plan is over in seconds."""
FAULT_SECONDS = 60
"""Until a sync that could not run at all (no network, a wrong key) is tried again."""
LINES_A_SECOND = 4


async def watch(settings: Settings, *, on_progress: OnProgress, commands: asyncio.Queue[str]) -> None:
    """Sync for as long as it is let: a full load where that is due, then ticks; the lock is held for one run each."""
    workspace = Workspace(settings)
    last = SyncProgress("tick")
    full = False

    def note(progress: SyncProgress) -> None:
        nonlocal last
        last = progress
        on_progress(progress)

    try:
        while True:
            outcome: SyncProgress | TriageError
            try:
                outcome = await workspace.sync(full=full, on_progress=note, lock_wait=0.0)
            except TriageError as error:
                outcome = error
                note(cut_short(last, error))
            pause = _seconds_to_next(outcome, workspace.clock)
            command = await _pause(commands, workspace.clock, pause)
            full = command == SYNC_FULL
            if command:
                workspace.ask_rights_again()
    finally:
        await workspace.close()


def cut_short(last: SyncProgress, error: TriageError) -> SyncProgress:
    """The last word of a run that `error` ended: what was known before stays known, and nothing runs any more."""
    parts = tuple(
        replace(part, state=PartState.WAITING) if part.state is PartState.RUNNING else part for part in last.parts
    )
    return replace(last, parts=parts, finished=True, error=str(error))


def _seconds_to_next(outcome: SyncProgress | TriageError, clock: Clock) -> float:
    if isinstance(outcome, StoreLocked):
        return LOCKED_SECONDS
    if isinstance(outcome, TriageError):
        return FAULT_SECONDS
    due = next_try(outcome)
    return TICK_SECONDS if due is None else min(TICK_SECONDS, max(0, due - clock.now()))


async def _pause(commands: asyncio.Queue[str], clock: Clock, seconds: float) -> str:
    """Wait, or until a command comes; which one."""
    waiting = asyncio.ensure_future(clock.sleep(seconds))
    command = asyncio.ensure_future(commands.get())
    try:
        await asyncio.wait({waiting, command}, return_when=asyncio.FIRST_COMPLETED)
        return command.result() if command.done() else ""
    finally:
        for task in (waiting, command):
            task.cancel()
        await asyncio.gather(waiting, command, return_exceptions=True)


class Announcer:
    """Prints progress, at most a few lines a second; the last word of a run always."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._held: SyncProgress | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, progress: SyncProgress) -> None:
        """Print this, now or with the next line."""
        self._held = progress
        if progress.finished:
            self._flush()
        elif self._timer is None:
            self._flush()
            self._timer = asyncio.get_running_loop().call_later(1 / LINES_A_SECOND, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._held is not None:
            self(self._held)

    def _flush(self) -> None:
        if self._held is not None:
            self._write(progress_to_json(self._held))
            self._held = None


def watch_blocking(settings: Settings) -> None:
    """Watch until standard input closes, or until SIGTERM; the child process's whole life."""
    asyncio.run(_watch_as_child(settings))


async def _watch_as_child(settings: Settings) -> None:
    commands: asyncio.Queue[str] = asyncio.Queue()
    watching = asyncio.ensure_future(watch(settings, on_progress=Announcer(_print), commands=commands))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, watching.cancel)
    async with _standard_input() as lines:
        listening = asyncio.ensure_future(_listen(lines, commands))
        try:
            await asyncio.wait({watching, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (watching, listening):
                task.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            # What went wrong in the watch itself must be seen; that it was told to end is no error.
            with suppress(asyncio.CancelledError, BrokenPipeError):
                await watching


async def _listen(lines: asyncio.StreamReader, commands: asyncio.Queue[str]) -> None:
    while line := await lines.readline():
        commands.put_nowait(line.decode(errors="replace").strip())


@asynccontextmanager
async def _standard_input() -> AsyncIterator[asyncio.StreamReader]:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        yield reader
    finally:
        transport.close()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
