"""Reads back what a story left, from the sandbox's engine or from Stripe's API, as the same lists of objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj, StripeError
from ghl_triage.sandbox.verify.client import Client, Refused

Left: TypeAlias = Mapping[str, list[Obj]]
"""By kind: the objects that a story left, oldest first."""

EVENTS = (
    "charge.failed",
    "charge.succeeded",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.voided",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payment_method.detached",
    "setup_intent.requires_action",
    "setup_intent.succeeded",
)
"""The types that tell of a change that a rule reads. `updated` events are left out: Stripe splits and joins them."""

_LISTS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("subscription", "/v1/subscriptions", {"status": "all"}),
    ("payment_intent", "/v1/payment_intents", {}),
    ("charge", "/v1/charges", {}),
    ("setup_intent", "/v1/setup_intents", {}),
)


class Source(Protocol):
    """Where the objects are."""

    def customer(self, customer: str) -> Obj: ...
    def owned(self, kind: str, path: str, filters: Mapping[str, Any]) -> Iterable[Obj]: ...
    def invoices(self, customer: str) -> Iterator[tuple[Obj, list[Obj]]]:
        """Each invoice with its payments."""

    def cards(self, customer: str) -> Iterable[Obj]: ...
    def card(self, card: str) -> Obj | None:
        """A card by its id, wherever it is attached now."""

    def events(self) -> Iterable[Obj]: ...


def left(source: Source, customers: Iterable[str], cards: Iterable[str]) -> Left:
    """All that belongs to these customers, and these cards whether they do or not."""
    found: dict[str, list[Obj]] = {
        kind: [] for kind in ("customer", "payment_method", "invoice", "invoice_payment", "event")
    }
    for customer in customers:
        found["customer"].append(source.customer(customer))
        for kind, path, filters in _LISTS:
            found.setdefault(kind, []).extend(_oldest(source.owned(kind, path, {**filters, "customer": customer})))
        for invoice, payments in sorted(source.invoices(customer), key=lambda pair: pair[0]["created"]):
            found["invoice"].append(invoice)
            found["invoice_payment"] += _oldest(payments)
        found["payment_method"] += _oldest(source.cards(customer))
    known = {card["id"] for card in found["payment_method"]}
    apart = (source.card(card) for card in cards if card not in known)
    found["payment_method"] += [card for card in apart if card is not None]
    return {**found, "event": events(source, customers)}


def events(source: Source, customers: Iterable[str]) -> list[Obj]:
    """What was told of these customers, oldest first. Stripe may tell of one change twice: it counts once."""
    owners = set(customers)
    told = {_change(event): event for event in source.events() if _about(event) in owners}
    return _oldest(told.values())


def _change(event: Obj) -> tuple[Any, ...]:
    """What two events of one change share. The object is looked at whole: an advance lets days pass within a second."""
    request = event["request"] or {}
    return event["type"], event["created"], request.get("id"), json.dumps(event["data"], sort_keys=True)


def _oldest(objects: Iterable[Obj]) -> list[Obj]:
    """Lists come newest first; objects of one second keep the order of the list."""
    oldest = list(objects)[::-1]
    return sorted(oldest, key=lambda obj: obj["created"])


def _about(event: Obj) -> str | None:
    inside = event["data"]["object"]
    was = event["data"].get("previous_attributes") or {}
    owner: str | None = inside.get("customer") or was.get("customer")
    return inside["id"] if inside["object"] == "customer" else owner


class OfEngine:
    """The sandbox's side."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def customer(self, customer: str) -> Obj:
        return self._engine.get("customer", customer)

    def owned(self, kind: str, path: str, filters: Mapping[str, Any]) -> Iterable[Obj]:  # noqa: ARG002
        return self._engine.list(kind, filters)

    def invoices(self, customer: str) -> Iterator[tuple[Obj, list[Obj]]]:
        for invoice in self._engine.list("invoice", {"customer": customer}):
            yield invoice, list(self._engine.list("invoice_payment", {"invoice": invoice["id"]}))

    def cards(self, customer: str) -> Iterable[Obj]:
        return self._engine.list("payment_method", {"customer": customer})

    def card(self, card: str) -> Obj | None:
        try:
            return self._engine.get("payment_method", card)
        except StripeError:
            return None

    def events(self) -> Iterable[Obj]:
        return self._engine.list("event", {"types": EVENTS})


class OfStripe:
    """Stripe's side. `since`: no event of the story is older, UTC epoch seconds."""

    def __init__(self, stripe: Client, since: int) -> None:
        self._stripe = stripe
        self._since = since

    def customer(self, customer: str) -> Obj:
        return self._stripe.get(f"/v1/customers/{customer}")

    def owned(self, kind: str, path: str, filters: Mapping[str, Any]) -> Iterable[Obj]:  # noqa: ARG002
        return self._stripe.pages(path, filters)

    def invoices(self, customer: str) -> Iterator[tuple[Obj, list[Obj]]]:
        for invoice in self._stripe.pages("/v1/invoices", {"customer": customer, "expand": ["data.payments"]}):
            yield invoice, (invoice.pop("payments", None) or {}).get("data", [])

    def cards(self, customer: str) -> Iterable[Obj]:
        return self._stripe.pages(f"/v1/customers/{customer}/payment_methods", {})

    def card(self, card: str) -> Obj | None:
        try:
            return self._stripe.get(f"/v1/payment_methods/{card}")
        except Refused:
            return None

    def events(self) -> Iterable[Obj]:
        return self._stripe.pages("/v1/events", {"types": EVENTS, "created": {"gte": self._since}})
