"""The pace of requests: a token bucket, and a limit on those in flight; both give way when the API asks for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ghl_triage.clock import Clock

BURST_SECONDS = 0.5
"""How much unused pace may be caught up: enough for late timers and a busy moment of ours; the default pace with it
stays below what Stripe allows in one second."""
CAUTION_SECONDS = 30.0
"""How long we stay slow after an API limited us; domain/stripe.md section 6."""


class Throttle:
    """Lets requests go at `rate` a second (None or 0: as fast as they come), at most `concurrency` at once."""

    def __init__(self, *, rate: float | None, concurrency: int, clock: Clock) -> None:
        self._rate = rate or None
        self._limit = concurrency
        self._allowed = concurrency
        self._clock = clock
        self._next = clock.monotonic()
        self._slow_until = float("-inf")
        self._narrow_until = float("-inf")
        self._in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one place in flight, entered when the pace allows a request."""
        await self._enter()
        try:
            await self._pace()
            yield
        finally:
            self._in_flight -= 1
            self._wake()

    def slow_down(self) -> None:
        """Halve the rate for a while: the API said that there were too many requests a second."""
        self._slow_until = self._clock.monotonic() + CAUTION_SECONDS

    def narrow(self) -> None:
        """Halve the number in flight for a while: the API said that there were too many at once."""
        self._allowed = max(1, self._allowed // 2)
        self._narrow_until = self._clock.monotonic() + CAUTION_SECONDS

    async def _pace(self) -> None:
        if self._rate is None:
            return
        now = self._clock.monotonic()
        rate = self._rate / 2 if now < self._slow_until else self._rate
        self._next = max(self._next, now - BURST_SECONDS)
        wait = self._next - now
        self._next += 1 / rate
        if wait > 0:
            await self._clock.sleep(wait)

    async def _enter(self) -> None:
        while self._in_flight >= self._places():
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise
        self._in_flight += 1

    def _places(self) -> int:
        if self._allowed < self._limit and self._clock.monotonic() >= self._narrow_until:
            self._allowed = self._limit
        return self._allowed

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
