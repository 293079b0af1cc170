"""HighLevel's rows as facts; amounts in minor units. domain/highlevel.md 3.3 and 9."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedSubscription:
    """A row of HighLevel's Payments list; `subscription` is Stripe's id.

    `connection` is HighLevel's id of its connection to a payment provider, `account` the Stripe account behind it where
    the row itself says so.
    """

    id: str | None
    subscription: str | None
    status: str | None
    contact: str | None
    email: str
    customer: str | None
    created: int | None
    amount: int | None
    currency: str
    livemode: bool | None = None
    provider: str | None = None
    connection: str | None = None
    account: str | None = None

    @property
    def through_stripe(self) -> bool:
        """Whether Stripe charges it: PayPal's ids begin with `I-`, and others are HighLevel's own."""
        if self.provider is not None:
            return self.provider.casefold() == "stripe"
        return self.subscription is None or self.subscription.startswith("sub_")


@dataclass(frozen=True, slots=True)
class ListedTransaction:
    """A row of HighLevel's transactions; `charge` is Stripe's id of an invoice, PaymentIntent or charge."""

    id: str | None
    charge: str | None
    subscription: str | None
    customer: str | None
    status: str | None
    contact: str | None
    email: str
    created: int | None
    amount: int | None
    refunded: int
    currency: str
    livemode: bool | None
    connection: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class MappedLocation:
    """A customer's own location, and the customer and subscription in Stripe to which HighLevel maps it."""

    location: str
    customer: str | None
    subscription: str | None
    status: str | None
    """HighLevel's word on that subscription."""
    email: str
    contact: str | None = None
