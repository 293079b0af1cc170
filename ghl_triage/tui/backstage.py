"""An event loop of its own in a thread: what talks to an API for the screens runs there, so that no key ever waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any


class Backstage:
    """Runs coroutines in one background thread; starts it when first needed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, None], failed: Callable[[Exception], object]) -> Future[None]:
        """Start the work; cancelling the future cancels it at its next await. `failed` hears in the background thread
        what it raised: nobody waits for the future."""
        return asyncio.run_coroutine_threadsafe(_heard(work, failed), self._started())

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_end(loop), loop)
        thread.join(timeout=10)
        if not loop.is_running():
            loop.close()
        self._loop = self._thread = None

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="backstage", daemon=True)
            self._thread.start()
        return self._loop


async def _heard(work: Coroutine[Any, Any, None], failed: Callable[[Exception], object]) -> None:
    try:
        await work
    except Exception as fault:  # the border of the thread: whoever started the work tells of it
        failed(fault)


async def _end(loop: asyncio.AbstractEventLoop) -> None:
    others = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await loop.shutdown_asyncgens()
    loop.stop()
