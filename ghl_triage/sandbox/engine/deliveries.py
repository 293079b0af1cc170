"""Whether events reach the client's webhook endpoint: at once, not yet, or not while it is down."""

from __future__ import annotations

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.engine.state import State

UNDER_WAY = 20
"""Seconds for which a delivery is under way: a young event that is pending says nothing about the endpoint."""
RETRIED = 3 * 86_400
"""How long Stripe goes on trying in live mode (docs.stripe.com/webhooks, "Retry behavior")."""


def pending(event: Obj, now: int) -> int:
    """`pending_webhooks` as a reader sees it: how many endpoints have not taken the event."""
    waits = 1 if event["created"] > now - UNDER_WAY else 0
    return max(int(event["pending_webhooks"]), waits)


def set_endpoint(state: State, *, down: bool) -> None:
    """The endpoint answers 500 from now on, or works again: then Stripe's next tries deliver what is younger."""
    state.endpoint_down = down
    if down:
        return
    table = state.table("event")
    for key in table.everything.ascending((state.now - RETRIED) << 64, 1 << 128):
        event = table.objects[key]
        if event["pending_webhooks"]:
            table.replace({**event, "pending_webhooks": 0})
