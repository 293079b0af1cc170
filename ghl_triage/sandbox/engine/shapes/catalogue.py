"""The account and what it sells: account, products, prices, Connect platforms."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine.api import Obj


def account(account_id: str, created: int, name: str) -> Obj:
    """The merchant's account as its own key sees it."""
    return {
        "id": account_id,
        "object": "account",
        "business_profile": {
            "mcc": "8299",
            "name": name,
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": "https://example.test",
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": created,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.test",
        "metadata": {},
        "payouts_enabled": True,
        "settings": _settings(name),
        "type": "standard",
    }


def _settings(name: str) -> Obj:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "payments": {
            "statement_descriptor": "SANDBOX",
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
    }


def balance(*, livemode: bool) -> Obj:
    """An empty balance: nothing here pays out."""
    nothing = [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
    return {"object": "balance", "available": nothing, "livemode": livemode, "pending": nothing}


def application(application_id: str, name: str) -> Obj:
    """A Connect platform."""
    return {"id": application_id, "object": "application", "name": name}


def product(product_id: str, created: int, name: str, **fields: Any) -> Obj:
    """Something that is sold."""
    return {
        "id": product_id,
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": None,
        "updated": created,
        "url": None,
        **fields,
    }


def price(price_id: str, created: int, product_id: str, amount: int, currency: str, **fields: Any) -> Obj:
    """What it costs; amount in minor units."""
    return {
        "id": price_id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product_id,
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
        **fields,
    }


def recurring(interval: str, count: int) -> Obj:
    """`price.recurring`."""
    return {"interval": interval, "interval_count": count, "meter": None, "usage_type": "licensed"}
