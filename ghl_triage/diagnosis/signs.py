"""The objects of a subscription on which its seller may have left a sign: an application, metadata, a description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Charge, PaymentIntent, SetupIntent, Subscription
from ghl_triage.diagnosis.read import Json

SIGN_UP = 3_600
"""A set-up or payment with the subscription's card this near to its creation belongs to the same sign-up."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Sign:
    """What one object carries."""

    object_id: str
    created: int
    application: str | None
    metadata: Json
    description: str | None


def signs(dossier: Dossier, sub: Subscription) -> list[Sign]:
    """The objects that may carry the seller's sign, the subscription first (domain/stripe.md 4.1)."""
    return list(_signs(dossier, sub))


def _signs(dossier: Dossier, sub: Subscription) -> Iterator[Sign]:
    yield Sign(sub.id, sub.created, sub.application, sub.metadata, sub.description)
    intents: dict[str, PaymentIntent] = {}
    charges: dict[str, Charge] = {}
    setups: dict[str, SetupIntent] = {}
    for invoice in dossier.invoices_of(sub.id):
        yield Sign(invoice.id, invoice.created, invoice.application, {}, None)
        for charge in dossier.charges_of(invoice.id):
            charges[charge.id] = charge
        for payment in dossier.payments_of(invoice.id):
            _keep(intents, dossier.intents, payment.payment_intent)
    _keep(setups, dossier.setup_intents, sub.pending_setup_intent)
    for session in dossier.sessions_of.get(sub.id, ()):
        _keep(intents, dossier.intents, session.payment_intent)
        _keep(setups, dossier.setup_intents, session.setup_intent)
    _keep_sign_up(dossier, sub, setups, intents)
    for found in (intents, charges, setups):
        for key in sorted(found):
            one = found[key]
            yield Sign(key, one.created, one.application, one.metadata, one.description)


def _keep_sign_up(
    dossier: Dossier, sub: Subscription, setups: dict[str, SetupIntent], intents: dict[str, PaymentIntent]
) -> None:
    card = sub.default_payment_method or _card_of_the_customer(dossier, sub)
    if card is None:
        return
    for intent in dossier.setups_of.get(card, ()):
        if abs(intent.created - sub.created) <= SIGN_UP:
            setups[intent.id] = intent
    for payment in dossier.intents.values():
        if payment.payment_method == card and abs(payment.created - sub.created) <= SIGN_UP:
            intents[payment.id] = payment


def _card_of_the_customer(dossier: Dossier, sub: Subscription) -> str | None:
    """The customer's default, where no other subscription of his began in the same hour: then it is this sign-up's."""
    near = [other for other in dossier.subscriptions if abs(other.created - sub.created) <= SIGN_UP]
    return dossier.customer.default_payment_method if len(near) == 1 else None


def _keep(found: dict[str, _T], known: dict[str, _T], key: str | None) -> None:
    if key and key in known:
        found[key] = known[key]
