"""Reads given cases again for an action: before its plan, and after its writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghl_triage.clock import Clock
from ghl_triage.diagnosis.read import text
from ghl_triage.errors import NotFound
from ghl_triage.model import Caps, Raw, Records
from ghl_triage.sources.stripe import StripeReader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.again import AT_ONCE, ONE_BY_ONE, read_again, read_lists
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.objects import read_cards
from ghl_triage.sync.plan import CHARGE_EXPAND, DAY, E1, SUBSCRIPTION_WINDOW, ListSpec, status_lists
from ghl_triage.sync.progress import Board
from ghl_triage.sync.store_thread import StoreThread
from ghl_triage.sync.targets import Seen, Target

PART = "cases"
_BILLED = frozenset({"past_due", "unpaid", "incomplete", "active", "paused"})
"""Statuses in which a subscription may have an open invoice."""


async def refresh_cases(
    stripe: StripeReader, writer: Writer, subscriptions: Sequence[str], clock: Clock, caps: Caps
) -> None:
    """Read these cases' objects again, store them, and give new verdicts.

    Up to thirty of them one by one: his subscriptions, their open invoices with payments, cards, charges, disputes.
    Above that by the status lists; cards and older charges then stay as they were last read. A sync may have given way
    for this: it keeps the verdicts that it owes to others. Raises SourceError.
    """
    store = StoreThread(writer, clock=clock, caps=caps, guest=True)
    try:
        board = Board("refresh", requests=lambda: stripe.requests, on_change=_nobody)
        run = SyncRun(stripe, store, board, clock, strict=True)
        if len(subscriptions) > ONE_BY_ONE:
            await _by_lists(run, subscriptions)
        else:
            await _one_by_one(run, subscriptions)
        payers = await store.read(lambda reader: reader.payers(subscriptions))
        await store.touch(payers.values())
        await store.diagnose_touched()
    finally:
        await store.close()


async def _by_lists(run: SyncRun, subscriptions: Sequence[str]) -> None:
    now = run.clock.now()
    lists = (
        *status_lists(now),
        ListSpec("charges", "/v1/charges", {}, CHARGE_EXPAND, since=now - DAY),
        ListSpec("disputes", "/v1/disputes", since=now - SUBSCRIPTION_WINDOW),
    )
    seen = Seen()
    await read_lists(run, PART, lists, seen)
    rest = [target for each in subscriptions if (target := Target("subscription", each)) not in seen]
    await read_again(run, PART, rest, lists_read=True)


async def _one_by_one(run: SyncRun, subscriptions: Sequence[str]) -> None:
    known = await run.store.read(lambda reader: reader.payers(subscriptions))
    await read_again(run, PART, [Target("subscription", each) for each in subscriptions if each not in known])

    async def refresh(customer: str) -> None:
        await _customer(run, customer)

    await for_each(dict.fromkeys(known.values()), refresh, at_once=AT_ONCE)


async def _customer(run: SyncRun, customer: str) -> None:
    """All of one customer that a verdict on money depends on."""
    try:
        await _list(run, "/v1/subscriptions", {"customer": customer, "status": "all", "expand": list(E1)})
        methods, fetched_at = await read_cards(run.stripe, customer)
    except NotFound:
        await run.store.forget([Target("customer", customer)])
        return
    await run.store.put_cards(customer, methods, fetched_at)
    charges = await _list(run, "/v1/charges", {"customer": customer, "expand": list(CHARGE_EXPAND)})
    for charge in charges:
        if charge.get("disputed"):
            await _list(run, "/v1/disputes", {"charge": charge["id"]})
    records = await run.store.read(lambda reader: reader.records(customer))
    await read_again(run, PART, open_invoices(records), lists_read=True)


def open_invoices(records: Records) -> set[Target]:
    """The invoices of a customer's subscriptions that are open by what the store knows, and the latest ones."""
    subscriptions = [each for each in records.subscriptions if text(each.get("status")) in _BILLED]
    latest = {str(each["latest_invoice"]) for each in subscriptions if each.get("latest_invoice")}
    still_open = {str(each["id"]) for each in records.invoices if each.get("status") == "open"}
    return {Target("invoice", identity) for identity in latest | still_open}


async def _list(run: SyncRun, path: str, query: Mapping[str, object]) -> Sequence[Raw]:
    page = await run.stripe.list_page(path, query)
    await run.store.put(page.data, page.fetched_at)
    return page.data


def _nobody(_: object) -> None:
    """A refresh is too short to be followed."""
