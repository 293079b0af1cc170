"""What the rules know of Stripe's and HighLevel's objects: only the fields that a verdict needs, typed.

Ids stand for references. Times are epoch seconds, amounts minor units. `None` is "not said".
"""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.read import Json

OPEN_STATUSES = frozenset({"trialing", "active", "past_due", "unpaid", "paused"})
"""The statuses of an open subscription; design.md section 5, "Words"."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a subscription; `unit_amount` is None for tiers and other prices without one figure."""

    price: str | None
    unit_amount: int | None
    quantity: int
    interval: str | None
    trial_end: int | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. `pause_type` is `status_details.paused.subscription.type`."""

    id: str
    customer: str | None
    status: str
    created: int
    livemode: bool
    currency: str
    items: tuple[Item, ...]
    trial_start: int | None
    trial_end: int | None
    cancel_at: int | None
    cancel_at_period_end: bool
    canceled_at: int | None
    ended_at: int | None
    cancel_reason: str | None
    collection_method: str
    default_payment_method: str | None
    default_source: str | None
    latest_invoice: str | None
    pending_setup_intent: str | None
    collection_paused: bool
    resumes_at: int | None
    pause_type: str | None
    missing_payment_method: str | None
    allowed_types: tuple[str, ...]
    application: str | None
    metadata: Json
    test_clock: str | None
    description: str | None = None

    @property
    def prices(self) -> frozenset[str]:
        """The prices that it bills."""
        return frozenset(item.price for item in self.items if item.price)

    @property
    def is_open(self) -> bool:
        """Whether it is open in the sense of design.md section 5."""
        return self.status in OPEN_STATUSES

    @property
    def ends_before_charge(self) -> bool:
        """Whether its trial ends by choice, without a charge."""
        if self.status != "trialing":
            return False
        if self.cancel_at_period_end:
            return True
        return self.cancel_at is not None and self.trial_end is not None and self.cancel_at <= self.trial_end + 3_600


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer. `legacy` are the old cards and sources that came inside him."""

    id: str
    email: str
    name: str
    created: int | None
    livemode: bool
    default_payment_method: str | None
    default_source: str | None
    metadata: Json
    legacy: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    """The link from an invoice to what pays it."""

    id: str
    invoice: str | None
    payment_intent: str | None
    charge: str | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. `payments` is None where the list did not come with it; `billing_reason` says why it was made."""

    id: str
    subscription: str | None
    status: str
    created: int
    currency: str
    attempted: bool
    next_payment_attempt: int | None
    auto_advance: bool | None
    amount_due: int
    amount_remaining: int
    collection_method: str | None
    default_payment_method: str | None
    default_source: str | None
    finalization_error: str | None
    finalized_at: int | None
    paid_at: int | None
    application: str | None
    payments: tuple[InvoicePayment, ...] | None
    billing_reason: str | None
    amount_paid: int

    @property
    def is_open(self) -> bool:
        """Whether it waits for money."""
        return self.status == "open" and self.amount_remaining > 0


@dataclass(frozen=True, slots=True)
class PaymentError:
    """`last_payment_error` of a PaymentIntent."""

    code: str | None
    decline_code: str | None
    advice_code: str | None
    charge: str | None
    payment_method: str | None


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A PaymentIntent."""

    id: str
    status: str
    created: int
    customer: str | None
    payment_method: str | None
    setup_future_usage: str | None
    latest_charge: str | None
    application: str | None
    error: PaymentError | None
    metadata: Json
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge. `code` is `failure_code`; `reason` and `advice` are the outcome's.

    `disputed` stays true when a dispute is over: only the dispute itself says how it stands.
    """

    id: str
    status: str
    created: int
    amount: int
    refunded: int
    currency: str
    customer: str | None
    payment_intent: str | None
    payment_method: str | None
    code: str | None
    outcome_type: str | None
    reason: str | None
    advice: str | None
    fingerprint: str | None
    country: str | None
    application: str | None
    metadata: Json
    disputed: bool
    description: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it was refused."""
        return self.status == "failed"


@dataclass(frozen=True, slots=True)
class SetupIntent:
    """A SetupIntent. `failed_method` is the one that `last_setup_error` names."""

    id: str
    status: str
    usage: str | None
    created: int
    customer: str | None
    payment_method: str | None
    failed_method: str | None
    error: str | None
    mandate: str | None
    latest_attempt: str | None
    application: str | None
    metadata: Json
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A payment method of any type, old cards (`card_`) and sources (`src_`) among them."""

    id: str
    type: str
    customer: str | None
    created: int | None
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    funding: str | None
    country: str | None
    fingerprint: str | None
    spent: bool
    """An old source that was used up or canceled."""


@dataclass(frozen=True, slots=True)
class Session:
    """A Checkout Session."""

    id: str
    subscription: str | None
    customer: str | None
    mode: str | None
    status: str | None
    created: int
    expires_at: int | None
    setup_intent: str | None
    payment_intent: str | None
    payment_link: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute."""

    id: str
    status: str
    charge: str | None
    payment_intent: str | None
    created: int
    amount: int
    currency: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate."""

    id: str
    status: str
    payment_method: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """An event: evidence for history. `body` is the object as it stood then, `previous` what the change replaced."""

    id: str
    type: str
    created: int
    object_id: str | None
    kind: str | None
    by_request: bool
    body: Json
    previous: Json


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the client's own log; `place` is its file and number, `subscriptions` those that it names."""

    id: str
    at: int
    place: str
    text: str
    failed: bool
    null_secret: bool
    subscriptions: frozenset[str]
