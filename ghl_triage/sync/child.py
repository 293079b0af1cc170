"""Starts the background sync for the app, listens to it, and starts it again should it die."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress

from ghl_triage.config import Settings
from ghl_triage.model import SyncProgress
from ghl_triage.secrets.handing import inheritance
from ghl_triage.sources.secrets import mask
from ghl_triage.sync.progress import SYNC_FULL, SYNC_NOW, progress_from_json

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds before a child that died is started again."""
STOP_SECONDS = 3.0
_LINE_LIMIT = 1 << 20


class SyncChild:
    """`async for progress in child:` runs the sync and yields its state until `stop`.

    The keys go to it through a pipe (secrets/handing.py): arguments can be read by anybody on the machine.
    """

    def __init__(self, settings: Settings, *, command: Sequence[str] | None = None, pause: float = FIRST_PAUSE) -> None:
        self.command = tuple(command or _command(settings))
        """What is started; anybody on the machine can read it."""
        self._settings = settings
        self._pause = pause
        self._process: Process | None = None
        self._stop = asyncio.Event()
        self._last_words = ""

    def __aiter__(self) -> AsyncIterator[SyncProgress]:
        return self.told()

    async def told(self) -> AsyncGenerator[SyncProgress, None]:
        """What the child tells, and in its stead, when it died, that it did."""
        pause = self._pause
        while not self._stop.is_set():
            lived = False
            async for progress in self._one_life():
                lived = True
                yield progress
            if self._stop.is_set():
                return
            yield SyncProgress("tick", finished=True, error=self._obituary())
            pause = self._pause if lived else min(LONGEST_PAUSE, pause * 2)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)

    @property
    def returncode(self) -> int | None:
        """How the last child ended; None while one lives, or where there was none."""
        return self._process.returncode if self._process else None

    async def sync_now(self, *, full: bool = False) -> None:
        """Let the next sync start at once."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._process.stdin.write(f"{SYNC_FULL if full else SYNC_NOW}\n".encode())
                await self._process.stdin.drain()

    async def stop(self) -> None:
        """End the child: its input closes, and if that is not enough it is told and then made to."""
        self._stop.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        for end in (process.terminate, process.kill):
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    end()
            else:
                return
        await process.wait()

    async def _one_life(self) -> AsyncGenerator[SyncProgress, None]:
        with inheritance(self._settings, os.environ) as inherited:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=inherited.environment,
                pass_fds=inherited.descriptors,
                start_new_session=True,
                limit=_LINE_LIMIT,
            )
        self._process = process
        listening = asyncio.ensure_future(self._keep_last_words(process))
        try:
            if process.stdout is not None:
                async for line in process.stdout:
                    with suppress(ValueError):
                        yield progress_from_json(line.decode())
            await process.wait()
            await listening
        finally:
            listening.cancel()

    async def _keep_last_words(self, process: Process) -> None:
        if process.stderr is not None:
            async for line in process.stderr:
                if line.strip():
                    self._last_words = line.decode(errors="replace")

    def _obituary(self) -> str:
        said = mask(self._last_words)
        return f"The background sync ended{f': {said}' if said else '.'} It is started again."


def _command(settings: Settings) -> tuple[str, ...]:
    guard = ("--read-only",) if settings.read_only else ()
    return (sys.executable, "-m", "ghl_triage", *guard, "--rate", str(settings.rate), "sync", "--watch", "--json")
