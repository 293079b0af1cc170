"""What only events know: defaults that changed, cards that were taken off."""

from __future__ import annotations

from ghl_triage.diagnosis.dossier import DETACHED
from ghl_triage.diagnosis.history.chapter import Chapter, line
from ghl_triage.diagnosis.labels import LEVEL_LABELS
from ghl_triage.diagnosis.read import ref
from ghl_triage.model import Lane, TimelineEvent


def defaults(chapter: Chapter) -> list[TimelineEvent]:
    """Each change of a default, in the lane of whoever asked for it."""
    found: list[TimelineEvent] = []
    asked = {event.id: event.by_request for event in chapter.situation.dossier.events}
    for word in chapter.situation.named_defaults:
        if not word.changed or word.new == word.old:
            continue
        level = LEVEL_LABELS[word.level]
        summary = f"{level} is now {chapter.card(word.new)}" if word.new else f"{level} was removed"
        lane = chapter.lane_at(word.at) if asked.get(word.event) else Lane.BILLING
        found += line(word.at, lane, "default_changed", summary, word.object_id)
    return found


def detached(chapter: Chapter) -> list[TimelineEvent]:
    """Cards that were taken off this customer."""
    own, found = chapter.situation.dossier.customer.id, []
    told: set[str] = set()
    for event in chapter.situation.dossier.events:
        if event.type not in DETACHED or event.object_id is None or event.object_id in told:
            continue
        known = event.object_id in chapter.situation.dossier.cards
        if not known and own not in (ref(event.previous.get("customer")), ref(event.body.get("customer"))):
            continue
        told.add(event.object_id)
        lane = chapter.lane_at(event.created) if event.by_request else Lane.BILLING
        summary = f"{chapter.card(event.object_id)} removed"
        found += line(event.created, lane, "card_detached", summary, event.object_id, ok=False)
    return found
