"""Subscriptions and their items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ghl_triage.sandbox.engine.api import Obj

_SUBSCRIPTION: Obj = {
    "object": "subscription",
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_cycle_anchor_config": None,
    "billing_mode": {"flexible": None, "type": "classic"},
    "billing_schedules": [],
    "billing_thresholds": None,
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "cancellation_details": {"comment": None, "feedback": None, "reason": None},
    "collection_method": "charge_automatically",
    "customer_account": None,
    "days_until_due": None,
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "ended_at": None,
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "latest_invoice": None,
    "livemode": False,
    "managed_payments": None,
    "metadata": {},
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pause_collection": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "status_details": None,
    "test_clock": None,
    "transfer_data": None,
    "trial_end": None,
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    "trial_start": None,
}


def subscription(subscription_id: str, created: int, items: Sequence[Obj], **fields: Any) -> Obj:
    """A subscription."""
    return {
        **_SUBSCRIPTION,
        "id": subscription_id,
        "created": created,
        "items": item_list(subscription_id, items),
        "start_date": created,
        **fields,
    }


def item_list(subscription_id: str, items: Sequence[Obj]) -> Obj:
    """`subscription.items`."""
    url = f"/v1/subscription_items?subscription={subscription_id}"
    return {"object": "list", "data": list(items), "has_more": False, "url": url}


def item(item_id: str, subscription_id: str, price: Obj, quantity: int, period: tuple[int, int]) -> Obj:
    """One price of a subscription that starts with this period."""
    start, end = period
    return {
        "id": item_id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": start,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": subscription_id,
        "tax_rates": [],
    }


def paused(reason: str, now: int) -> Obj:
    """`status_details` of a paused subscription."""
    return {"paused": {"subscription": {"type": reason}, "transitioned_at": now, "type": "subscription"}}
