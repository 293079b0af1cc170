"""A sync that gives way: a first load takes half an hour, and no plan waits that long.

Between two writes all is committed and every cursor is behind its rows, so that is where a run stops, lets those in who
wait for the write lock, and goes on where it was. What it has read meanwhile does no harm: a row that was read later
stays. Other syncs are kept out by a lock of their own, for the whole run: cursors are one run's alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ghl_triage.store.lock import WriteLock
from ghl_triage.sync.concurrency import end
from ghl_triage.sync.store_thread import StoreThread

LOOK_SECONDS = 0.1
"""Between two looks whether somebody waits."""


@asynccontextmanager
async def giving_way(lock: WriteLock, store: StoreThread) -> AsyncIterator[None]:
    """A run inside holds `lock`, but for the times in which others want it."""
    watching = asyncio.create_task(_watch(lock, store))
    try:
        yield
    finally:
        await end([watching])


async def _watch(lock: WriteLock, store: StoreThread) -> None:
    while True:
        # The lock's own seconds, not a clock's of ours: another process lives by them.
        await asyncio.sleep(LOOK_SECONDS)
        if lock.wanted:
            async with store.paused():
                lock.release()
                while not lock.retake():
                    await asyncio.sleep(LOOK_SECONDS)
