"""Now and sleep, injected wherever time matters, so that tests and the sandbox can set the time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """What the program asks of time."""

    def now(self) -> int:
        """The time in UTC epoch seconds."""
        ...

    def stamp(self) -> int:
        """This machine's own time in epoch seconds, never set right: for the order in which things were read."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow: for pace and ages of local things."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(slots=True)
class SystemClock:
    """This machine's clock, set right by Stripe's.

    `offset` (seconds) is Stripe's `Date` header less this machine's time: trial ends and retry windows are Stripe's,
    so Stripe's clock decides when the two differ. The order of readings is told by `stamp`, which no answer moves: set
    back by a few seconds, a newer reading would count as older than what is stored.
    """

    offset: int = 0

    def now(self) -> int:
        return self.stamp() + self.offset

    def stamp(self) -> int:
        return int(time.time())

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class FixedClock:
    """A clock that moves only when told to; sleeping moves it at once."""

    at: int
    slept: list[float] = field(default_factory=list)

    def now(self) -> int:
        return self.at

    def stamp(self) -> int:
        return self.at

    def monotonic(self) -> float:
        return float(self.at)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += round(seconds)
        await asyncio.sleep(0)
