"""PaymentMethods: making, attaching, detaching, and legacy cards seen as such."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.sandbox.engine import cards
from ghl_triage.sandbox.engine.api import CardSpec, Decline, Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import group, integer, merged_metadata, required, text
from ghl_triage.sandbox.engine.shapes import payment_method as shapes
from ghl_triage.sandbox.engine.state import State


def create(state: State, params: Params) -> Obj:
    """A PaymentMethod of a token or number; attached to nobody."""
    kind = text(params, "type") or "card"
    fingerprint = cards.plastic(state, params)
    spec = _as_typed(state.private.banks[fingerprint], params)
    if spec.type != kind:
        raise StripeError(f"This token is no {kind}.", code="parameter_invalid_empty", param="type")
    return _add(state, fingerprint, spec, group(params, "billing_details"), params)


def _as_typed(spec: CardSpec, params: Params) -> CardSpec:
    """The expiry that the customer typed, which may be wrong or old."""
    card = group(params, "card")
    month, year = integer(card, "exp_month"), integer(card, "exp_year")
    return replace(spec, exp_month=month, exp_year=year) if month and year else spec


def _add(state: State, fingerprint: str, spec: CardSpec, billing: Params, params: Params) -> Obj:
    method = state.add(
        shapes.payment_method(
            state.make_id("payment_method"),
            state.now,
            fingerprint,
            spec,
            billing_details=shapes.billing_details(
                **{name: text(billing, name) for name in ("email", "name", "phone") if name in billing}
            ),
            metadata=merged_metadata(None, params),
        )
    )
    state.private.plastics[method["id"]] = fingerprint
    return method


def from_page(state: State, token: str, email: str | None, name: str | None) -> Obj:
    """What a customer types into one of Stripe's pages."""
    fingerprint = cards.plastic(state, {"token": token})
    return _add(state, fingerprint, state.private.banks[fingerprint], {"email": email, "name": name}, {})


def named(state: State, params: Params) -> Obj | None:
    """The PaymentMethod that the parameters name, by id, test id or data; None when they name none."""
    data = group(params, "payment_method_data")
    if data:
        return create(state, data)
    method_id = text(params, "payment_method")
    return None if method_id is None else find(state, method_id)


def find(state: State, method_id: str) -> Obj:
    """The PaymentMethod; a legacy card in the shape of one; for `pm_card_...` a new one."""
    if method_id.startswith("card_"):
        return as_method(state, state.get("card", method_id, "payment_method"))
    if cards.test_card(method_id) is not None and method_id.startswith("pm_card_"):
        return create(state, {"type": "card", "card": {"token": method_id}})
    return state.get("payment_method", method_id, "payment_method")


def as_method(state: State, card: Obj) -> Obj:
    """A legacy card as Stripe shows it where a PaymentMethod is expected."""
    fingerprint = state.private.plastics[card["id"]]
    spec = replace(state.private.banks[fingerprint], exp_month=card["exp_month"], exp_year=card["exp_year"])
    return shapes.payment_method(
        card["id"], state.private.saved[card["id"]], fingerprint, spec, customer=card["customer"]
    )


def attach(state: State, method_id: str, params: Params) -> Obj:
    """Attaches to a customer. No set-up: later charges may be refused for want of one."""
    customer = state.get("customer", required(params, "customer"), "customer")
    method = find(state, method_id)
    if method["customer"] is not None and method["customer"] != customer["id"]:
        raise StripeError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_already_attached",
        )
    if method["id"] in state.private.detached:
        raise StripeError(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a"
            " Customer, and may not be used again."
        )
    refused = cards.bank(state, method["id"]).attach
    if refused is not None:
        raise declined(refused)
    return attached(state, method, customer["id"])


def attached(state: State, method: Obj, customer: str) -> Obj:
    """The method attached, after a set-up, a payment or a request."""
    if method["object"] != "payment_method" or method["id"].startswith("card_"):
        return method
    return state.change(method, "payment_method.attached", customer=customer)


def declined(decline: Decline) -> StripeError:
    """A refusal by the bank for which no charge was made."""
    return StripeError(
        decline.message,
        code=decline.code,
        status=402,
        type="card_error",
        decline_code=decline.decline_code,
        advice_code=decline.advice_code,
        network_decline_code=decline.network_decline_code,
        network_advice_code=decline.network_advice_code,
    )


def detach(state: State, method_id: str) -> Obj:
    """Takes it from its customer, for good, and by default out of every default that names it."""
    method = state.get("payment_method", method_id, "payment_method")
    customer_id = method["customer"]
    if customer_id is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    state.private.detached[method_id] = state.now
    detached = state.change(method, customer=None)
    state.emit("payment_method.detached", detached, {"customer": customer_id})
    if state.beliefs.detaching_clears_defaults:
        _clear_defaults(state, method_id, customer_id)
    return detached


def _clear_defaults(state: State, method_id: str, customer_id: str) -> None:
    customer = state.get("customer", customer_id)
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == method_id:
        state.change(customer, "customer.updated", invoice_settings={**settings, "default_payment_method": None})
    subscriptions = state.table("subscription")
    for key in list(subscriptions.having("customer", customer_id).ascending(-1, 1 << 128)):
        subscription = subscriptions.objects[key]
        if subscription["default_payment_method"] == method_id and subscription["ended_at"] is None:
            state.change(subscription, "customer.subscription.updated", default_payment_method=None)


def update(state: State, method_id: str, params: Params, event: str = "payment_method.updated") -> Obj:
    """New expiry, billing details or metadata."""
    method = state.get("payment_method", method_id, "payment_method")
    card = group(params, "card")
    changes: dict[str, object] = {}
    if card and method["type"] == "card":
        month, year = integer(card, "exp_month"), integer(card, "exp_year")
        old = method["card"]
        changes["card"] = {**old, "exp_month": month or old["exp_month"], "exp_year": year or old["exp_year"]}
    if "billing_details" in params:
        given = group(params, "billing_details")
        typed = {name: text(given, name) for name in ("email", "name", "phone") if name in given}
        changes["billing_details"] = {**method["billing_details"], **typed}
    if "metadata" in params:
        changes["metadata"] = merged_metadata(method["metadata"], params)
    return state.change(method, event, **changes)


def owned(state: State, method_id: str, customer: str, param: str) -> Obj:
    """The method, if it is attached to this customer; else Stripe's refusal."""
    method = find(state, method_id)
    if method["customer"] != customer:
        raise StripeError(
            f"The customer does not have a payment method with the ID {method_id}. The payment method must be"
            " attached to the customer.",
            code="resource_missing",
            param=param,
        )
    return method
