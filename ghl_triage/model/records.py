"""What the store holds about a customer, how far it was read, and the limits: all that a verdict is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ghl_triage.model.case import LearnedName
from ghl_triage.model.terms import Path

Raw: TypeAlias = Mapping[str, Any]
"""One object of an API as plain JSON, secrets and links taken out."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """From which time on each list was read whole (epoch seconds; None: not read at all).

    Absence in a list proves something only inside its window; design.md section 5, "off-session proof" and "Path".
    """

    checkout_sessions_since: int | None = None
    setup_intents_since: int | None = None
    charges_since: int | None = None
    invoice_payments_read: bool = False
    """Whether the open invoices' payments were listed whole: an attempted invoice without one had no method then."""
    highlevel_subscriptions_read: bool = False
    highlevel_application: str | None = None
    """The application id learned from HighLevel's own transactions."""
    highlevel_listed_have_application: bool = False
    """Whether subscriptions that HighLevel lists carry an `application` in this account."""
    paid_payments_since: int | None = None
    """From when the payments of paid invoices were read, with their invoices."""
    subscriptions_since: int | None = None
    """Subscriptions made since then were read whatever became of them; older ones only where they are open."""
    active_subscriptions_read: bool = False
    """Whether the active subscriptions were listed whole, whatever their age."""
    highlevel_mapping_read: bool = False
    """Whether the SaaS mapping of customers' own locations was read whole."""
    highlevel_accounts: Mapping[str, str] = field(default_factory=dict)
    """Which Stripe account stands behind each of HighLevel's connections, by HighLevel's id of the connection."""
    highlevel_company_account: str | None = None
    """The Stripe account to which HighLevel's agency is connected: that of the SaaS mapping."""
    account: str | None = None
    """The Stripe account that was read; None where the key may not say."""
    learned: tuple[LearnedName, ...] = ()
    """The consultant's names for kinds of subscriptions, in his order; not coverage, but it bears on every path."""


@dataclass(frozen=True, slots=True)
class OwnAttempt:
    """A retry of ours: Stripe's `attempt_count` leaves them out (domain/stripe.md 1.5).

    `journaled`: this store's journal holds it; else Stripe's events name its key, and another store of ours made it, or
    one that is gone.
    """

    invoice: str
    payment_method: str | None
    at: int
    journaled: bool = True


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that the store holds about one customer, and about the others that his verdict depends on.

    Each sequence holds redacted API objects, unexpanded: a reference is an id, and the object that it names lies in
    the sequence of its kind. Nested lists that Stripe returns inline (items, lines) stay inside their object.
    """

    customer: Raw
    subscriptions: Sequence[Raw] = ()
    invoices: Sequence[Raw] = ()
    invoice_payments: Sequence[Raw] = ()
    payment_intents: Sequence[Raw] = ()
    charges: Sequence[Raw] = ()
    setup_intents: Sequence[Raw] = ()
    setup_attempts: Sequence[Raw] = ()
    mandates: Sequence[Raw] = ()
    payment_methods: Sequence[Raw] = ()
    checkout_sessions: Sequence[Raw] = ()
    disputes: Sequence[Raw] = ()
    early_fraud_warnings: Sequence[Raw] = ()
    events: Sequence[Raw] = ()
    applications: Sequence[Raw] = ()
    highlevel_subscriptions: Sequence[Raw] = ()
    highlevel_transactions: Sequence[Raw] = ()
    highlevel_contacts: Sequence[str] = ()
    """Ids of the HighLevel contacts that carry this customer's e-mail."""
    highlevel_saas_locations: Sequence[Raw] = ()
    """HighLevel's SaaS mapping, as far as it names this customer, a subscription of his, or his e-mail."""
    contacts_read_at: int | None = None
    """When HighLevel was asked for the contacts of this customer's e-mail; None: never."""
    cards_read_at: int | None = None
    """When this customer's attached payment methods were last listed whole; None: never."""
    proof_read_for: frozenset[str] = frozenset()
    """Payment methods whose SetupIntents were looked up one by one, whatever their age."""
    sessions_read_for: frozenset[str] = frozenset()
    """Subscriptions whose Checkout Sessions were looked up one by one."""
    namesakes: Sequence[Records] = ()
    """Other customers with the same e-mail (case ignored, never empty), with their own records, one level deep."""
    own_attempts: Sequence[OwnAttempt] = ()
    path_overrides: Mapping[str, Path] = field(default_factory=dict)
    """The consultant's own word on a path, by subscription."""
    namesakes_read: bool = False
    """Whether this e-mail's customers were looked up, whatever their age: the lists hold only the younger ones."""
    card_charges: Sequence[Raw] = ()
    """Succeeded charges, by whomever, with one of his cards since the oldest of his open invoices was made."""
    card_mates: Sequence[Records] = ()
    """Other customers who have a card of the same fingerprint, with their own records, one level deep."""
    undelivered: frozenset[str] = frozenset()
    """Events that the client's endpoint had not taken an hour after they were made."""
    log_lines: Sequence[Raw] = ()
    """Lines of the client's own log that name this customer, his subscriptions or his e-mail; see sources/logfile."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits on retries; design.md section 6, rule 4."""

    retries_per_invoice: int = 4
    hours_between_retries: int = 24
    attempts_per_card_30_days: int = 8
    payments_per_second: float = 2.0
