"""Checkout Sessions: made by a request, and closed. What the customer does there stands in completions.py."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import customers, setup_intents
from ghl_triage.sandbox.engine.api import Job, Obj, Params, StripeError
from ghl_triage.sandbox.engine.clock import job
from ghl_triage.sandbox.engine.params import group, integer, merged_metadata, required, rows, taken, text
from ghl_triage.sandbox.engine.shapes import pages as shapes
from ghl_triage.sandbox.engine.state import State

DAY = 86_400
_NO_EXTRAS: Obj = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}


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
    if (text(params, "ui_mode") or "hosted_page") == "hosted_page":
        required(params, "success_url")
    lines = [_line(state, row, mode, params) for row in rows(params, "line_items")]
    fields = {**_common(params), **_for_mode(state, mode, customer, params), "customer": customer}
    if mode != "setup":
        if not lines:
            raise StripeError("Missing required param: line_items.", code="parameter_missing", param="line_items")
        total = sum(line["amount_total"] for line in lines)
        fields |= {"amount_subtotal": total, "amount_total": total, "currency": lines[0]["currency"]}
        fields["total_details"] = _NO_EXTRAS
    session_id = state.make_id("checkout.session")
    session = state.add(shapes.session(session_id, state.now, mode, expires, **fields))
    state.private.pages[session_id] = {"params": params, "lines": lines, "application": state.application}
    state.schedule(expires, "expire_session", session_id)
    return session


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


def line_items(state: State, session_id: str) -> tuple[Obj, ...]:
    """What the page sells."""
    state.get("checkout.session", session_id, "session")
    return tuple(state.private.pages[session_id]["lines"])
