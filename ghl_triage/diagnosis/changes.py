"""What events say about the default payment method: what it was, what replaced it, and since when it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Event
from ghl_triage.diagnosis.read import Json, mapping, ref
from ghl_triage.model import Level

EVENT_LIFE = 30 * 86_400


@dataclass(frozen=True, slots=True)
class DefaultNamed:
    """One event's word on one level: `new` is what the object names after it, `old` what it replaced.

    `changed` is True where the event itself made the change.
    """

    at: int
    event: str
    object_id: str
    level: Level
    new: str | None
    old: str | None
    changed: bool


def named_defaults(dossier: Dossier, subscription: str) -> list[DefaultNamed]:
    """What events about the subscription and the customer say about their defaults, oldest first."""
    found: list[DefaultNamed] = []
    for event in dossier.events:
        if event.object_id == subscription and event.kind == "subscription":
            found.append(_word(event, Level.SUBSCRIPTION, event.body, event.previous, "default_payment_method"))
            found.append(_word(event, Level.SUBSCRIPTION_SOURCE, event.body, event.previous, "default_source"))
        elif event.object_id == dossier.customer.id and event.kind == "customer":
            body, previous = (
                mapping(event.body.get("invoice_settings")),
                mapping(event.previous.get("invoice_settings")),
            )
            found.append(_word(event, Level.CUSTOMER, body, previous, "default_payment_method"))
            found.append(_word(event, Level.CUSTOMER_SOURCE, event.body, event.previous, "default_source"))
    return found


def _word(event: Event, level: Level, body: Json, previous: Json, key: str) -> DefaultNamed:
    return DefaultNamed(
        at=event.created,
        event=event.id,
        object_id=event.object_id or "",
        level=level,
        new=ref(body.get(key)),
        old=ref(previous.get(key)),
        changed=key in previous,
    )


def last_named(words: Sequence[DefaultNamed], now: int) -> DefaultNamed | None:
    """The newest event of the last 30 days that names a default, as it stands or as it was replaced."""
    named = (word for word in reversed(words) if word.at > now - EVENT_LIFE and (word.new or word.old))
    return next(named, None)


def stood_since(
    dossier: Dossier, words: Sequence[DefaultNamed], level: Level, method: str, at: int, *, silence_tells: bool
) -> bool:
    """Whether the default of a level demonstrably stood at that time already.

    Shown by an event of that time or earlier that names it; with `silence_tells` also by events that reach back that
    far and tell of no change since. A card made later, or any later change of a default, refutes it.
    """
    card = dossier.cards.get(method)
    if card is not None and card.created is not None and card.created > at:
        return False
    if any(word.changed and word.at > at for word in words):
        return False
    before = [word for word in words if word.level is level and word.at <= at]
    if before:
        return before[-1].new == method
    return silence_tells and any(event.created <= at and _concerns(event, dossier) for event in dossier.events)


def _concerns(event: Event, dossier: Dossier) -> bool:
    return dossier.customer.id in (event.object_id, ref(event.body.get("customer")))
