"""Subscriptions of the same price, for the same customer or e-mail: which of them stays."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Subscription
from ghl_triage.diagnosis.situation import Situation


def rivals(situation: Situation) -> list[Situation]:
    """The other open subscriptions of one of its prices, oldest first; a trial that ends by choice is none."""
    prices = situation.sub.prices
    if not prices:
        return []
    found = [
        Situation(dossier, other, situation.now)
        for dossier in (situation.dossier, *situation.dossier.namesakes)
        for other in dossier.subscriptions
        if other.id != situation.sub.id and _stays_open(other) and prices & other.prices
    ]
    return sorted(found, key=_age)


def _stays_open(sub: Subscription) -> bool:
    return sub.is_open and not sub.ends_before_charge


def _age(situation: Situation) -> tuple[int, str]:
    return situation.sub.created, situation.sub.id


def keeper(situation: Situation, others: list[Situation]) -> Situation | None:
    """The one that stays: the active one, else the oldest with a usable effective method; None: all are duplicates."""
    candidates = sorted([*others, situation] if _stays_open(situation.sub) else others, key=_age)
    active = [one for one in candidates if one.sub.status == "active"]
    if active:
        return situation if situation in active else active[0]
    return next((one for one in candidates if one.effective_usable), None)
