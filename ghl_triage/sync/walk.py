"""Reads one list to its end: pages are asked for while earlier ones are stored, and a cursor never runs ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ghl_triage.errors import NotFound, RequestRefused, SourceError
from ghl_triage.sources.stripe import Page, StripeReader
from ghl_triage.sync.concurrency import end
from ghl_triage.sync.expansions import Expansions
from ghl_triage.sync.plan import ListSpec
from ghl_triage.sync.windows import MOST_WINDOWS, ListState, Window

PAGES_PARSED = 2
"""How many pages may be parsed and not yet stored, over all lists: one is being stored, the next one is at hand. A page
of a hundred expanded objects takes a dozen megabytes so; those that wait as bytes take one."""

Sink = Callable[[Page, str], Awaitable[None]]
"""Stores a page, and after it the list's state."""


class ListWalk:
    """One list being read. Raises the first SourceError when the windows that can go on have come to their end."""

    def __init__(
        self,
        spec: ListSpec,
        state: ListState,
        *,
        stripe: StripeReader,
        expansions: Expansions,
        gate: asyncio.Semaphore,
        sink: Sink,
    ) -> None:
        self._spec = spec
        self._state = state
        self._stripe = stripe
        self._expansions = expansions
        self._gate = gate
        self._sink = sink
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Read what is left of the list."""
        fault: SourceError | None = None
        for window in self._state.windows:
            self._start(window)
        try:
            while self._tasks:
                done, self._tasks = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    error = task.exception()
                    if isinstance(error, SourceError):
                        fault = fault or error
                    elif error is not None:
                        raise error
        finally:
            await end(self._tasks)
        if fault is not None:
            raise fault

    def _start(self, window: Window) -> None:
        self._tasks.add(asyncio.create_task(self._read(window)))

    async def _read(self, window: Window) -> None:
        page = await self._fetch(window)
        while True:
            following = self._move(window, page)
            try:
                await self._sink(page, self._state.to_json())
            except BaseException:
                if following is not None:
                    await end({following})
                raise
            finally:
                self._gate.release()
            if following is None:
                return
            # Held until the next one comes, the last pages of all windows were a hundred megabytes.
            del page
            page = await following

    def _move(self, window: Window, page: Page) -> asyncio.Task[Page] | None:
        """Note what this page brought, and ask for the next one already."""
        self._state.objects += len(page.data)
        if page.data:
            window.advance(page.data)
        if not page.has_more or not page.data:
            self._state.windows.remove(window)
            return None
        others = window.cut(MOST_WINDOWS - len(self._state.windows))
        self._state.windows.extend(others)
        for other in others:
            self._start(other)
        return asyncio.create_task(self._fetch(window))

    async def _fetch(self, window: Window) -> Page:
        """The next page of the window; whoever gets it gives the gate free."""
        try:
            return await self._page(window.query())
        except (NotFound, RequestRefused):
            if window.after is None:
                raise
            window.reopen()
            return await self._page(window.query())

    async def _page(self, position: Mapping[str, Any]) -> Page:
        async def request(expand: Sequence[str]) -> Page:
            query = {**self._spec.params, **position, "expand": list(expand)}
            return await self._stripe.list_page(self._spec.path, query, gate=self._gate)

        return await self._expansions.ask(self._spec.expand, request)
