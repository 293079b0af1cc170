"""Was a card set up for charges without its owner? design.md section 5, "off-session proof"."""

from __future__ import annotations

from ghl_triage.diagnosis.dossier import Dossier

OFF_SESSION = "off_session"
SETUP_LEAD = 86_400
"""A set-up may be opened up to a day (the life of a Checkout Session) before its card exists."""


def proven(dossier: Dossier, card_id: str) -> bool | None:
    """True with proof; False where the lists that would hold it were read that far back; None where they were not."""
    if set_up(dossier, card_id) or paid_for_later(dossier, card_id):
        return True
    return False if absence_tells(dossier, card_id) else None


def set_up(dossier: Dossier, card_id: str) -> bool:
    """Whether a SetupIntent succeeded for the card with off-session use."""
    return any(
        intent.status == "succeeded" and intent.usage == OFF_SESSION for intent in dossier.setups_of.get(card_id, ())
    )


def paid_for_later(dossier: Dossier, card_id: str) -> bool:
    """Whether a charge succeeded with the card, whose PaymentIntent set it up for off-session use."""
    for charge in dossier.charges:
        if charge.payment_method == card_id and charge.status == "succeeded" and charge.payment_intent:
            intent = dossier.intents.get(charge.payment_intent)
            if intent is not None and intent.setup_future_usage == OFF_SESSION:
                return True
    return False


def absence_tells(dossier: Dossier, card_id: str) -> bool:
    """Whether a set-up of this card would be known: looked up, or the card is younger than the windows read.

    Nothing is known before both lists were read: a payment may have set the card up too.
    """
    setups, charges = dossier.coverage.setup_intents_since, dossier.coverage.charges_since
    if setups is None or charges is None:
        return False
    if card_id in dossier.records.proof_read_for:
        return True
    card = dossier.cards.get(card_id)
    if card is None or card.created is None:
        return False
    return card.created >= setups + SETUP_LEAD and card.created >= charges
