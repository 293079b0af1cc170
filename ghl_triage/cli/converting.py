"""`ghl-triage report conversion`: from trial to paid, by path and cohort."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli import formats
from ghl_triage.cli.context import open_reader, settings_of, store_now
from ghl_triage.errors import UsageError

if TYPE_CHECKING:
    from ghl_triage.report.conversion.numbers import Conversion, GroupedBy
    from ghl_triage.report.periods import PeriodName


class _Day(click.ParamType[datetime]):
    """A day, or a day and a time: no zone, it is the workspace's."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M"):
            with suppress(ValueError):
                return datetime.strptime(str(value), form)
        raise click.BadParameter(f"{value!r} is no day. For example 2026-11-01, or 2026-11-01T14:30.", ctx, param)


_RATES = ("unpaid_at_first", "refused", "no_method", "paid", "recovered", "conversion")


@click.command()
@click.option("--by", type=click.Choice(["path", "price", "total"]), default="path", show_default=True, help="Groups.")
@click.option(
    "--period", type=click.Choice(["week", "month"]), default="week", show_default=True, help="Length of a cohort."
)
@click.option(
    "--since-fix",
    type=_Day(),
    metavar="DATE",
    help="Compare the trials that began before this day, or moment, with those that began after.",
)
@formats.options("text", "md", "html", "json", "csv")
@click.pass_context
def conversion(
    context: click.Context,
    by: GroupedBy,
    period: PeriodName,
    since_fix: datetime | None,
    format: str | None,
    output: Path | None,
) -> None:
    """From trial to paid: states, rates with their intervals, who differs, cohorts, money; before and after a fix."""
    from ghl_triage.report.conversion import counting
    from ghl_triage.report.conversion.document import document
    from ghl_triage.report.display import Display

    settings = settings_of(context)
    fixed = None if since_fix is None else int(since_fix.replace(tzinfo=settings.timezone).timestamp())
    with open_reader(settings) as reader:
        account, now = reader.account(), store_now(reader)
        if fixed is not None and fixed > now:
            raise UsageError("That fix is still to come.", hint="--since-fix takes a day, or a moment, that is over.")
        found = counting.conversion(
            reader.trials(),
            now=now,
            coverage=reader.coverage(),
            zone=settings.timezone,
            by=by,
            period=period,
            since_fix=fixed,
        )
    display = Display(settings.timezone, settings.locale)
    formats.emit(
        document(found, display=display, account=account.label if account else ""),
        found,
        format=format,
        output=output,
        csv=lambda: conversion_csv(found),
    )


def conversion_csv(found: Conversion) -> str:
    """Shares between 0 and 1 with their 95 % intervals; amounts in minor units, a column for each currency and state.

    `whole` is 0 where the period begins before the time from which charges were read, or is not over.
    """
    from ghl_triage.output import csv_text
    from ghl_triage.trial import COHORT

    currencies = list(found.total.all.money)
    header = (
        "period", "period_start", "period_end", found.by, "whole", "mature", "trials", *COHORT, "due",
        *(f"{name}_rate{part}" for name in _RATES for part in ("", "_low", "_high")),
        *(f"{state}_{currency}" for currency in currencies for state in COHORT),
    )  # fmt: skip
    rows = []
    for one in found.cohorts:
        figures = one.figures
        rates = [getattr(figures, name) for name in _RATES]
        cells: list[object] = [one.period.day.isoformat(), one.period.start, one.period.end, one.key]
        cells += [int(one.whole and one.over), int(one.mature), figures.trials]
        cells += [*(figures.states[state] for state in COHORT), figures.due]
        cells += [value for rate in rates for value in (rate.share, rate.low, rate.high)]
        cells += [figures.money.get(name, {}).get(state, 0) for name in currencies for state in COHORT]
        rows.append(cells)
    return csv_text(header, rows)
