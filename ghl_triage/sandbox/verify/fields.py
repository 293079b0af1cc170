"""What is compared: the fields that verdicts, plans and syncs read, and how far two values may lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from ghl_triage.sandbox.engine.api import Obj

How: TypeAlias = Literal["same", "object", "time", "whether"]
"""`same`: the value itself; `object`: the name of the object that the id stands for; `time`: within TOLERANCE;
`whether`: only that there is one."""

TOLERANCE = 2 * 3_600
"""Seconds: verdicts look at a trial's end two hours late, so a difference below that changes none."""

_ADVICE = ("code", "decline_code", "advice_code", "network_decline_code", "network_advice_code")


def _all(how: How, *paths: str) -> dict[str, How]:
    return dict.fromkeys(paths, how)


FIELDS: Mapping[str, Mapping[str, How]] = {
    "customer": {
        **_all("same", "email", "currency", "delinquent"),
        **_all("object", "invoice_settings.default_payment_method", "default_source"),
    },
    "subscription": {
        **_all("same", "status", "cancel_at_period_end", "cancellation_details.reason", "collection_method"),
        **_all("same", "days_until_due", "pause_collection.behavior", "status_details.paused.subscription.type"),
        **_all("same", "payment_settings.save_default_payment_method"),
        **_all("same", "trial_settings.end_behavior.missing_payment_method"),
        **_all("object", "default_payment_method", "default_source", "latest_invoice", "pending_setup_intent"),
        **_all("time", "trial_start", "trial_end", "ended_at", "canceled_at", "cancel_at"),
        **_all("time", "items.data.0.current_period_start", "items.data.0.current_period_end"),
        **_all("whether", "application"),
    },
    "invoice": {
        **_all("same", "status", "billing_reason", "attempt_count", "attempted", "auto_advance", "collection_method"),
        **_all("same", "amount_due", "amount_paid", "amount_remaining", "currency", "last_finalization_error.code"),
        **_all("object", "parent.subscription_details.subscription", "default_payment_method", "default_source"),
        **_all("time", "created", "due_date", "status_transitions.finalized_at", "status_transitions.paid_at"),
        **_all("time", "status_transitions.voided_at", "status_transitions.marked_uncollectible_at"),
        **_all("whether", "next_payment_attempt", "hosted_invoice_url"),
    },
    "invoice_payment": {
        **_all("same", "status", "is_default", "amount_paid", "amount_requested", "payment.type"),
        **_all("object", "payment.payment_intent"),
    },
    "payment_intent": {
        **_all("same", "status", "amount", "currency", "setup_future_usage", "cancellation_reason", "capture_method"),
        **_all("same", *(f"last_payment_error.{name}" for name in _ADVICE)),
        **_all("object", "payment_method", "latest_charge", "last_payment_error.payment_method.id"),
        **_all("object", "last_payment_error.charge"),
        **_all("whether", "application"),
    },
    "charge": {
        **_all("same", "status", "paid", "captured", "amount", "currency", "failure_code", "disputed"),
        **_all("same", "outcome.type", "outcome.network_status", "outcome.reason", "outcome.risk_level"),
        **_all("same", "outcome.advice_code", "outcome.network_decline_code", "outcome.network_advice_code"),
        **_all("same", "payment_method_details.card.brand", "payment_method_details.card.country"),
        **_all("object", "payment_method", "payment_intent"),
    },
    "setup_intent": {
        **_all("same", "status", "usage", "last_setup_error.code", "last_setup_error.decline_code"),
        **_all("object", "payment_method"),
        **_all("whether", "mandate", "latest_attempt", "application"),
    },
    "payment_method": {
        **_all("same", "type", "card.brand", "card.country", "card.funding"),
        **_all("object", "customer"),
    },
}
"""By kind, and by path below the object. Times of payments are left out: Stripe's payments live by the wall's clock."""


def value(obj: Obj, path: str) -> Any:
    """What stands at a path; None where there is nothing."""
    found: Any = obj
    for part in path.split("."):
        if isinstance(found, list):
            found = found[int(part)] if int(part) < len(found) else None
        elif isinstance(found, Mapping):
            found = found.get(part)
        else:
            return None
    return found
