"""The requests that a plan may hold, written out exactly as they would be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ghl_triage.actions.draft import Skip
from ghl_triage.actions.facts import Facts
from ghl_triage.actions.keys import idempotency_key
from ghl_triage.model import CardView, PlannedRequest
from ghl_triage.sources.stripe_ids import is_plain
from ghl_triage.store.journal import JournalEntry
from ghl_triage.text import card_label


@dataclass(frozen=True, slots=True)
class RequestMaker:
    """Makes the requests of one case; numbers each attempt by what was tried before.

    `cards` are the customer's, so that a summary can call them by the name that people know.
    """

    facts: Facts
    salt: str
    cards: Sequence[CardView] = ()

    def pay(self, invoice: str, payment_method: str | None, *, usual: str | None = None) -> PlannedRequest:
        """Charge an invoice, off-session; with a card named, that card pays this invoice alone.

        `usual` is the card that Stripe charges where none is named.
        """
        params: dict[str, Any] = {"off_session": True}
        if payment_method:
            params["payment_method"] = payment_method
        card = payment_method or usual
        with_card = f" with {named(card, self.cards)}" if card else ""
        return self._post(
            "retry",
            f"/v1/invoices/{_addressed(invoice)}/pay",
            params,
            summary=f"pay {invoice}{with_card}",
            object_id=invoice,
        )

    def customer_default(self, customer: str, payment_method: str) -> PlannedRequest:
        """Make a card the default of all that names none itself."""
        params = {"invoice_settings": {"default_payment_method": payment_method}}
        summary = f"make {named(payment_method, self.cards)} the customer's default"
        request = self._post(
            "default",
            f"/v1/customers/{_addressed(customer)}",
            params,
            summary=summary,
            object_id=customer,
            detail=payment_method,
        )
        # An empty value clears the field (Stripe's reference, "Update a customer").
        return replace(
            request, undo={"invoice_settings": {"default_payment_method": self.facts.customer_default or ""}}
        )

    def subscription_default(self, subscription: str, payment_method: str) -> PlannedRequest:
        """Make a card the subscription's own."""
        params = {"default_payment_method": payment_method}
        summary = f"make {named(payment_method, self.cards)} the subscription's default"
        request = self._post(
            "default",
            f"/v1/subscriptions/{_addressed(subscription)}",
            params,
            summary=summary,
            object_id=subscription,
            detail=payment_method,
        )
        known = self.facts.subscription
        return replace(
            request, undo={"default_payment_method": (known.default_payment_method if known else None) or ""}
        )

    def undo(self, entry: JournalEntry) -> PlannedRequest:
        """Put back what stood there before one of our requests."""
        former = default_in(entry.undo or {})
        back = f"back to {named(former, self.cards)}" if former else "back to none"
        level = "the customer's" if entry.path.startswith("/v1/customers/") else "the subscription's"
        key = idempotency_key("undo", entry.path.rsplit("/", 1)[-1], entry.id, former or "none", self.salt)
        summary = f"set {level} default {back}"
        return PlannedRequest("POST", entry.path, entry.undo or {}, key, summary, undoes=entry.id)

    def resume(self, subscription: str) -> PlannedRequest:
        """End a pause. The billing cycle begins anew, which is Stripe's default: the customer pays for time to come."""
        summary = f"resume {subscription}; its period begins now"
        return self._post(
            "resume",
            f"/v1/subscriptions/{_addressed(subscription)}/resume",
            {},
            summary=summary,
            object_id=subscription,
        )

    def portal(self, customer: str, return_url: str) -> PlannedRequest:
        """A page on which the customer changes his card; it writes the customer's default alone."""
        params = {
            "customer": customer,
            "return_url": return_url,
            "flow_data": {
                "type": "payment_method_update",
                "after_completion": {"type": "redirect", "redirect": {"return_url": return_url}},
            },
            # A link in a mail is opened late: the customer proves his address and gets a new page (API 2026-10-28).
            "after_expiration": {"type": "customer_login"},
        }
        return self._post(
            "portal", "/v1/billing_portal/sessions", params, summary=f"card page for {customer}", object_id=customer
        )

    def setup_checkout(self, customer: str, subscription: str, currency: str, return_url: str) -> PlannedRequest:
        """A page on which the customer sets a card up for later charges; it makes nothing the default by itself."""
        params = {
            "mode": "setup",
            "customer": customer,
            "currency": currency,
            "success_url": return_url,
            "metadata": {"subscription_id": subscription},
            "setup_intent_data": {"metadata": {"subscription_id": subscription}},
        }
        return self._post(
            "setup", "/v1/checkout/sessions", params, summary=f"set-up page for {subscription}", object_id=subscription
        )

    def new_checkout(
        self, customer: str, subscription: str, items: Sequence[tuple[str, int]], return_url: str
    ) -> PlannedRequest:
        """A page on which the customer subscribes anew: the same prices, and no second trial."""
        params = {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": price, "quantity": quantity} for price, quantity in items],
            "success_url": return_url,
            "metadata": {"replaces_subscription": subscription},
            "subscription_data": {"metadata": {"replaces_subscription": subscription}},
        }
        return self._post(
            "checkout",
            "/v1/checkout/sessions",
            params,
            summary=f"checkout instead of {subscription}",
            object_id=subscription,
        )

    def cancel(self, subscription: str, keeper: str) -> PlannedRequest:
        """Cancel a subscription at once. Nothing is billed or given back for the time used (Stripe's defaults)."""
        params = {"cancellation_details": {"comment": f"duplicate of {keeper}"}}
        key = idempotency_key("cancel", subscription, self.facts.attempt_number(subscription), keeper, self.salt)
        summary = f"cancel {subscription}; {keeper} stays"
        return PlannedRequest("DELETE", f"/v1/subscriptions/{_addressed(subscription)}", params, key, summary)

    def _post(
        self, name: str, path: str, params: Mapping[str, Any], *, summary: str, object_id: str, detail: str = ""
    ) -> PlannedRequest:
        attempt = self.facts.attempt_number(object_id)
        card = detail or str(params.get("payment_method") or "")
        key = idempotency_key(name, object_id, attempt, card, self.salt)
        return PlannedRequest("POST", path, params, key, summary)


def _addressed(object_id: str) -> str:
    """An id that may stand in the path of a request. Raises Skip for one that could lead to another object."""
    if is_plain(object_id):
        return object_id
    raise Skip("the id of what would be changed holds signs that no id of Stripe's has: look at it in the Dashboard")


def named(card: str, cards: Iterable[CardView]) -> str:
    """A card as people know it, `Visa 4242 (exp 08/28)`; its id where more is not known of it."""
    view = next((view for view in cards if view.id == card), None)
    return card_label(view) if view and (view.last4 or view.brand) else card


def default_in(params: Mapping[str, Any]) -> str:
    """The default payment method that a request sets, on the customer or on the subscription; "" clears it."""
    settings = params.get("invoice_settings")
    inner = settings if isinstance(settings, Mapping) else params
    return str(inner.get("default_payment_method") or "")


def hosted_invoice(invoice: str) -> PlannedRequest:
    """Read an invoice for the address of its pay page, which is never stored. Changes nothing, so it has no key."""
    return PlannedRequest("GET", f"/v1/invoices/{_addressed(invoice)}", {}, "", f"read the pay page of {invoice}")
