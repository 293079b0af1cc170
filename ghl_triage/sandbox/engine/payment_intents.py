"""PaymentIntents of a request's own, and those of invoices when the customer confirms them."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import charges, collection, payment_methods
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import flag, integer, merged_metadata, required, text
from ghl_triage.sandbox.engine.shapes import intents as shapes
from ghl_triage.sandbox.engine.state import State, missing


def create(state: State, params: Params) -> Obj:
    """A PaymentIntent; with `confirm` it is tried at once."""
    customer = text(params, "customer")
    if customer is not None and state.find("customer", customer) is None:
        raise missing("customer", customer, "customer")
    amount = integer(params, "amount")
    if amount is None or amount < 1:
        raise StripeError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    method = payment_methods.named(state, params)
    intent_id = state.make_id("payment_intent")
    intent = state.add(
        shapes.payment_intent(
            intent_id,
            state.now,
            state.ids.secret(intent_id),
            amount,
            required(params, "currency").lower(),
            application=state.application,
            capture_method=text(params, "capture_method") or "automatic",
            customer=customer,
            description=text(params, "description"),
            metadata=merged_metadata(None, params),
            payment_method=method["id"] if method else None,
            payment_method_types=[method["type"] if method else "card"],
            setup_future_usage=text(params, "setup_future_usage"),
            status="requires_confirmation" if method else "requires_payment_method",
        ),
        event="payment_intent.created",
    )
    if flag(params, "confirm"):
        named = {"payment_method": method["id"]} if method else {}
        kept = {name: value for name, value in params.items() if name in {"off_session", "authenticate"}}
        return confirm(state, intent_id, {**kept, **named})
    return intent


def confirm(state: State, intent_id: str, params: Params) -> Obj:
    """Tries the payment; raises the refusal. A 3DS challenge leaves it in requires_action."""
    intent = state.get("payment_intent", intent_id, "intent")
    method = payment_methods.named(state, params)
    if method is None and intent["payment_method"]:
        method = payment_methods.find(state, intent["payment_method"])
    if method is None:
        raise StripeError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=intent_id,
        )
    wanted = text(params, "setup_future_usage")
    if wanted is not None:
        intent = state.change(intent, setup_future_usage=wanted)
    tried = charges.attempt(state, intent, method, off_session=flag(params, "off_session"))
    outcome = text(params, "authenticate")
    if tried.intent["status"] == "requires_action" and outcome in {"pass", "fail"}:
        tried = charges.attempt(state, tried.intent, method, off_session=False, challenge=outcome)
    _tell_invoice(state, tried)
    if tried.decline is not None:
        raise tried.error()
    return state.get("payment_intent", intent_id)


def authenticate(state: State, intent: Obj, outcome: str) -> Obj:
    """The customer meets, fails or leaves the 3DS challenge of a payment."""
    if intent["status"] != "requires_action":
        raise StripeError("There is no challenge to meet.", code="payment_intent_unexpected_state")
    if outcome == "abandon":
        return intent
    method = payment_methods.find(state, intent["payment_method"])
    tried = charges.attempt(state, intent, method, off_session=False, challenge=outcome)
    _tell_invoice(state, tried)
    return tried.intent


def _tell_invoice(state: State, tried: charges.Attempt) -> None:
    if tried.intent["id"] in state.private.payers:
        collection.after(state, tried, automatic=False)


def capture(state: State, intent_id: str, params: Params) -> Obj:
    """Takes the money that was only held."""
    intent = state.get("payment_intent", intent_id, "intent")
    if intent["status"] != "requires_capture":
        raise StripeError("This PaymentIntent could not be captured.", code="payment_intent_unexpected_state")
    amount = integer(params, "amount_to_capture") or intent["amount"]
    charge = state.get("charge", intent["latest_charge"])
    state.change(charge, "charge.captured", captured=True, amount_captured=amount)
    charges.book(state, intent, charge["id"], amount)
    return state.change(
        intent, "payment_intent.succeeded", amount_capturable=0, amount_received=amount, status="succeeded"
    )


def cancel(state: State, intent_id: str, params: Params) -> Obj:
    """Gives a payment up; held money is let go."""
    intent = state.get("payment_intent", intent_id, "intent")
    if intent["status"] in {"succeeded", "canceled", "processing"} or intent_id in state.private.payers:
        raise StripeError(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent_id,
        )
    if intent["status"] == "requires_capture":
        charge = state.get("charge", intent["latest_charge"])
        state.change(charge, "charge.refunded", amount_refunded=charge["amount"], refunded=True)
    changes: dict[str, Any] = {"amount_capturable": 0, "next_action": None, "status": "canceled"}
    reason = text(params, "cancellation_reason")
    return state.change(intent, "payment_intent.canceled", canceled_at=state.now, cancellation_reason=reason, **changes)
