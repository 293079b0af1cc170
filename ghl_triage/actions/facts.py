"""What a plan must know of a case beyond its verdict: the objects that its requests would touch, as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ghl_triage.diagnosis import parse
from ghl_triage.diagnosis.effective import effective
from ghl_triage.diagnosis.facts import Customer, Invoice, Subscription
from ghl_triage.diagnosis.read import ref
from ghl_triage.diagnosis.rivalry import Rivalry
from ghl_triage.model import CardView, Case, OwnAttempt, Raw, Records
from ghl_triage.store.journal import JournalEntry

PAYABLE = frozenset({"open", "uncollectible"})
"""Invoices that Stripe still takes money for; a draft must be finalised first."""
OVER = frozenset({"canceled", "incomplete_expired"})
"""Subscriptions that no payment brings back."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The state around one case.

    `in_flight` says in words what of ours still hangs on this case. `others` are the customer's other open
    subscriptions, `elsewhere` those of other customers with the same e-mail.
    """

    customer: Customer | None = None
    subscription: Subscription | None = None
    invoice: Invoice | None = None
    reviving: Invoice | None = None
    others: tuple[Subscription, ...] = ()
    elsewhere: tuple[Subscription, ...] = ()
    own_attempts: tuple[OwnAttempt, ...] = ()
    charges: frozenset[str] = frozenset()
    """The charges of the customer that are known, by id."""
    in_flight: str | None = None
    named_card: str | None = None
    """The card that a payment must name, because Stripe's own choice is another one."""
    named_refusal: str | None = None
    """Why that card must not be charged now; None where it may be."""
    choosable: tuple[CardView, ...] = ()
    """The cards that the consultant may choose from, newest first; looked at only where he can choose."""
    cards_read: bool = True
    """Whether the customer's attached cards were listed: else "none" would only mean "not looked"."""
    customer_deleted: bool = False
    card_tried: tuple[int, ...] = ()
    """When the card that would be charged was tried in the last 30 days, by Stripe and by us, oldest first; looked at
    only where something is charged."""
    card_shared: bool = False
    """Whether other customers are known who are the same person, or have one of his cards."""
    undoable: tuple[JournalEntry, ...] = ()
    """What of ours can be taken back, newest first; looked at only where something is to be taken back."""
    rivalry: Rivalry | None = None
    """The subscription beside the one of its price that stays; looked at only where one may be canceled."""
    loaded: bool = True
    """Whether a first load has come to its end: until then nobody knows what was paid or bought elsewhere."""

    @property
    def customer_default(self) -> str | None:
        """The default that the customer's `invoice_settings` name."""
        return self.customer.default_payment_method if self.customer else None

    @property
    def own_default(self) -> str | None:
        """The method that the subscription itself names, a source among them."""
        return own_method(self.subscription) if self.subscription else None

    @property
    def lower_default(self) -> str | None:
        """The method that stands below an invoice's own."""
        found = effective(None, self.subscription, self.customer)
        return found.id if found else None

    def attempt_number(self, object_id: str) -> int:
        """The number of the next attempt. Nothing is planned while one hangs: it rises after definite answers alone."""
        return 1 + sum(attempt.invoice == object_id for attempt in self.own_attempts)


@dataclass(frozen=True, slots=True)
class Subject:
    """One case with the facts around it: what the planner decides on."""

    case: Case
    facts: Facts

    @property
    def card(self) -> str | None:
        """The payment method that a payment would charge, named by us or chosen by Stripe."""
        return self.facts.named_card or self.case.effective_payment_method


def facts_of(
    case: Case,
    records: Records,
    *,
    in_flight: str | None = None,
    named: tuple[str, str | None] | None = None,
) -> Facts:
    """The facts of a case, out of everything that the store holds of its customer.

    `named` is a card that a payment would name, with the reason against it, if any.
    """
    subscriptions = _subscriptions(records)
    return Facts(
        customer=parse.customer(records.customer) if records.customer.get("id") else None,
        subscription=next((each for each in subscriptions if each.id == case.subscription), None),
        invoice=_invoice(records.invoices, case.invoice),
        reviving=_invoice(records.invoices, case.reviving_invoice),
        others=tuple(each for each in subscriptions if each.is_open and each.id != case.subscription),
        elsewhere=tuple(each for namesake in records.namesakes for each in _subscriptions(namesake) if each.is_open),
        own_attempts=tuple(records.own_attempts),
        charges=_charges(records),
        in_flight=in_flight,
        named_card=named[0] if named else None,
        named_refusal=named[1] if named else None,
        cards_read=records.cards_read_at is not None,
        customer_deleted=bool(records.customer.get("deleted")),
    )


def _charges(records: Records) -> frozenset[str]:
    """Of a charge that is older than what was read, its PaymentIntent tells the id."""
    named = (ref(intent.get("latest_charge")) for intent in records.payment_intents)
    return frozenset(filter(None, (*(ref(charge) for charge in records.charges), *named)))


def own_method(subscription: Subscription) -> str | None:
    """The method that a subscription names itself, so that the customer's default does not reach it."""
    return subscription.default_payment_method or subscription.default_source


def payable(invoice: Invoice) -> bool:
    """Whether Stripe would take money for the invoice."""
    return invoice.status in PAYABLE and invoice.amount_remaining > 0


def _subscriptions(records: Records) -> list[Subscription]:
    return [parse.subscription(raw) for raw in records.subscriptions if raw.get("id")]


def _invoice(invoices: Sequence[Raw], wanted: str | None) -> Invoice | None:
    found = next((raw for raw in invoices if wanted and raw.get("id") == wanted), None)
    return parse.invoice(found) if found else None
