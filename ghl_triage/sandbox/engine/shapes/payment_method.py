"""PaymentMethods of the types that the sandbox knows, and how charges and set-ups show them."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine.api import CardSpec, Obj

_BILLING: Obj = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
_EMPTY_ADDRESS: Obj = {
    "city": None,
    "country": None,
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}
_PAYMENT_METHOD: Obj = {
    "object": "payment_method",
    "allow_redisplay": "unspecified",
    "customer": None,
    "customer_account": None,
    "livemode": False,
    "metadata": {},
}
_CHECKS: Obj = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
_THREE_D_SECURE: Obj = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": None,
    "version": "2.2.0",
}


def billing_details(**fields: Any) -> Obj:
    """Name and address as the payer gave them."""
    return {**_BILLING, "address": _EMPTY_ADDRESS, **fields}


def payment_method(method_id: str, created: int, fingerprint: str, spec: CardSpec, **fields: Any) -> Obj:
    """A card or a bank account that can pay."""
    return {
        **_PAYMENT_METHOD,
        "id": method_id,
        "billing_details": billing_details(),
        "created": created,
        "type": spec.type,
        spec.type: _instrument(fingerprint, spec),
        **fields,
    }


def _instrument(fingerprint: str, spec: CardSpec) -> Obj:
    if spec.type == "us_bank_account":
        return {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "fingerprint": fingerprint,
            "last4": spec.last4,
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": None,
        }
    if spec.type == "sepa_debit":
        return {
            "bank_code": "37040044",
            "branch_code": "",
            "country": spec.country,
            "fingerprint": fingerprint,
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": spec.last4,
        }
    return {
        "brand": spec.brand,
        "checks": _CHECKS,
        "country": spec.country,
        "display_brand": "american_express" if spec.brand == "amex" else spec.brand,
        "exp_month": spec.exp_month,
        "exp_year": spec.exp_year,
        "fingerprint": fingerprint,
        "funding": spec.funding,
        "generated_from": None,
        "last4": spec.last4,
        "networks": {"available": [spec.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def three_d_secure(outcome: str) -> Obj:
    """How a 3DS challenge ended: pass, fail or abandon."""
    if outcome == "pass":
        return _THREE_D_SECURE
    reason = "rejected" if outcome == "fail" else "abandoned"
    return {**_THREE_D_SECURE, "electronic_commerce_indicator": "07", "result": "failed", "result_reason": reason}


def in_setup_attempt(method: Obj, challenge: str | None) -> Obj:
    """`setup_attempt.payment_method_details`."""
    kind = method["type"]
    if kind != "card":
        return {"type": kind, kind: {}}
    card = method["card"]
    return {
        "type": "card",
        "card": {
            "brand": card["brand"],
            "checks": card["checks"],
            "country": card["country"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "fingerprint": card["fingerprint"],
            "funding": card["funding"],
            "last4": card["last4"],
            "network": card["brand"],
            "three_d_secure": three_d_secure(challenge) if challenge else None,
            "wallet": None,
        },
    }


def in_charge(method: Obj, amount: int | None, challenge: str | None, mandate: str | None) -> Obj:
    """`charge.payment_method_details`; `amount`: what the bank authorized."""
    kind = method["type"]
    part = method[kind]
    if kind == "us_bank_account":
        details = {name: part[name] for name in ("account_holder_type", "account_type", "bank_name", "fingerprint")}
        shown = {**details, "last4": part["last4"], "payment_reference": None, "routing_number": part["routing_number"]}
        return {"type": kind, kind: shown}
    if kind == "sepa_debit":
        names = ("bank_code", "branch_code", "country", "fingerprint", "last4")
        return {"type": kind, kind: {**{name: part[name] for name in names}, "mandate": mandate}}
    secure = {**three_d_secure(challenge), "exemption_indicator": None} if challenge else None
    return {
        "type": "card",
        "card": {
            "amount_authorized": amount,
            "authorization_code": None,
            "brand": part["brand"],
            "checks": part["checks"],
            "country": part["country"],
            "exp_month": part["exp_month"],
            "exp_year": part["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": part["fingerprint"],
            "funding": part["funding"],
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": part["last4"],
            "mandate": mandate,
            "multicapture": {"status": "unavailable"},
            "network": part["brand"],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": amount or 0, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": secure,
            "wallet": None,
        },
    }
