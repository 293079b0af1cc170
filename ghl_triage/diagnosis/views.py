"""Payment methods and HighLevel's knowledge as the screens show them."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Card
from ghl_triage.diagnosis.locations import locations_about
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import CardView, HighLevelView, Level


def card_view(situation: Situation, card_id: str) -> CardView:
    """A payment method, as far as it is known."""
    card = situation.card(card_id)
    levels = tuple(one.level for one in situation.defaults if one.id == card_id)
    attached = situation.dossier.attached(card_id)
    proof = situation.proven(card_id) is True
    if card is None:
        return CardView(card_id, "card", attached=attached, off_session_proof=proof, default_at=levels)
    return known_card(card, attached=attached, proof=proof, levels=levels)


def known_card(card: Card, *, attached: bool, proof: bool, levels: tuple[Level, ...]) -> CardView:
    """A payment method whose object was read; `levels` are those at which it is the default."""
    return CardView(
        id=card.id,
        type=card.type,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        funding=card.funding,
        country=card.country,
        fingerprint=card.fingerprint,
        created=card.created,
        attached=attached,
        off_session_proof=proof,
        default_at=levels,
    )


def payment_methods(situation: Situation) -> tuple[CardView, ...]:
    """The methods that matter to a case: attached, default, or charged last; newest first."""
    named = {card.id for card in situation.dossier.attached_cards}
    named.update(one.id for one in situation.defaults)
    if situation.failure and situation.failure.payment_method:
        named.add(situation.failure.payment_method)
    views = [card_view(situation, name) for name in named]
    return tuple(sorted(views, key=lambda view: (view.created or 0, view.id), reverse=True))


def highlevel_view(situation: Situation) -> HighLevelView:
    """What HighLevel knows of the subscription, or else of its customer."""
    dossier = situation.dossier
    listed = next((row for row in dossier.listed if row.subscription == situation.sub.id), None)
    location = next(iter(locations_about(situation)), None)
    return HighLevelView(
        contact=(listed.contact if listed else None) or (dossier.contacts[0] if len(dossier.contacts) == 1 else None),
        subscription=listed.id if listed else None,
        status=listed.status if listed else None,
        saas_location=location.location if location else None,
        saas_customer=location.customer if location else None,
        saas_subscription=location.subscription if location else None,
        saas_status=location.status if location else None,
    )
