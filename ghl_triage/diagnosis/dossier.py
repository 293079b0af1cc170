"""Everything that is known of one customer, parsed when first asked for and found by what the rules look it up with.

Objects that name another customer are left aside: an unrelated object changes no verdict. All orders are by time and
id, so that the order in which objects came changes none either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol, TypeVar

from ghl_triage.diagnosis import parse, parse_payments
from ghl_triage.diagnosis.facts import (
    Card,
    Charge,
    Customer,
    Dispute,
    Event,
    Invoice,
    InvoicePayment,
    LogLine,
    Mandate,
    PaymentIntent,
    Session,
    SetupIntent,
    Subscription,
)
from ghl_triage.diagnosis.facts_highlevel import ListedSubscription, ListedTransaction, MappedLocation
from ghl_triage.diagnosis.parse_highlevel import is_mapped, listed_subscription, listed_transaction, mapped_location
from ghl_triage.diagnosis.read import Json, mapping, objects, ref, text
from ghl_triage.model import Coverage, Records

DETACHED = frozenset({"payment_method.detached", "customer.source.deleted"})
"""Events of a method that was taken off its customer."""


class _Dated(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def created(self) -> int: ...


_D = TypeVar("_D", bound=_Dated)


def oldest_first(items: Iterable[_D]) -> list[_D]:
    """By creation, then id."""
    return sorted(items, key=lambda item: (item.created, item.id))


def newest_first(items: Iterable[_D]) -> list[_D]:
    """The reverse of `oldest_first`."""
    return sorted(items, key=lambda item: (item.created, item.id), reverse=True)


class Dossier:
    """The facts of one customer; `coverage` says how far absence in a list proves anything."""

    def __init__(self, records: Records, coverage: Coverage) -> None:
        self.records = records
        self.coverage = coverage
        self.customer: Customer = parse.customer(mapping(records.customer))

    @property
    def cards_read(self) -> bool:
        """Whether the attached cards were listed whole."""
        return self.records.cards_read_at is not None

    def _mine(self, values: Iterable[object]) -> list[Json]:
        own = self.customer.id
        return list({raw["id"]: raw for raw in objects(values) if ref(raw.get("customer")) in (own, None)}.values())

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        """The customer's subscriptions, oldest first."""
        return oldest_first(parse.subscription(raw) for raw in self._mine(self.records.subscriptions))

    @cached_property
    def invoices(self) -> dict[str, Invoice]:
        """Invoices by id."""
        return {invoice.id: invoice for invoice in map(parse.invoice, self._mine(self.records.invoices))}

    @cached_property
    def _invoices_of(self) -> dict[str, list[Invoice]]:
        found: dict[str, list[Invoice]] = defaultdict(list)
        for invoice in self.invoices.values():
            if invoice.subscription:
                found[invoice.subscription].append(invoice)
        return {subscription: newest_first(invoices) for subscription, invoices in found.items()}

    def invoices_of(self, subscription: str) -> list[Invoice]:
        """The invoices of a subscription, newest first."""
        return self._invoices_of.get(subscription, [])

    @cached_property
    def _payments_of(self) -> dict[str, list[InvoicePayment]]:
        found: dict[str, dict[str, InvoicePayment]] = defaultdict(dict)
        for payment in map(parse.invoice_payment, objects(self.records.invoice_payments)):
            if payment.invoice:
                found[payment.invoice][payment.id] = payment
        for invoice in self.invoices.values():
            for payment in invoice.payments or ():
                found[invoice.id].setdefault(payment.id, payment)
        return {invoice: [by_id[key] for key in sorted(by_id)] for invoice, by_id in found.items()}

    def payments_of(self, invoice: str) -> list[InvoicePayment]:
        """What pays, or should pay, an invoice."""
        return self._payments_of.get(invoice, [])

    @cached_property
    def intents(self) -> dict[str, PaymentIntent]:
        """PaymentIntents by id."""
        return {
            intent.id: intent for intent in map(parse_payments.payment_intent, self._mine(self.records.payment_intents))
        }

    @cached_property
    def charges(self) -> list[Charge]:
        """The customer's charges, oldest first."""
        return oldest_first(map(parse_payments.charge, self._mine(self.records.charges)))

    @cached_property
    def charges_by_intent(self) -> dict[str, list[Charge]]:
        """Charges by PaymentIntent, oldest first."""
        return _grouped(self.charges, lambda charge: charge.payment_intent)

    @cached_property
    def charge_by_id(self) -> dict[str, Charge]:
        """Charges by id."""
        return {charge.id: charge for charge in self.charges}

    def charges_of(self, invoice: str) -> list[Charge]:
        """The charges tried for an invoice, oldest first."""
        found: dict[str, Charge] = {}
        for payment in self.payments_of(invoice):
            if payment.payment_intent:
                for charge in self.charges_by_intent.get(payment.payment_intent, ()):
                    found[charge.id] = charge
            direct = self.charge_by_id.get(payment.charge) if payment.charge else None
            if direct is not None:
                found[direct.id] = direct
        return oldest_first(found.values())

    @cached_property
    def setup_intents(self) -> dict[str, SetupIntent]:
        """SetupIntents by id."""
        return {
            intent.id: intent for intent in map(parse_payments.setup_intent, self._mine(self.records.setup_intents))
        }

    @cached_property
    def setups_of(self) -> dict[str, list[SetupIntent]]:
        """SetupIntents by payment method, oldest first."""
        return _grouped(oldest_first(self.setup_intents.values()), lambda intent: intent.payment_method)

    @cached_property
    def cards(self) -> dict[str, Card]:
        """Every payment method whose object is known, attached or not, by id."""
        known = [*objects(self.customer.legacy), *objects(self.records.payment_methods)]
        return {card.id: card for card in map(parse_payments.card, known)}

    @cached_property
    def events(self) -> list[Event]:
        """Events, oldest first, each once."""
        by_id = {raw["id"]: raw for raw in objects(self.records.events)}
        return oldest_first(map(parse.event, by_id.values()))

    @cached_property
    def detached(self) -> frozenset[str]:
        """Methods that an event says were taken off: Stripe never lets one be attached again."""
        return frozenset(
            raw_id
            for raw in objects(self.records.events)
            if text(raw.get("type")) in DETACHED
            and (raw_id := text(mapping(mapping(raw.get("data")).get("object")).get("id"))) is not None
        )

    def attached(self, card_id: str) -> bool:
        """Whether Stripe would find the method on this customer.

        One whose object was never seen counts as attached until the cards were listed; old cards (`card_`, `src_`)
        always do: Stripe clears the default itself when one is deleted.
        """
        if card_id in self.detached:
            return False
        card = self.cards.get(card_id)
        if card is not None:
            return card.customer == self.customer.id and not card.spent
        return not self.cards_read or not card_id.startswith("pm_")

    @cached_property
    def attached_cards(self) -> list[Card]:
        """The attached methods whose objects are known, newest first."""
        found = [card for card in self.cards.values() if self.attached(card.id)]
        return sorted(found, key=lambda card: (card.created or 0, card.id), reverse=True)

    @cached_property
    def sessions_of(self) -> dict[str, list[Session]]:
        """Checkout Sessions by subscription, oldest first."""
        return _grouped(self.sessions, lambda session: session.subscription)

    @cached_property
    def sessions(self) -> list[Session]:
        """Checkout Sessions, oldest first."""
        return oldest_first(map(parse.session, self._mine(self.records.checkout_sessions)))

    @cached_property
    def disputes(self) -> list[Dispute]:
        """Disputes of this customer's payments, oldest first."""
        found = oldest_first(map(parse_payments.dispute, objects(self.records.disputes)))
        return [one for one in found if one.charge in self.charge_by_id or one.payment_intent in self.intents]

    @cached_property
    def mandates(self) -> list[Mandate]:
        """Mandates, by id."""
        return sorted(map(parse_payments.mandate, objects(self.records.mandates)), key=lambda mandate: mandate.id)

    @cached_property
    def applications(self) -> dict[str, str]:
        """The names of Connect applications, by id."""
        named = [(ref(raw), text(raw.get("name"))) for raw in objects(self.records.applications)]
        return {application: name for application, name in named if application and name}

    @cached_property
    def listed(self) -> list[ListedSubscription]:
        """HighLevel's rows of subscriptions, oldest first."""
        raws = [raw for raw in self.records.highlevel_subscriptions if isinstance(raw, dict) and not is_mapped(raw)]
        rows = map(listed_subscription, raws)
        return sorted(rows, key=lambda row: (row.created or 0, row.id or "", row.subscription or ""))

    @cached_property
    def locations(self) -> list[MappedLocation]:
        """HighLevel's SaaS mapping, as far as it names this customer, a subscription of his, or his e-mail, by id."""
        raws = [*self.records.highlevel_saas_locations, *self.records.highlevel_subscriptions]
        found = [mapped_location(raw) for raw in raws if isinstance(raw, dict) and is_mapped(raw)]
        return sorted({row.location: row for row in found if row.location}.values(), key=lambda row: row.location)

    @cached_property
    def transactions(self) -> list[ListedTransaction]:
        """HighLevel's transactions, oldest first."""
        rows = [listed_transaction(raw) for raw in self.records.highlevel_transactions if isinstance(raw, dict)]
        return sorted(rows, key=lambda row: (row.created or 0, row.id or "", row.charge or ""))

    @cached_property
    def contacts(self) -> list[str]:
        """HighLevel's contacts of this e-mail, each once."""
        return sorted({contact for contact in self.records.highlevel_contacts if isinstance(contact, str)})

    @cached_property
    def log_lines(self) -> list[LogLine]:
        """The lines of the client's own log that name this customer, oldest first."""
        return sorted(map(parse.log_line, objects(self.records.log_lines)), key=lambda line: (line.at, line.id))

    @cached_property
    def card_charges(self) -> list[Charge]:
        """Succeeded charges with one of his cards, by whomever, oldest first."""
        return oldest_first(map(parse_payments.charge, objects(self.records.card_charges)))

    @cached_property
    def card_mates(self) -> list[Dossier]:
        """The other customers who have a card of the same fingerprint, newest first; nobody's e-mail matters here."""
        found = [Dossier(records, self.coverage) for records in self.records.card_mates]
        found = [other for other in found if other.customer.id != self.customer.id]
        return sorted(found, key=lambda other: (other.customer.created or 0, other.customer.id), reverse=True)

    @cached_property
    def namesakes(self) -> list[Dossier]:
        """The other customers with the same e-mail, newest first."""
        own = self.customer.email.casefold()
        others = [Dossier(records, self.coverage) for records in self.records.namesakes]
        found = [
            other
            for other in others
            if own and other.customer.email.casefold() == own and other.customer.id != self.customer.id
        ]
        return sorted(found, key=lambda other: (other.customer.created or 0, other.customer.id), reverse=True)


_T = TypeVar("_T")


def _grouped(items: Iterable[_T], key: Callable[[_T], str | None]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = defaultdict(list)
    for item in items:
        name = key(item)
        if name:
            groups[name].append(item)
    return dict(groups)
