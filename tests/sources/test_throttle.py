"""The pace: never above the rate, hardly below it, and slower when the API asks for it."""

from __future__ import annotations

import asyncio

import pytest

from ghl_triage.sources.throttle import CAUTION_SECONDS, Throttle

pytestmark = pytest.mark.anyio


class SimulatedClock:
    """Time that passes only in sleeps, and always a little late, as timers are."""

    def __init__(self, late: float = 0.0) -> None:
        self.time = 0.0
        self.late = late

    def now(self) -> int:
        return int(self.time)

    def stamp(self) -> int:
        return self.now()

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds + self.late
        await asyncio.sleep(0)


async def departures(throttle: Throttle, clock: SimulatedClock, count: int) -> list[float]:
    times = []
    for _ in range(count):
        async with throttle.slot():
            times.append(clock.time)
    return times


async def test_the_rate_is_kept_and_used() -> None:
    clock = SimulatedClock(late=0.004)
    times = await departures(Throttle(rate=15, concurrency=4, clock=clock), clock, 600)
    used = (len(times) - 1) / (times[-1] - times[0]) / 15
    assert 0.95 <= used <= 1.01


async def test_no_second_holds_more_than_the_limit_of_stripe() -> None:
    clock = SimulatedClock(late=0.03)
    times = await departures(Throttle(rate=20, concurrency=4, clock=clock), clock, 400)
    assert max(sum(start <= time < start + 1 for time in times) for start in times) <= 25


async def test_without_a_rate_nothing_waits() -> None:
    clock = SimulatedClock()
    for rate in (None, 0):
        await departures(Throttle(rate=rate, concurrency=4, clock=clock), clock, 100)
    assert clock.time == 0


async def test_after_a_limit_the_rate_is_halved_for_a_while() -> None:
    clock = SimulatedClock()
    throttle = Throttle(rate=10, concurrency=4, clock=clock)
    throttle.slow_down()
    slow = await departures(throttle, clock, 100)
    clock.time += CAUTION_SECONDS
    quick = await departures(throttle, clock, 400)
    assert (slow[-1] - slow[0]) / len(slow) / ((quick[-1] - quick[0]) / len(quick)) == pytest.approx(2, rel=0.1)


async def test_never_more_in_flight_than_allowed_and_fewer_when_asked() -> None:
    clock = SimulatedClock()
    throttle = Throttle(rate=None, concurrency=6, clock=clock)
    in_flight = most = 0

    async def request() -> None:
        nonlocal in_flight, most
        async with throttle.slot():
            in_flight += 1
            most = max(most, in_flight)
            await asyncio.sleep(0)
            in_flight -= 1

    await asyncio.gather(*(request() for _ in range(50)))
    assert most == 6
    most = 0
    throttle.narrow()
    await asyncio.gather(*(request() for _ in range(50)))
    assert most == 3
    clock.time += CAUTION_SECONDS
    most = 0
    await asyncio.gather(*(request() for _ in range(50)))
    assert most == 6


async def test_one_who_gives_up_waiting_leaves_his_place_to_the_next() -> None:
    throttle = Throttle(rate=None, concurrency=1, clock=SimulatedClock())
    got = asyncio.Event()

    async def third() -> None:
        async with throttle.slot():
            got.set()

    async with throttle.slot():
        second = asyncio.ensure_future(third())
        last = asyncio.ensure_future(third())
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(got.wait(), 1)
    await last
