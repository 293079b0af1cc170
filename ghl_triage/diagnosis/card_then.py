"""A card as it stood at some moment: attached or not, expired or not, and how it had been saved by then."""

from __future__ import annotations

import time

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Card, SetupIntent
from ghl_triage.diagnosis.proof import OFF_SESSION, SETUP_LEAD
from ghl_triage.diagnosis.read import moment, objects
from ghl_triage.trial import SetUp

_ATTACHED, _DETACHED = "payment_method.attached", "payment_method.detached"


def attached_at(dossier: Dossier, card: Card, at: int) -> bool:
    """Whether a card was attached to this customer then: by events where they tell, else by what stands now.

    A card that is attached to nobody now, and of which no event tells when it went, counts as not attached.
    """
    if card.spent or (card.created or 0) > at:
        return False
    told = [event for event in dossier.events if event.object_id == card.id and event.type in (_ATTACHED, _DETACHED)]
    before = [event for event in told if event.created <= at]
    if before:
        return before[-1].type == _ATTACHED
    if told:
        return told[0].type == _DETACHED
    return card.customer == dossier.customer.id


def expired_at(card: Card, at: int) -> bool:
    """Whether a card's last month was over then."""
    if card.exp_year is None or card.exp_month is None:
        return False
    then = time.gmtime(at)
    return (card.exp_year, card.exp_month) < (then.tm_year, then.tm_mon)


def set_up_at(dossier: Dossier, card_id: str | None, at: int, *, but: str | None = None) -> SetUp:
    """How a card had been saved by then; `but` is a charge that proves nothing: the one that is asked about.

    Told only of cards that are younger than the lists of set-ups and charges reach, whatever else became known of an
    older one: failing cases are looked up one by one, and paid ones are not, so the others would tilt every comparison.
    """
    if card_id is None:
        return SetUp.NO_CARD
    if not told_whole(dossier, card_id):
        return SetUp.UNREAD
    usages = {
        intent.usage
        for intent in dossier.setups_of.get(card_id, ())
        if intent.status == "succeeded" and finished_at(dossier, intent) <= at
    }
    for charge in dossier.charges:
        paid = charge.payment_method == card_id and charge.status == "succeeded" and charge.created <= at
        intent = dossier.intents.get(charge.payment_intent or "")
        if paid and charge.id != but and intent is not None:
            usages.add(intent.setup_future_usage)
    if OFF_SESSION in usages:
        return SetUp.OFF_SESSION
    return SetUp.ON_SESSION if "on_session" in usages else SetUp.ATTACHED_ONLY


def told_whole(dossier: Dossier, card_id: str) -> bool:
    """Whether the lists of set-ups and charges reach back to before this card.

    An old card (`card_`) bears no date: it is not older than its customer.
    """
    setups, charges = dossier.coverage.setup_intents_since, dossier.coverage.charges_since
    card = dossier.cards.get(card_id)
    born = (card.created if card else None) or dossier.customer.created
    if setups is None or charges is None or born is None:
        return False
    return born >= setups + SETUP_LEAD and born >= charges


def finished_at(dossier: Dossier, intent: SetupIntent) -> int:
    """When a succeeded set-up did succeed: its last attempt, where that is known; it may have waited for weeks."""
    for raw in objects(dossier.records.setup_attempts):
        if raw["id"] == intent.latest_attempt:
            return max(intent.created, moment(raw.get("created")) or 0)
    return intent.created
