"""`ghl-triage report conversion`: from trial to paid, by path and cohort."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghl_triage.cli import formats
from ghl_triage.cli.context import open_reader, settings_of, store_now

if TYPE_CHECKING:
    from ghl_triage.report.conversion.numbers import GroupedBy
    from ghl_triage.report.periods import PeriodName


@click.command()
@click.option("--by", type=click.Choice(["path", "price", "total"]), default="path", show_default=True, help="Groups.")
@click.option(
    "--period", type=click.Choice(["week", "month"]), default="week", show_default=True, help="Length of a cohort."
)
@click.option(
    "--since-fix",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
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
    from ghl_triage.report.audit.layout.display import Display
    from ghl_triage.report.conversion import counting
    from ghl_triage.report.conversion.as_csv import conversion_csv
    from ghl_triage.report.conversion.document import document

    settings = settings_of(context)
    fixed = None if since_fix is None else int(since_fix.replace(tzinfo=settings.timezone).timestamp())
    with open_reader(settings) as reader:
        account = reader.account()
        found = counting.conversion(
            reader.trials(),
            now=store_now(reader),
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
