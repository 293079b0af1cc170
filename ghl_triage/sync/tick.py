"""A tick: what changed since the last one, by events; domain/stripe.md 2.3."""

from __future__ import annotations

from ghl_triage.sources.stripe import Page
from ghl_triage.sync.again import read_again
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.events import event_windows, newest, read_events
from ghl_triage.sync.load import EVENTS, UNREAD
from ghl_triage.sync.plan import DAY
from ghl_triage.sync.targets import Target, targets, targets_from_json, targets_to_json

PART = "changes"


async def tick(run: SyncRun) -> None:
    """Keep the new events, and read again what they tell of.

    What is to be read is noted before the events are kept, and struck out after it was read: whatever interrupts this,
    the next tick goes on. The cursor moves last.
    """
    cursor = int(await run.store.cursor(EVENTS) or run.clock.now())
    for since, until in event_windows(cursor, run.clock.now()):
        todo = targets_from_json(await run.store.cursor(UNREAD))
        cursor = await _take_in(run, since, until, todo, cursor)
        if todo:
            await read_again(run, PART, todo)
            await run.store.save_cursor(UNREAD, "")
        await run.store.save_cursor(EVENTS, str(max(cursor, until or 0)))
    # Without this a quiet account's cursor would grow too old for Stripe to know it.
    if run.clock.now() - cursor > DAY:
        await run.store.save_cursor(EVENTS, str(run.clock.now() - DAY))


async def _take_in(run: SyncRun, since: int, until: int | None, todo: set[Target], cursor: int) -> int:
    """Keep the events of one stretch, and add to `todo` what the new ones tell of; the time of the newest one."""

    async def take(page: Page) -> None:
        nonlocal cursor
        fresh = await run.store.unknown_events(page.data)
        if fresh:
            todo.update(target for event in fresh for target in targets(event))
            await run.store.save_cursor(UNREAD, targets_to_json(todo))
            run.board.count(PART, await run.store.put_events(fresh, page.fetched_at))
        cursor = newest(page.data, cursor)

    await read_events(run.stripe, since, until, take)
    return cursor
