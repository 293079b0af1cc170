"""Counts cases by any columns together: what `cases --group-by path,code` prints."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ghl_triage.store.filters import CompiledFilter
from ghl_triage.store.scan import cases_for

GROUPINGS = (
    "path", "status", "stage", "cause", "actor", "currency", "brand", "funding", "country", "price", "code", "advice",
)  # fmt: skip
"""What cases can be grouped by: columns of the table of cases, under the names of the filter's qualifiers."""


@dataclass(frozen=True, slots=True)
class Group:
    """The cases that share `values`, one for each column asked for; a value that a case does not have is empty.

    `amounts` is what is at risk in them, in minor units by currency.
    """

    values: tuple[str, ...]
    count: int
    amounts: Mapping[str, int]


def count_groups(connection: sqlite3.Connection, where: CompiledFilter, columns: Sequence[str]) -> list[Group]:
    """The groups of the cases that match, the largest first; ties in the order of their values."""
    unknown = [column for column in columns if column not in GROUPINGS]
    if unknown or not columns:
        raise ValueError(f"cannot group by {unknown}")
    table = cases_for({"currency", "amount", *columns, *where.columns})
    listed = ", ".join(columns)
    rows = connection.execute(
        f"""SELECT currency, count(*), sum(amount), {listed} FROM {table} WHERE {where.sql}
            GROUP BY {listed}, currency""",  # noqa: S608
        where.params,
    )
    counts: dict[tuple[str, ...], int] = {}
    amounts: dict[tuple[str, ...], dict[str, int]] = {}
    for currency, count, amount, *values in rows:
        key = tuple(values)
        counts[key] = counts.get(key, 0) + count
        money = amounts.setdefault(key, {})
        if amount:
            money[currency] = amount
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return [Group(key, counts[key], dict(sorted(amounts[key].items()))) for key in ordered]
