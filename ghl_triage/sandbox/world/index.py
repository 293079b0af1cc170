"""When the objects of all cells were made, by kind: what lists are paged by without making any cell."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ghl_triage.sandbox.engine.api import Params
from ghl_triage.sandbox.world.play import UNDELIVERED, Told

_CELL_BITS = 20
_CELL_MASK = (1 << _CELL_BITS) - 1
_NARROWED = frozenset({"invoice", "invoice_payment", "checkout.session"})
"""Kinds whose `status` filter means just that status. Subscriptions are narrowed too, but `ended` and none are not."""
_PLAIN_STATUSES = frozenset(
    {"active", "canceled", "incomplete", "incomplete_expired", "past_due", "paused", "trialing", "unpaid"}
)
_KEPT = 40


class Index:
    """Sorted moments (creation time, cell) of each kind, made when a list first asks for that kind."""

    def __init__(self, cells: array[int], shifts: array[int], told: Sequence[Told]) -> None:
        self._cells, self._shifts, self._told = cells, shifts, told
        self._moments: dict[Hashable, array[int]] = {}

    def next_cells(self, kind: str, filters: Params, below: int | None, wanted: int) -> tuple[list[int], int | None]:
        """The cells with the newest objects made before `below`, and the time down to which they are complete."""
        if kind == "event" and filters.get("delivery_success") is False:
            kind = UNDELIVERED
        moments = self._of(kind, _narrowing(kind, filters))
        oldest, newest = _bounds(filters)
        ends = [edge for edge in (below, newest) if edge is not None]
        place = bisect_left(moments, min(ends) << _CELL_BITS) if ends else len(moments)
        cells: dict[int, None] = {}
        while place and len(cells) < wanted:
            at = moments[place - 1] >> _CELL_BITS
            if oldest is not None and at < oldest:
                return list(cells), None
            while place and moments[place - 1] >> _CELL_BITS == at:
                place -= 1
                cells[moments[place] & _CELL_MASK] = None
        return list(cells), (moments[place] >> _CELL_BITS if place else None)

    def _of(self, kind: str, narrowing: frozenset[str] | None) -> array[int]:
        key = (kind, narrowing)
        if key not in self._moments:
            if len(self._moments) > _KEPT:
                self._moments.pop(next(iter(self._moments)))
            self._moments[key] = self._sorted(kind, narrowing)
        return self._moments[key]

    def _sorted(self, kind: str, narrowing: frozenset[str] | None) -> array[int]:
        cells_of: dict[int, list[int]] = defaultdict(list)
        for number, variant in enumerate(self._cells):
            cells_of[variant].append(number)
        moments: list[int] = []
        for variant, numbers in cells_of.items():
            entries = self._told[variant].created.get(kind, ())
            times = sorted({at for at, narrow in entries if narrowing is None or narrow in narrowing})
            for at in times:
                moments += [((at + self._shifts[number]) << _CELL_BITS) | number for number in numbers]
        moments.sort()
        return array("Q", moments)


def _narrowing(kind: str, filters: Params) -> frozenset[str] | None:
    """What the objects' type or status must be; None where that can't be said so simply."""
    if kind in ("event", UNDELIVERED):
        types = filters.get("types") or ([filters["type"]] if filters.get("type") else [])
        types = list(types.values()) if isinstance(types, Mapping) else types
        return frozenset(map(str, types)) if types and not any("*" in str(each) for each in types) else None
    status: Any = filters.get("status")
    if (kind in _NARROWED and status) or (kind == "subscription" and status in _PLAIN_STATUSES):
        return frozenset({str(status)})
    return None


def _bounds(filters: Params) -> tuple[int | None, int | None]:
    """The oldest creation time wanted, and the first one that is too new."""
    created = filters.get("created")
    if not isinstance(created, Mapping):
        return (int(created), int(created) + 1) if created else (None, None)
    oldest = [
        int(created[name]) + more for name, more in (("gte", 0), ("gt", 1)) if created.get(name) not in (None, "")
    ]
    newest = [
        int(created[name]) + more for name, more in (("lt", 0), ("lte", 1)) if created.get(name) not in (None, "")
    ]
    return max(oldest, default=None), min(newest, default=None)
