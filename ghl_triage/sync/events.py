"""Reads events by lists of types: late, double and disordered ones are expected; domain/stripe.md 2.1 and 2.2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence

from ghl_triage.model import Raw
from ghl_triage.sources.stripe import Page, StripeReader
from ghl_triage.sync.concurrency import together
from ghl_triage.sync.plan import DAY, EVENT_LISTS

OVERLAP = 600
"""Seconds that a tick looks back behind its cursor: events appear late."""

Take = Callable[[Page], Awaitable[None]]


def event_windows(cursor: int, now: int) -> Iterator[tuple[int, int | None]]:
    """The stretches of `created` that a tick reads, oldest first, the last one open.

    One that was away for long takes a day at a time, so that its cursor moves even if it is cut off again.
    """
    start = cursor - OVERLAP
    while now - start > DAY + OVERLAP:
        yield start, start + DAY
        start += DAY
    yield start, None


async def read_events(stripe: StripeReader, since: int, until: int | None, take: Take) -> None:
    """Hand all events of `since` <= created < `until` over, page by page, the lists of types side by side."""

    async def read(types: Sequence[str]) -> None:
        created = {"gte": since} if until is None else {"gte": since, "lt": until}
        async for page in stripe.iter_pages("/v1/events", {"types": list(types), "created": created}):
            await take(page)

    await together(read(types) for types in EVENT_LISTS)


def newest(events: Sequence[Raw], known: int) -> int:
    """The time of the newest of these events, at least `known`."""
    return max([known, *(int(event["created"]) for event in events if isinstance(event.get("created"), int))])
