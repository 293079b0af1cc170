"""Objects as API version 2024-06-20 rendered them, for events of an endpoint or account that still lives there.

Only the moves that break a careless reader: periods on the subscription, the payment on the invoice itself, the
invoice on the payment (Stripe's changelog of 2025-03-31.basil).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ghl_triage.sandbox.engine.api import Obj

VERSION = "2024-06-20"


def event(new: Obj) -> Obj:
    """The event as that version rendered it."""
    data = new["data"]
    shape = _SHAPES.get(data["object"].get("object", ""))
    if shape is None:
        return {**new, "api_version": VERSION}
    return {**new, "api_version": VERSION, "data": {**data, "object": shape(data["object"])}}


def _subscription(new: Obj) -> Obj:
    old = _without(new, "billing_mode", "billing_schedules", "invoice_settings", "managed_payments", "status_details")
    entries = new["items"]["data"]
    old["current_period_start"] = min((item["current_period_start"] for item in entries), default=new["start_date"])
    old["current_period_end"] = min((item["current_period_end"] for item in entries), default=new["start_date"])
    periods = ("current_period_start", "current_period_end")
    old["items"] = {**new["items"], "data": [_without(item, *periods) for item in entries]}
    return old


def _invoice(new: Obj) -> Obj:
    old = _without(new, "parent", "payments", "confirmation_secret", "amount_overpaid", "total_taxes")
    details = (new.get("parent") or {}).get("subscription_details") or {}
    old["subscription"] = details.get("subscription")
    old["subscription_details"] = {"metadata": details.get("metadata") or {}}
    old["paid"] = new["status"] == "paid"
    old["paid_out_of_band"] = False
    old["payment_intent"] = None
    old["charge"] = None
    return old


def _payment(new: Obj) -> Obj:
    return {**new, "invoice": None}


def _without(new: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in new.items() if name not in names}


_SHAPES: Mapping[str, Callable[[Obj], Obj]] = {
    "charge": _payment,
    "invoice": _invoice,
    "payment_intent": _payment,
    "subscription": _subscription,
}
