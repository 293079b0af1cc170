"""Parts side by side: one that fails is shown so, and comes again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from ghl_triage.clock import FixedClock
from ghl_triage.errors import NotAuthenticated, NotPermitted, SourceError, StoreError, Unreachable
from ghl_triage.model import PartState, SyncProgress
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.parts import FIRST_PAUSE, LONGEST_PAUSE, Part, retry_pause, run_parts
from ghl_triage.sync.progress import Board

pytestmark = pytest.mark.anyio

Told = list[SyncProgress]


def a_run(told: Told) -> SyncRun:
    board = Board("full", requests=lambda: 0, on_change=told.append)
    nothing = cast(Any, None)
    return SyncRun(nothing, nothing, board, FixedClock(1_000))


def failing(times: int, error: Exception, then: Callable[[], Awaitable[None]] | None = None) -> Part:
    left = times

    async def work() -> None:
        nonlocal left
        if left:
            left -= 1
            raise error
        if then:
            await then()

    return Part("charges", work)


async def test_a_failed_part_is_tried_again_while_others_run() -> None:
    told: Told = []
    over = asyncio.Event()

    async def come_through() -> None:
        over.set()

    async def long() -> None:
        await over.wait()

    part = failing(2, Unreachable("Stripe answered 500 and nothing usable."), come_through)
    assert await run_parts([part, Part("customers", long)], a_run(told)) == []
    states = [[part.state for part in progress.parts if part.name == "charges"] for progress in told]
    assert [PartState.FAILED] in states
    assert states[-1] == [PartState.DONE]
    shown = next(part for progress in told for part in progress.failed_parts)
    assert shown.error == "Stripe answered 500 and nothing usable."
    assert shown.retry_at == 1_000 + FIRST_PAUSE


async def test_when_only_failed_parts_are_left_they_are_handed_back() -> None:
    told: Told = []
    part = failing(99, Unreachable("gone"))
    assert await run_parts([part], a_run(told)) == [part]
    assert part.may_recover
    assert told[-1].failed_parts[0].retry_at == 1_000 + FIRST_PAUSE


@pytest.mark.parametrize("needed", [False, True])
async def test_a_missing_right_ends_its_part_alone_and_is_named(needed: bool) -> None:
    told: Told = []
    done = asyncio.Event()

    async def other() -> None:
        await asyncio.sleep(0)
        done.set()

    error = NotPermitted("The Stripe key lacks the right rak_charge_read.", hint="Add it.")
    part = failing(99, error)
    part.needed = needed
    failed = await run_parts([part, Part("customers", other)], a_run(told))
    assert [part.may_recover for part in failed] == [False]
    assert done.is_set()
    shown = next(part for part in told[-1].parts if part.name == "charges")
    assert (shown.error, shown.retry_at) == ("The Stripe key lacks the right rak_charge_read. Add it.", None)
    # Only what decides whether there are cases at all fails a sync; the rest is told as not seen.
    assert told[-1].failed_parts == ((shown,) if needed else ())
    assert told[-1].missing == (() if needed else (f"charges: {shown.error}",))


async def test_one_missing_right_is_told_once() -> None:
    told: Told = []
    error = NotPermitted("The Stripe key lacks the right rak_event_read.", hint="Add it.")
    events, undelivered = failing(99, error), failing(99, error)
    undelivered.name = "undelivered events"
    run = a_run(told)
    run.board.missing(error.message)
    await run_parts([events, undelivered], run)
    run.unseen("changes", error)
    assert told[-1].missing == (
        "changes, charges, undelivered events: The Stripe key lacks the right rak_event_read. Add it.",
    )


@pytest.mark.parametrize("error", [NotAuthenticated("The key is wrong."), StoreError("disk full"), KeyError("ours")])
async def test_what_ends_everything_stops_the_others(error: Exception) -> None:
    stopped = asyncio.Event()

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    with pytest.raises(type(error)):
        await run_parts([Part("customers", other), failing(1, error)], a_run([]))
    assert stopped.is_set()


async def test_pauses_grow_and_stay_bearable() -> None:
    run = a_run([])
    pauses = []
    for _ in range(8):
        failed = await run_parts([failing(1, Unreachable("gone"))], run)
        pauses.append(retry_pause(run.failures[failed[0].name]))
    assert pauses[:3] == [20, 40, 80]
    assert max(pauses) == LONGEST_PAUSE
    assert await run_parts([failing(0, SourceError(""))], run) == []
    assert run.failures == {}
