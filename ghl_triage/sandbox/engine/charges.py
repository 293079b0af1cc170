"""Taking money: one try of one PaymentIntent with one card, and what the bank says to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ghl_triage.sandbox.engine import cards, payment_methods, setup_intents
from ghl_triage.sandbox.engine.api import Decline, Job, LedgerEntry, Obj, StripeError
from ghl_triage.sandbox.engine.shapes import charge as charge_shapes
from ghl_triage.sandbox.engine.shapes import intents as shapes
from ghl_triage.sandbox.engine.shapes import payment_method as method_shapes
from ghl_triage.sandbox.engine.state import State

#: A bank debit takes this long to succeed or to come back.
DEBIT_SECONDS = 4 * 86_400
_NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new"
    " PaymentMethod to attempt to fulfill this PaymentIntent again.",
    None,
    None,
)
_MANDATE_INVALID = Decline(
    "payment_intent_mandate_invalid", None, "The mandate for this payment method is no longer active.", None, None
)
PAYABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one try ended: the PaymentIntent as it is now, and the refusal if there was one."""

    intent: Obj
    method: str
    decline: Decline | None = None
    charge: str | None = None

    def error(self) -> StripeError:
        """The refusal as the API gives it to whoever asked for the payment."""
        decline = self.decline or Decline()
        refusal = payment_methods.declined(decline)
        refusal.charge, refusal.payment_intent, refusal.payment_method = self.charge, self.intent["id"], self.method
        return refusal


def attempt(state: State, intent: Obj, method: Obj, *, off_session: bool, challenge: str | None = None) -> Attempt:
    """Tries to pay. `challenge`: how the 3DS challenge ended, once it was put."""
    if intent["status"] not in PAYABLE:
        raise StripeError(
            f"This PaymentIntent's status is {intent['status']}: it cannot be confirmed.",
            code="payment_intent_unexpected_state",
            payment_intent=intent["id"],
        )
    spec = cards.bank(state, method["id"])
    card = method.get("card") or {"exp_month": 12, "exp_year": 2099}
    decline = cards.refusal(spec, card["exp_month"], card["exp_year"], state.now)
    if decline is None or decline.outcome_type != "blocked":
        if challenge == "fail":
            return _failed(state, intent, method, _NOT_AUTHENTICATED, challenge, with_charge=False)
        if not off_session and spec.sca != "never" and challenge is None:
            return Attempt(_challenged(state, intent, method), method["id"])
        if off_session and (refusal := _unauthorized(state, method)) is not None:
            return _not_authorized(state, intent, method, refusal)
    if spec.type != "card":
        return _debited(state, intent, method)
    if decline is not None:
        return _failed(state, intent, method, decline, challenge, with_charge=True)
    return _succeeded(state, intent, method, challenge)


def _not_authorized(state: State, intent: Obj, method: Obj, refusal: Decline) -> Attempt:
    """Refused for the customer's absence; what pays an invoice may wait for him at the bank's challenge instead."""
    asked = refusal is cards.AUTHENTICATION_REQUIRED and intent["id"] in state.private.payers
    if asked and state.beliefs.three_d_secure == "requires_action":
        return Attempt(_challenged(state, intent, method), method["id"])
    return _failed(state, intent, method, refusal, None, with_charge=refusal is not _MANDATE_INVALID)


def _unauthorized(state: State, method: Obj) -> Decline | None:
    """Why a bank refuses a charge at which the customer is not present, money aside."""
    spec = cards.bank(state, method["id"])
    if spec.sca == "always" or (spec.sca == "unless_set_up" and method["id"] not in state.private.proofs):
        return cards.AUTHENTICATION_REQUIRED
    if spec.country == "IN" and spec.type == "card":
        mandate = state.find("mandate", state.private.mandates.get(method["id"]))
        if mandate is None:
            return cards.AUTHENTICATION_REQUIRED
        if mandate["status"] != "active":
            return _MANDATE_INVALID
    return None


def _challenged(state: State, intent: Obj, method: Obj) -> Obj:
    return state.change(
        intent,
        "payment_intent.requires_action",
        last_payment_error=None,
        next_action=shapes.CHALLENGE,
        payment_method=method["id"],
        status="requires_action",
    )


def _failed(
    state: State, intent: Obj, method: Obj, decline: Decline, challenge: str | None, *, with_charge: bool
) -> Attempt:
    charge_id = None
    changes: dict[str, Any] = {}
    if with_charge:
        blocked_by_rule = decline.reason == "rule"
        rule = state.ids.other("rule_1", 23) if blocked_by_rule else None
        made = _charge(
            state,
            intent,
            method,
            challenge,
            failure_code=decline.code,
            failure_message=decline.message,
            outcome=charge_shapes.refused(decline, rule),
            status="failed",
        )
        state.emit("charge.failed", made)
        charge_id = changes["latest_charge"] = made["id"]
    request_id = state.request.id if state.request else None
    failed = state.change(
        intent,
        "payment_intent.payment_failed",
        last_payment_error=shapes.api_error(decline, method, charge_id, request_id),
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
        **changes,
    )
    return Attempt(failed, method["id"], decline, charge_id)


def _debited(state: State, intent: Obj, method: Obj) -> Attempt:
    made = _charge(state, intent, method, None, outcome=charge_shapes.approved(), status="pending")
    state.emit("charge.pending", made)
    waiting = state.change(
        intent,
        "payment_intent.processing",
        latest_charge=made["id"],
        payment_method=method["id"],
        status="processing",
        last_payment_error=None,
    )
    state.schedule(state.now + DEBIT_SECONDS, "settle_debit", intent["id"])
    return Attempt(waiting, method["id"])


def debit_settled(state: State, intent: Obj, _job: Job) -> Attempt | None:
    """The bank's answer to a debit."""
    if intent["status"] != "processing":
        return None
    method = payment_methods.find(state, intent["payment_method"])
    decline = cards.bank(state, method["id"]).charge
    pending = state.get("charge", intent["latest_charge"])
    if decline is None:
        taken = state.change(
            pending, "charge.succeeded", status="succeeded", paid=True, captured=True, amount_captured=intent["amount"]
        )
        return Attempt(_paid(state, intent, method, taken), method["id"], charge=taken["id"])
    state.change(
        pending,
        "charge.failed",
        status="failed",
        failure_code=decline.code,
        failure_message=decline.message,
        outcome=charge_shapes.refused(decline, None),
    )
    return _failed(state, intent, method, decline, None, with_charge=False)


def _succeeded(state: State, intent: Obj, method: Obj, challenge: str | None) -> Attempt:
    later = intent["capture_method"] == "manual"
    made = _charge(
        state,
        intent,
        method,
        challenge,
        amount_captured=0 if later else intent["amount"],
        captured=not later,
        outcome=charge_shapes.approved(),
        paid=True,
        status="succeeded",
    )
    state.emit("charge.succeeded", made)
    if later:
        held = state.change(
            intent,
            "payment_intent.amount_capturable_updated",
            amount_capturable=intent["amount"],
            latest_charge=made["id"],
            next_action=None,
            payment_method=method["id"],
            status="requires_capture",
        )
        _remember(state, held, method)
        return Attempt(held, method["id"], charge=made["id"])
    return Attempt(_paid(state, intent, method, made), method["id"], charge=made["id"])


def _paid(state: State, intent: Obj, method: Obj, charge: Obj) -> Obj:
    paid = state.change(
        intent,
        "payment_intent.succeeded",
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=method["id"],
        status="succeeded",
    )
    book(state, paid, charge["id"], intent["amount"])
    _remember(state, paid, method)
    return paid


def book(state: State, intent: Obj, charge: str, amount: int) -> None:
    """Writes into the ledger that this charge took money."""
    invoice = state.private.payers.get(intent["id"])
    state.ledger[charge] = LedgerEntry(
        charge, invoice, intent["id"], intent["customer"], amount, intent["currency"], state.now
    )


def _remember(state: State, intent: Obj, method: Obj) -> None:
    """A payment that is to set the card up for later attaches it, and proves it for off-session use."""
    if intent["setup_future_usage"] is None or intent["customer"] is None:
        return
    payment_methods.attached(state, method, intent["customer"])
    if intent["setup_future_usage"] == "off_session":
        state.private.proofs.setdefault(method["id"], state.now)
        if method["id"] not in state.private.mandates:
            setup_intents.make_mandate(state, method)


def _charge(state: State, intent: Obj, method: Obj, challenge: str | None, **fields: Any) -> Obj:
    charge_id = state.make_id("charge")
    authorized = intent["amount"] if fields["status"] == "succeeded" else None
    mandate = state.private.mandates.get(method["id"])
    details = method_shapes.in_charge(method, authorized, challenge, mandate)
    if fields["status"] != "failed":
        fields["receipt_url"] = f"https://pay.stripe.com/receipts/{charge_id}"
    return state.add(charge_shapes.charge(charge_id, state.now, intent, method, details, **fields))
