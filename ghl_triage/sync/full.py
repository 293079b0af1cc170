"""The full load: all lists of the bulk plan side by side, each going on where it was when the program ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ghl_triage.errors import NotPermitted, RateLimited, Unreachable
from ghl_triage.sources.stripe import Page
from ghl_triage.sync.again import read_again
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.events import OVERLAP, newest, read_events
from ghl_triage.sync.load import (
    EVENTS,
    LOAD,
    RECONCILED,
    UNDELIVERED,
    UNREAD,
    WARNINGS,
    LoadState,
    covered,
    list_cursor,
)
from ghl_triage.sync.namesakes import REFUSED
from ghl_triage.sync.parts import Part, run_parts
from ghl_triage.sync.plan import ListSpec, full_lists
from ghl_triage.sync.targets import Target
from ghl_triage.sync.walk import ListWalk
from ghl_triage.sync.windows import list_state

UNLISTED = "unlisted subscriptions"
MOST_UNLISTED = 20
"""More are no oddity but old subscriptions that are over: not worth a request each."""


async def begin_load(run: SyncRun) -> LoadState:
    """Note where events stand, before anything is read: later ones are what the first tick has to look at."""
    started = run.clock.now()
    seen, followed = 0, int(await run.store.cursor(EVENTS) or 0)
    await run.store.save_cursor(LOAD, "")
    await run.store.write(lambda writer: writer.forget_lookups())

    async def take(page: Page) -> None:
        nonlocal seen
        seen = newest(page.data, seen)
        await run.store.put_events(page.data, page.fetched_at)

    try:
        await read_events(run.stripe, started - OVERLAP, None, take)
    except (NotPermitted, RateLimited, Unreachable):
        # The part that reads their history says so; without these few a tick merely reads some objects twice.
        seen = 0
    specs = full_lists(started, run.history_days)
    load = LoadState(started, tuple(spec.part for spec in specs), followed=followed, history_days=run.history_days)
    anew = dict.fromkeys([*(list_cursor(spec.part) for spec in specs), UNREAD, REFUSED, UNDELIVERED], "")
    # At once: a cursor of events that moved alone would claim, after a kill, that nothing was missed before it.
    await run.store.save_cursors({**anew, EVENTS: str(seen or started), LOAD: load.to_json()})
    return load


async def full_load(run: SyncRun, load: LoadState, *, beside: Sequence[Part] = ()) -> list[Part]:
    """Read what is left of a load, and `beside` it other parts; those that failed are returned.

    Cases of the status lists appear page by page; the last word on them is due when all lists are in.
    """
    reading = _Reading(run, load)
    specs = [spec for spec in full_lists(load.started, load.history_days) if spec.part in load.left]
    parts = [Part(spec.part, partial(reading.read, spec), needed=spec.shows) for spec in specs]
    failed = await run_parts([*parts, *beside], run)
    unlisted = Part(UNLISTED, partial(_read_unlisted, run))
    failed += await run_parts([unlisted], run)
    if not any(part.may_recover for part in [*parts, unlisted]):
        await reading.complete()
    return failed


async def _read_unlisted(run: SyncRun) -> None:
    """Subscriptions that an invoice names and no list held: of a status that we don't know, or over and very old."""
    names = await run.store.read(lambda reader: reader.unlisted_subscriptions(MOST_UNLISTED))
    await read_again(run, UNLISTED, [Target("subscription", name) for name in names], lists_read=True)


class _Reading:
    """Keeps the state of a load in the store, as its lists come in."""

    def __init__(self, run: SyncRun, load: LoadState) -> None:
        self._run = run
        self._load = load

    async def read(self, spec: ListSpec) -> None:
        """One list, from where it was."""
        run, name = self._run, list_cursor(spec.part)
        state = list_state(await run.store.cursor(name) or None, since=spec.since)

        async def sink(page: Page, position: str) -> None:
            if spec.events:
                count = await run.store.put_events(page.data, page.fetched_at, cursors={name: position})
            else:
                count = await run.store.put(page.data, page.fetched_at, cursors={name: position}, show=spec.shows)
            run.board.count(spec.part, count)

        await ListWalk(spec, state, stripe=run.stripe, expansions=run.expansions, gate=run.gate, sink=sink).run()
        # Struck out before it is claimed: of two lists that end at once, the second to be claimed sees both.
        self._load = load = self._load.without(spec.part)
        await run.store.cover(lambda known: covered(known, load, spec.part))
        await run.store.save_cursor(LOAD, self._load.to_json())

    async def complete(self) -> None:
        """The load is over: all was read but what the key may not read."""
        self._load = replace(self._load, complete=True)
        for read_with_it in (RECONCILED, WARNINGS):
            await self._run.store.save_cursor(read_with_it, str(self._load.started))
        await self._run.store.save_cursor(LOAD, self._load.to_json())
