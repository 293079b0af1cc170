"""Rows 13 to 20: which card is there, and would Stripe charge it."""

from __future__ import annotations

from ghl_triage.diagnosis import changes, namesakes
from ghl_triage.diagnosis.attachment import was_attached
from ghl_triage.diagnosis.card_history import hard_declined
from ghl_triage.diagnosis.rules.rule import CARDS, PAYMENTS, SETUPS, Hit, Undecided, Verdict, seen
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import ActionKind, Actor, Evidence

INDIA = "IN"
NO_DEFAULT = "invoice_settings.default_payment_method"


def skipped(situation: Situation) -> bool:
    """Stripe tried the invoice without charging the usable default that demonstrably stood there all along.

    It passes over Indian cards: there it is enough that no event tells of a change. With others the likely reading is
    a default that was set a moment ago, whose event is still to come.
    """
    effective, card = situation.effective, situation.effective_card
    if effective is None or not situation.without_method or not situation.effective_usable:
        return False
    return changes.stood_since(
        situation.dossier,
        situation.named_defaults,
        effective.level,
        effective.id,
        situation.finalized_at,
        silence_tells=card is not None and card.country == INDIA,
    )


def already_fixed(situation: Situation) -> Verdict:
    """Row 13. What nobody has seen may be expired, or the very card that was refused: it is no ground for a retry."""
    effective = situation.effective
    if effective is None or not situation.effective_usable:
        return None
    failure = situation.failure
    if failure is None and situation.attempted and not situation.payments_known:
        return Undecided(PAYMENTS)
    mended = situation.without_method and not skipped(situation)
    if failure is not None:
        mended = not situation.failed_ever(effective.id)
    if not mended:
        return None
    if not situation.effective_seen:
        return Undecided(CARDS)
    tried = failure.payment_method if failure else None
    card = situation.effective_card
    return Hit(
        (
            seen(effective.id, f"default of the {effective.level.value}", "usable", card.created if card else None),
            seen(situation.invoice.id if situation.invoice else "", "last tried with", tried or "no card"),
        ),
        actor=Actor.NOBODY if situation.retry_scheduled else None,
    )


def detached(situation: Situation) -> Verdict:
    """Row 14."""
    evidence = _detachment(situation)
    if not evidence:
        return None
    if situation.usable_cards:
        return Hit(evidence, actor=Actor.CONSULTANT, actions=(ActionKind.FIX_DEFAULT, ActionKind.RETRY))
    return Hit(evidence)


def _detachment(situation: Situation) -> tuple[Evidence, ...]:
    dossier, effective = situation.dossier, situation.effective
    if effective is not None:
        if dossier.attached(effective.id):
            return ()
        return (
            seen(effective.id, "customer", None),
            seen(situation.sub.id, f"default of the {effective.level.value}", effective.id),
        )
    tried = _last_tried(situation)
    if tried and not dossier.attached(tried) and was_attached(situation, tried):
        return (seen(tried, "customer", None), seen(tried, "charged last", "yes"))
    word = changes.last_named(situation.named_defaults, situation.now)
    named = (word.new or word.old) if word else None
    if word and named and not dossier.attached(named):
        return (
            seen(named, "customer", None),
            seen(word.object_id, f"default of the {word.level.value}", named, word.at),
        )
    return ()


def _last_tried(situation: Situation) -> str | None:
    """The card that was charged last for this subscription."""
    if situation.own_charges:
        return situation.own_charges[-1].payment_method
    return situation.failure.payment_method if situation.failure else None


def shadowed_card(situation: Situation) -> str | None:
    """The usable card on a lower level that the effective one hides; row 15."""
    effective = situation.effective
    if effective is None or situation.effective_usable:
        return None
    lower = [one.id for one in situation.defaults[1:] if one.id != effective.id and situation.usable(one.id)]
    if not lower:
        return None
    if situation.expired(situation.effective_card) or hard_declined(situation, effective.id):
        return lower[0]
    if not situation.failed_last(effective.id):
        return None
    return next((name for name in lower if _created(situation, effective.id) < _created(situation, name)), None)


def _created(situation: Situation, card_id: str) -> int:
    """When a card was made; old cards without a date are older than every other."""
    card = situation.card(card_id)
    return (card.created if card else None) or 0


def shadowed(situation: Situation) -> Verdict:
    """Row 15."""
    hidden = shadowed_card(situation)
    if hidden is None:
        return None
    top = situation.defaults[0]
    below = next(one for one in situation.defaults if one.id == hidden)
    return Hit(
        (
            seen(situation.sub.id, f"default of the {top.level.value}", top.id),
            seen(situation.sub.id, f"default of the {below.level.value}", below.id),
        )
    )


def card_not_default(situation: Situation) -> Verdict:
    """Row 16."""
    if situation.effective is not None:
        return None
    if not situation.dossier.cards_read:
        return Undecided(CARDS)
    cards = situation.usable_cards
    if not cards:
        return None
    none = seen(situation.dossier.customer.id, NO_DEFAULT, None)
    return Hit((none, *(seen(card.id, "customer", card.customer, card.created) for card in cards[:3])))


def setup_not_completed(situation: Situation) -> Verdict:
    """Row 17."""
    if situation.effective is not None:
        return None
    waiting = situation.waiting_setup
    if waiting is not None:
        return Hit((seen(waiting.id, "status", waiting.status, waiting.created),))
    pending = situation.sub.pending_setup_intent
    unread = situation.dossier.coverage.setup_intents_since is None
    return Undecided(SETUPS) if pending and unread and pending not in situation.dossier.setup_intents else None


def card_on_duplicate_customer(situation: Situation) -> Verdict:
    """Row 18."""
    if situation.effective is not None or situation.dossier.attached_cards:
        return None
    found = namesakes.card_elsewhere(situation)
    if found is not None:
        other, card = found
        own = situation.dossier.customer.id
        return Hit((seen(other, "e-mail", f"the same as of {own}"), seen(card, "customer", other)))
    waits = namesakes.unsought(situation.dossier) or namesakes.unread(situation.dossier)
    return Undecided(CARDS) if waits else None


def no_payment_method(situation: Situation) -> Verdict:
    """Row 19."""
    if situation.effective is not None or situation.dossier.attached_cards:
        return None
    own = situation.dossier.customer.id
    return Hit((seen(own, NO_DEFAULT, None), seen(own, "attached payment methods", "none")))


def payments_unread(situation: Situation) -> Verdict:
    """No row: what follows reads the failure, so the payments must have been read."""
    tried = situation.attempted or situation.sub.status == "incomplete"
    if tried and situation.failure is None and not situation.payments_known and situation.invoice is not None:
        return Undecided(PAYMENTS)
    return None


def card_expired(situation: Situation) -> Verdict:
    """Row 20."""
    failure = situation.failure
    if failure is not None and failure.expired:
        where = failure.charge or failure.payment_intent or situation.sub.id
        return Hit((seen(where, "decline code", failure.code, failure.at),))
    if failure is not None and not failure.generic:
        return None
    if situation.effective is None and not situation.dossier.cards_read:
        return Undecided(CARDS)
    cards = [situation.effective_card] if situation.effective else list(situation.dossier.attached_cards)
    known = [card for card in cards if card is not None]
    if not known or not all(situation.expired(card) for card in known):
        return None
    return Hit(tuple(seen(card.id, "card expires", f"{card.exp_month:02d}/{card.exp_year}") for card in known[:3]))
