"""One subscription in the light of everything around it: the words of design.md section 5, each computed once."""

from __future__ import annotations

import time
from functools import cached_property, lru_cache

from ghl_triage.diagnosis import changes, effective, paths, proof
from ghl_triage.diagnosis.changes import DefaultNamed
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.effective import Default
from ghl_triage.diagnosis.facts import Card, Charge, Invoice, PaymentIntent, SetupIntent, Subscription
from ghl_triage.diagnosis.failures import Failure, failures
from ghl_triage.diagnosis.paths import Attribution

TRIAL_CHARGE_DELAY = 2 * 3_600
"""Stripe finalises and charges the first invoice within two hours of the trial's end."""
JUST_ENDED = 86_400
WAITING_SETUPS = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
CARD_TYPES = frozenset({"card"})


@lru_cache(maxsize=4096)
def _month(at: int) -> tuple[int, int]:
    moment = time.gmtime(at)
    return moment.tm_year, moment.tm_mon


class Situation:
    """A subscription, the invoice that counts, what refused it, and what would be charged."""

    def __init__(self, dossier: Dossier, subscription: Subscription, now: int) -> None:
        self.dossier = dossier
        self.sub = subscription
        self.now = now

    # The invoice that counts -------------------------------------------------------------------------------------

    @cached_property
    def invoices(self) -> list[Invoice]:
        """The subscription's invoices, newest first."""
        return self.dossier.invoices_of(self.sub.id)

    @cached_property
    def reviving(self) -> Invoice | None:
        """The invoice whose payment makes the subscription active again: `latest_invoice`."""
        return self.dossier.invoices.get(self.sub.latest_invoice) if self.sub.latest_invoice else None

    @cached_property
    def open_invoices(self) -> list[Invoice]:
        """The open invoices with something left to pay, newest first."""
        return [invoice for invoice in self.invoices if invoice.is_open]

    @cached_property
    def invoice(self) -> Invoice | None:
        """The invoice that counts; drafts of an unpaid subscription never do."""
        tried = next((one for one in self.open_invoices if one.attempted or self._tried(one)), None)
        found = tried or next(iter(self.open_invoices), None)
        if found is not None:
            return found
        if self.sub.status != "unpaid":
            return self.reviving or next(iter(self.invoices), None)
        return next((one for one in self.invoices if one.status != "draft"), None)

    def _tried(self, invoice: Invoice) -> bool:
        return bool(self.dossier.charges_of(invoice.id)) or any(
            intent.error is not None for intent in self.intents_of(invoice)
        )

    def intents_of(self, invoice: Invoice) -> list[PaymentIntent]:
        """The PaymentIntents of an invoice, as far as they are known."""
        known = self.dossier.intents
        named = [payment.payment_intent for payment in self.dossier.payments_of(invoice.id)]
        return [known[name] for name in named if name and name in known]

    @cached_property
    def intents(self) -> list[PaymentIntent]:
        """The PaymentIntents of the invoice that counts."""
        return self.intents_of(self.invoice) if self.invoice else []

    @cached_property
    def charges(self) -> list[Charge]:
        """The charges tried for the invoice that counts, oldest first."""
        return self.dossier.charges_of(self.invoice.id) if self.invoice else []

    @cached_property
    def own_charges(self) -> list[Charge]:
        """The charges of all invoices of this subscription, oldest first."""
        found = {charge.id: charge for one in self.invoices for charge in self.dossier.charges_of(one.id)}
        return sorted(found.values(), key=lambda charge: (charge.created, charge.id))

    @cached_property
    def finalized_at(self) -> int:
        """When the invoice that counts was finalised; its creation while Stripe does not say."""
        if self.invoice is None:
            return self.sub.created
        return self.invoice.finalized_at or self.invoice.created

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """The refusals of the invoice that counts, oldest first."""
        if self.invoice is None:
            return ()
        return failures(self.charges, self.intents, self.finalized_at, self.dossier.cards)

    @property
    def failure(self) -> Failure | None:
        """The last failure."""
        return self.failures[-1] if self.failures else None

    @cached_property
    def attempted(self) -> bool:
        """Whether the invoice that counts was tried."""
        return self.invoice is not None and (self.invoice.attempted or bool(self.charges) or bool(self.failures))

    @cached_property
    def payments_known(self) -> bool:
        """Whether what was tried for the invoice that counts is known whole.

        Stripe makes an invoice's payment when it is finalised: none known means that none was read yet.
        """
        return self.invoice is not None and self.tries_known(self.invoice)

    def tries_known(self, invoice: Invoice) -> bool:
        """The same for any invoice."""
        payments = self.dossier.payments_of(invoice.id)
        if not payments:
            return invoice.payments is not None or self.dossier.coverage.invoice_payments_read
        return all(self._known(payment.payment_intent) for payment in payments if payment.payment_intent)

    def _known(self, intent_id: str) -> bool:
        if self.dossier.charges_by_intent.get(intent_id):
            return True
        intent = self.dossier.intents.get(intent_id)
        return intent is not None and (intent.error is not None or intent.latest_charge is None)

    @cached_property
    def without_method(self) -> bool:
        """Whether Stripe tried and had nothing to charge: attempted, and neither charge nor error."""
        return self.attempted and not self.failures and not self.charges and self.payments_known

    @property
    def retry_scheduled(self) -> bool:
        """Whether Stripe will try again by itself."""
        at = self.invoice.next_payment_attempt if self.invoice and self.invoice.is_open else None
        return at is not None and at > self.now - 3_600

    @property
    def retries_over(self) -> bool:
        """Whether Stripe tried and will not try again; not while a payment of it is on its way."""
        invoice = self.invoice
        if invoice is None or not invoice.is_open or not self.attempted or self.sub.status in ("incomplete", "paused"):
            return False
        if self.sent or any(intent.status == "processing" for intent in self.intents):
            return False
        return invoice.next_payment_attempt is None

    @property
    def sent(self) -> bool:
        """Whether the invoice is mailed instead of charged."""
        method = self.invoice.collection_method if self.invoice else None
        return (method or self.sub.collection_method) == "send_invoice"

    # What would be charged ---------------------------------------------------------------------------------------

    @cached_property
    def charge_time(self) -> int:
        """When Stripe charges next: now; for a trial, its end plus two hours."""
        end = self.sub.trial_end
        if end is not None and self.before_first_charge:
            return max(self.now, end + TRIAL_CHARGE_DELAY)
        return self.now

    @property
    def before_first_charge(self) -> bool:
        """In trial, or just out of it and not charged yet."""
        return self.sub.status == "trialing" or self.trial_just_ended

    @property
    def trial_just_ended(self) -> bool:
        """Active, the trial over for less than a day."""
        end = self.sub.trial_end
        return self.sub.status == "active" and end is not None and end <= self.now < end + JUST_ENDED

    @cached_property
    def defaults(self) -> tuple[Default, ...]:
        """The defaults that are set, in Stripe's order."""
        return effective.defaults(self.invoice, self.sub, self.dossier.customer)

    @property
    def effective(self) -> Default | None:
        """What Stripe would charge."""
        return self.defaults[0] if self.defaults else None

    @property
    def effective_card(self) -> Card | None:
        """The object of it, where it is known."""
        return self.card(self.effective.id) if self.effective else None

    def card(self, card_id: str | None) -> Card | None:
        """A payment method's object, where it is known."""
        return self.dossier.cards.get(card_id) if card_id else None

    def expired(self, card: Card | None) -> bool:
        """Whether a card is expired at charge time."""
        if card is None or card.exp_year is None or card.exp_month is None:
            return False
        return (card.exp_year, card.exp_month) < _month(self.charge_time)

    def failed_last(self, card_id: str) -> bool:
        """Whether the last failure was this card's; one that names no card is the effective one's."""
        failure = self.failure
        if failure is None:
            return False
        if failure.payment_method is None and failure.fingerprint is None:
            return self.effective is not None and self.effective.id == card_id
        return failure.of_card(card_id, self._fingerprint(card_id))

    def failed_ever(self, card_id: str) -> bool:
        """Whether any charge of this invoice failed with this card."""
        fingerprint = self._fingerprint(card_id)
        return self.failed_last(card_id) or any(one.of_card(card_id, fingerprint) for one in self.failures)

    def _fingerprint(self, card_id: str) -> str | None:
        card = self.card(card_id)
        return card.fingerprint if card else None

    def chargeable(self, card: Card | None) -> bool:
        """Not expired at charge time, and of a type that the subscription takes."""
        if card is None:
            return True
        allowed = self.sub.allowed_types
        return not self.expired(card) and (not allowed or card.type in allowed)

    def usable(self, card_id: str) -> bool:
        """Attached, chargeable, and not the one that failed last on the invoice that counts."""
        return self.dossier.attached(card_id) and self.chargeable(self.card(card_id)) and not self.failed_last(card_id)

    @cached_property
    def effective_usable(self) -> bool:
        """Whether there is an effective method, and a usable one."""
        return self.effective is not None and self.usable(self.effective.id)

    @property
    def effective_seen(self) -> bool:
        """Whether it can be told if the effective method is usable: its object was seen, or his cards were listed."""
        return self.effective_card is not None or self.dossier.cards_read

    @cached_property
    def usable_cards(self) -> list[Card]:
        """The usable ones of the attached methods, newest first."""
        return [card for card in self.dossier.attached_cards if self.usable(card.id)]

    # Set-up ------------------------------------------------------------------------------------------------------

    def proven(self, card_id: str) -> bool | None:
        """Whether a card was set up for off-session use; None while that can't be said."""
        return proof.proven(self.dossier, card_id)

    @cached_property
    def waiting_setup(self) -> SetupIntent | None:
        """The pending SetupIntent, where it waits for the customer."""
        pending = self.sub.pending_setup_intent
        intent = self.dossier.setup_intents.get(pending) if pending else None
        return intent if intent is not None and intent.status in WAITING_SETUPS else None

    # History -----------------------------------------------------------------------------------------------------

    @cached_property
    def named_defaults(self) -> list[DefaultNamed]:
        """What events say about the defaults of this subscription and its customer, oldest first."""
        return changes.named_defaults(self.dossier, self.sub.id)

    @cached_property
    def path(self) -> Attribution:
        """How the subscription was sold."""
        return paths.attribute(self.dossier, self.sub)
