"""Checkout Sessions: made by a request, completed by the customer on Stripe's page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ghl_triage.sandbox.engine import customers, payment_intents, payment_methods, setup_intents, subscriptions
from ghl_triage.sandbox.engine.api import Job, Obj, Params, Request, StripeError
from ghl_triage.sandbox.engine.clock import job
from ghl_triage.sandbox.engine.params import group, integer, merged_metadata, required, rows, taken, text
from ghl_triage.sandbox.engine.shapes import pages as shapes
from ghl_triage.sandbox.engine.state import STRIPE_ITSELF, State

DAY = 86_400


def create(state: State, params: Params) -> Obj:
    """A page for a subscription, a payment or a card set-up. Of a set-up the SetupIntent exists from the start."""
    mode = required(params, "mode")
    customer = text(params, "customer")
    if customer is not None:
        customers.get(state, customer)
    expires = integer(params, "expires_at") or state.now + DAY
    if not state.now + 1_800 <= expires <= state.now + DAY:
        raise StripeError(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
        )
    if mode == "setup" and not text(params, "currency") and not params.get("payment_method_types"):
        raise StripeError("You must provide `currency` or `payment_method_types` in setup mode.", param="currency")
    fields = {**_common(params), **_for_mode(state, mode, customer, params)}
    session_id = state.make_id("checkout.session")
    session = state.add(shapes.session(session_id, state.now, mode, expires, **{**fields, "customer": customer}))
    lines = [_line(state, row, mode, params) for row in rows(params, "line_items")]
    if mode != "setup":
        if not lines:
            raise StripeError("Missing required param: line_items.", code="parameter_missing", param="line_items")
        total = sum(line["amount_total"] for line in lines)
        session = state.change(
            session, amount_subtotal=total, amount_total=total, currency=lines[0]["currency"], total_details=_NO_EXTRAS
        )
    state.private.pages[session_id] = {"params": params, "lines": lines, "application": state.application}
    state.schedule(expires, "expire_session", session_id)
    return session


_NO_EXTRAS: Obj = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}


def _common(params: Params) -> dict[str, Any]:
    names = ("customer_email", "success_url", "cancel_url", "client_reference_id", "return_url", "locale")
    fields: dict[str, Any] = {**taken(params, names), "metadata": merged_metadata(None, params)}
    if text(params, "ui_mode"):
        fields["ui_mode"] = text(params, "ui_mode")
        if fields["ui_mode"] != "hosted_page":
            fields["url"] = None
    if text(params, "customer_email"):
        fields["customer_details"] = shapes.customer_details(text(params, "customer_email"), None)
    return fields


def _for_mode(state: State, mode: str, customer: str | None, params: Params) -> dict[str, Any]:
    if mode == "setup":
        intent = setup_intents.add(
            state, customer, None, metadata=merged_metadata(None, group(params, "setup_intent_data"))
        )
        state.emit("setup_intent.created", intent)
        return {
            "customer_creation": None if customer else text(params, "customer_creation"),
            "payment_status": "no_payment_required",
            "setup_intent": intent["id"],
            "currency": text(params, "currency"),
        }
    if mode == "subscription":
        collected = text(params, "payment_method_collection") or "always"
        return {"payment_method_collection": collected, "customer_creation": None if customer else "always"}
    return {
        "customer_creation": None if customer else text(params, "customer_creation") or "if_required",
        "payment_method_collection": "if_required",
        "submit_type": "auto",
    }


def _line(state: State, row: Params, mode: str, params: Params) -> Obj:
    price = state.get("price", required(row, "price"), "line_items[0][price]")
    if mode == "subscription" and price["recurring"] is None:
        raise StripeError("You must provide at least one recurring price in `subscription` mode.", param="line_items")
    data = group(params, "subscription_data")
    trial = bool(integer(data, "trial_period_days") or integer(data, "trial_end"))
    return shapes.line_item(state.ids.other("li_1", 23), price, integer(row, "quantity") or 1, trial)


@contextmanager
def visitor(state: State, application: str | None = None) -> Iterator[None]:
    """The customer acts on a page of Stripe's: requests of the page's own, in the name of whoever made it."""
    asking = state.request
    key = "-".join(state.ids.characters(size).lower() for size in (8, 4, 4, 4, 12))
    state.request = Request(state.ids.other("req_"), key, application)
    try:
        yield
    finally:
        state.request = asking


@contextmanager
def by_itself(state: State, application: str | None) -> Iterator[None]:
    """Stripe reports: events without a request."""
    asking, state.request = state.request, replace(STRIPE_ITSELF, application=application)
    try:
        yield
    finally:
        state.request = asking


def expire(state: State, session_id: str) -> Obj:
    """Closes the page."""
    session = state.get("checkout.session", session_id, "session")
    if session["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of'
            f" {session['status']}."
        )
    return _expired(state, session)


def _expired(state: State, session: Obj) -> Obj:
    intent = state.find("setup_intent", session["setup_intent"])
    if intent is not None and intent["status"] in setup_intents.OPEN_STATES:
        setup_intents.cancel(state, intent["id"], {})
    return state.change(session, "checkout.session.expired", status="expired", url=None)


@job("expire_session", "checkout.session")
def _expire_on_time(state: State, session: Obj, _planned: Job) -> None:
    if session["status"] == "open":
        _expired(state, session)


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
    payment = next(
        found
        for found in (state.find("payment_intent", intent) for intent in _intents_of(state, subscription))
        if found is not None
    )
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


def _intents_of(state: State, subscription: Obj) -> list[str]:
    return [intent for intent, invoice in state.private.payers.items() if invoice == subscription["latest_invoice"]]


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


def line_items(state: State, session_id: str) -> tuple[Obj, ...]:
    """What the page sells."""
    state.get("checkout.session", session_id, "session")
    return tuple(state.private.pages[session_id]["lines"])
