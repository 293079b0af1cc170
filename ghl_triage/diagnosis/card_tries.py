"""How often a card was tried: Stripe's charges and our own journal together (design.md section 6, rule 4).

Our journal counts on its own: of a charge that we caused, the next sync may not have read anything yet.
"""

from __future__ import annotations

from ghl_triage.diagnosis.card_history import is_of_card
from ghl_triage.diagnosis.dossier import Dossier

MONTH = 30 * 86_400
"""Seconds that a try counts for."""
SAME_ATTEMPT = 300
"""A retry of ours and a charge so many seconds from each other are one attempt."""


def card_tries(dossier: Dossier, card: str, now: int) -> list[int]:
    """When a card was tried in the last 30 days, by anybody whom it belongs to, oldest first.

    A card that was typed in again is the same card. A retry of ours of which nobody noted the card counts for every
    card, unless a charge shows which one it was.
    """
    known = {one.customer.id: one for one in (*dossier.card_mates, *dossier.namesakes, dossier)}.values()
    prints = {method.id: method.fingerprint for one in known for method in one.cards.values()}
    own_print = prints.get(card)
    charges = {charge.id: charge for one in known for charge in one.charges if charge.created > now - MONTH}
    tried = [charge.created for charge in charges.values() if is_of_card(charge, card, own_print)]
    unmatched = list(charges.values())
    for attempt in sorted({each for one in known for each in one.records.own_attempts}, key=lambda each: each.at):
        named = attempt.payment_method
        near = [
            charge
            for charge in unmatched
            if abs(charge.created - attempt.at) <= SAME_ATTEMPT
            and (named is None or is_of_card(charge, named, prints.get(named)))
        ]
        if near:
            unmatched.remove(min(near, key=lambda charge: abs(charge.created - attempt.at)))
        elif attempt.at > now - MONTH and (
            named in (None, card) or (own_print is not None and prints.get(named) == own_print)
        ):
            tried.append(attempt.at)
    return sorted(tried)
