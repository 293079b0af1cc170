"""`ghl-triage audit`: why trials fail on each path, with evidence, fixes and the test of the hypothesis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghl_triage.cli import formats
from ghl_triage.cli.context import open_path, open_reader, settings_of, store_now

if TYPE_CHECKING:
    from ghl_triage.config import Settings
    from ghl_triage.report.audit.audit import Audit
    from ghl_triage.report.declines import Declines
    from ghl_triage.store.reader import Reader


@click.command()
@click.option("--full", is_flag=True, help="All of it on a terminal; a file and a pipe always get all.")
@click.option("--include-customers", is_flag=True, help="Names and whole e-mail addresses; without it they are masked.")
@formats.options("text", "md", "html", "json")
@click.pass_context
def audit(context: click.Context, full: bool, include_customers: bool, format: str | None, output: Path | None) -> None:
    """The root-cause audit: what fails, why, since when, what mends it, and whether missing set-ups are the reason."""
    from ghl_triage.report.audit.layout.document import brief, document
    from ghl_triage.report.display import Display

    settings = settings_of(context)
    with open_reader(settings) as reader:
        numbers = audit_of(reader, settings, include_customers=include_customers)
    display = Display(settings.timezone, settings.locale)
    formats.emit(
        document(numbers, display),
        numbers,
        format=format,
        output=output,
        brief=None if full else brief(numbers, display),
    )


def audit_of(reader: Reader, settings: Settings, *, include_customers: bool) -> Audit:
    """The audit's numbers, of what the store holds now."""
    from ghl_triage.report.audit.audit import About
    from ghl_triage.report.audit.audit import audit as audited
    from ghl_triage.workspace_file import beside, load

    account, status = reader.account(), reader.sync_status()
    about = About(
        made_at=store_now(reader),
        account=(account.name or account.id) if account else "",
        livemode=settings.livemode,
        synced_at=status.synced_at if status else None,
        timezone=str(settings.timezone),
        with_customers=include_customers,
        coverage=reader.coverage(),
        missing=status.missing if status else (),
        account_id=account.id if account else "",
    )
    return audited(
        reader.report_cases(),
        reader.trials(),
        about=about,
        zone=settings.timezone,
        cases_of=reader.cases,
        declines=_declines(reader),
        strangers=reader.highlevel_strangers(),
        workflows=reader.highlevel_workflows(),
        confirmed=load(beside(open_path(settings))).acts,
    )


def _declines(reader: Reader) -> Declines:
    """The decline view of the queue."""
    from ghl_triage.report.declines import read
    from ghl_triage.store.filters import parse, to_sql

    return read(reader, to_sql(parse(""), store_now(reader)))
