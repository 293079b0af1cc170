"""The journal on the command line: what was done, whether it is whole, and a copy for others."""

from __future__ import annotations

from pathlib import Path

import click

from ghl_triage.cli.context import open_path, say, settings_of, tell
from ghl_triage.errors import TriageError


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the newest.")
@click.pass_context
def journal(context: click.Context, as_json: bool, as_csv: bool, limit: int | None) -> None:
    """Every request that was to change something, and what came of it; the newest first."""
    from ghl_triage import output
    from ghl_triage.errors import UsageError
    from ghl_triage.store.journal import Journal

    if context.invoked_subcommand is not None:
        return
    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other.")
    settings = settings_of(context)
    with Journal(open_path(settings)) as book:
        entries = book.entries(limit)
        plans = [book.plan(plan) for plan in dict.fromkeys(entry.plan for entry in entries)] if as_json else []
    if as_json:
        # Where and to what somebody said yes stands with the plan: the workspace, the account, all that was shown.
        click.echo(output.to_json({"livemode": settings.livemode, "journal": entries, "plans": plans}))
    elif as_csv:
        click.echo(output.journal_csv(entries), nl=False)
    else:
        for entry in entries:
            tell(output.journal_line(entry, settings.timezone))
        if not entries:
            say("The journal is empty: nothing was changed yet.")


@journal.command()
@click.option("--noted", metavar="HEAD", help="The head that an earlier check printed: it must still be there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def verify(context: click.Context, noted: str | None, as_json: bool) -> None:
    """Whether the journal is whole: each row is chained to the one before by a digest. Exits 1 where it is not."""
    from ghl_triage import output
    from ghl_triage.store.journal import Journal

    path: Path = open_path(settings_of(context))
    with Journal(path) as book:
        report = book.verify(noted=noted)
    if as_json:
        click.echo(
            output.to_json({"whole": report.whole, "rows": report.rows, "head": report.head, "fault": report.fault})
        )
    if report.fault is not None:
        raise TriageError(f"The journal is not whole: {report.fault}", hint=f"The file is {path}.")
    if not as_json:
        click.echo(f"The journal is whole: {report.rows} rows, head {report.head}")
