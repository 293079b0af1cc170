"""Invoices, their lines and their payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ghl_triage.sandbox.engine.api import Obj

_SELF: Obj = {"type": "self"}
_NO_TAX: Obj = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}
_SETTINGS: Obj = {"default_mandate": None, "payment_method_options": None, "payment_method_types": None}
_INVOICE: Obj = {
    "object": "invoice",
    "account_country": "US",
    "account_name": "Course Creator 360",
    "account_tax_ids": None,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_paid_off_stripe": 0,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": True,
    "automatic_tax": _NO_TAX,
    "automatically_finalizes_at": None,
    "custom_fields": None,
    "customer_account": None,
    "customer_address": None,
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "due_date": None,
    "effective_at": None,
    "ending_balance": None,
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": _SELF,
    "last_finalization_error": None,
    "latest_revision": None,
    "livemode": False,
    "metadata": {},
    "next_payment_attempt": None,
    "number": None,
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": _SETTINGS,
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": None,
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": 0,
    "statement_descriptor": None,
    "status": "draft",
    "status_details": None,
    "status_transitions": {
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "test_clock": None,
    "total_discount_amounts": [],
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
    "webhooks_delivered_at": None,
}
#: `automatic_tax` where it is switched on, before and after it worked.
TAX_PENDING: Obj = {**_NO_TAX, "enabled": True, "liability": _SELF, "provider": "stripe"}
TAX_LACKS_ADDRESS: Obj = {**TAX_PENDING, "status": "requires_location_inputs"}
TAX_DONE: Obj = {**TAX_PENDING, "status": "complete"}
#: `last_finalization_error` of an invoice whose tax cannot be known.
TAX_ERROR: Obj = {
    "code": "customer_tax_location_invalid",
    "doc_url": "https://docs.stripe.com/error-codes/customer-tax-location-invalid",
    "message": "The customer's location isn't recognized. Set a valid customer address in order to automatically"
    " calculate tax.",
    "type": "invalid_request_error",
}


def invoice(invoice_id: str, created: int, customer: Obj, lines: Sequence[Obj], **fields: Any) -> Obj:
    """A draft for these lines."""
    total = sum(line["amount"] for line in lines)
    return {
        **_INVOICE,
        "id": invoice_id,
        "amount_due": total,
        "amount_remaining": total,
        "created": created,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "lines": {
            "object": "list",
            "data": list(lines),
            "has_more": False,
            "url": f"/v1/invoices/{invoice_id}/lines",
        },
        "period_end": created,
        "period_start": created,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
        **fields,
    }


def subscription_parent(subscription: str, metadata: Obj) -> Obj:
    """`parent` of an invoice that a subscription made."""
    return {
        "quote_details": None,
        "subscription_details": {"metadata": metadata, "subscription": subscription},
        "type": "subscription_details",
    }


def line(line_id: str, invoice_id: str, amount: int, currency: str, description: str, **fields: Any) -> Obj:
    """One line; amount in minor units."""
    return {
        "id": line_id,
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": None,
        "pretax_credit_amounts": [],
        "pricing": None,
        "quantity": 1,
        "subscription": None,
        "subtotal": amount,
        "taxes": [],
        **fields,
    }


def item_line(line_id: str, invoice_id: str, item: Obj, subscription: Obj, *, trial: bool) -> Obj:
    """A line for the current period of a subscription's item; free in a trial."""
    price, quantity = item["price"], item["quantity"]
    amount = 0 if trial else price["unit_amount"] * quantity
    what = "Trial period for" if trial else f"{quantity} ×"
    return line(
        line_id,
        invoice_id,
        amount,
        price["currency"],
        f"{what} {price['nickname'] or 'subscription'}",
        metadata=subscription["metadata"],
        parent={
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        period={"end": item["current_period_end"], "start": item["current_period_start"]},
        pricing={
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": "0" if trial else price["unit_amount_decimal"],
        },
        quantity=quantity,
        subscription=subscription["id"],
    )


def invoice_payment(payment_id: str, created: int, bill: Obj, intent: str) -> Obj:
    """The tie between an invoice and the PaymentIntent that pays it."""
    return {
        "id": payment_id,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": bill["amount_remaining"],
        "created": created,
        "currency": bill["currency"],
        "invoice": bill["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
