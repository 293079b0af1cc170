"""Checkout Sessions completed: the customer fills the page in, and what it sells comes into being."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import (
    customers,
    invoices,
    payment_intents,
    payment_methods,
    setup_intents,
    subscriptions,
)
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import group, required, rows, text
from ghl_triage.sandbox.engine.shapes import pages as shapes
from ghl_triage.sandbox.engine.state import State
from ghl_triage.sandbox.engine.visits import by_itself, visitor


def complete(state: State, session_id: str, params: Params) -> Obj:
    """The customer fills the page in. A refused card or a challenge that is not met leaves it open."""
    session = state.get("checkout.session", session_id, "session")
    if session["status"] != "open":
        raise StripeError(f"This page is {session['status']}.")
    page = state.private.pages[session_id]
    email = text(params, "email") or session["customer_email"]
    with visitor(state, page["application"]):
        try:
            changes = _COMPLETIONS[session["mode"]](state, session, page["params"], {**params, "email": email})
        except StripeError as refusal:
            if refusal.type != "card_error":
                raise
            return state.get("checkout.session", session_id)
    if changes is None:
        return state.get("checkout.session", session_id)
    details = shapes.customer_details(email or _email(state, changes.get("customer")), text(params, "name"))
    with by_itself(state, page["application"]):
        return state.change(
            session, "checkout.session.completed", customer_details=details, status="complete", url=None, **changes
        )


def _email(state: State, customer_id: str | None) -> str | None:
    customer = state.find("customer", customer_id)
    return customer["email"] if customer else None


def _customer(state: State, session: Obj, params: Params) -> str:
    if session["customer"] is not None:
        return str(session["customer"])
    known = {name: value for name in ("email", "name") if (value := text(params, name))}
    return str(customers.create(state, known)["id"])


def _saved(state: State, customer: str, params: Params, intent: Obj | None = None) -> Obj | None:
    """The card that the customer enters, set up for off-session use; None when he leaves the 3DS challenge."""
    method = payment_methods.from_page(state, required(params, "card"), text(params, "email"), text(params, "name"))
    if intent is None:
        intent = setup_intents.add(state, customer, None)
        state.emit("setup_intent.created", intent)
    tried = setup_intents.attempt(state, intent, method, page=True)
    if tried["status"] == "requires_action":
        tried = setup_intents.authenticate(state, tried, text(params, "authenticate") or "pass")
    return payment_methods.find(state, method["id"]) if tried["status"] == "succeeded" else None


def _complete_setup(state: State, session: Obj, asked: Params, params: Params) -> dict[str, Any] | None:
    """No default is set: Stripe leaves that to whoever asked for the set-up."""
    intent = state.get("setup_intent", session["setup_intent"])
    customer = session["customer"]
    if customer is None and text(asked, "customer_creation") == "always":
        customer = _customer(state, session, params)
        intent = state.change(intent, customer=customer)
    method = _saved(state, customer, params, intent)
    return None if method is None else {"customer": customer}


def _complete_subscription(state: State, session: Obj, asked: Params, params: Params) -> dict[str, Any] | None:
    data = group(asked, "subscription_data")
    free = session["amount_total"] == 0
    needed = session["payment_method_collection"] == "always" or not free
    customer = _customer(state, session, params)
    made: dict[str, Any] = {
        **data,
        "customer": customer,
        "items": [{"price": text(row, "price"), "quantity": row.get("quantity")} for row in rows(asked, "line_items")],
        "payment_settings": {"save_default_payment_method": "off"},
    }
    if free:
        if text(params, "card") or needed:
            method = _saved(state, customer, params)
            if method is None:
                return None
            made["default_payment_method"] = method["id"]
        subscription = subscriptions.create(state, {**made, "off_session": True})
        return _sold(subscription, customer, "no_payment_required")
    return _pay_first(state, customer, made, params)


def _pay_first(state: State, customer: str, made: Params, params: Params) -> dict[str, Any] | None:
    """Without a trial the customer pays on the page; only then is there a subscription to speak of."""
    method = payment_methods.from_page(state, required(params, "card"), text(params, "email"), text(params, "name"))
    subscription = subscriptions.create(state, {**made, "payment_behavior": "default_incomplete"})
    payment = invoices.intent_of(state, state.get("invoice", subscription["latest_invoice"]))
    if payment is None:
        raise StripeError("This page has nothing to pay.")
    outcome = text(params, "authenticate") or "pass"
    try:
        payment_intents.confirm(state, payment["id"], {"payment_method": method["id"], "authenticate": outcome})
    except StripeError:
        subscriptions.cancel(state, subscription["id"], {})
        raise
    subscription = state.get("subscription", subscription["id"])
    if subscription["status"] != "active":
        subscriptions.cancel(state, subscription["id"], {})
        return None
    state.change(subscription, "customer.subscription.updated", default_payment_method=method["id"])
    return _sold(subscription, customer, "paid")


def _sold(subscription: Obj, customer: str, payment_status: str) -> dict[str, Any]:
    return {
        "customer": customer,
        "invoice": subscription["latest_invoice"],
        "payment_status": payment_status,
        "subscription": subscription["id"],
    }


def _complete_payment(state: State, session: Obj, asked: Params, params: Params) -> dict[str, Any] | None:
    wanted = group(asked, "payment_intent_data")
    creation = session["customer_creation"] == "always" or text(wanted, "setup_future_usage")
    customer = _customer(state, session, params) if session["customer"] or creation else None
    method = payment_methods.from_page(state, required(params, "card"), text(params, "email"), text(params, "name"))
    intent = payment_intents.create(
        state,
        {
            **wanted,
            "amount": session["amount_total"],
            "currency": session["currency"],
            "customer": customer,
            "payment_method": method["id"],
        },
    )
    paid = payment_intents.confirm(state, intent["id"], {"authenticate": text(params, "authenticate") or "pass"})
    if paid["status"] not in {"succeeded", "processing"}:
        return None
    return {
        "customer": customer,
        "payment_intent": paid["id"],
        "payment_status": "paid" if paid["status"] == "succeeded" else "unpaid",
    }


_COMPLETIONS = {
    "payment": _complete_payment,
    "setup": _complete_setup,
    "subscription": _complete_subscription,
}
