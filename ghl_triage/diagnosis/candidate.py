"""Which card a fix would make the default; design.md section 5, "Candidate card"."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.rules.method import shadowed_card
from ghl_triage.diagnosis.situation import Situation


@dataclass(frozen=True, slots=True)
class Candidate:
    """The card to make the default; `several` where there are more without proof, and nobody but a human can choose."""

    card: str | None
    several: bool = False


def candidate(situation: Situation) -> Candidate:
    """The usable attached card with off-session proof, newest first; without any proof the only one there is.

    Where the default is usable and proven, or nothing better is attached, there is nothing to fix.
    """
    effective = situation.effective
    cards = situation.usable_cards
    if effective is not None and situation.effective_usable:
        if situation.proven(effective.id) is not False:
            return Candidate(None)
        better = [card.id for card in cards if card.id != effective.id and situation.proven(card.id)]
        return Candidate(better[0] if better else None)
    proven = [card.id for card in cards if situation.proven(card.id)]
    if proven:
        return Candidate(proven[0])
    if len(cards) == 1:
        return Candidate(cards[0].id)
    hidden = shadowed_card(situation)
    return Candidate(hidden, several=len(cards) > 1 and hidden is None)
