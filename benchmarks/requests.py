"""How many requests a first load, its look-ups and a quiet tick take, and how many it would be one by one.

Counted by the sandbox, not by our client. 1,000 subscriptions: 250 failing, 300 in their trial, 60 days of charges.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import report
from benchmarks.syncing import HastyClock, database, sync
from benchmarks.worlds import World, world
from ghl_triage.clock import SystemClock
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.store.reader import Reader
from ghl_triage.sync.concurrency import for_each

SUBSCRIPTIONS = 1_000
CARDS = r"GET /v1/customers/[^/]+/payment_methods"
LOOK_UPS = ("GET /v1/customers/{id}/payment_methods", "GET /v1/setup_intents", "GET /v1/checkout/sessions")
"""What the look-ups take one by one; a search for namesakes would come on top."""
QUEUE_STATUSES = ("past_due", "unpaid", "incomplete", "paused", "trialing")


def main() -> None:
    """Print the figures."""
    with world(SUBSCRIPTIONS) as at, tempfile.TemporaryDirectory() as home:
        asyncio.run(_count(at, Path(home)))


async def _count(at: World, home: Path) -> None:
    one_by_one, customers = await _one_by_one(at)
    settings = at.settings(home, rate=0)

    # Without an answer about cards, every verdict that needs them stays "cards not read yet".
    at.order_fault(CARDS, "500")
    at.reset()
    await sync(settings, clock=HastyClock())
    load, early = _bulk(at), _look_ups(at)
    highlevel = at.counters()["total_highlevel"]
    waiting = _waiting_customers(database(settings))
    at.clear_faults()

    at.reset()
    await sync(settings, clock=HastyClock())
    asked = early + _look_ups(at)
    highlevel += at.counters()["total_highlevel"]
    left = len(_waiting_customers(database(settings)))

    at.reset()
    await sync(settings, clock=HastyClock())
    quiet = at.counters()

    look_ups = sum(one_by_one[name] for name in LOOK_UPS)
    lists = one_by_one["GET /v1/subscriptions"]
    report("first_load_stripe_requests", load.total(), one_by_one.total(), SUBSCRIPTIONS, **_named(load))
    report("look_ups", asked.total(), look_ups, len(waiting), still_waiting=left, **_named(asked))
    report("look_ups_per_customer", asked.total() / len(waiting), look_ups / customers, len(waiting))
    # One by one HighLevel would be asked for the contact of each customer.
    report("first_load_highlevel_requests", highlevel, customers, SUBSCRIPTIONS)
    # Without events a tick is the status lists again.
    report("quiet_tick_stripe_requests", quiet["total_stripe"], lists, 1)
    report("quiet_tick_highlevel_requests", quiet["total_highlevel"], customers, 1)


def _bulk(at: World) -> Counter[str]:
    return Counter(entry["endpoint"] for entry in at.requests("stripe") if not _is_look_up(entry))


def _look_ups(at: World) -> Counter[str]:
    return Counter(entry["endpoint"] for entry in at.requests("stripe") if _is_look_up(entry))


def _is_look_up(entry: Mapping[str, Any]) -> bool:
    """One customer's cards, ten addresses' customers, one card's set-ups, one subscription's sessions."""
    query, path = str(entry["query"]), str(entry["path"])
    if path.endswith(("/payment_methods", "/customers/search")) or "email=" in query:
        return True
    return "payment_method=" in query or "subscription=sub_" in query


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    return {f"of {name.partition(' /v1/')[2] or name}": count for name, count in sorted(counts.items())}


def _waiting_customers(path: Path) -> set[str]:
    """Those whose verdict wants their cards: it says "cards not read yet", or who must act depends on them."""
    with Reader(path) as reader:
        return {each.customer for each in reader.wants(SUBSCRIPTIONS) if each.want.kind == "cards"}


async def _one_by_one(at: World) -> tuple[Counter[str], int]:
    """The way without expansions and bulk lists: the failing and the trialing, then for each what a verdict rests on.

    The requests are really made; they are returned by endpoint, with the number of customers.
    """
    at.reset()
    stripe = stripe_reader(
        at.environment["STRIPE_API_KEY"], at.environment["STRIPE_API_BASE"], clock=SystemClock(), rate=0
    )
    found: list[Mapping[str, Any]] = []
    try:
        for status in QUEUE_STATUSES:
            async for page in stripe.iter_pages("/v1/subscriptions", {"status": status}):
                found.extend(page.data)
        await for_each(found, lambda each: _read_alone(stripe, each), at_once=12)
    finally:
        await stripe.close()
    return Counter(at.counters()["stripe"]), len({each["customer"] for each in found})


async def _read_alone(stripe: StripeReader, subscription: Mapping[str, Any]) -> None:
    customer, invoice = subscription["customer"], subscription["latest_invoice"]
    await stripe.get(f"/v1/customers/{customer}")
    await stripe.get(f"/v1/invoices/{invoice}")
    for payment in (await stripe.list_page("/v1/invoice_payments", {"invoice": invoice})).data:
        intent = (payment.get("payment") or {}).get("payment_intent")
        if intent:
            await stripe.list_page("/v1/charges", {"payment_intent": intent})
    await stripe.list_page(f"/v1/customers/{customer}/payment_methods")
    await stripe.list_page("/v1/setup_intents", {"customer": customer})
    await stripe.list_page("/v1/checkout/sessions", {"subscription": subscription["id"]})


if __name__ == "__main__":
    main()
