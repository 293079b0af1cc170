"""What can be expanded, by kind; read from the ExpandableField and ListObject types of Stripe's SDK 16.1.

`>kind` is a reference by id. `=kind` is an object, `[kind` a list, that is always inline: expanding it changes nothing,
but a path may go through it. `+kind` is a list, and `!name` a hash, that the response holds only when it is expanded.
A dict is a plain hash on the way. `>-` refers to a kind that the sandbox never makes: allowed, and left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]

_ERROR: Fields = {
    "payment_intent": "=payment_intent",
    "payment_method": "=payment_method",
    "setup_intent": "=setup_intent",
}
_ISSUER: Fields = {"account": ">account"}
_LIABILITY: Fields = {"liability": _ISSUER}

EXPANSIONS: Mapping[str, Fields] = {
    "account": {},
    "application": {},
    "balance": {},
    "billing_portal.session": {"configuration": ">billing_portal.configuration"},
    "card": {"customer": ">customer"},
    "charge": {
        "application": ">application",
        "application_fee": ">-",
        "balance_transaction": ">-",
        "customer": ">customer",
        "failure_balance_transaction": ">-",
        "on_behalf_of": ">account",
        "outcome": {"rule": ">-"},
        "payment_intent": ">payment_intent",
        "refunds": "+refund",
        "review": ">-",
        "source_transfer": ">-",
        "transfer": ">-",
        "transfer_data": {"destination": ">account"},
    },
    "checkout.session": {
        "customer": ">customer",
        "invoice": ">invoice",
        "line_items": "+item",
        "payment_intent": ">payment_intent",
        "payment_link": ">-",
        "setup_intent": ">setup_intent",
        "subscription": ">subscription",
    },
    "customer": {
        "cash_balance": "!cash_balance",
        "default_source": ">card",
        "invoice_settings": {"default_payment_method": ">payment_method"},
        "sources": "+card",
        "subscriptions": "+subscription",
        "tax": "!tax",
        "tax_ids": "+tax_id",
        "test_clock": ">test_helpers.test_clock",
    },
    "dispute": {"balance_transactions": "=-", "charge": ">charge", "payment_intent": ">payment_intent"},
    "event": {},
    "invoice": {
        "account_tax_ids": ">-",
        "application": ">application",
        "automatic_tax": _LIABILITY,
        "confirmation_secret": "!confirmation_secret",
        "customer": ">customer",
        "default_payment_method": ">payment_method",
        "default_source": ">card",
        "discounts": ">-",
        "from_invoice": {"invoice": ">invoice"},
        "issuer": _ISSUER,
        "last_finalization_error": _ERROR,
        "latest_revision": ">invoice",
        "lines": "[line_item",
        "on_behalf_of": ">account",
        "parent": {"subscription_details": {"subscription": ">subscription"}},
        "payments": "+invoice_payment",
        "test_clock": ">test_helpers.test_clock",
        "total_discount_amounts": {"discount": ">-"},
    },
    "invoice_payment": {
        "invoice": ">invoice",
        "payment": {"charge": ">charge", "payment_intent": ">payment_intent", "payment_record": ">-"},
    },
    "item": {"price": "=price"},
    "line_item": {
        "discounts": ">-",
        "pricing": {"price_details": {"price": ">price"}},
        "subscription": ">subscription",
    },
    "mandate": {"payment_method": ">payment_method"},
    "payment_intent": {
        "application": ">application",
        "customer": ">customer",
        "last_payment_error": _ERROR,
        "latest_charge": ">charge",
        "on_behalf_of": ">account",
        "payment_method": ">payment_method",
        "review": ">-",
        "source": ">card",
        "transfer_data": {"destination": ">account"},
    },
    "payment_method": {"customer": ">customer"},
    "price": {"currency_options": "!currency_options", "product": ">product", "tiers": "!tiers"},
    "product": {"default_price": ">price"},
    "radar.early_fraud_warning": {"charge": ">charge", "payment_intent": ">payment_intent"},
    "refund": {"charge": ">charge", "payment_intent": ">payment_intent", "balance_transaction": ">-"},
    "setup_attempt": {
        "application": ">application",
        "customer": ">customer",
        "on_behalf_of": ">account",
        "payment_method": ">payment_method",
        "setup_error": _ERROR,
        "setup_intent": ">setup_intent",
    },
    "setup_intent": {
        "application": ">application",
        "customer": ">customer",
        "last_setup_error": _ERROR,
        "latest_attempt": ">setup_attempt",
        "mandate": ">mandate",
        "on_behalf_of": ">account",
        "payment_method": ">payment_method",
        "single_use_mandate": ">mandate",
    },
    "subscription": {
        "application": ">application",
        "automatic_tax": _LIABILITY,
        "customer": ">customer",
        "default_payment_method": ">payment_method",
        "default_source": ">card",
        "discounts": ">-",
        "invoice_settings": {"account_tax_ids": ">-", "issuer": _ISSUER},
        "items": "[subscription_item",
        "latest_invoice": ">invoice",
        "on_behalf_of": ">account",
        "pending_setup_intent": ">setup_intent",
        "pending_update": {"subscription_items": "=subscription_item"},
        "schedule": ">-",
        "test_clock": ">test_helpers.test_clock",
        "transfer_data": {"destination": ">account"},
    },
    "subscription_item": {"discounts": ">-", "price": "=price"},
    "tax_id": {"customer": ">customer"},
    "test_helpers.test_clock": {},
}


def hidden(kind: str) -> tuple[str, ...]:
    """The fields that a response holds only when they are expanded."""
    return tuple(name for name, mark in EXPANSIONS[kind].items() if isinstance(mark, str) and mark[0] in "+!")
