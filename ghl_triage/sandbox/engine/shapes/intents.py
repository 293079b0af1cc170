"""SetupIntents, their attempts, PaymentIntents, mandates."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine.api import Decline, Obj

_CARD_OPTIONS: Obj = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
}
_SETUP_INTENT: Obj = {
    "object": "setup_intent",
    "application": None,
    "automatic_payment_methods": None,
    "cancellation_reason": None,
    "customer": None,
    "customer_account": None,
    "description": None,
    "excluded_payment_method_types": None,
    "flow_directions": None,
    "last_setup_error": None,
    "latest_attempt": None,
    "livemode": False,
    "mandate": None,
    "metadata": {},
    "next_action": None,
    "on_behalf_of": None,
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {
        "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    },
    "payment_method_types": ["card"],
    "single_use_mandate": None,
    "status": "requires_payment_method",
    "usage": "off_session",
}
_PAYMENT_INTENT: Obj = {
    "object": "payment_intent",
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic",
    "confirmation_method": "automatic",
    "customer": None,
    "customer_account": None,
    "description": None,
    "excluded_payment_method_types": None,
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": False,
    "metadata": {},
    "next_action": None,
    "on_behalf_of": None,
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {"card": _CARD_OPTIONS},
    "payment_method_types": ["card"],
    "processing": None,
    "receipt_email": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "status": "requires_payment_method",
    "transfer_data": None,
    "transfer_group": None,
}
#: `next_action` of an intent whose customer has to meet a 3DS challenge.
CHALLENGE: Obj = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
_LOGS = "https://dashboard.stripe.com/test/logs/"


def setup_intent(intent_id: str, created: int, client_secret: str, **fields: Any) -> Obj:
    """A SetupIntent."""
    return {**_SETUP_INTENT, "id": intent_id, "created": created, "client_secret": client_secret, **fields}


def payment_intent(intent_id: str, created: int, client_secret: str, amount: int, currency: str, **fields: Any) -> Obj:
    """A PaymentIntent; amount in minor units."""
    return {
        **_PAYMENT_INTENT,
        "id": intent_id,
        "amount": amount,
        "client_secret": client_secret,
        "created": created,
        "currency": currency,
        **fields,
    }


def setup_attempt(attempt_id: str, created: int, intent: Obj, method: Obj, details: Obj, **fields: Any) -> Obj:
    """One try at a set-up."""
    return {
        "id": attempt_id,
        "object": "setup_attempt",
        "application": intent["application"],
        "created": created,
        "customer": intent["customer"],
        "customer_account": None,
        "flow_directions": None,
        "livemode": False,
        "on_behalf_of": None,
        "payment_method": method["id"],
        "payment_method_details": details,
        "setup_error": None,
        "setup_intent": intent["id"],
        "status": "requires_confirmation",
        "usage": intent["usage"],
        **fields,
    }


def mandate(mandate_id: str, now: int, method: Obj, reference: str) -> Obj:
    """A mandate for repeated charges."""
    kind = method["type"]
    details: dict[str, Obj] = {
        "card": {},
        "us_bank_account": {},
        "sepa_debit": {"reference": reference, "url": "https://hooks.stripe.com/mandate"},
    }
    return {
        "id": mandate_id,
        "object": "mandate",
        "customer_acceptance": {
            "accepted_at": now,
            "online": {"ip_address": "198.51.100.7", "user_agent": "Mozilla/5.0"},
            "type": "online",
        },
        "livemode": False,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {"type": kind, kind: details[kind]},
        "status": "active",
        "type": "multi_use",
    }


def api_error(decline: Decline, method: Obj | None, charge: str | None, request_id: str | None) -> Obj:
    """`last_payment_error`, `last_setup_error`, `setup_error`: only the fields that say something."""
    fields = {
        "advice_code": decline.advice_code,
        "charge": charge,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
        "payment_method": method,
        "request_log_url": f"{_LOGS}{request_id}" if request_id else None,
        "type": "card_error",
    }
    return {name: value for name, value in fields.items() if value is not None}
