"""How far a list was read: windows of `created`, each with its cursor; pure, and kept as JSON in the store.

A list is read in one piece. Only when it turns out longer than ten pages is what is left of it cut into windows, which
are read side by side: cursors of one list can only be followed one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ghl_triage.model import Raw

PAGES_IN_ONE_PIECE = 10
MOST_WINDOWS = 6
"""How many windows of one list are open at once."""
LEAST_SPAN = 3_600
"""Seconds: a burst of objects in one second says nothing about the rest of the list."""


@dataclass(slots=True)
class Window:
    """A half-open stretch of `created` (None: no bound) and how far it was read, newest first.

    `after` is the last object read, `edge` its time; `newest` and `pages` tell how dense the stretch is.
    """

    gte: int | None = None
    lt: int | None = None
    after: str | None = None
    edge: int | None = None
    newest: int | None = None
    pages: int = 0

    def query(self) -> dict[str, Any]:
        """The parameters that read on from here."""
        created = {name: bound for name, bound in (("gte", self.gte), ("lt", self.lt)) if bound is not None}
        return {
            **({"created": created} if created else {}),
            **({"starting_after": self.after} if self.after else {}),
        }

    def advance(self, rows: Sequence[Raw]) -> None:
        """These rows came next."""
        first, last = rows[0].get("created"), rows[-1].get("created")
        self.after = str(rows[-1]["id"])
        self.edge = last if isinstance(last, int) else self.edge
        if self.newest is None and isinstance(first, int):
            self.newest = first
        self.pages += 1

    def reopen(self) -> None:
        """Go on by time: the object that the cursor named is gone."""
        self.after = None
        self.lt = None if self.edge is None else self.edge + 1

    def cut(self, room: int) -> list[Window]:
        """Cut what is left: this window keeps the newest piece, at most `room` others get the rest, or none."""
        if room < 1 or self.pages < PAGES_IN_ONE_PIECE or self.edge is None or self.newest is None:
            return []
        span = max(self.newest - self.edge, LEAST_SPAN)
        if self.gte is not None:
            left = self.edge - self.gte
            pieces = min(room + 1, -(-left // span))
            if pieces < 2:
                return []
            span = -(-left // pieces)
        else:
            pieces = room + 1
        bounds = [self.edge - span * number for number in range(1, pieces)]
        others = [
            Window(gte=lower, lt=upper)
            for upper, lower in zip(bounds, [*bounds[1:], self.gte], strict=True)
            if lower is None or lower < upper
        ]
        self.gte, self.pages = bounds[0], 0
        self.newest = self.edge
        return others


@dataclass(slots=True)
class ListState:
    """How far one list of one load was read."""

    windows: list[Window] = field(default_factory=lambda: [Window()])
    objects: int = 0

    @property
    def done(self) -> bool:
        """Whether the list was read to its end."""
        return not self.windows

    def to_json(self) -> str:
        """For the store's cursor."""
        windows = [[w.gte, w.lt, w.after, w.edge, w.newest, w.pages] for w in self.windows]
        return orjson.dumps({"windows": windows, "objects": self.objects}).decode()


def list_state(text: str | None, *, since: int | None) -> ListState:
    """The state that `to_json` wrote; the beginning of a list where there is none."""
    if text is None:
        return ListState([Window(gte=since)])
    data: Mapping[str, Any] = orjson.loads(text)
    return ListState([Window(*values) for values in data["windows"]], int(data["objects"]))
