"""Which of the locations that HighLevel's SaaS mode made is this customer's, and to what it is mapped."""

from __future__ import annotations

from ghl_triage.diagnosis.facts_highlevel import MappedLocation
from ghl_triage.diagnosis.situation import Situation

OVER = frozenset({"canceled", "incomplete_expired"})
_OVER_WORDS = OVER | {"cancelled", "expired", "failed"}
"""HighLevel's words for a subscription that is over; domain/highlevel.md 3.5."""


def locations_about(situation: Situation) -> list[MappedLocation]:
    """The locations of this subscription, then of its customer, then of his e-mail."""
    ties = [
        (tie, row.location, row) for row in situation.dossier.locations if (tie := _tie(situation, row)) is not None
    ]
    return [row for _, _, row in sorted(ties, key=lambda found: found[:2])]


def _tie(situation: Situation, row: MappedLocation) -> int | None:
    customer = situation.dossier.customer
    if row.subscription == situation.sub.id:
        return 0
    if owner(situation, row) == customer.id:
        return 1
    return 2 if row.email and row.email == customer.email.strip().casefold() else None


def owner(situation: Situation, row: MappedLocation) -> str | None:
    """The customer to whom a location is mapped; where it names none, the one whose the named subscription is."""
    if row.customer is not None or row.subscription is None:
        return row.customer
    dossiers = (situation.dossier, *situation.dossier.namesakes)
    return next((one.customer.id for one in dossiers if any(s.id == row.subscription for s in one.subscriptions)), None)


def subscription_status(situation: Situation, row: MappedLocation) -> str | None:
    """What became of the subscription that a location names: Stripe's word, else HighLevel's."""
    for dossier in (situation.dossier, *situation.dossier.namesakes):
        for sub in dossier.subscriptions:
            if sub.id == row.subscription:
                return sub.status
    return row.status


def is_over(status: str | None) -> bool:
    """Whether a subscription in that state will never be charged again."""
    return (status or "").casefold() in _OVER_WORDS
