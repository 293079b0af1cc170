"""Takes secrets, links and addresses out of API objects before they are stored; design.md section 6, rule 7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ghl_triage.secrets.hiding import hide, shows
from ghl_triage.secrets.known import among

# Without the strokes that some write and some leave out: client_secret, clientSecret, client-secret.
_SECRET_KEYS = frozenset(
    {
        "accesstoken", "apikey", "authorization", "authtoken", "bearertoken", "cookie", "ephemeralkey", "idtoken",
        "passwd", "password", "privatekey", "refreshtoken", "secretaccesskey", "secretkey", "sessiontoken", "setcookie",
        "token", "xapikey",
    }
)  # fmt: skip
# What a customer has still to do is told by its object's status; `next_action` tells it by ever new kinds of links.
_LINK_KEYS = frozenset(
    {
        "hosted_invoice_url", "hosted_instructions_url", "hosted_regulatory_receipt_url", "hosted_verification_url",
        "hosted_voucher_url", "invoice_pdf", "next_action", "pdf", "receipt_url", "redirect_to_url", "use_stripe_sdk",
        "success_url", "cancel_url", "return_url", "invoiceurl", "paymentlink", "receipturl",
    }
)  # fmt: skip
_PRIVATE_KEYS = frozenset(
    {
        "address", "address1", "billing_address", "customer_address", "customer_phone", "customer_shipping",
        "contactphone", "ip_address", "ipaddress", "phone", "shipping", "shipping_address", "shipping_details",
    }
)  # fmt: skip


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


class _Treatments(dict[str, int]):
    """How a key is treated, remembered: 0 keep, 1 look at its value, 2 drop. Only metadata has ever new keys."""

    def __missing__(self, key: str) -> int:
        folded = key.lower()
        treatment = int(folded == "url")
        if folded in _DROPPED or _names_secret(folded):
            treatment = 2
        if len(self) < 10_000:
            self[key] = treatment
        return treatment


_DROPPED = _LINK_KEYS | _PRIVATE_KEYS
TREATMENTS = _Treatments()


def _names_secret(key: str) -> bool:
    plain = key.lower().replace("_", "").replace("-", "")
    return plain in _SECRET_KEYS or plain.endswith("secret")


def drops(key: str, value: Any) -> bool:
    """Whether a key is left out when an object is stored."""
    treatment = TREATMENTS[key]
    # A list's `url` is its path in the API; any other is a page that lets its reader act.
    return treatment == 2 or (treatment == 1 and not (isinstance(value, str) and value.startswith("/")))


def looks_secret(encoded: bytes) -> bool:
    """Whether JSON may hold a secret inside a text: a quick test that errs on the safe side.

    Only where it hits are the texts looked at one by one. Written out, it is ten times as fast as one expression. What
    stands in logs and error bodies alone (keys of AWS, HTTP's Basic) is not looked for here.
    """
    return (
        b"_secret" in encoded
        or b"k_live_" in encoded
        or b"k_test_" in encoded
        or b"k_org_" in encoded
        or b"pit-" in encoded
        or b"eyJ" in encoded
        or b"whsec" in encoded
        or b"://" in encoded
        or b"stripe.com" in encoded
        or b"earer " in encoded
        or among(encoded)
    )


def scrub_texts(value: Any) -> Any:
    """A copy in which secrets inside texts (metadata, error messages, notes) are hidden, keys of objects included."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hide(str(key)): scrub_texts(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub_texts(item) for item in value]
    return value


def holds_secret(value: Any) -> bool:
    """Whether request parameters hold what must not be stored: the journal refuses them. Page addresses are fine."""
    if isinstance(value, str):
        return shows(value)
    if isinstance(value, Mapping):
        return any(
            _names_secret(str(key)) or holds_secret(str(key)) or holds_secret(item) for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return any(holds_secret(item) for item in value)
    return False
