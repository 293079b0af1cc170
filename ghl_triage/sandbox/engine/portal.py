"""The customer portal and the hosted invoice page: what customers do there themselves."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import customers, payment_methods, payments, setup_intents, subscriptions
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import group, merged_metadata, required, text
from ghl_triage.sandbox.engine.shapes import pages as shapes
from ghl_triage.sandbox.engine.state import State
from ghl_triage.sandbox.engine.visits import visitor


def create_configuration(state: State, params: Params) -> Obj:
    """A portal configuration beside the default one."""
    fields: dict[str, Any] = {"is_default": False, "metadata": merged_metadata(None, params)}
    return state.add(
        shapes.portal_configuration(state.make_id("billing_portal.configuration"), state.now, **fields),
        event="billing_portal.configuration.created",
    )


def create_session(state: State, params: Params) -> Obj:
    """A link into the portal."""
    customer = customers.get(state, required(params, "customer"))
    configuration = text(params, "configuration") or _default_configuration(state)
    state.get("billing_portal.configuration", configuration, "configuration")
    return state.add(
        shapes.portal_session(
            state.make_id("billing_portal.session"),
            state.now,
            customer["id"],
            configuration,
            after_expiration=_after_expiration(state, group(params, "after_expiration")),
            flow=_flow(group(params, "flow_data")),
            locale=text(params, "locale"),
            return_url=text(params, "return_url"),
        ),
        event="billing_portal.session.created",
    )


def _default_configuration(state: State) -> str:
    table = state.table("billing_portal.configuration")
    for obj in table.objects.values():
        if obj["is_default"] and obj["active"]:
            return str(obj["id"])
    raise StripeError(
        "No configuration provided and your test mode default configuration has not been created. Provide a"
        " configuration or create your default by saving your customer portal settings in test mode."
    )


def _after_expiration(state: State, data: Params) -> Obj | None:
    """An expired link lets the customer log in by e-mail for a month."""
    kind = text(data, "type")
    if kind is None:
        return None
    return {"customer_login": {"expires_at": state.now + 30 * 86_400}, "type": kind}


def _flow(data: Params) -> Obj | None:
    kind = text(data, "type")
    if kind is None:
        return None
    asked = group(data, "after_completion")
    completion: dict[str, Any] = {"type": text(asked, "type") or "portal_homepage"}
    if group(asked, "redirect"):
        completion["redirect"] = {"return_url": text(group(asked, "redirect"), "return_url")}
    if completion["type"] == "hosted_confirmation":
        message = text(group(asked, "hosted_confirmation"), "custom_message")
        completion["hosted_confirmation"] = {"custom_message": message}
    return shapes.flow(kind, completion, text(group(data, "subscription_cancel"), "subscription"))


def update_card(state: State, session_id: str, params: Params) -> Obj:
    """The customer enters a card. It becomes the *customer's* default; a subscription's own default stays.

    A refused card, or a 3DS challenge that is not met, changes nothing.
    """
    session = state.get("billing_portal.session", session_id, "session")
    customer = customers.get(state, session["customer"])
    with visitor(state):
        method = payment_methods.from_page(state, required(params, "card"), customer["email"], customer["name"])
        intent = setup_intents.add(state, customer["id"], None)
        state.emit("setup_intent.created", intent)
        try:
            tried = setup_intents.attempt(state, intent, method, page=True)
        except StripeError:
            return customers.get(state, customer["id"])
        if tried["status"] == "requires_action":
            tried = setup_intents.authenticate(state, tried, text(params, "authenticate") or "pass")
        if tried["status"] != "succeeded":
            return customers.get(state, customer["id"])
        settings = {"default_payment_method": method["id"]}
        return customers.update(state, customer["id"], {"invoice_settings": settings})


def cancel(state: State, session_id: str, subscription: str, params: Params) -> Obj:
    """The customer cancels at the end of the period."""
    session = state.get("billing_portal.session", session_id, "session")
    if state.get("subscription", subscription)["customer"] != session["customer"]:
        raise StripeError("This subscription is not the customer's.")
    with visitor(state):
        updated = subscriptions.update(state, subscription, {"cancel_at_period_end": True})
        feedback = {name: text(params, name) for name in ("comment", "feedback") if name in params}
        details = {**updated["cancellation_details"], **feedback}
        return state.change(updated, "customer.subscription.updated", cancellation_details=details)


def pay_invoice(state: State, invoice_id: str, params: Params) -> Obj:
    """The customer pays an open invoice on its page. Returns the invoice, open still when the payment failed."""
    invoice = state.get("invoice", invoice_id, "invoice")
    with visitor(state, invoice["application"]):
        token = text(params, "card")
        if token is not None:
            method = payment_methods.from_page(state, token, invoice["customer_email"], invoice["customer_name"])
        else:
            named = required(params, "payment_method")
            method = payment_methods.owned(state, named, invoice["customer"], "payment_method")
        return payments.pay_on_page(state, invoice, method, text(params, "authenticate") or "pass")
