"""Which payment method Stripe would charge: the one function of the charge order (design.md section 6, rule 1)."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.facts import Customer, Invoice, Subscription
from ghl_triage.model import Level

PAYABLE = frozenset({"open", "draft", "uncollectible"})
"""Invoices whose own default still matters: a paid one is charged no more."""


@dataclass(frozen=True, slots=True)
class Default:
    """A payment method and the level that names it."""

    id: str
    level: Level


def defaults(
    invoice: Invoice | None, subscription: Subscription | None, customer: Customer | None
) -> tuple[Default, ...]:
    """Every default that is set, in Stripe's order: invoice, subscription (method, source), customer (method, source).

    Attached cards that no level names are not tried.
    """
    own = invoice if invoice is not None and invoice.status in PAYABLE else None
    named = (
        (own and (own.default_payment_method or own.default_source), Level.INVOICE),
        (subscription and subscription.default_payment_method, Level.SUBSCRIPTION),
        (subscription and subscription.default_source, Level.SUBSCRIPTION_SOURCE),
        (customer and customer.default_payment_method, Level.CUSTOMER),
        (customer and customer.default_source, Level.CUSTOMER_SOURCE),
    )
    return tuple(Default(method, level) for method, level in named if method)


def effective(invoice: Invoice | None, subscription: Subscription | None, customer: Customer | None) -> Default | None:
    """The method that Stripe would charge now, detached or not; None where no level names one."""
    return next(iter(defaults(invoice, subscription, customer)), None)
