"""HighLevel's side of a sync: its Payments lists whole, and the contacts of those whom they do not name.

HighLevel knows no filter on changes, so its lists are read anew each time: one request for each hundred rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ghl_triage.errors import NotAuthenticated, NotPermitted
from ghl_triage.model import Coverage, Raw
from ghl_triage.sources.highlevel import EMAILS_PER_SEARCH, HighLevelReader
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.load import CONTACTS, HIGHLEVEL
from ghl_triage.sync.plan import ACTIVITY_WINDOW, DAY
from ghl_triage.sync.targets import Target

PART, CONTACTS_PART = PARTS = ("HighLevel", "HighLevel contacts")
SEARCHES_AT_ONCE = 4
MOST_SEARCHES = 40
"""Contact searches in one sync: a thousand e-mails; the others get theirs in the next one."""
_SAMPLE = 200
"""How many listed subscriptions are looked at to see whether this account's carry an application."""
SUBSCRIPTION, TRANSACTION, CONTACT = "subscription", "transaction", "contact"


class HighLevelSide:
    """One reading of HighLevel: first the lists, then the contacts. Stripe's part does not depend on either."""

    def __init__(self, run: SyncRun, reader: HighLevelReader) -> None:
        self._run = run
        self._reader = reader
        self._named: set[str] = set()
        self._listed: tuple[str, ...] = ()
        self.read = False
        """Whether the lists came through."""

    async def lists(self) -> None:
        """Read both Payments lists whole. Raises what went wrong."""
        run, began = self._run, self._run.clock.now()
        listed: dict[str, str | None] = {}
        applications: Counter[str] = Counter()
        try:
            async for rows in self._reader.subscriptions():
                await self._put(SUBSCRIPTION, rows)
                listed.update((str(row.get("_id")), row.get("subscriptionId")) for row in rows)
            async for rows in self._reader.transactions(_day(began - ACTIVITY_WINDOW), _day(began + DAY)):
                await self._put(TRANSACTION, rows)
                applications.update(filter(None, map(_application_of, rows)))
        except NotAuthenticated as error:
            # Stripe's key is the one without which nothing goes on; this one is missed by its own part alone.
            raise NotPermitted(error.message, hint=error.hint, status=error.status) from None
        await self._forget_unlisted(set(listed))
        self._listed = tuple(filter(None, listed.values()))

        def change(known: Coverage) -> Coverage:
            learned = next((name for name, _ in applications.most_common(1)), known.highlevel_application)
            return replace(known, highlevel_subscriptions_read=True, highlevel_application=learned)

        await run.store.cover(change)
        self.read = True

    async def learn(self) -> None:
        """Whether the listed subscriptions carry an application: their absence elsewhere says something then.

        It is asked of what Stripe said of them, which a first load reads beside the lists: so not before it is over.
        """
        store = self._run.store
        marked = await store.read(lambda reader: _any_has_application(reader, self._listed))
        await store.cover(lambda known: replace(known, highlevel_listed_have_application=marked))

    async def contacts(self) -> None:
        """Look for the contacts of those in the queue whom no list named, a few dozen e-mails in one request.

        The queue must be whole by now. One too long for one sync is gone through in turn.
        """
        run, began = self._run, self._run.clock.now()
        emails = sorted(await run.store.read(_emails_in_queue) - self._named)
        position = int(await run.store.cursor(CONTACTS) or 0)
        start = position if position < len(emails) else 0
        asked = emails[start : start + MOST_SEARCHES * EMAILS_PER_SEARCH]

        async def search(first: int) -> None:
            await self._put(CONTACT, await self._reader.contacts(asked[first : first + EMAILS_PER_SEARCH]))

        await for_each(range(0, len(asked), EMAILS_PER_SEARCH), search, at_once=SEARCHES_AT_ONCE)
        await run.store.save_cursor(CONTACTS, str(start + len(asked)))
        await run.store.save_cursor(HIGHLEVEL, str(began))

    async def _put(self, kind: str, rows: Sequence[Raw]) -> None:
        run = self._run
        self._named.update(_emails(rows))
        run.board.count(PART, await run.store.put_highlevel(kind, rows, run.clock.stamp()))

    async def _forget_unlisted(self, kept: set[str]) -> None:
        """The list was read whole: a row that is not in it any more was deleted at HighLevel."""
        stored = await self._run.store.read(lambda store: store.object_ids(f"highlevel_{SUBSCRIPTION}"))
        gone = sorted(stored - kept)
        await self._run.store.forget([Target(f"highlevel_{SUBSCRIPTION}", identity) for identity in gone])


def _emails_in_queue(store: Reader) -> set[str]:
    rows = store.ids(to_sql(parse(""), 0), DEFAULT_SORT)
    return {
        row.email.strip().lower()
        for start in range(0, len(rows), 1_000)
        for row in store.case_rows(rows[start : start + 1_000])
        if row.email
    }


def _application_of(row: Mapping[str, Any]) -> str | None:
    """The Connect application of HighLevel, as its copy of the charge carries it."""
    snapshot = row.get("chargeSnapshot")
    application = snapshot.get("application") if isinstance(snapshot, Mapping) else None
    if isinstance(application, Mapping):
        application = application.get("id")
    return application if isinstance(application, str) and application else None


def _any_has_application(store: Reader, subscriptions: Iterable[str]) -> bool:
    return any((store.raw(each) or {}).get("application") for each in islice(subscriptions, _SAMPLE))


def _emails(rows: Sequence[Raw]) -> Iterator[str]:
    return (row["contactEmail"].strip().lower() for row in rows if isinstance(row.get("contactEmail"), str))


def _day(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d")
