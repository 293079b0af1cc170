"""The commands that show: the table of cases, one case."""

from __future__ import annotations

import click

from ghl_triage.cli.context import matching, open_path, open_reader, say, settings_of, store_now, tell
from ghl_triage.errors import TriageError, UsageError

_QUEUE = "queue"
"""The order of the screen."""


@click.command()
@click.argument("filter_words", metavar="[FILTER]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every subscription, not only failing and at risk.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header.")
@click.option(
    "--sort", default=_QUEUE, show_default=True, help="For example amount, -amount, age, trial-end, customer."
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--group-by", metavar="COLUMNS", help="Count instead, for example by path,code; the largest group first.")
@click.pass_context
def cases(
    context: click.Context,
    filter_words: tuple[str, ...],
    everything: bool,
    as_json: bool,
    as_csv: bool,
    sort: str,
    limit: int | None,
    group_by: str | None,
) -> None:
    """The table of cases, filtered as on the screen."""
    from ghl_triage import output
    from ghl_triage.cli import terminal
    from ghl_triage.cli.case_table import lines
    from ghl_triage.config import fingerprint

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other.")
    settings = settings_of(context)
    if group_by is not None:
        if sort != _QUEUE:
            raise UsageError("Groups come by their size: --sort is for the table of cases.")
        from ghl_triage.cli.grouping import Grouping, columns_of, print_groups
        from ghl_triage.store.groups import GROUPINGS

        grouping = Grouping(columns_of(group_by, GROUPINGS), as_json, as_csv, limit)
        with open_reader(settings) as reader:
            print_groups(
                reader, " ".join(filter_words), everything=everything, grouping=grouping, locale=settings.locale
            )
        return
    with open_reader(settings) as reader:
        found = matching(reader, " ".join(filter_words), everything=everything, sort=sort)
        shown = found[:limit]
        if as_csv:
            click.echo(output.cases_csv(shown), nl=False)
        elif as_json:
            account = reader.account()
            name = account.name if account else None
            click.echo(output.cases_json(name, len(found), shown, livemode=settings.livemode))
        else:
            rights = reader.rights(fingerprint(settings))
            width = terminal.columns()
            terminal.show(lines(shown, now=store_now(reader), locale=settings.locale, rights=rights, width=width))
            say(output.counted(found, settings.locale))


@click.command()
@click.argument("id_or_email")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def show(context: click.Context, id_or_email: str, as_json: bool) -> None:
    """One case: why it fails, who must act, the evidence and the history."""
    from ghl_triage import output
    from ghl_triage.diagnosis.timeline import timeline
    from ghl_triage.store.journal import Journal

    settings = settings_of(context)
    with open_reader(settings) as reader:
        found = reader.find(id_or_email)
        if not found:
            raise TriageError(
                f"No case has the id or e-mail address {id_or_email!r}.", hint="`ghl-triage cases --all WORD` searches."
            )
        if len(found) > 1:
            say(
                f"{len(found)} cases match; the first is shown. The others: "
                + ", ".join(c.subscription for c in found[1:])
            )
        case = found[0]
        history = timeline(reader.records(case.customer), case.subscription, coverage=reader.coverage())
        notes, tags = reader.notes(case.subscription), reader.tags(case.subscription)
        if as_json:
            with Journal(open_path(settings)) as book:
                entries = book.entries(case=case.subscription)
            click.echo(output.to_json(output.shown_case_document(case, history, entries, notes, tags)))
            return
        for line in output.case_lines(case, history, notes, tags, settings.timezone, settings.locale):
            tell(line)
