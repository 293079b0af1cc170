"""Customers, legacy cards, and deleted customers."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine.api import CardSpec, Obj

NO_ADDRESS: Obj = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
_INVOICE_SETTINGS: Obj = {
    "custom_fields": None,
    "default_payment_method": None,
    "footer": None,
    "rendering_options": None,
}
_CUSTOMER: Obj = {
    "object": "customer",
    "address": None,
    "balance": 0,
    "currency": None,
    "customer_account": None,
    "default_source": None,
    "delinquent": False,
    "description": None,
    "discount": None,
    "email": None,
    "invoice_settings": _INVOICE_SETTINGS,
    "livemode": False,
    "metadata": {},
    "name": None,
    "next_invoice_sequence": 1,
    "phone": None,
    "preferred_locales": [],
    "shipping": None,
    "tax_exempt": "none",
    "test_clock": None,
}
_CARD: Obj = {
    "object": "card",
    "address_city": None,
    "address_country": None,
    "address_line1": None,
    "address_line1_check": None,
    "address_line2": None,
    "address_state": None,
    "address_zip": None,
    "address_zip_check": None,
    "allow_redisplay": "unspecified",
    "cvc_check": "pass",
    "dynamic_last4": None,
    "metadata": {},
    "name": None,
    "regulated_status": "unregulated",
    "tokenization_method": None,
}
_CARD_BRANDS = {"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover"}


def customer(customer_id: str, created: int, prefix: str, **fields: Any) -> Obj:
    """A customer."""
    return {**_CUSTOMER, "id": customer_id, "created": created, "invoice_prefix": prefix, **fields}


def deleted_customer(customer_id: str) -> Obj:
    """What is left of a deleted customer."""
    return {"id": customer_id, "object": "customer", "deleted": True}


def legacy_card(card_id: str, owner: str, fingerprint: str, spec: CardSpec) -> Obj:
    """A card of the old Sources kind."""
    return {
        **_CARD,
        "id": card_id,
        "brand": _CARD_BRANDS.get(spec.brand, spec.brand),
        "country": spec.country,
        "customer": owner,
        "exp_month": spec.exp_month,
        "exp_year": spec.exp_year,
        "fingerprint": fingerprint,
        "funding": spec.funding,
        "last4": spec.last4,
    }
