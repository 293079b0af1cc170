"""SetupIntents: saving a card for later charges, with the 3DS challenge where the bank asks for one."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import cards, payment_methods
from ghl_triage.sandbox.engine.api import Decline, Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import flag, group, merged_metadata, text
from ghl_triage.sandbox.engine.shapes import intents as shapes
from ghl_triage.sandbox.engine.shapes import payment_method as method_shapes
from ghl_triage.sandbox.engine.state import State, missing

_NOT_AUTHENTICATED = Decline(
    "setup_intent_authentication_failure",
    None,
    "The latest attempt to set up the payment method has failed because authentication failed.",
    None,
    None,
)
OPEN_STATES = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def create(state: State, params: Params) -> Obj:
    """A SetupIntent; with `confirm` it is tried at once."""
    customer = text(params, "customer")
    if customer is not None and state.find("customer", customer) is None:
        raise missing("customer", customer, "customer")
    method = payment_methods.named(state, params)
    intent = add(state, customer, method, usage=text(params, "usage") or "off_session")
    changes: dict[str, Any] = {"metadata": merged_metadata(None, params), "description": text(params, "description")}
    mandate_options = group(group(group(params, "payment_method_options"), "card"), "mandate_options")
    if mandate_options:
        options = intent["payment_method_options"]["card"]
        changes["payment_method_options"] = {"card": {**options, "mandate_options": _mandate_options(mandate_options)}}
    intent = state.change(intent, **changes)
    state.emit("setup_intent.created", intent)
    return confirm(state, intent["id"], params) if flag(params, "confirm") else intent


def _mandate_options(given: Params) -> Obj:
    unset = {"description": None, "end_date": None, "interval_count": None, "supported_types": ["india"]}
    fixed = {"amount": 1_500_000, "amount_type": "maximum", "currency": "inr", "interval": "sporadic"}
    return {**unset, **fixed, "reference": text(given, "reference") or "sandbox", "start_date": 0}


def add(state: State, customer: str | None, method: Obj | None, usage: str = "off_session", **fields: Any) -> Obj:
    """A SetupIntent without an event yet: of a request, a subscription or a page."""
    intent_id = state.make_id("setup_intent")
    return state.add(
        shapes.setup_intent(
            intent_id,
            state.now,
            state.ids.secret(intent_id),
            **{
                "application": state.application,
                "customer": customer,
                "payment_method": method["id"] if method else None,
                "payment_method_types": [method["type"] if method else "card"],
                "status": "requires_confirmation" if method else "requires_payment_method",
                "usage": usage,
                **fields,
            },
        )
    )


def confirm(state: State, intent_id: str, params: Params) -> Obj:
    """Tries the set-up. Raises the bank's refusal; a 3DS challenge leaves it in requires_action."""
    intent = state.get("setup_intent", intent_id, "intent")
    if intent["status"] not in OPEN_STATES:
        raise _unexpected(intent, "confirm")
    method = payment_methods.named(state, params)
    if method is None and intent["payment_method"]:
        method = payment_methods.find(state, intent["payment_method"])
    if method is None:
        raise _unexpected(intent, "confirm")
    intent = attempt(state, intent, method)
    outcome = text(params, "authenticate")
    if intent["status"] == "requires_action" and outcome:
        return authenticate(state, intent, outcome)
    return intent


def attempt(state: State, intent: Obj, method: Obj, *, page: bool = False) -> Obj:
    """One try with this card. `page`: on one of Stripe's own pages, which ask for mandates by themselves."""
    _abandon_last(state, intent)
    spec = cards.bank(state, method["id"])
    if spec.attach is not None:
        _fail(state, intent, method, spec.attach, None)
        refusal = payment_methods.declined(spec.attach)
        refusal.setup_intent = intent["id"]
        raise refusal
    if spec.sca in {"unless_set_up", "always"}:
        tried = _attempt(state, intent, method, "requires_action", None)
        return state.change(
            intent,
            "setup_intent.requires_action",
            latest_attempt=tried["id"],
            next_action=shapes.CHALLENGE,
            payment_method=method["id"],
            status="requires_action",
        )
    return _succeed(state, intent, method, None, page=page)


def authenticate(state: State, intent: Obj, outcome: str) -> Obj:
    """The customer meets, fails or leaves the 3DS challenge."""
    if intent["status"] != "requires_action":
        raise _unexpected(intent, "authenticate")
    method = payment_methods.find(state, intent["payment_method"])
    if outcome == "pass":
        return _succeed(state, intent, method, outcome, page=True)
    if outcome == "fail":
        return _fail(state, intent, method, _NOT_AUTHENTICATED, outcome)
    _abandon_last(state, intent)
    return intent


def cancel(state: State, intent_id: str, params: Params) -> Obj:
    """Gives the set-up up."""
    intent = state.get("setup_intent", intent_id, "intent")
    if intent["status"] not in OPEN_STATES:
        raise _unexpected(intent, "cancel")
    _abandon_last(state, intent)
    reason = text(params, "cancellation_reason")
    return state.change(
        intent, "setup_intent.canceled", status="canceled", cancellation_reason=reason, next_action=None
    )


def _attempt(state: State, intent: Obj, method: Obj, status: str, challenge: str | None, **fields: Any) -> Obj:
    details = method_shapes.in_setup_attempt(method, challenge)
    latest = intent["latest_attempt"]
    waiting = state.find("setup_attempt", latest) if latest else None
    if waiting is not None and waiting["status"] == "requires_action":
        return state.change(waiting, status=status, payment_method_details=details, **fields)
    attempt_id = state.make_id("setup_attempt")
    return state.add(shapes.setup_attempt(attempt_id, state.now, intent, method, details, status=status, **fields))


def _abandon_last(state: State, intent: Obj) -> None:
    latest = state.find("setup_attempt", intent["latest_attempt"])
    if latest is not None and latest["status"] == "requires_action":
        state.change(latest, status="abandoned")


def _fail(state: State, intent: Obj, method: Obj, decline: Decline, challenge: str | None) -> Obj:
    request_id = state.request.id if state.request else None
    error = shapes.api_error(decline, method, None, request_id)
    tried = _attempt(state, intent, method, "failed", challenge, setup_error=error)
    return state.change(
        intent,
        "setup_intent.setup_failed",
        last_setup_error=error,
        latest_attempt=tried["id"],
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
    )


def _succeed(state: State, intent: Obj, method: Obj, challenge: str | None, *, page: bool) -> Obj:
    tried = _attempt(state, intent, method, "succeeded", challenge)
    if intent["customer"] is not None:
        method = payment_methods.attached(state, method, intent["customer"])
    if intent["usage"] == "off_session":
        state.private.proofs[method["id"]] = state.now
    wanted = intent["payment_method_options"]["card"]["mandate_options"] is not None
    mandate = make_mandate(state, method) if page or wanted or method["type"] != "card" else None
    done = state.change(
        intent,
        "setup_intent.succeeded",
        last_setup_error=None,
        latest_attempt=tried["id"],
        mandate=mandate,
        next_action=None,
        payment_method=method["id"],
        status="succeeded",
    )
    _release_subscription(state, done)
    return done


def make_mandate(state: State, method: Obj) -> str | None:
    """A mandate for an Indian card or a bank account; other cards have none."""
    if method["type"] == "card" and method["card"]["country"] != "IN":
        return None
    mandate: str = state.add(
        shapes.mandate(state.make_id("mandate"), state.now, method, state.ids.characters(12).upper())
    )["id"]
    state.private.mandates[method["id"]] = mandate
    return mandate


def _release_subscription(state: State, intent: Obj) -> None:
    """A subscription that waited for this set-up waits no more, and takes the card where it is told to."""
    if intent["customer"] is None:
        return
    subscriptions = state.table("subscription")
    for key in list(subscriptions.having("customer", intent["customer"]).ascending(-1, 1 << 128)):
        subscription = subscriptions.objects[key]
        if subscription["pending_setup_intent"] != intent["id"]:
            continue
        changes: dict[str, Any] = {"pending_setup_intent": None}
        if subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
            changes["default_payment_method"] = intent["payment_method"]
        state.change(subscription, "customer.subscription.updated", **changes)


def _unexpected(intent: Obj, verb: str) -> StripeError:
    return StripeError(
        f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}.",
        code="setup_intent_unexpected_state",
        setup_intent=intent["id"],
    )
