"""Cards that lie on another customer with the same e-mail."""

from __future__ import annotations

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.situation import Situation

ASKED = 5
"""So many namesakes' cards are read before a verdict: hundreds may share an address."""


def card_elsewhere(situation: Situation) -> tuple[str, str] | None:
    """A namesake's id and a card of his that would be usable; None where none is known."""
    for other in situation.dossier.namesakes:
        for card in other.attached_cards:
            if situation.chargeable(card):
                return other.customer.id, card.id
        for name in (other.customer.default_payment_method, other.customer.default_source):
            if name and name not in other.cards and other.attached(name):
                return other.customer.id, name
    return None


def unread(dossier: Dossier) -> list[str]:
    """The namesakes whose cards must still be listed before "no card elsewhere" can be said."""
    return [other.customer.id for other in dossier.namesakes[:ASKED] if not other.cards_read]


def unsought(dossier: Dossier) -> str | None:
    """The e-mail address whose customers must still be sought, folded as it is compared; None where they were.

    The list of customers is read for 120 days back alone: an older namesake is in no list.
    """
    if dossier.records.namesakes_read:
        return None
    return dossier.customer.email.casefold() or None
