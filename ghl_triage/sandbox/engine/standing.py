"""The status of a subscription, as payments, failures and time change it."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import invoices
from ghl_triage.sandbox.engine.api import Job, Obj
from ghl_triage.sandbox.engine.clock import job
from ghl_triage.sandbox.engine.shapes import subscription as shapes
from ghl_triage.sandbox.engine.state import State

#: A first payment that is not made within this time is given up.
INCOMPLETE_SECONDS = 23 * 3_600
_UPDATED = "customer.subscription.updated"


def paid(state: State, subscription: Obj, invoice: Obj, method: str | None) -> Obj:
    """An invoice of it was paid. Only the latest one brings an overdue subscription back."""
    changes: dict[str, Any] = {}
    if method and subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
        changes["default_payment_method"] = method
    status = subscription["status"]
    latest = subscription["latest_invoice"] == invoice["id"]
    if status == "incomplete" or (latest and status in {"past_due", "unpaid"}):
        changes["status"] = "active"
    resumed = latest and status == "paused"
    if resumed:
        changes |= {"status": "active", "status_details": None}
    updated = state.change(subscription, _UPDATED, **changes)
    if resumed:
        state.emit("customer.subscription.resumed", updated)
    _set_delinquent(state, subscription["customer"], delinquent=False)
    return updated


def failed(state: State, subscription: Obj) -> Obj:
    """A charge for it failed: active ones are overdue, first payments stay incomplete."""
    _set_delinquent(state, subscription["customer"], delinquent=True)
    if subscription["status"] in {"active", "trialing"}:
        return state.change(subscription, _UPDATED, status="past_due")
    return subscription


def _set_delinquent(state: State, customer_id: str, *, delinquent: bool) -> None:
    customer = state.find("customer", customer_id)
    if customer is not None:
        state.change(customer, "customer.updated", delinquent=delinquent)


def end(state: State, subscription: Obj, reason: str | None, details: Obj | None = None) -> Obj:
    """Cancels it for good. `reason`: cancellation_details.reason."""
    if subscription["status"] in {"canceled", "incomplete_expired"}:
        return subscription
    pending = state.find("setup_intent", subscription["pending_setup_intent"])
    if pending is not None and pending["status"] not in {"succeeded", "canceled"}:
        state.change(pending, "setup_intent.canceled", status="canceled", next_action=None)
    ended = state.change(
        subscription,
        canceled_at=subscription["canceled_at"] or state.now,
        cancel_at_period_end=False,
        cancellation_details={**subscription["cancellation_details"], **(details or {}), "reason": reason},
        ended_at=state.now,
        pending_setup_intent=None,
        status="canceled",
        status_details=None,
    )
    state.emit("customer.subscription.deleted", ended)
    invoices.stop_collecting(state, ended)
    return ended


def pause(state: State, subscription: Obj, reason: str) -> Obj:
    """Status `paused`: no invoices until it is resumed."""
    paused = state.change(subscription, status="paused", status_details=shapes.paused(reason, state.now))
    state.emit("customer.subscription.paused", paused)
    invoices.stop_collecting(state, paused)
    return paused


@job("expire_incomplete", "subscription")
def _expire_incomplete(state: State, subscription: Obj, _planned: Job) -> None:
    if subscription["status"] != "incomplete":
        return
    expired = state.change(subscription, _UPDATED, status="incomplete_expired", ended_at=state.now)
    invoice = state.find("invoice", expired["latest_invoice"])
    if invoice is not None and invoice["status"] == "open":
        invoices.void(state, invoice)


@job("resume_collection", "subscription")
def _resume_collection(state: State, subscription: Obj, planned: Job) -> None:
    pause_now = subscription["pause_collection"]
    if pause_now and pause_now["resumes_at"] == planned.at:
        state.change(subscription, _UPDATED, pause_collection=None)
