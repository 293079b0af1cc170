"""The pace of payments: many tries at once look like fraud to the banks; design.md section 6, rule 4."""

from __future__ import annotations

from ghl_triage.clock import Clock


class Pace:
    """Lets callers through at most `rate` times a second; 0 is no limit."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        self._clock = clock
        self._next = clock.monotonic()

    async def turn(self) -> None:
        """Wait for a turn."""
        wait = self._next - self._clock.monotonic()
        self._next = max(self._next, self._clock.monotonic()) + self._gap
        if wait > 0:
            await self._clock.sleep(wait)
