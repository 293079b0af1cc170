"""What a plan must know of a case beyond its verdict: the objects that its requests would touch, as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ghl_triage.model import Case, OwnAttempt, Raw, Records

OPEN_STATUSES = ("trialing", "active", "past_due", "unpaid", "paused")
"""The statuses of an open subscription; design.md section 5, "Words"."""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice as a payment would find it; `remaining` is in minor units of `currency`."""

    id: str
    status: str
    remaining: int
    currency: str
    collection_method: str = "charge_automatically"
    default_payment_method: str | None = None
    default_source: str | None = None
    next_payment_attempt: int | None = None

    @property
    def payable(self) -> bool:
        """Whether Stripe would take money for it."""
        return self.status in ("open", "uncollectible") and self.remaining > 0


@dataclass(frozen=True, slots=True)
class OtherSubscription:
    """Another open subscription of the same customer."""

    id: str
    status: str
    prices: frozenset[str]
    has_own_method: bool
    """Whether it names a method itself, so that the customer's default does not reach it."""
    charged: bool = True
    """False where its invoices are mailed (`send_invoice`) and no card is charged for them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The state around one case. `earlier` counts our settled attempts by the object that they named."""

    customer_default: str | None = None
    customer_source: str | None = None
    subscription_default: str | None = None
    subscription_source: str | None = None
    invoice: InvoiceFacts | None = None
    reviving: InvoiceFacts | None = None
    items: tuple[tuple[str, int], ...] = ()
    others: tuple[OtherSubscription, ...] = ()
    elsewhere: tuple[OtherSubscription, ...] = ()
    """Open subscriptions of other customers with the same e-mail."""
    own_attempts: tuple[OwnAttempt, ...] = ()
    earlier: tuple[tuple[str, int], ...] = ()
    in_flight: str | None = None
    """What of ours still hangs on this customer, in words; None where nothing does."""

    @property
    def lower_default(self) -> str | None:
        """The method that stands below an invoice's own: the subscription's, else the customer's."""
        return self.subscription_default or self.subscription_source or self.customer_default or self.customer_source

    @property
    def prices(self) -> frozenset[str]:
        """The prices that this subscription bills."""
        return frozenset(price for price, _ in self.items)

    def attempt_number(self, object_id: str) -> int:
        """The number of the next attempt at this object: it rises only after a definite answer."""
        return dict(self.earlier).get(object_id, 0) + 1


@dataclass(frozen=True, slots=True)
class Subject:
    """One case with the facts around it: what the planner decides on."""

    case: Case
    facts: Facts


def facts_of(
    case: Case,
    records: Records,
    *,
    earlier: Mapping[str, int] | None = None,
    in_flight: str | None = None,
) -> Facts:
    """The facts of a case, out of everything that the store holds of its customer."""
    subscription = _by_id(records.subscriptions, case.subscription)
    invoices = {str(invoice.get("id")): invoice for invoice in records.invoices}
    settings = records.customer.get("invoice_settings") or {}
    touched = _touched(case)
    return Facts(
        customer_default=ref(settings.get("default_payment_method")),
        customer_source=ref(records.customer.get("default_source")),
        subscription_default=ref(subscription.get("default_payment_method")),
        subscription_source=ref(subscription.get("default_source")),
        invoice=_invoice(invoices.get(case.invoice or "")),
        reviving=_invoice(invoices.get(case.reviving_invoice or "")),
        items=tuple(_items(subscription)),
        others=tuple(
            _other(other)
            for other in records.subscriptions
            if other.get("id") != case.subscription and other.get("status") in OPEN_STATUSES
        ),
        elsewhere=tuple(
            _other(other)
            for namesake in records.namesakes
            for other in namesake.subscriptions
            if other.get("status") in OPEN_STATUSES
        ),
        own_attempts=tuple(records.own_attempts),
        earlier=tuple(sorted((name, count) for name, count in (earlier or {}).items() if name in touched)),
        in_flight=in_flight,
    )


def ref(value: object) -> str | None:
    """The id that a reference names, expanded or not; None for none."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def invoice_facts(invoice: Raw) -> InvoiceFacts:
    """The part of an invoice that a payment depends on."""
    return InvoiceFacts(
        id=str(invoice.get("id", "")),
        status=str(invoice.get("status") or ""),
        remaining=int(invoice.get("amount_remaining") or 0),
        currency=str(invoice.get("currency") or ""),
        collection_method=str(invoice.get("collection_method") or "charge_automatically"),
        default_payment_method=ref(invoice.get("default_payment_method")),
        default_source=ref(invoice.get("default_source")),
        next_payment_attempt=invoice.get("next_payment_attempt"),
    )


def _touched(case: Case) -> Collection[str]:
    return {case.subscription, case.customer, case.invoice or "", case.reviving_invoice or ""}


def _by_id(objects: Sequence[Raw], wanted: str) -> Raw:
    return next((item for item in objects if item.get("id") == wanted), {})


def _invoice(invoice: Raw | None) -> InvoiceFacts | None:
    return invoice_facts(invoice) if invoice else None


def _items(subscription: Raw) -> list[tuple[str, int]]:
    listed = (subscription.get("items") or {}).get("data") or []
    return [(price, int(item.get("quantity") or 1)) for item in listed if (price := ref(item.get("price"))) is not None]


def _other(subscription: Raw) -> OtherSubscription:
    return OtherSubscription(
        id=str(subscription.get("id", "")),
        status=str(subscription.get("status") or ""),
        prices=frozenset(price for price, _ in _items(subscription)),
        has_own_method=bool(ref(subscription.get("default_payment_method")) or ref(subscription.get("default_source"))),
        charged=subscription.get("collection_method") != "send_invoice",
    )
