"""The customer's part, and the bank's: what happens outside of our program while it waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import CardSpec, Decline, Obj, StripeError

Act = Mapping[str, Any]

GOOD_CARD = "tok_visa"
"""The card that a customer takes out when an act names none."""


def play(engine: Engine, order: Act) -> Obj:
    """Carries out `{"act": name, …}`; returns the object that it made or changed. ValueError for an unknown act."""
    name = str(order.get("act"))
    act = _ACTS.get(name)
    if act is None:
        raise ValueError(f"no such act: {name}; there are {', '.join(sorted(_ACTS))}")
    return act(engine, order)


def _params(engine: Engine, order: Act, *without: str) -> dict[str, Any]:
    """The rest of the order as parameters; a card that is described is issued first."""
    params = {key: value for key, value in order.items() if key not in ("act", *without)}
    if isinstance(params.get("card"), dict):
        params["card"] = engine.issue_card(_spec(params["card"]))
    return params


def _spec(described: Mapping[str, Any]) -> CardSpec:
    fields = dict(described)
    for refusal in ("attach", "charge"):
        if isinstance(fields.get(refusal), dict):
            fields[refusal] = Decline(**fields[refusal])
    return CardSpec(**fields)


def _with_card(engine: Engine, order: Act, *without: str) -> dict[str, Any]:
    return {"card": GOOD_CARD, **_params(engine, order, *without)}


def _complete_checkout(engine: Engine, order: Act) -> Obj:
    return engine.complete_checkout_session(order["session"], _with_card(engine, order, "session"))


def _pay_hosted_invoice(engine: Engine, order: Act) -> Obj:
    params = _params(engine, order, "invoice")
    if "payment_method" not in params:
        params.setdefault("card", GOOD_CARD)
    return engine.pay_hosted_invoice(order["invoice"], params)


def _portal_card_update(engine: Engine, order: Act) -> Obj:
    return engine.portal_update_card(order["session"], _with_card(engine, order, "session"))


def _set_bank(engine: Engine, order: Act) -> Obj:
    """`card` is a PaymentMethod's or token's id; the other fields are those of the card that it becomes."""
    described = {key: value for key, value in order.items() if key not in ("act", "card")}
    engine.set_bank(order["card"], _spec(described))
    return {"card": order["card"]}


def _lock(engine: Engine, order: Act) -> Obj:
    engine.lock(order["object"], int(order["seconds"]))
    return {"object": order["object"]}


def _attach_card(engine: Engine, order: Act) -> Obj:
    """A card of the customer's own code: attached, and no more."""
    token = _with_card(engine, order)["card"]
    made = engine.create_payment_method({"type": "card", "card": {"token": token}})
    return engine.attach_payment_method(made["id"], {"customer": order["customer"]})


def _enter_card(engine: Engine, order: Act) -> Obj:
    """The customer enters a card on the seller's own page, which holds nothing but a client secret.

    As in the browser: the secret's beginning says whether a set-up or a payment is confirmed. A card that is refused
    leaves the intent open.
    """
    secret = str(order.get("client_secret") or "")
    intent_id = secret.partition("_secret_")[0]
    kind = {"seti_": "setup_intent", "pi_": "payment_intent"}.get(intent_id.partition("_")[0] + "_")
    if kind is None or engine.get(kind, intent_id)["client_secret"] != secret:
        raise ValueError("no intent has this client secret")
    confirm = engine.confirm_setup_intent if kind == "setup_intent" else engine.confirm_payment_intent
    made = engine.create_payment_method({"type": "card", "card": {"token": _with_card(engine, order)["card"]}})
    try:
        return confirm(intent_id, {"payment_method": made["id"], "authenticate": order.get("authenticate", "pass")})
    except StripeError as refusal:
        if refusal.type != "card_error":
            raise
        return engine.get(kind, intent_id)


def _endpoint(engine: Engine, order: Act) -> Obj:
    """The client's webhook endpoint goes down (`down: true`), or works again and gets what Stripe still tries."""
    engine.set_endpoint(down=bool(order["down"]))
    return engine.account()


_ACTS: Mapping[str, Callable[[Engine, Act], Obj]] = {
    "attach_card": _attach_card,
    "authenticate": lambda engine, order: engine.authenticate(order["intent"], order.get("outcome", "pass")),
    "cancel_subscription": lambda engine, order: engine.cancel_subscription(order["subscription"], {}),
    "complete_checkout": _complete_checkout,
    "complete_setup_checkout": _complete_checkout,
    "detach_payment_method": lambda engine, order: engine.detach_payment_method(order["payment_method"]),
    "endpoint": _endpoint,
    "enter_card": _enter_card,
    "lock": _lock,
    "open_dispute": lambda engine, order: engine.open_dispute(order["charge"], _params(engine, order, "charge")),
    "pay_hosted_invoice": _pay_hosted_invoice,
    "pay_invoice": lambda engine, order: engine.pay_invoice(order["invoice"], _params(engine, order, "invoice")),
    "portal_card_update": _portal_card_update,
    "set_bank": _set_bank,
    "update_customer": lambda engine, order: engine.update_customer(
        order["customer"], _params(engine, order, "customer")
    ),
    "update_subscription": lambda engine, order: engine.update_subscription(
        order["subscription"], _params(engine, order, "subscription")
    ),
    "warn_of_fraud": lambda engine, order: engine.warn_of_fraud(order["charge"], _params(engine, order, "charge")),
    "void_invoice": lambda engine, order: engine.void_invoice(order["invoice"], {}),
}
