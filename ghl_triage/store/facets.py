"""Counts for the rail, and sums for the header."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ghl_triage.model import Stage
from ghl_triage.store.filters import VIEWS, CompiledFilter, FilterQuery, parse, to_sql
from ghl_triage.store.scan import cases_for

_FACETS = ("path", "cause", "currency")


@dataclass(frozen=True, slots=True)
class StageTotal:
    """The cases of one stage; `amounts` are minor units by currency: two currencies are never added up."""

    count: int
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Totals:
    """The cases that match a filter."""

    count: int
    by_stage: Mapping[Stage, StageTotal]


@dataclass(frozen=True, slots=True)
class Facets:
    """Values with their counts, the most frequent first; a facet leaves its own qualifier in the filter out.

    `views` counts each view by itself, by slug: what waits there, whatever one is looking at now.
    """

    path: list[tuple[str, int]]
    cause: list[tuple[str, int]]
    currency: list[tuple[str, int]]
    views: Mapping[str, int]


def count_facets(connection: sqlite3.Connection, query: FilterQuery, now: int, *, default_queue: bool) -> Facets:
    """Facets that see the same cases are counted in one pass."""
    together: defaultdict[CompiledFilter, list[str]] = defaultdict(list)
    for name in _FACETS:
        together[to_sql(query.without(name), now, default_queue=default_queue)].append(name)
    counters: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
    for where, names in together.items():
        listed = ", ".join(names)
        rows = connection.execute(
            f"SELECT {listed}, count(*) FROM {cases_for(where.columns)} WHERE {where.sql} GROUP BY {listed}",  # noqa: S608
            where.params,
        )
        for *values, count in rows:
            for name, value in zip(names, values, strict=True):
                if value:
                    counters[name][value] += count
    ordered = {
        name: sorted(counter.items(), key=lambda item: (-item[1], item[0])) for name, counter in counters.items()
    }
    return Facets(**ordered, views=_count_views(connection, now))


def _count_views(connection: sqlite3.Connection, now: int) -> dict[str, int]:
    conditions = [to_sql(parse(view.filter), now) for view in VIEWS]
    counted = ", ".join(f"count(CASE WHEN {each.sql} THEN 1 END)" for each in conditions)
    params = [value for each in conditions for value in each.params]
    asked = {column for each in conditions for column in each.columns}
    counts = connection.execute(f"SELECT {counted} FROM {cases_for(asked)}", params).fetchone()  # noqa: S608
    return {view.slug: count for view, count in zip(VIEWS, counts, strict=True)}
