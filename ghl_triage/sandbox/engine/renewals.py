"""Periods: the end of trials, renewals, and the invoices that they make."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

from ghl_triage.sandbox.engine import charges, collection, customers, invoices, standing
from ghl_triage.sandbox.engine.api import Job, Obj
from ghl_triage.sandbox.engine.clock import job
from ghl_triage.sandbox.engine.shapes import invoice as invoice_shapes
from ghl_triage.sandbox.engine.shapes import subscription as shapes
from ghl_triage.sandbox.engine.state import State

#: Stripe announces a trial's end so long before it, or at once for shorter trials.
TRIAL_NOTICE_SECONDS = 3 * 86_400
_OPEN = frozenset({"trialing", "active", "past_due", "unpaid"})
_UPDATED = "customer.subscription.updated"


def period_end(start: int, recurring: Obj, anchor: int) -> int:
    """The end of a period that starts then; months keep the anchor's day where they have it."""
    interval: str = recurring.get("interval", "month")
    count: int = recurring.get("interval_count", 1)
    if interval in {"day", "week"}:
        return start + count * (86_400 if interval == "day" else 7 * 86_400)
    moment = datetime.fromtimestamp(start, UTC)
    months = moment.year * 12 + moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    wanted = datetime.fromtimestamp(anchor, UTC).day
    day = min(wanted, monthrange(year, month + 1)[1])
    return int((datetime(year, month + 1, day, tzinfo=UTC) + timedelta(seconds=start % 86_400)).timestamp())


def current_end(subscription: Obj) -> int:
    """When its current period ends."""
    ends: list[int] = [item["current_period_end"] for item in subscription["items"]["data"]]
    return min(ends)


def plan_period(state: State, subscription: Obj) -> None:
    """Plans the renewal at the end of the current period, and a trial's announcement."""
    end = current_end(subscription)
    state.schedule(end, "renew", subscription["id"])
    if subscription["status"] == "trialing":
        state.schedule(max(state.now, end - TRIAL_NOTICE_SECONDS), "announce_trial_end", subscription["id"], end)


def new_period(state: State, subscription: Obj, start: int, **changes: Any) -> Obj:
    """The subscription in the period that starts then."""
    anchor: int = changes.get("billing_cycle_anchor") or subscription["billing_cycle_anchor"]
    items = []
    for item in subscription["items"]["data"]:
        end = period_end(start, item["price"]["recurring"] or {}, anchor)
        items.append({**item, "current_period_start": start, "current_period_end": end})
    listed = shapes.item_list(subscription["id"], items)
    return state.change(subscription, items=listed, **changes)


def bill(state: State, subscription: Obj, reason: str, *, trial: bool) -> Obj:
    """A draft for the current period."""

    def lines(invoice_id: str) -> list[Obj]:
        return [
            invoice_shapes.item_line(state.ids.other("il_1", 23), invoice_id, item, subscription, trial=trial)
            for item in subscription["items"]["data"]
        ]

    item = subscription["items"]["data"][0]
    keep = subscription["pause_collection"] and subscription["pause_collection"]["behavior"] == "keep_as_draft"
    advances = subscription["status"] != "unpaid" and not keep
    types = subscription["payment_settings"]["payment_method_types"]
    fields: dict[str, Any] = {}
    if subscription["automatic_tax"]["enabled"] and not trial:
        fields["automatic_tax"] = invoice_shapes.TAX_PENDING
    return invoices.draft(
        state,
        subscription["customer"],
        lines,
        subscription["currency"],
        application=subscription["application"],
        auto_advance=advances,
        billing_reason=reason,
        collection_method=subscription["collection_method"],
        parent=invoice_shapes.subscription_parent(subscription["id"], subscription["metadata"]),
        payment_settings={"default_mandate": None, "payment_method_options": None, "payment_method_types": types},
        period_end=state.now,
        period_start=state.now if reason == "subscription_create" else _last_start(item),
        **fields,
    )


def _last_start(item: Obj) -> int:
    """A renewal's invoice names the period that is over, its lines the one that begins."""
    recurring = item["price"]["recurring"] or {}
    length = item["current_period_end"] - item["current_period_start"]
    return int(item["current_period_start"]) - int(length if recurring else 0)


@job("announce_trial_end", "subscription")
def _announce(state: State, subscription: Obj, planned: Job) -> None:
    if subscription["status"] == "trialing" and subscription["trial_end"] == planned.args[0]:
        state.emit("customer.subscription.trial_will_end", subscription)


@job("renew", "subscription")
def _renew(state: State, subscription: Obj, planned: Job) -> None:
    if subscription["status"] not in _OPEN or current_end(subscription) != planned.at:
        return
    if subscription["cancel_at_period_end"]:
        standing.end(state, subscription, "cancellation_requested")
    elif subscription["status"] == "trialing":
        end_trial(state, subscription)
    else:
        _go_on(state, subscription)


def end_trial(state: State, subscription: Obj, *, at_once: bool = False) -> Obj:
    """The trial is over: the first real period begins, unless there is no card and the subscription says otherwise."""
    customer = customers.get(state, subscription["customer"])
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    automatic = subscription["collection_method"] == "charge_automatically"
    missing = collection.chargeable(state, None, subscription, customer) is None
    if automatic and behavior != "create_invoice" and missing:
        if behavior == "cancel":
            reason = state.beliefs.cancel_at_trial_end
            return standing.end(state, subscription, None if reason == "null" else reason)
        return standing.pause(state, subscription, "trial_end_without_payment_method")
    return _go_on(state, subscription, at_once=at_once)


def _go_on(state: State, subscription: Obj, *, at_once: bool = False) -> Obj:
    changes: dict[str, Any] = {}
    if subscription["status"] == "trialing":
        changes = {"status": "active", "billing_cycle_anchor": state.now, "trial_end": state.now}
    begun = new_period(state, subscription, state.now, **changes)
    invoice = bill(state, begun, "subscription_cycle", trial=False)
    begun = state.change(begun, latest_invoice=invoice["id"])
    before = {
        name: subscription[name] for name in ("status", "items", "latest_invoice") if subscription[name] != begun[name]
    }
    state.emit(_UPDATED, begun, before)
    plan_period(state, begun)
    if at_once:
        collection.advance(state, invoice)
    elif invoice["auto_advance"]:
        due = state.now + state.beliefs.finalize_after
        charged = invoice["collection_method"] == "charge_automatically"
        state.change(invoice, automatically_finalizes_at=due, next_payment_attempt=due if charged else None)
        state.schedule(due, "finalize_invoice", invoice["id"])
    return state.get("subscription", begun["id"])


def move_trial(state: State, subscription: Obj, end: int | None) -> Obj:
    """Ends the trial now (None), or starts or stretches one up to a moment."""
    if end is None:
        return end_trial(state, subscription, at_once=True) if subscription["status"] == "trialing" else subscription
    items = [{**item, "current_period_end": end} for item in subscription["items"]["data"]]
    moved = state.change(
        subscription,
        _UPDATED,
        billing_cycle_anchor=end,
        items=shapes.item_list(subscription["id"], items),
        status="trialing" if subscription["status"] in {"active", "trialing"} else subscription["status"],
        trial_end=end,
        trial_start=subscription["trial_start"] or state.now,
    )
    plan_period(state, moved)
    return moved


@job("cancel_at", "subscription")
def _cancel_at(state: State, subscription: Obj, planned: Job) -> None:
    if subscription["cancel_at"] == planned.at:
        standing.end(state, subscription, "cancellation_requested")


@job("expire_resumption", "invoice")
def _expire_resumption(state: State, invoice: Obj, _planned: Job) -> None:
    if invoices.money_on_its_way(state, invoice):
        state.schedule(state.now + charges.DEBIT_SECONDS, "expire_resumption", invoice["id"])
    elif invoice["status"] == "open":
        invoices.void(state, invoice)
