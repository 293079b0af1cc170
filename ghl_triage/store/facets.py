"""Counts for the rail, and sums for the header."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ghl_triage.model import Stage
from ghl_triage.store.filters import VIEWS, CompiledFilter, FilterQuery, parse, to_sql
from ghl_triage.store.scan import cases_for

Views: TypeAlias = tuple[tuple[str, CompiledFilter], ...]
"""Views by slug, as filters."""
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


def count_facets(
    connection: sqlite3.Connection, query: FilterQuery, now: int, *, default_queue: bool, views: Mapping[str, int]
) -> Facets:
    """Facets that see the same cases are counted in one pass; `views` were counted by `count_views`."""
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
    return Facets(**ordered, views=views)


def view_filters(now: int) -> tuple[Views, Views]:
    """The views as filters: those that mean the same whatever the time is, and those that do not."""
    compiled = {view.slug: to_sql(parse(view.filter), now) for view in VIEWS}
    later = {view.slug: to_sql(parse(view.filter), now + 1) for view in VIEWS}
    lasting = tuple((slug, where) for slug, where in compiled.items() if where == later[slug])
    return lasting, tuple((slug, where) for slug, where in compiled.items() if where != later[slug])


def count_views(connection: sqlite3.Connection, views: Views) -> dict[str, int]:
    """How many cases each of these views has by itself, in one pass."""
    counted = ", ".join(f"count(CASE WHEN {each.sql} THEN 1 END)" for _, each in views)
    params = [value for _, each in views for value in each.params]
    asked = {column for _, each in views for column in each.columns}
    counts = connection.execute(f"SELECT {counted} FROM {cases_for(asked)}", params).fetchone()  # noqa: S608
    return {slug: count for (slug, _), count in zip(views, counts, strict=True)}
