"""Events as Stripe's list shows them: late, twice, out of order, in an older version.

Stripe promises no order, warns of two Event objects for one change (docs.stripe.com "Webhooks"), and renders each event
in the version of its own time. What befalls an event is decided by its id, so that a seed gives the same list on every
read and a cursor always finds its place.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.engine.deliveries import pending
from ghl_triage.sandbox.http import old_shapes

LATEST = 90
"""Seconds after `created` at which the latest events appear."""
DISORDER = 20
"""Seconds by which an event may stand too high in the list."""
TWIN = "Twin"
"""What ends the id of a second event for the same change."""

_LATE, _TWICE, _TWINS, _OLD, _MOVED = 15, 3, 2, 6, 20
"""Shares in percent."""


@dataclass(frozen=True, slots=True)
class Events:
    """The events of an engine, seen from outside. Without `chaos` they come as they are."""

    engine: Engine
    chaos: bool

    def list(
        self,
        kind: str,
        filters: Mapping[str, Any],
        *,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Iterator[Obj]:
        """A lister of pages. Above a cursor (`ending_before`) the events come in their plain order."""
        if not self.chaos or ending_before is not None:
            found = self.engine.list(kind, filters, starting_after=starting_after, ending_before=ending_before)
            return map(self._with_deliveries, found)
        return map(self._with_deliveries, self._disturbed(filters, starting_after))

    def get(self, event_id: str) -> Obj:
        """One event, also by the id of its twin."""
        if not self.chaos:
            return self._with_deliveries(self.engine.get("event", event_id))
        shown = self._shown(self.engine.get("event", event_id.removesuffix(TWIN)))
        return self._with_deliveries({**shown, "id": event_id})

    def _with_deliveries(self, event: Obj) -> Obj:
        waits = pending(event, self.engine.clock.now)
        return event if waits == event["pending_webhooks"] else {**event, "pending_webhooks": waits}

    def _disturbed(self, filters: Mapping[str, Any], after: str | None) -> Iterator[Obj]:
        below: tuple[int, str] | None = None
        wanted: Mapping[str, Any] = filters
        if after is not None:
            cursor = self.engine.get("event", after.removesuffix(TWIN))
            below = _place(cursor) if after == cursor["id"] else (_place(cursor)[0], after)
            wanted = {**filters, "created": _until(filters.get("created"), below[0])}
        for place, event in _in_order(self.engine.list("event", wanted)):
            if event["created"] <= self.engine.clock.now < event["created"] + _delay(event["id"]):
                continue  # what lies ahead is told by a test clock that runs ahead
            for at, shown in self._copies(place, event):
                if below is None or at < below:
                    yield shown

    def _copies(self, place: tuple[int, str], event: Obj) -> Iterator[tuple[tuple[int, str], Obj]]:
        shown = self._shown(event)
        if _chance(event["id"], "twin", _TWINS):
            twin = event["id"] + TWIN
            yield (place[0], twin), {**shown, "id": twin}
        yield place, shown
        if _chance(event["id"], "twice", _TWICE):
            yield place, shown

    def _shown(self, event: Obj) -> Obj:
        return old_shapes.event(event) if _chance(event["id"], "old", _OLD) else event


def _in_order(events: Iterator[Obj]) -> Iterator[tuple[tuple[int, str], Obj]]:
    """The events by their places, highest first: a place is never below `created`, so a short look ahead is enough."""
    waiting: list[tuple[int, _Reversed, Obj]] = []
    for event in events:
        while waiting and -waiting[0][0] > event["created"] + DISORDER:
            yield _next(waiting)
        at, name = _place(event)
        heapq.heappush(waiting, (-at, _Reversed(name), event))
    while waiting:
        yield _next(waiting)


def _next(waiting: list[tuple[int, _Reversed, Obj]]) -> tuple[tuple[int, str], Obj]:
    at, name, event = heapq.heappop(waiting)
    return (-at, name.text), event


@dataclass(frozen=True, slots=True)
class _Reversed:
    """A text that sorts the other way round: the heap gives the smallest first, the list wants the greatest."""

    text: str

    def __lt__(self, other: _Reversed) -> bool:
        return self.text > other.text


def _place(event: Obj) -> tuple[int, str]:
    moved = _dice(event["id"], "moved")
    return event["created"] + (moved % DISORDER if moved % 100 < _MOVED else 0), event["id"]


def _delay(event_id: str) -> int:
    late = _dice(event_id, "late")
    return late % LATEST if late % 100 < _LATE else 0


def _chance(event_id: str, what: str, percent: int) -> bool:
    return _dice(event_id, what) % 100 < percent


def _dice(event_id: str, what: str) -> int:
    return crc32(f"{what}:{event_id}".encode())


def _until(created: Any, bound: int) -> Any:
    """The `created` filter with an upper bound of its own."""
    if created is None:
        return {"lte": bound}
    if not isinstance(created, Mapping):
        return created
    return {**created, "lte": min(int(created.get("lte", bound)), bound)}
