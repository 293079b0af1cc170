"""HighLevel's side of a sync: its Payments lists whole, its workflows, the contacts of those whom no list names.

HighLevel knows no filter on changes, so its lists are read anew each time: one request for each hundred rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ghl_triage.errors import NotAuthenticated, NotFound, NotPermitted, RequestRefused
from ghl_triage.model import Coverage, Raw
from ghl_triage.sources.highlevel import EMAILS_PER_SEARCH, HighLevelReader
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.sync.addresses import askable
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.load import CONTACTS, HIGHLEVEL, WORKFLOWS
from ghl_triage.sync.plan import DAY, activity_window

PART, CONTACTS_PART, WORKFLOWS_PART = PARTS = ("HighLevel", "HighLevel contacts", "HighLevel workflows")
SEARCHES_AT_ONCE = 4
MOST_SEARCHES = 40
"""Contact searches in one sync: a thousand e-mails; the others get theirs in the next one."""
_SAMPLE = 200
"""How many listed subscriptions are looked at to see whether this account's carry an application."""
SUBSCRIPTION, TRANSACTION, WORKFLOW = "subscription", "transaction", "workflow"
MOST_CONNECTIONS = 10
"""Connections to Stripe whose account is asked for in one sync: a location has one or two."""


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
        connections: dict[str, tuple[str, str]] = {}
        with _told_as_not_seen("payments/subscriptions.readonly and payments/transactions.readonly"):
            async for rows in self._reader.subscriptions():
                await self._put(SUBSCRIPTION, rows)
                listed.update((str(row.get("_id")), row.get("subscriptionId")) for row in rows)
                connections.update(_connections(SUBSCRIPTION, rows))
            since = _day(began - activity_window(run.history_days))
            async for rows in self._reader.transactions(since, _day(began + DAY)):
                await self._put(TRANSACTION, rows)
                applications.update(filter(None, map(_application_of, rows)))
                connections.update(_connections(TRANSACTION, rows))
            accounts = await self._accounts(connections)
        await run.store.keep_only_highlevel(SUBSCRIPTION, set(listed))
        self._listed = tuple(filter(None, listed.values()))

        def change(known: Coverage) -> Coverage:
            learned = next((name for name, _ in applications.most_common(1)), known.highlevel_application)
            return replace(
                known,
                highlevel_subscriptions_read=True,
                highlevel_application=learned,
                highlevel_accounts={**known.highlevel_accounts, **accounts},
            )

        await run.store.cover(change)
        self.read = True

    async def _accounts(self, connections: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        """The Stripe accounts behind connections that are not known yet: one record each, once in a store's life."""
        known = (await self._run.store.read(lambda reader: reader.coverage())).highlevel_accounts
        found: dict[str, str] = {}
        for connection in sorted(connections.keys() - known.keys())[:MOST_CONNECTIONS]:
            kind, row = connections[connection]
            with suppress(NotFound, RequestRefused):
                account = await self._reader.connected_account(f"{kind}s", row)
                found |= {connection: account} if account else {}
        return found

    async def workflows(self) -> None:
        """Read the names of the workflows; a token that may not is told, and no error."""
        run, began = self._run, self._run.clock.now()
        try:
            rows = await self._reader.workflows()
        except (NotAuthenticated, NotPermitted) as error:
            run.board.missing(f"Workflows are not seen: {error.message} (scope workflows.readonly)")
        else:
            run.board.count(WORKFLOWS_PART, await run.store.put_highlevel(WORKFLOW, rows, run.clock.stamp()))
            await run.store.keep_only_highlevel(WORKFLOW, {str(row.get("id")) for row in rows})
        await run.store.save_cursor(WORKFLOWS, str(began))

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
            part, at = asked[first : first + EMAILS_PER_SEARCH], run.clock.stamp()
            run.board.count(PART, await run.store.put_contacts(part, await self._reader.contacts(part), at))

        with _told_as_not_seen("contacts.readonly"):
            await for_each(range(0, len(asked), EMAILS_PER_SEARCH), search, at_once=SEARCHES_AT_ONCE)
        await run.store.save_cursor(CONTACTS, str(start + len(asked)))
        await run.store.save_cursor(HIGHLEVEL, str(began))

    async def _put(self, kind: str, rows: Sequence[Raw]) -> None:
        run = self._run
        self._named.update(_emails(rows))
        run.board.count(PART, await run.store.put_highlevel(kind, rows, run.clock.stamp()))


@contextmanager
def _told_as_not_seen(scopes: str) -> Iterator[None]:
    """Stripe's key is the one without which nothing goes on. HighLevel's 401 may mean no more than a missing scope."""
    try:
        yield
    except NotAuthenticated as error:
        hint = f"{error.hint} It needs {scopes}."
        raise NotPermitted(error.message, hint=hint, status=error.status, request_id=error.request_id) from None


def _emails_in_queue(store: Reader) -> set[str]:
    rows = store.ids(to_sql(parse(""), 0), DEFAULT_SORT)
    return {
        row.email.strip().casefold()
        for start in range(0, len(rows), 1_000)
        for row in store.case_rows(rows[start : start + 1_000])
        if askable(row.email.strip())
    }


def _application_of(row: Mapping[str, Any]) -> str | None:
    """The Connect application of HighLevel, as its copy of the charge carries it."""
    snapshot = row.get("chargeSnapshot")
    application = snapshot.get("application") if isinstance(snapshot, Mapping) else None
    if isinstance(application, Mapping):
        application = application.get("id")
    return application if isinstance(application, str) and application else None


def _connections(kind: str, rows: Sequence[Raw]) -> Iterator[tuple[str, tuple[str, str]]]:
    """HighLevel's connections to Stripe, each with a row whose record tells the account behind it."""
    for row in rows:
        connection, identity = row.get("paymentProviderConnectedAccount"), row.get("_id")
        through_stripe = row.get("paymentProviderType") in (None, "stripe")
        if through_stripe and isinstance(connection, str) and isinstance(identity, str) and connection:
            yield connection, (kind, identity)


def _any_has_application(store: Reader, subscriptions: Iterable[str]) -> bool:
    return any((store.raw(each) or {}).get("application") for each in islice(subscriptions, _SAMPLE))


def _emails(rows: Sequence[Raw]) -> Iterator[str]:
    return (row["contactEmail"].strip().casefold() for row in rows if isinstance(row.get("contactEmail"), str))


def _day(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d")
