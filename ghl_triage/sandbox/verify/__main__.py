"""`python -m ghl_triage.sandbox.verify`: holds the sandbox against Stripe, with a test-mode key of your own.

Exit codes: 0 nothing differs, 1 something does, 2 bad usage, 3 it could not be carried out to its end.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path

import click
import platformdirs

from ghl_triage.sandbox.stories.registry import RetryEnd
from ghl_triage.sandbox.verify import plan as plans
from ghl_triage.sandbox.verify import report
from ghl_triage.sandbox.verify.client import (
    FASTEST,
    STRIPE,
    Client,
    NotAllowed,
    Pace,
    Refused,
    Unreachable,
    check_base,
    check_key,
)
from ghl_triage.sandbox.verify.ledger import Busy, Ledger, alone
from ghl_triage.sandbox.verify.run import Outcome, account_of, set_stage, tell

DIFFERENT, UNFINISHED = 1, 3


def _ledger_path() -> Path:
    home = os.environ.get("GHL_TRIAGE_HOME")
    folder = Path(home) if home else platformdirs.user_state_path("ghl-triage")
    return folder / "verify-stripe.jsonl"


@click.command()
@click.option("--story", "stories", multiple=True, help="Tell this story alone; can be given several times.")
@click.option("--list", "listed", is_flag=True, help="Print every story, what it settles, or why it is left out.")
@click.option("--clean", is_flag=True, help="Remove what a run that was cut off has left at Stripe, and do no more.")
@click.option("--yes", is_flag=True, help="Don't ask before anything is made.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--after-retries",
    type=click.Choice(["past_due", "unpaid", "cancel"]),
    default="past_due",
    help="What your account's settings do with a subscription when all retries have failed.",
)
@click.option("--rate", type=click.FloatRange(0.1, FASTEST), default=15.0, help="Requests a second at most.")
@click.option("--ledger", type=click.Path(dir_okay=False, path_type=Path), help="The file of what was made.")
def main(
    stories: tuple[str, ...],
    listed: bool,
    clean: bool,
    yes: bool,
    as_json: bool,
    after_retries: RetryEnd,
    rate: float,
    ledger: Path | None,
) -> None:
    """Play the sandbox's stories on Stripe's test clocks and print where Stripe and the sandbox differ.

    STRIPE_API_KEY holds a test-mode key (sk_test_… or rk_test_…); live keys are refused.
    """
    if listed:
        for line in report.listing(_plan(stories, after_retries)):
            click.echo(line)
        return
    key, base = os.environ.get("STRIPE_API_KEY", "").strip(), os.environ.get("STRIPE_API_BASE", STRIPE).rstrip("/")
    try:
        check_key(key)
        check_base(base)
        plan = _plan(stories, after_retries)
        path = ledger or _ledger_path()
        with alone(path), Client(key, base, Pace(rate)) as stripe:
            account = account_of(stripe)
            book = Ledger(path, account)
            if clean:
                _clean(stripe, book)
                return
            _ask(plan, book, account, base, rate, yes)
            outcomes = _compare(stripe, book, plan, quiet=as_json)
            _print(plan, outcomes, account, base, stripe.requests, as_json)
    except NotAllowed as reason:
        raise click.UsageError(str(reason)) from None
    except KeyboardInterrupt:
        sys.exit(UNFINISHED)
    except Busy as reason:
        click.echo(str(reason), err=True)
        sys.exit(UNFINISHED)
    except (Refused, Unreachable) as trouble:
        click.echo(f"Stripe: {trouble}", err=True)
        sys.exit(UNFINISHED)
    if any(outcome.failed is not None for outcome in outcomes):
        sys.exit(UNFINISHED)
    if any(outcome.findings for outcome in outcomes):
        sys.exit(DIFFERENT)


def _plan(stories: tuple[str, ...], after_retries: RetryEnd) -> plans.Plan:
    try:
        return plans.make(stories, int(time.time()), after_retries=after_retries)
    except KeyError as unknown:
        raise click.UsageError(f"no such story: {unknown.args[0]} (--list prints them)") from None


def _ask(plan: plans.Plan, book: Ledger, account: str, base: str, rate: float, yes: bool) -> None:
    for line in report.announcement(plan, account, base, rate):
        click.echo(line, err=True)
    if left := len(book.mine()):
        click.echo(f"  An earlier run has left {report.counted(left, 'thing')} there, which goes first.", err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can say yes here: give --yes")
    if not click.confirm("Go on?", default=False, err=True):
        sys.exit(0)


def _compare(stripe: Client, book: Ledger, plan: plans.Plan, *, quiet: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    book.clean(stripe)
    try:
        stage = set_stage(stripe, book, plan, f"ghl-verify-{secrets.token_hex(6)}")
        for outcome in tell(stage, plan):
            outcomes.append(outcome)
            for line in report.story(outcome):
                click.echo(line, err=quiet)
    except NotAllowed:
        raise  # nothing more is sent, not even to remove what was made
    except BaseException as reason:
        if isinstance(reason, KeyboardInterrupt):
            click.echo("Stopped. What was made is removed now.", err=True)
        _tidy(stripe, book)
        raise
    _tidy(stripe, book)
    return outcomes


def _tidy(stripe: Client, book: Ledger) -> None:
    try:
        with suppress(Refused, Unreachable):
            book.clean(stripe)
    finally:
        _tell_left(book)


def _tell_left(book: Ledger) -> None:
    if left := len(book.mine()):
        click.echo(f"{report.counted(left, 'thing')} could not be removed: run this again with --clean.", err=True)


def _clean(stripe: Client, book: Ledger) -> None:
    click.echo(f"Removed {report.counted(book.clean(stripe), 'thing')} that an earlier run had left.")
    if others := book.others():
        click.echo(f"{others} more belong to another account: give its key for them.", err=True)
    _tell_left(book)
    if book.mine():
        sys.exit(UNFINISHED)


def _print(plan: plans.Plan, outcomes: list[Outcome], account: str, base: str, requests: int, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.document(plan, outcomes, account, base, requests), indent=2))
        return
    click.echo()
    for line in report.summary(plan, outcomes, requests):
        click.echo(line)


if __name__ == "__main__":
    main()
