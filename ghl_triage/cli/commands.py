"""The commands: each parses its arguments, calls, and prints. Data on standard output, messages on standard error."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from ghl_triage import __version__
from ghl_triage.breakdown import guard
from ghl_triage.cli import streams
from ghl_triage.cli.acting import ACTING, resume
from ghl_triage.cli.auditing import audit
from ghl_triage.cli.confirming import confirm
from ghl_triage.cli.context import say, settings_of
from ghl_triage.cli.doctoring import doctor
from ghl_triage.cli.journaling import journal
from ghl_triage.cli.keys import keys
from ghl_triage.cli.learning import learn, set_path
from ghl_triage.cli.loading import demo, sandbox, sync
from ghl_triage.cli.logs import import_log
from ghl_triage.cli.noting import note, tag
from ghl_triage.cli.reading import cases, show
from ghl_triage.cli.reporting import report
from ghl_triage.cli.storing import store
from ghl_triage.cli.undoing import undo

_NEGATED = re.compile("-[a-z-]+:")
"""A word of a filter that click takes for an option."""
_ACTS = "--apply"
"""The word with which a command carries its plan out."""


def run() -> int:
    """Run what the arguments say; the exit code. Raises TriageError."""
    guard()
    streams.prepare()
    output, arguments = sys.stdout, [_readable(each) for each in sys.argv[1:]]
    try:
        commands(arguments, standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except SystemExit:
        if sys.stdout is output:
            raise
        # So click ends where nobody reads the pipe any more.
        return _unsaid(errno.EPIPE, arguments)
    except OSError as fault:
        if not streams.is_lost(fault):
            raise
        return _unsaid(fault.errno or 0, arguments)
    except click.ClickException as fault:
        _show(fault)
        return fault.exit_code
    except click.Abort:
        return 130
    return 0


def _unsaid(error: int, arguments: Sequence[str]) -> int:
    """The output takes nothing more. Nothing is wrong where its reader (head, less) has seen enough of a report."""
    acts = _ACTS in arguments
    streams.give_up()
    if error == errno.EPIPE and not acts:
        return 0
    hint = " `ghl-triage journal` shows what was done, `ghl-triage resume` what hangs." if acts else ""
    with suppress(OSError):
        say(f"ghl-triage: The output cannot be written: {os.strerror(error)}.{hint}")
    return 1


def _readable(argument: str) -> str:
    """An argument as text: bytes of it that are no UTF-8 are replaced, unless they are in the name of a file."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return argument if os.path.lexists(argument) else argument.encode(errors="replace").decode()
    return argument


def _show(fault: click.ClickException) -> None:
    """A usage error quotes the arguments: a key may be among them, or anything that was pasted."""
    from io import StringIO

    from ghl_triage.secrets.hiding import hide
    from ghl_triage.text import printable

    said = StringIO()
    fault.show(said)
    if isinstance(fault, click.NoSuchOption) and any(map(_NEGATED.match, sys.argv[1:])):
        said.write("A filter that begins with - stands after --: ghl-triage cases -- -currency:usd\n")
    for line in said.getvalue().splitlines():
        click.echo(printable(hide(line)), err=True)


SECTIONS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    ("Load", (sync, import_log)),
    ("Look", (cases, show, note, tag, learn, set_path)),
    ("Act (each prints its plan, and nothing is sent without --apply and a yes)", ACTING),
    ("What was done", (journal, undo, resume)),
    ("Report", (audit, report, confirm)),
    ("Keys and the local file", (doctor, keys, store)),
    ("Try it", (demo, sandbox)),
)


class _Sections(click.Group):
    """Lists the commands in the order of the work, with their whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click calls it so
        for title, listed in SECTIONS:
            with formatter.section(title):
                formatter.write_dl([(str(one.name), one.get_short_help_str(limit=200)) for one in listed])


@click.group(cls=_Sections, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--read-only", is_flag=True, help="Change nothing outside: the action keys are off.")
@click.option("--rate", type=click.FloatRange(min=0), help="Requests a second to Stripe; 0 for no limit.")
@click.version_option(__version__, prog_name="ghl-triage")
@click.pass_context
def commands(context: click.Context, read_only: bool, rate: float | None) -> None:
    """Triage failing and at-risk trial subscriptions over HighLevel, Stripe Checkout and the Stripe API.

    Without a command the app opens. Keys come from the environment (STRIPE_API_KEY, and if you have them
    HIGHLEVEL_TOKEN and HIGHLEVEL_LOCATION_ID), from the system's keyring or from a command: see `ghl-triage keys`.
    """
    context.obj = {"read_only": read_only, "rate": rate}
    if context.invoked_subcommand is None:
        from ghl_triage.cli import demand_terminal

        settings = settings_of(context)
        demand_terminal()
        from ghl_triage.tui.run import run_app

        run_app(settings)


for _, members in SECTIONS:
    for member in members:
        commands.add_command(member)
