"""The commands: each parses its arguments, calls, and prints. Data on standard output, messages on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ghl_triage import __version__
from ghl_triage.errors import TriageError, UsageError

if TYPE_CHECKING:
    from ghl_triage.config import Settings
    from ghl_triage.model import Case, SyncProgress
    from ghl_triage.store.reader import Reader


def main() -> NoReturn:
    """Run the command line; a TriageError becomes one message and its exit code."""
    try:
        commands(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except TriageError as fault:
        say(f"ghl-triage: {fault}")
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, less) went away: nothing is wrong.
        sys.stderr.close()
    sys.exit(0)


def say(message: str) -> None:
    """One line to standard error, free of control characters."""
    from ghl_triage.text import clean

    click.echo(clean(message), err=True)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--read-only", is_flag=True, help="Change nothing outside: the action keys are off.")
@click.option("--rate", type=click.FloatRange(min=0), help="Requests a second to Stripe; 0 for no limit.")
@click.version_option(__version__, prog_name="ghl-triage")
@click.pass_context
def commands(context: click.Context, read_only: bool, rate: float | None) -> None:
    """Triage failing and at-risk trial subscriptions over HighLevel, Stripe Checkout and the Stripe API.

    Without a command the app opens. Keys come from the environment: STRIPE_API_KEY, and if you have them
    HIGHLEVEL_TOKEN and HIGHLEVEL_LOCATION_ID.
    """
    context.obj = {"read_only": read_only, "rate": rate}
    if context.invoked_subcommand is None:
        settings = settings_of(context)
        from ghl_triage.tui.run import run_app

        run_app(settings)


def settings_of(context: click.Context) -> Settings:
    """The settings of this run, with what the command line says on top."""
    from ghl_triage.config import load_settings

    return load_settings(read_only=context.obj["read_only"], rate=context.obj["rate"])


@commands.command()
@click.option(
    "--customers", type=click.IntRange(min=1), default=1200, show_default=True, help="How many subscriptions."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same world.")
def demo(customers: int, seed: int) -> None:
    """The app on a local sandbox with made-up data; nothing leaves this machine."""
    from ghl_triage.demo import run_demo

    run_demo(customers=customers, seed=seed)


@commands.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8421, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same world.")
@click.option(
    "--customers", type=click.IntRange(min=1), default=1200, show_default=True, help="How many subscriptions."
)
@click.option("--now", type=int, help="The sandbox's time at the start, in epoch seconds; default: now.")
@click.option("--mix", type=click.Choice(["default", "bench"]), default="default", show_default=True)
@click.option("--rate-limit/--no-rate-limit", default=True, help="Answer 429 above Stripe's test-mode limits.")
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, help="Seconds that each answer takes.")
@click.option("--child", is_flag=True, hidden=True, help="Print the port alone; end when standard input closes.")
def sandbox(port: int, child: bool, **options: Any) -> None:
    """A local Stripe (/stripe) and HighLevel (/highlevel) to run against."""
    from ghl_triage.sandbox.server import SandboxOptions, serve

    def ready(bound: int) -> None:
        if child:
            click.echo(bound)
            end_with_standard_input()
            return
        click.echo(
            f"export STRIPE_API_KEY=sk_test_sandbox STRIPE_API_BASE=http://127.0.0.1:{bound}/stripe\n"
            f"export HIGHLEVEL_TOKEN=pit-sandbox HIGHLEVEL_API_BASE=http://127.0.0.1:{bound}/highlevel\n"
            f"# The HighLevel location is told at http://127.0.0.1:{bound}/_sandbox/info"
        )

    serve(SandboxOptions(**options), port=port, on_ready=ready)


def end_with_standard_input() -> None:
    """End this process when whoever started it closes the pipe or dies."""
    import os
    import threading

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


@commands.command()
@click.option("--full", is_flag=True, help="Read everything again, not only what changed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document about the sync.")
@click.option(
    "--watch", is_flag=True, hidden=True, help="Go on until standard input closes: the app's background sync."
)
@click.pass_context
def sync(context: click.Context, full: bool, as_json: bool, watch: bool) -> None:
    """Load failing and at-risk subscriptions into the local store."""
    settings = settings_of(context)
    if watch:
        from ghl_triage.sync.run import watch_blocking

        watch_blocking(settings)
        return
    from ghl_triage.output import progress_line, to_json

    progress = run_sync(settings, full=full)
    if as_json:
        click.echo(to_json(progress))
    else:
        say(progress_line(progress))
    for missing in progress.missing:
        say(missing)
    if progress.error or progress.failed_parts:
        raise TriageError(
            progress.error or "Some parts of the sync failed.", hint="Run it again to go on where it was."
        )


def run_sync(settings: Settings, *, full: bool) -> SyncProgress:
    """One sync with a progress bar on a terminal."""
    import anyio

    from ghl_triage.output import sync_display
    from ghl_triage.sync.run import run_once

    with sync_display() as show:
        return anyio.run(lambda: run_once(settings, full=full, on_progress=show))


def open_reader(settings: Settings) -> Reader:
    """The store of this key; where there is none yet, a first sync makes it."""
    from ghl_triage.config import known_database
    from ghl_triage.store.reader import Reader

    path = known_database(settings)
    if path is None or not path.exists():
        say("Nothing is loaded yet: syncing first.")
        run_sync(settings, full=False)
        path = known_database(settings)
    if path is None:
        raise TriageError("There is no local data.", hint="Run `ghl-triage sync`.")
    return Reader(path)


def store_now(reader: Reader) -> int:
    """The time by Stripe's clock, as the last sync learned it."""
    from ghl_triage.clock import SystemClock

    return SystemClock(reader.clock_offset()).now()


def matching(reader: Reader, text: str, *, everything: bool = False, sort: str = "queue") -> list[Case]:
    """The cases that a filter finds, whole, in the order asked for."""
    from ghl_triage.store.filters import parse, parse_sort, to_sql

    where = to_sql(parse(text), store_now(reader), default_queue=not everything)
    return reader.cases_of(reader.ids(where, parse_sort(sort)))


@commands.command()
@click.argument("filter_words", metavar="[FILTER]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every subscription, not only failing and at risk.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header.")
@click.option(
    "--sort", default="queue", show_default=True, help="For example amount, -amount, age, trial-end, customer."
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.pass_context
def cases(
    context: click.Context,
    filter_words: tuple[str, ...],
    everything: bool,
    as_json: bool,
    as_csv: bool,
    sort: str,
    limit: int | None,
) -> None:
    """The table of cases, filtered as on the screen."""
    from ghl_triage import output

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other.")
    settings = settings_of(context)
    with open_reader(settings) as reader:
        found = matching(reader, " ".join(filter_words), everything=everything, sort=sort)
        shown = found[:limit]
        if as_csv:
            click.echo(output.cases_csv(shown), nl=False)
        elif as_json:
            account = reader.account()
            click.echo(output.cases_json(account.name if account else None, len(found), shown))
        else:
            output.print_table(output.cases_table(shown, store_now(reader), settings.locale))
            say(output.counted(found, settings.locale))


@commands.command()
@click.argument("id_or_email")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def show(context: click.Context, id_or_email: str, as_json: bool) -> None:
    """One case: why it fails, who must act, the evidence and the history."""
    from ghl_triage import output
    from ghl_triage.diagnosis.timeline import timeline

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
        history = timeline(reader.records(case.customer), case.subscription)
        if as_json:
            click.echo(output.to_json(output.shown_case_document(case, history, ())))
            return
        for line in output.case_lines(case, history, settings.timezone, settings.locale):
            click.echo(line)
