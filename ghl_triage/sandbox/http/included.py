"""Fields that a response holds only when they are expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.http.expand import sublist

_LISTS: Mapping[str, tuple[str, str, str]] = {
    "charge.refunds": ("refund", "charge", "/v1/charges/{}/refunds"),
    "customer.sources": ("card", "customer", "/v1/customers/{}/sources"),
    "customer.subscriptions": ("subscription", "customer", "/v1/customers/{}/subscriptions"),
    "customer.tax_ids": ("", "", "/v1/customers/{}/tax_ids"),
    "invoice.payments": ("invoice_payment", "invoice", "/v1/invoice_payments"),
}
"""By field: the kind of its entries, the filter for the owner's id, and its address."""


@dataclass(frozen=True, slots=True)
class Included:
    """Gives these fields from the engine's state."""

    engine: Engine

    def field(self, name: str, owner: Mapping[str, Any]) -> Obj | None:
        """The value of a field such as `invoice.payments` of this object."""
        object_id = owner.get("id", "")
        if name in _LISTS:
            kind, filtered, url = _LISTS[name]
            listed = self.engine.list(kind, {filtered: object_id}) if kind else ()
            return sublist(listed, url.format(object_id))
        if name == "checkout.session.line_items":
            items = self.engine.session_line_items(object_id)
            return sublist(items, f"/v1/checkout/sessions/{object_id}/line_items")
        return self.engine.confirmation_secret(object_id) if name == "invoice.confirmation_secret" else None
