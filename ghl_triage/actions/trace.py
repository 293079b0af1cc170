"""What Stripe's events say of one key. An event names the request that caused it, and lives for 30 days: so it tells
what became of a try whose key Stripe has forgotten, or whose effect somebody has changed since.
"""

from __future__ import annotations

from typing import Any

from ghl_triage.actions.readback import SLACK
from ghl_triage.actions.recheck import Getter
from ghl_triage.diagnosis.read import mapping
from ghl_triage.model import Outcome

MOST_PAGES = 10
"""Pages of 100 events; where there are more, nothing is said."""
EVENTS_LIFE = 29 * 86_400
"""Seconds for which Stripe surely still has the event of a request; it keeps events for 30 days."""
LATEST = 24 * 3_600
"""Seconds after its first try in which a key can have caused anything."""
_FAILURES = ("charge.failed", "invoice.payment_failed", "payment_intent.payment_failed")
_PAYMENTS = ("charge.succeeded", "invoice.paid", "invoice.payment_succeeded", "payment_intent.succeeded")
_TYPES = {
    "pay": (*_FAILURES, *_PAYMENTS),
    "customers": ("customer.updated",),
    "subscriptions": ("customer.subscription.updated",),
}


async def traced(path: str, key: str, reader: Getter, sent_at: int, now: int) -> Outcome | None:
    """What the key did: DONE, DECLINED, or FAILED where no event names it. None where that cannot be told.

    `sent_at` and `now` in UTC epoch seconds. Raises SourceError where the events cannot be read.
    """
    parts = path.strip("/").split("/")
    types = _TYPES.get(parts[-1]) or _TYPES.get(parts[1])
    if types is None or now - sent_at > EVENTS_LIFE:
        return None
    caused = await _caused(types, key, reader, sent_at)
    if caused is None:
        return None
    if caused & set(_FAILURES) and not caused & set(_PAYMENTS):
        return Outcome.DECLINED
    return Outcome.DONE if caused else Outcome.FAILED


async def _caused(types: tuple[str, ...], key: str, reader: Getter, sent_at: int) -> set[str] | None:
    """The types of the events that the key caused; None where there are too many events to look through."""
    created = {"gte": sent_at - SLACK, "lte": sent_at + LATEST}
    params: dict[str, Any] = {"types": list(types), "created": created, "limit": 100}
    caused: set[str] = set()
    for _ in range(MOST_PAGES):
        page = await reader.get("/v1/events", params)
        events = page.get("data") or []
        caused |= {
            str(each.get("type")) for each in events if mapping(each.get("request")).get("idempotency_key") == key
        }
        if not page.get("has_more") or not events:
            return caused
        params = {**params, "starting_after": events[-1]["id"]}
    return None
