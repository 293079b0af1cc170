"""What happened at the beginning of a trial: was the card checked by a payment, was it set up at once."""

from __future__ import annotations

from ghl_triage.diagnosis.card_then import attached_at, expired_at, set_up_at
from ghl_triage.diagnosis.proof import SETUP_LEAD
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.trial import SetUp

CHECKED_WITHIN = 3_600
"""A card check and the sign-up that it belongs to lie no farther apart (domain/stripe.md 3.2, "the $1 check")."""
AT_START = 86_400


def checked_at_sign_up(situation: Situation) -> bool | None:
    """Whether a payment smaller than the price was authorised and given back at sign-up; None: can't be told."""
    dossier, made = situation.dossier, situation.sub.created
    since = dossier.coverage.charges_since
    if since is None or made - CHECKED_WITHIN < since:
        return None
    price = sum((item.unit_amount or 0) * item.quantity for item in situation.sub.items)
    own = {charge.id for charge in situation.own_charges}
    for charge in dossier.charges:
        near = abs(charge.created - made) <= CHECKED_WITHIN and charge.id not in own
        if not near or charge.status != "succeeded" or (price and charge.amount >= price):
            continue
        intent = dossier.intents.get(charge.payment_intent or "")
        if charge.refunded >= charge.amount or (intent is not None and intent.status == "canceled"):
            return True
    return False


def ready_at_start(situation: Situation) -> bool | None:
    """Whether a card that outlives the trial was set up for off-session use within a day; None: can't be told."""
    dossier, sub = situation.dossier, situation.sub
    setups, charges = dossier.coverage.setup_intents_since, dossier.coverage.charges_since
    if setups is None or charges is None or sub.created < max(setups + SETUP_LEAD, charges):
        return None
    at = sub.created + AT_START
    end = sub.trial_end or at
    named = {card for card in (*dossier.setups_of, *(charge.payment_method for charge in dossier.charges)) if card}
    for card_id in named:
        card = dossier.cards.get(card_id)
        gone = card_id in dossier.detached if card is None else not attached_at(dossier, card, at)
        if gone or (card is not None and expired_at(card, end)):
            continue
        if set_up_at(dossier, card_id, at) is SetUp.OFF_SESSION:
            return True
    return False
