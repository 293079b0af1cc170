"""Subscriptions as requests make and change them."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import (
    cards,
    collection,
    customers,
    invoices,
    payment_methods,
    payments,
    renewals,
    setup_intents,
    standing,
    subscription_settings,
)
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import flag, group, integer, required, rows, text
from ghl_triage.sandbox.engine.shapes import subscription as shapes
from ghl_triage.sandbox.engine.state import State

_UPDATED = "customer.subscription.updated"


def create(state: State, params: Params) -> Obj:
    """A subscription with its first invoice: free in a trial, else tried at once unless `default_incomplete`."""
    customer = customers.get(state, required(params, "customer"))
    trial_end = _trial_end(state, params)
    fields = subscription_settings.read(state, customer["id"], params, None)
    subscription = _added(state, customer, params, trial_end, fields)
    if subscription["cancel_at_period_end"]:
        subscription = state.change(subscription, cancel_at=renewals.current_end(subscription))
    if subscription["cancel_at"]:
        state.schedule(subscription["cancel_at"], "cancel_at", subscription["id"])
    if trial_end is not None:
        return _start_trial(state, subscription, params)
    return _start_paid(state, subscription, params)


def _trial_end(state: State, params: Params) -> int | None:
    days = integer(params, "trial_period_days")
    if days:
        return state.now + days * 86_400
    given = params.get("trial_end")
    if given in (None, "", "now"):
        return None
    end = integer(params, "trial_end")
    if end is None or end <= state.now:
        raise StripeError("The `trial_end` must be in the future.", param="trial_end")
    return end


def _added(state: State, customer: Obj, params: Params, trial_end: int | None, fields: dict[str, Any]) -> Obj:
    subscription_id = state.make_id("subscription")
    items = []
    for row in rows(params, "items"):
        price = state.get("price", required(row, "price"), "items[0][price]")
        end = trial_end or renewals.period_end(state.now, price["recurring"] or {}, state.now)
        quantity = integer(row, "quantity") or 1
        items.append(shapes.item(state.ids.other("si_"), subscription_id, price, quantity, (state.now, end)))
    if not items:
        raise StripeError("Missing required param: items.", code="parameter_missing", param="items")
    return state.add(
        shapes.subscription(
            subscription_id,
            state.now,
            items,
            **{
                "application": state.application,
                "billing_cycle_anchor": trial_end or state.now,
                "currency": items[0]["price"]["currency"],
                "customer": customer["id"],
                "status": "incomplete" if trial_end is None else "trialing",
                "trial_end": trial_end,
                "trial_start": None if trial_end is None else state.now,
                **fields,
            },
        )
    )


def _start_trial(state: State, subscription: Obj, params: Params) -> Obj:
    invoice = renewals.bill(state, subscription, "subscription_create", trial=True)
    invoice = invoices.finalize(state, invoice)
    waiting = _pending_set_up(state, subscription, params)
    started = state.change(subscription, latest_invoice=invoice["id"], pending_setup_intent=waiting)
    state.emit("customer.subscription.created", started)
    renewals.plan_period(state, started)
    return started


def _pending_set_up(state: State, subscription: Obj, params: Params) -> str | None:
    """The SetupIntent that a trial waits for: asked for with `default_incomplete`, or because the card wants 3DS."""
    if flag(params, "off_session") or subscription["collection_method"] == "send_invoice":
        return None
    customer = customers.get(state, subscription["customer"])
    method_id = collection.chargeable(state, None, subscription, customer)
    asked = text(params, "payment_behavior") == "default_incomplete"
    if method_id is None:
        if not asked:
            return None
        intent = setup_intents.add(state, subscription["customer"], None)
        state.emit("setup_intent.created", intent)
        return str(intent["id"])
    proven = method_id in state.private.proofs or cards.bank(state, method_id).sca in {"never", "set_up"}
    if proven or method_id.startswith("card_"):
        return None
    method = payment_methods.find(state, method_id)
    intent = setup_intents.add(state, subscription["customer"], method)
    state.emit("setup_intent.created", intent)
    try:
        tried = setup_intents.attempt(state, intent, method)
    except StripeError:
        return str(intent["id"])  # the bank refused the set-up: the trial starts and waits for another card
    return str(tried["id"]) if tried["status"] != "succeeded" else None


def _start_paid(state: State, subscription: Obj, params: Params) -> Obj:
    behavior = text(params, "payment_behavior") or "allow_incomplete"
    customer = customers.get(state, subscription["customer"])
    sent = subscription["collection_method"] == "send_invoice"
    method = collection.chargeable(state, None, subscription, customer)
    if method is None and not sent and behavior != "default_incomplete":
        state.table("subscription").remove(subscription["id"])
        raise payments.no_method()
    invoice = renewals.bill(state, subscription, "subscription_create", trial=False)
    started = state.change(subscription, latest_invoice=invoice["id"])
    if sent:
        started = state.change(started, status="active")
        state.emit("customer.subscription.created", started)
        state.change(invoice, automatically_finalizes_at=state.now + state.beliefs.finalize_after)
        state.schedule(state.now + state.beliefs.finalize_after, "finalize_invoice", invoice["id"])
        renewals.plan_period(state, started)
        return started
    if not state.beliefs.auto_advance_on_incomplete:
        invoice = state.change(invoice, auto_advance=False)
    opened = invoices.finalize(state, invoice)
    state.emit("customer.subscription.created", started)
    state.schedule(state.now + standing.INCOMPLETE_SECONDS, "expire_incomplete", started["id"])
    renewals.plan_period(state, started)
    if opened["status"] == "paid":
        return standing.paid(state, started, opened, None)
    if behavior == "default_incomplete":
        return started
    paid = collection.collect(state, opened)
    if behavior == "error_if_incomplete" and paid["status"] != "paid":
        raise _undone(state, started, paid)
    return state.get("subscription", started["id"])


def _undone(state: State, subscription: Obj, invoice: Obj) -> StripeError:
    """`error_if_incomplete`: nothing but the failed payment remains."""
    intent = invoices.intent_of(state, invoice) or {}
    error = intent.get("last_payment_error") or {}
    invoices.void(state, invoice)
    payment = invoices.payment_of(state, invoice)
    if payment is not None:
        state.table("invoice_payment").remove(payment["id"])
    state.table("invoice").remove(invoice["id"])
    state.table("subscription").remove(subscription["id"])
    return StripeError(
        error.get("message", "Your card was declined."),
        code=error.get("code", "card_declined"),
        status=402,
        type="card_error",
        decline_code=error.get("decline_code"),
        advice_code=error.get("advice_code"),
        charge=error.get("charge"),
        payment_intent=intent.get("id"),
    )


def update(state: State, subscription_id: str, params: Params) -> Obj:
    """Changes defaults, pauses, the trial's end, cancellation."""
    subscription = state.get("subscription", subscription_id, "subscription_exposed_id")
    if subscription["ended_at"] is not None and set(params) - {"metadata", "cancellation_details"}:
        raise StripeError("A canceled subscription can only update its cancellation_details and metadata.")
    if subscription["status"] == "incomplete" and set(params) - {"metadata", "default_source", "expand"}:
        raise StripeError(
            "You can only update the metadata and default_source of a subscription whose status is `incomplete`."
        )
    changes = subscription_settings.read(state, subscription["customer"], params, subscription)
    if "pause_collection" in params:
        changes["pause_collection"] = subscription_settings.pause(
            state, subscription_id, group(params, "pause_collection")
        )
    updated = state.change(subscription, _UPDATED, **changes)
    if changes.get("cancel_at"):
        state.schedule(changes["cancel_at"], "cancel_at", subscription_id)
    if params.get("trial_end") not in (None, ""):
        return renewals.move_trial(state, updated, _trial_end(state, {"trial_end": params["trial_end"]}))
    return updated


def cancel(state: State, subscription_id: str, params: Params) -> Obj:
    """Ends it at once on somebody's wish."""
    subscription = state.get("subscription", subscription_id, "subscription_exposed_id")
    if subscription["ended_at"] is not None:
        raise StripeError(f"No such subscription: '{subscription_id}'", code="resource_missing", param="id", status=404)
    given = group(params, "cancellation_details")
    details = {name: text(given, name) for name in ("comment", "feedback") if name in given}
    return standing.end(state, subscription, "cancellation_requested", details)


def resume(state: State, subscription_id: str, _params: Params) -> Obj:
    """Goes on after a pause: bills a new period at once, and stays paused until that is paid."""
    subscription = state.get("subscription", subscription_id, "subscription_exposed_id")
    if subscription["status"] != "paused":
        raise StripeError("You can only resume a subscription whose status is `paused`.")
    customer = customers.get(state, subscription["customer"])
    if collection.chargeable(state, None, subscription, customer) is None:
        raise payments.no_method()
    started = renewals.new_period(state, subscription, state.now, billing_cycle_anchor=state.now)
    invoice = invoices.finalize(state, renewals.bill(state, started, "subscription_update", trial=False))
    started = state.change(started, _UPDATED, latest_invoice=invoice["id"])
    renewals.plan_period(state, started)
    if invoice["status"] == "paid":
        return standing.paid(state, started, invoice, None)
    state.schedule(state.now + standing.INCOMPLETE_SECONDS, "expire_resumption", invoice["id"])
    collection.collect(state, invoice)
    return state.get("subscription", subscription_id)


def pause(state: State, subscription_id: str, params: Params) -> Obj:
    """Pauses on somebody's wish."""
    subscription = state.get("subscription", subscription_id, "subscription_exposed_id")
    if subscription["status"] not in {"active", "trialing", "past_due"}:
        raise StripeError("Only an open subscription can be paused.")
    return standing.pause(state, subscription, text(params, "type") or "pause_requested")


def end_all(state: State, customer_id: str) -> None:
    """Ends every subscription of a customer who is being deleted."""
    table = state.table("subscription")
    for key in list(table.having("customer", customer_id).ascending(-1, 1 << 128)):
        standing.end(state, table.objects[key], "cancellation_requested")
