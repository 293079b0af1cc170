"""Takes secrets, links and addresses out of API objects before they are stored; design.md section 6, rule 7."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "[hidden]"
"""What stands where a secret stood inside a longer text."""

_SECRET_KEYS = frozenset(
    {
        "access_token", "accesstoken", "api_key", "apikey", "authorization", "client_secret", "confirmation_secret",
        "ephemeral_key", "id_token", "password", "refresh_token", "refreshtoken", "secret", "token", "webhook_secret",
    }
)  # fmt: skip
_LINK_KEYS = frozenset(
    {
        "hosted_invoice_url", "hosted_instructions_url", "hosted_regulatory_receipt_url", "hosted_verification_url",
        "hosted_voucher_url", "invoice_pdf", "pdf", "receipt_url", "redirect_to_url", "use_stripe_sdk",
        "success_url", "cancel_url", "return_url", "invoiceurl", "paymentlink", "receipturl",
    }
)  # fmt: skip
_PRIVATE_KEYS = frozenset(
    {
        "address", "address1", "billing_address", "customer_address", "customer_phone", "customer_shipping",
        "contactphone", "ip_address", "ipaddress", "phone", "shipping", "shipping_address", "shipping_details",
    }
)  # fmt: skip

_SECRETS = re.compile(
    r"""
      \b(?:[srpe]k_(?:live|test)|whsec)_[\w*]+    # Stripe's keys and webhook secrets
    | \bpit-[0-9A-Za-z-]{6,}                      # HighLevel's private integration tokens
    | \beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?         # JSON web tokens: HighLevel's OAuth tokens
    | \b(?:pi|seti|in|cs|src)_\w+?_secret_\w+     # client secrets
    | https?://(?:[\w-]+\.)*stripe\.com/(?:i|c|p|g|b|pay|invoice|session|receipts|r)/\S+   # pages that let one pay
    | https?://(?:invoice|checkout|billing|pay|pay-links|buy|receipt|hooks)\.stripe\.com/\S+
    | https?://\S*(?:client_secret|_secret_|access_token)\S*
    """,
    re.VERBOSE,
)
_HINTS = re.compile(rb"[srpe]k_(?:live|test)_|whsec_|pit-|eyJ|_secret_|stripe\.com/|access_token")
"""Found fast in the bytes of a whole object; only where it hits are the texts looked at one by one."""


def redact(value: Any) -> Any:
    """A copy of `value` (plain JSON) without secrets, links and addresses, wherever they stand."""
    return scrub_texts(strip(value))


def strip(value: Any) -> Any:
    """A copy without the keys that hold secrets, links and addresses; texts are left as they are."""
    if isinstance(value, Mapping):
        return {key: _part(item) for key, item in value.items() if not drops(key, item)}
    if isinstance(value, list | tuple):
        return [_part(item) for item in value]
    return value


def _part(value: Any) -> Any:
    # Most values are texts and numbers: they pay for no further call.
    return strip(value) if isinstance(value, dict | list | tuple) else value


@lru_cache(maxsize=4096)
def _kind_of_key(key: str) -> int:
    folded = key.lower()
    if folded in _SECRET_KEYS or folded in _LINK_KEYS or folded in _PRIVATE_KEYS or folded.endswith("_secret"):
        return 2
    return 1 if folded in {"url", "next_action"} else 0


def drops(key: str, value: Any) -> bool:
    """Whether a key is left out when an object is stored."""
    kind = _kind_of_key(key)
    if kind != 1:
        return kind == 2
    # A list's `url` is its path in the API; any other is a page that lets its reader act. `next_action` holds such
    # pages in ever new places; its type is told by the object's status.
    return not (isinstance(value, str) and value.startswith("/"))


def looks_secret(encoded: bytes) -> bool:
    """Whether JSON may hold a secret inside a text: a quick test that errs on the safe side."""
    return _HINTS.search(encoded) is not None


def scrub_texts(value: Any) -> Any:
    """A copy in which secrets inside texts (metadata, error messages, notes) are hidden, keys of objects included."""
    if isinstance(value, str):
        return _SECRETS.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {_SECRETS.sub(HIDDEN, str(key)): scrub_texts(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub_texts(item) for item in value]
    return value


def holds_secret(value: Any) -> bool:
    """Whether request parameters hold what must not be stored: the journal refuses them. Page addresses are fine."""
    if isinstance(value, str):
        return _SECRETS.search(value) is not None
    if isinstance(value, Mapping):
        return any(
            str(key).lower() in _SECRET_KEYS or holds_secret(str(key)) or holds_secret(item)
            for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return any(holds_secret(item) for item in value)
    return False
