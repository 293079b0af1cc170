"""What became of a card when it was charged, on whatever invoice."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Charge
from ghl_triage.diagnosis.failures import Failure, failure
from ghl_triage.diagnosis.situation import Situation


def is_of_card(charge: Charge, card_id: str, fingerprint: str | None) -> bool:
    """Whether a charge was made with a card, typed in again or not."""
    return charge.payment_method == card_id or (fingerprint is not None and charge.fingerprint == fingerprint)


def last_refusal(situation: Situation, card_id: str) -> Failure | None:
    """The card's last attempt, where that was a refusal; None after a success or without an attempt."""
    card = situation.card(card_id)
    fingerprint = card.fingerprint if card else None
    own = next((one for one in reversed(situation.failures) if one.of_card(card_id, fingerprint)), None)
    for charge in reversed(situation.dossier.charges):
        if own is not None and own.at >= charge.created:
            break
        if not is_of_card(charge, card_id, fingerprint):
            continue
        if not charge.failed:
            return None if charge.status == "succeeded" else own
        refusal = _failure_of(situation, charge)
        if refusal.of_card(card_id, fingerprint):
            return refusal
    return own


def _failure_of(situation: Situation, charge: Charge) -> Failure:
    intent = situation.dossier.intents.get(charge.payment_intent) if charge.payment_intent else None
    told = intent is not None and intent.error is not None and intent.error.charge == charge.id
    return failure(charge, intent if told else None, charge.created, situation.dossier.cards)


def hard_declined(situation: Situation, card_id: str) -> bool:
    """Whether the issuer's last word on a card was never."""
    refusal = last_refusal(situation, card_id)
    return refusal is not None and refusal.hard
