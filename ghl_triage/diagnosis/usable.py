"""Which cards somebody could choose for a subscription: those that are usable, whichever is the default."""

from __future__ import annotations

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Coverage, Records


def usable_cards(records: Records, subscription: str, now: int, *, coverage: Coverage) -> tuple[str, ...]:
    """The ids of the customer's usable cards, newest first, by design.md section 5; `now` in epoch seconds.

    None for a subscription that is not this customer's.
    """
    dossier = Dossier(records, coverage)
    found = next((sub for sub in dossier.subscriptions if sub.id == subscription), None)
    return tuple(card.id for card in Situation(dossier, found, now).usable_cards) if found else ()
