"""One subscription's history over the four lanes, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Event
from ghl_triage.diagnosis.history import billing, changes, heard, highlevel, signup
from ghl_triage.diagnosis.history.chapter import Chapter
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Coverage, Records, TimelineEvent

TELLERS: tuple[Callable[[Chapter], list[TimelineEvent]], ...] = (
    signup.customer,
    signup.sessions,
    signup.setups,
    signup.cards,
    billing.subscription,
    billing.invoices,
    billing.other_charges,
    billing.disputes,
    changes.defaults,
    changes.detached,
    highlevel.listed,
    highlevel.transactions,
    heard.deliveries,
    heard.logged,
)
"""In the order in which lines of the same second are shown; each goes through its objects in an order of its own."""


def timeline(records: Records, subscription: str, *, coverage: Coverage | None = None) -> tuple[TimelineEvent, ...]:
    """The history of a subscription; empty where the records do not hold it. Times to come are in it too."""
    dossier = Dossier(records, coverage or Coverage())
    sub = next((one for one in dossier.subscriptions if one.id == subscription), None)
    if sub is None:
        return ()
    events: dict[str, list[Event]] = defaultdict(list)
    for event in dossier.events:
        if event.object_id:
            events[event.object_id].append(event)
    chapter = Chapter(Situation(dossier, sub, 0), dict(events))
    told = [row for teller in TELLERS for row in teller(chapter)]
    return tuple(sorted(told, key=lambda row: row.at))
