"""API keys of the sandbox and what they may do.

Accepted are `sk_…` and `rk_…` keys that contain "sandbox". A key with "readonly" has no right to write; one that ends
in `_without_charge_read` lacks that right alone, and several can be taken away so; one with "expired" is expired. A
live-mode key finds an empty live mode.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from ghl_triage.sandbox.engine.api import StripeError

_FORM = re.compile(r"^[sr]k_(test|live)_\w*sandbox\w*$")

RIGHTS = {
    "account": "account",
    "application": "account",
    "balance": "balance",
    "billing_portal.session": "customer_portal",
    "billing_portal.configuration": "customer_portal",
    "card": "customer",
    "charge": "charge",
    "checkout.session": "checkout_session",
    "customer": "customer",
    "dispute": "dispute",
    "event": "event",
    "invoice": "invoice",
    "item": "checkout_session",
    "invoice_payment": "invoice",
    "mandate": "setup_intent",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "price": "price",
    "product": "product",
    "radar.early_fraud_warning": "radar",
    "refund": "charge",
    "setup_attempt": "setup_intent",
    "setup_intent": "setup_intent",
    "subscription": "subscription",
    "tax_id": "customer",
    "test_helpers.test_clock": "billing_clock",
}
"""The resource that a kind's right is named after: `rak_<resource>_read` and `_write`."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was accepted."""

    text: str
    livemode: bool

    def masked(self) -> str:
        """The key as Stripe quotes it."""
        return f"{self.text[:8]}{'*' * 8}{self.text[-4:]}"

    def may(self, right: str) -> bool:
        """Whether a right such as `invoice_write` goes with this key. Writing includes reading."""
        if self.text.startswith("sk_"):
            return True
        if "readonly" in self.text and right.endswith("_write"):
            return False
        return right not in self.text.split("_without_")[1:]


def key_of(authorization: str | None) -> Key:
    """The key of an Authorization header, Bearer or Basic; StripeError 401 where there is none that is accepted."""
    text = _text(authorization or "")
    if not text:
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
        )
        raise StripeError(message, status=401)
    if "expired" in text:
        raise StripeError(f"Expired API Key provided: {text[:8]}****{text[-4:]}", code="api_key_expired", status=401)
    match = _FORM.match(text)
    if match is None:
        raise StripeError(f"Invalid API Key provided: {text[:8]}****{text[-4:]}", status=401)
    return Key(text, livemode=match[1] == "live")


def _text(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def demand(key: Key, right: str, account: str) -> None:
    """StripeError 403 with Stripe's own words unless the key has the right."""
    if key.may(right):
        return
    message = (
        f"The provided key '{key.masked()}' does not have the required permissions for this endpoint on account "
        f"'{account}'. Having the 'rak_{right}' permission would allow this request to continue."
    )
    raise StripeError(message, status=403)
