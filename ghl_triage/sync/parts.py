"""Runs the parts of a sync side by side. One that fails is shown as failed, with the time of its next try."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ghl_triage.clock import Clock
from ghl_triage.errors import NotAuthenticated, NotPermitted, RateLimited, SourceError, Unreachable
from ghl_triage.model import PartState
from ghl_triage.sync.concurrency import end
from ghl_triage.sync.context import SyncRun

FIRST_PAUSE, LONGEST_PAUSE = 20, 300
"""Seconds before a failed part is tried again: the transport has tried for half a minute already."""


@dataclass(slots=True)
class Part:
    """One part: its name for the user, what it does, and what it failed with.

    `needed`: without it there is no case at all, so that a missing right is a failure.
    """

    name: str
    work: Callable[[], Awaitable[None]]
    error: SourceError | None = None
    needed: bool = False

    @property
    def may_recover(self) -> bool:
        """Whether it failed in a way that time may mend; a missing right does not come by itself."""
        return isinstance(self.error, Unreachable | RateLimited)

    @property
    def state(self) -> PartState:
        """What it ended as: what the key may not read is not seen, which is no failure of the sync."""
        return PartState.SKIPPED if isinstance(self.error, NotPermitted) and not self.needed else PartState.FAILED


async def run_parts(parts: Sequence[Part], run: SyncRun) -> list[Part]:
    """Run all; the failed ones are returned, each marked so on the board.

    A part that may come through later is tried again while others still run; when only such parts are left, they are
    returned: the caller gives the write lock back before he waits. Raises NotAuthenticated at once: nothing else would
    come through.
    """
    board, clock = run.board, run.clock
    board.expect(part.name for part in parts)
    running = {asyncio.create_task(_attempt(part, run)): part for part in parts}
    due: dict[asyncio.Task[SourceError | None], Part] = {}
    hopeless: list[Part] = []
    try:
        while running:
            done, _ = await asyncio.wait({*running, *due}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task in due:
                    part = due.pop(task)
                    running[asyncio.create_task(_attempt(part, run))] = part
                    continue
                part = running.pop(task)
                part.error = task.result()
                if part.error is None:
                    continue
                if part.may_recover:
                    pause = retry_pause(run.failures[part.name])
                    board.mark(part.name, PartState.FAILED, error=_named(part.error), retry_at=clock.now() + pause)
                    due[asyncio.create_task(_wait(clock, pause))] = part
                else:
                    # What is not seen is told once for all that a right hides: no request's id then.
                    unseen = part.state is PartState.SKIPPED
                    why = f"{part.error.message} {part.error.hint}".strip() if unseen else str(part.error)
                    board.mark(part.name, part.state, error=why)
                    hopeless.append(part)
    finally:
        await end({*running, *due})
    return [*due.values(), *hopeless]


def retry_pause(failures: int) -> int:
    """Seconds to wait after this many failures in a row."""
    return int(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** max(0, failures - 1)))


async def _attempt(part: Part, run: SyncRun) -> SourceError | None:
    run.board.mark(part.name, PartState.RUNNING)
    try:
        await part.work()
    except NotAuthenticated as error:
        run.board.mark(part.name, PartState.FAILED, error=str(error))
        raise
    except SourceError as error:
        run.failures[part.name] = run.failures.get(part.name, 0) + 1
        return error
    run.failures.pop(part.name, None)
    run.board.mark(part.name, PartState.DONE)
    return None


def _named(error: SourceError) -> str:
    """What went wrong, with the id under which the API's own log has it; it is tried again without anybody's doing."""
    return f"{error.message} (request {error.request_id})" if error.request_id else error.message


async def _wait(clock: Clock, seconds: int) -> SourceError | None:
    await clock.sleep(seconds)
    return None
