"""Reads which events the client's endpoint did not take: his code never heard of what they tell (domain/stripe.md R33).

One list for the whole account, the newest first, and never more than a few pages of it: where nothing is delivered,
every event stands in that list.
"""

from __future__ import annotations

from ghl_triage.errors import NotPermitted
from ghl_triage.model import Raw
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.load import UNDELIVERED
from ghl_triage.sync.plan import EVENT_WINDOW

PART = "undelivered events"
LATE = 3_600
"""Seconds after which a delivery counts as failed: Stripe's first tries take minutes."""
PAGES_AT_FIRST, PAGES_LATER = 3, 1


async def read_undelivered(run: SyncRun) -> None:
    """Keep the events that stand undelivered, and forget that others did that are as young."""
    now = run.clock.now()
    try:
        await _read(run, now, PAGES_LATER if await run.store.cursor(UNDELIVERED) else PAGES_AT_FIRST)
    except NotPermitted:
        # A right does not come by itself: it is asked for again when the others are.
        await run.store.save_cursor(UNDELIVERED, str(now))
        raise
    await run.store.save_cursor(UNDELIVERED, str(now))


async def _read(run: SyncRun, now: int, pages: int) -> None:
    # Of whatever type: which ones his code listens to is his alone to know, and Stripe sends it no others.
    query = {"delivery_success": False, "created": {"gte": now - EVENT_WINDOW, "lte": now - LATE}}
    found: list[Raw] = []
    fetched_at, whole = run.clock.stamp(), False
    async for page in run.stripe.iter_pages("/v1/events", query):
        found.extend(page.data)
        fetched_at, whole, pages = page.fetched_at, not page.has_more, pages - 1
        if pages < 1:
            break
    since = 0 if whole else min((int(event["created"]) for event in found), default=now)
    run.board.count(PART, await run.store.put_undelivered(found, fetched_at, since=since))
