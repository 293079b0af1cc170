"""`ghl-triage cases --group-by path,code`: how the cases spread, as a table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli import terminal
from ghl_triage.cli.context import say, store_now
from ghl_triage.errors import UsageError

if TYPE_CHECKING:
    from ghl_triage.report.document import Table
    from ghl_triage.store.groups import Group
    from ghl_triage.store.reader import Reader

_LONGEST = 40
"""Cells of one value: a code of Stripe's is no longer."""
_TITLES = {"advice": "Advice code", "code": "Decline code"}


@dataclass(frozen=True, slots=True)
class Grouping:
    """What was asked for: the columns, and how the answer is printed. `limit` is a number of groups."""

    columns: tuple[str, ...]
    as_json: bool
    as_csv: bool
    limit: int | None


def columns_of(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """The columns that `path,code` names. Raises UsageError for one that cases cannot be grouped by."""
    columns = tuple(dict.fromkeys(word.strip().lower() for word in text.split(",") if word.strip()))
    unknown = [column for column in columns if column not in known]
    if unknown or not columns:
        wrong = f"Cases cannot be grouped by {', '.join(unknown)}." if unknown else "Say what to group by."
        raise UsageError(wrong, hint=f"There are {', '.join(known)}.")
    return columns


def print_groups(reader: Reader, text: str, *, everything: bool, grouping: Grouping, locale: str) -> None:
    """Print the groups of the cases that a filter finds."""
    from ghl_triage import output
    from ghl_triage.store.filters import parse, to_sql

    where = to_sql(parse(text), store_now(reader), default_queue=not everything)
    found = reader.groups(where, grouping.columns)
    shown = found[: grouping.limit]
    total = sum(group.count for group in found)
    if grouping.as_csv:
        click.echo(groups_csv(grouping.columns, shown), nl=False)
    elif grouping.as_json:
        account = reader.account()
        document: Mapping[str, Any] = {
            "workspace": account.name if account else None,
            "group_by": list(grouping.columns),
            "total": total,
            "groups": [group_document(grouping.columns, group) for group in shown],
        }
        click.echo(output.to_json(document))
    else:
        terminal.show_table(groups_table(grouping.columns, shown, total, locale))
        say(output.spread(len(found), total))


def group_document(columns: Sequence[str], group: Group) -> dict[str, Any]:
    """A group as JSON: its values under their columns' names (null: the cases have none), count, minor units."""
    named = {column: value or None for column, value in zip(columns, group.values, strict=True)}
    return {**named, "count": group.count, "amounts": dict(group.amounts)}


def groups_csv(columns: Sequence[str], groups: Sequence[Group]) -> str:
    """One line a group; a column of minor units for each currency that occurs, for they are never added up."""
    from ghl_triage.output import csv_text

    currencies = sorted({currency for group in groups for currency in group.amounts})
    header = (*columns, "count", *(f"amount_{currency}" for currency in currencies))
    return csv_text(
        header,
        (
            (*group.values, group.count, *(group.amounts.get(currency, 0) for currency in currencies))
            for group in groups
        ),
    )


def groups_table(columns: Sequence[str], groups: Sequence[Group], total: int, locale: str) -> Table:
    """The groups for a terminal, with their share of the cases that match."""
    from ghl_triage.report.document import Column, Table
    from ghl_triage.text import amounts, clean, clip, money

    titles = [_TITLES.get(column, column.capitalize()) for column in columns]
    rows = []
    for group in groups:
        at_risk = amounts(group.amounts, lambda amount, currency: money(amount, currency, locale))
        values = (clip(clean(value), _LONGEST) or "–" for value in group.values)
        rows.append((*values, f"{group.count:,}", f"{100 * group.count / total:.0f} %", at_risk or "–"))
    figures = [Column(title, "right") for title in ("Cases", "Share", "At risk")]
    return Table("", (*map(Column, titles), *figures), tuple(rows))
