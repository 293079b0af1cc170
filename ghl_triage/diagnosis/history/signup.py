"""The sign-up: customer, Checkout Sessions, set-ups, cards attached."""

from __future__ import annotations

from ghl_triage.diagnosis.dossier import oldest_first
from ghl_triage.diagnosis.facts import Card, SetupIntent
from ghl_triage.diagnosis.history.chapter import SELLERS, Chapter, line
from ghl_triage.diagnosis.proof import paid_for_later
from ghl_triage.model import Lane, TimelineEvent

NEAR = 86_400
ABANDONED = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "canceled"})


def customer(chapter: Chapter) -> list[TimelineEvent]:
    """The customer's creation, in the lane of whoever made him."""
    who = chapter.situation.dossier.customer
    lane = _maker(chapter)
    return line(who.created, lane, "customer_created", f"customer created by {SELLERS[lane]}", who.id)


def _maker(chapter: Chapter) -> Lane:
    dossier, sub = chapter.situation.dossier, chapter.situation.sub
    created = dossier.customer.created or 0
    # A client's own code writes `locationId` too (design.md section 5, "Path"): that alone says nothing.
    if "altId" in dossier.customer.metadata:
        return Lane.HIGHLEVEL
    if any(one.created <= created <= one.created + NEAR for one in dossier.sessions):
        return Lane.CHECKOUT
    return chapter.lane if abs(created - sub.created) <= NEAR and chapter.lane is not Lane.CHECKOUT else Lane.API


def sessions(chapter: Chapter) -> list[TimelineEvent]:
    """Checkout Sessions of this subscription, and the customer's set-up sessions."""
    sub, found = chapter.situation.sub, []
    for one in chapter.situation.dossier.sessions:
        if one.subscription not in (sub.id, None):
            continue
        name = f"{one.mode or ''} Checkout".strip()
        found += line(one.created, Lane.CHECKOUT, "session_opened", f"{name} opened", one.id)
        if one.status == "complete":
            at = chapter.when(one.id, "checkout.session.completed") or _completed(
                chapter, one.setup_intent, sub.created
            )
            found += line(
                max(at, one.created), Lane.CHECKOUT, "session_completed", f"{name} completed", one.id, ok=True
            )
        elif one.status == "expired":
            at = chapter.when(one.id, "checkout.session.expired") or one.expires_at or one.created
            found += line(at, Lane.CHECKOUT, "session_expired", f"{name} expired, not completed", one.id, ok=False)
    return found


def _completed(chapter: Chapter, setup: str | None, otherwise: int) -> int:
    intent = chapter.situation.dossier.setup_intents.get(setup) if setup else None
    return intent.created if intent else otherwise


def setups(chapter: Chapter) -> list[TimelineEvent]:
    """Every SetupIntent of the customer, by how it ended."""
    found: list[TimelineEvent] = []
    for intent in oldest_first(chapter.situation.dossier.setup_intents.values()):
        found += _setup(chapter, intent)
    return found


def _setup(chapter: Chapter, intent: SetupIntent) -> list[TimelineEvent]:
    lane = _lane_of(chapter, intent)
    if intent.status == "succeeded":
        at = chapter.when(intent.id, "setup_intent.succeeded") or intent.created
        use = "off-session" if intent.usage == "off_session" else "on-session only"
        return line(
            at, lane, "setup_succeeded", f"{chapter.card(intent.payment_method)} set up, {use}", intent.id, ok=True
        )
    if intent.error:
        at = chapter.when(intent.id, "setup_intent.setup_failed") or intent.created
        return line(at, lane, "setup_failed", f"set-up failed: {intent.error}", intent.id, ok=False)
    if intent.status in ABANDONED:
        return line(
            intent.created, lane, "setup_abandoned", f"set-up not finished: {intent.status}", intent.id, ok=False
        )
    return line(intent.created, lane, "setup", f"set-up {intent.status}", intent.id)


def _lane_of(chapter: Chapter, intent: SetupIntent) -> Lane:
    if any(one.setup_intent == intent.id for one in chapter.situation.dossier.sessions):
        return Lane.CHECKOUT
    return chapter.lane_at(intent.created)


def cards(chapter: Chapter) -> list[TimelineEvent]:
    """Cards attached, with or without a set-up."""
    dossier, found = chapter.situation.dossier, []
    for card in sorted(dossier.cards.values(), key=lambda one: one.id):
        at = chapter.when(card.id, "payment_method.attached", "customer.source.created")
        if at is None and card.customer != dossier.customer.id:
            continue
        done = any(one.status == "succeeded" for one in dossier.setups_of.get(card.id, ()))
        how = "with" if done or paid_for_later(dossier, card.id) else "without"
        summary = f"{chapter.card(card.id)} attached {how} a set-up"
        found += line(at or card.created, _lane_of_card(chapter, card), "card_attached", summary, card.id)
    return found


def _lane_of_card(chapter: Chapter, card: Card) -> Lane:
    """A card that was set up came the same way as its set-up."""
    setups = [one for one in chapter.situation.dossier.setups_of.get(card.id, ()) if one.status == "succeeded"]
    return _lane_of(chapter, setups[0]) if setups else chapter.lane_at(card.created)
