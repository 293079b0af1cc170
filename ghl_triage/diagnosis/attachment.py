"""Was a card ever attached to its customer? One that is not now may have been detached, or may never have been his.

A card that a customer types into a hosted invoice page need not stay with him (docs/beliefs.md): it was charged, and
nobody took it away.
"""

from __future__ import annotations

from ghl_triage.diagnosis.proof import paid_for_later
from ghl_triage.diagnosis.situation import Situation

BY_ITSELF = 3_600
"""Stripe's own first attempt follows the finalisation of an invoice at once: it charges what is a default then."""


def was_attached(situation: Situation, card_id: str) -> bool:
    """Whether something shows that a card was this customer's: a set-up, an event, a default, an automatic charge."""
    dossier = situation.dossier
    if dossier.attached(card_id) or card_id in dossier.detached or paid_for_later(dossier, card_id):
        return True
    if any(intent.status == "succeeded" for intent in dossier.setups_of.get(card_id, ())):
        return True
    if any(event.object_id == card_id and event.kind == "payment_method" for event in dossier.events):
        return True
    if any(card_id in (word.new, word.old) for word in situation.named_defaults):
        return True
    return _charged_by_itself(situation, card_id)


def _charged_by_itself(situation: Situation, card_id: str) -> bool:
    """Whether Stripe charged it with nobody there: right after an invoice was finalised, or for several invoices."""
    charged = 0
    for invoice in situation.invoices:
        own = [one for one in situation.dossier.charges_of(invoice.id) if one.payment_method == card_id]
        charged += bool(own)
        finalized = invoice.finalized_at or invoice.created
        if any(0 <= one.created - finalized <= BY_ITSELF for one in own):
            return True
    return charged > 1
