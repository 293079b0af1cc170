"""Other customers who may be the same person: by e-mail address, case ignored, or by a card's fingerprint.

They are shown and counted. On a verdict they bear only as far as design.md section 5 says: rows 2 and 18, by e-mail.
"""

from __future__ import annotations

from ghl_triage.diagnosis import proof
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Card
from ghl_triage.diagnosis.views import known_card
from ghl_triage.model import CardView, CustomerView, Level, Likeness, OpenSubscription

MOST_SHOWN = 10
MOST_KEYS = 6
"""Of a customer's metadata so many keys are told."""


def alike(dossier: Dossier) -> dict[str, tuple[Likeness, ...]]:
    """The other customers by id, the newest first, with what they have in common with this one."""
    by_email = {other.customer.id for other in dossier.namesakes}
    by_card = {other.customer.id for other in dossier.card_mates}
    others = {other.customer.id: other.customer.created or 0 for other in (*dossier.namesakes, *dossier.card_mates)}
    marks = ((Likeness.EMAIL, by_email), (Likeness.CARD, by_card))
    return {
        name: tuple(likeness for likeness, names in marks if name in names)
        for name in sorted(others, key=lambda name: (others[name], name), reverse=True)
    }


def known_by(dossier: Dossier, at: int) -> bool:
    """Whether another customer was there at a moment, who may be the same person: one who came later caused nothing."""
    others = (*dossier.namesakes, *dossier.card_mates)
    return any((other.customer.created or 0) <= at for other in others)


def duplicates(dossier: Dossier) -> tuple[CustomerView, ...]:
    """The others as the case screen sets them beside this customer."""
    known = {other.customer.id: other for other in (*dossier.card_mates, *dossier.namesakes)}
    return tuple(view(known[name], how) for name, how in list(alike(dossier).items())[:MOST_SHOWN])


def view(dossier: Dossier, how: tuple[Likeness, ...] = ()) -> CustomerView:
    """One customer in this form."""
    customer = dossier.customer
    return CustomerView(
        id=customer.id,
        email=customer.email,
        name=customer.name,
        created=customer.created,
        alike=how,
        application=_application(dossier),
        metadata=tuple(sorted(map(str, customer.metadata))[:MOST_KEYS]),
        cards=tuple(_card(dossier, card) for card in dossier.attached_cards),
        cards_read=dossier.cards_read,
        default=customer.default_payment_method or customer.default_source,
        subscriptions=_open(dossier),
        highlevel=_in_highlevel(dossier),
    )


def _application(dossier: Dossier) -> str | None:
    """The first Connect application that made something of his."""
    made = [
        *((one.created, one.application) for one in dossier.subscriptions),
        *((one.created, one.application) for one in dossier.setup_intents.values()),
        *((one.created, one.application) for one in dossier.charges),
    ]
    first = min(((at, application) for at, application in made if application), default=None)
    return dossier.applications.get(first[1], first[1]) if first else None


def _card(dossier: Dossier, card: Card) -> CardView:
    customer = dossier.customer
    defaults = ((Level.CUSTOMER, customer.default_payment_method), (Level.CUSTOMER_SOURCE, customer.default_source))
    levels = tuple(level for level, name in defaults if name == card.id)
    return known_card(card, attached=True, proof=proof.proven(dossier, card.id) is True, levels=levels)


def _open(dossier: Dossier) -> tuple[OpenSubscription, ...]:
    listed = {row.subscription for row in dossier.listed}
    return tuple(
        OpenSubscription(
            sub.id,
            sub.status,
            next((item.price for item in sub.items if item.price), None),
            sub.created,
            highlevel=sub.id in listed,
        )
        for sub in dossier.subscriptions
        if sub.is_open
    )


def _in_highlevel(dossier: Dossier) -> bool:
    """Whether a row of HighLevel's own names this customer, or something of his."""
    own = {sub.id for sub in dossier.subscriptions}
    if any(row.customer == dossier.customer.id or row.subscription in own for row in dossier.listed):
        return True
    return any(
        row.customer == dossier.customer.id or row.subscription in own or row.charge in dossier.charge_by_id
        for row in dossier.transactions
    )
