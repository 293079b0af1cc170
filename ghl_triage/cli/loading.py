"""The commands that bring data in: the demo, the sandbox, a sync."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import click

from ghl_triage.cli.context import open_session, run_sync, say, settings_of
from ghl_triage.errors import TriageError


@click.command()
@click.option(
    "--customers", type=click.IntRange(min=1), default=1200, show_default=True, help="How many subscriptions."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same world.")
@click.pass_context
def demo(context: click.Context, customers: int, seed: int) -> None:
    """The app on a local sandbox with made-up data; nothing leaves this machine."""
    from ghl_triage.cli import demand_terminal
    from ghl_triage.demo import run_demo

    demand_terminal()
    run_demo(customers=customers, seed=seed, read_only=context.obj["read_only"])


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8421, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same world.")
@click.option(
    "--customers", type=click.IntRange(min=1), default=1200, show_default=True, help="How many subscriptions."
)
@click.option("--now", type=int, help="The sandbox's time at the start, in epoch seconds; default: now.")
@click.option(
    "--world",
    type=click.Choice(["default", "bench", "hypothesis-true", "hypothesis-false", "undecidable"]),
    default="default",
    show_default=True,
    help="Whose stories are told; the last three have a known answer for the audit.",
)
@click.option("--belief", "beliefs", multiple=True, metavar="NAME=VALUE", help="Set what no document says of Stripe.")
@click.option("--rate-limit/--no-rate-limit", default=True, help="Answer 429 above Stripe's test-mode limits.")
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, help="Seconds that each answer takes.")
@click.option("--chaos/--no-chaos", default=True, help="Events come late, twice, out of order, in an older version.")
@click.option("--child", is_flag=True, hidden=True, help="Print the port alone; end when standard input closes.")
def sandbox(port: int, child: bool, beliefs: tuple[str, ...], **options: Any) -> None:
    """A local Stripe (/stripe) and HighLevel (/highlevel) to run against."""
    from ghl_triage.sandbox.engine.beliefs import read
    from ghl_triage.sandbox.server import SandboxOptions, serve
    from ghl_triage.sandbox.world.build import LOCATION_ID

    try:
        believed = read(beliefs)
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--belief") from None

    def ready(bound: int) -> None:
        if child:
            click.echo(bound)
            end_with_standard_input()
            return
        click.echo(
            f"export STRIPE_API_KEY=sk_test_sandbox STRIPE_API_BASE=http://127.0.0.1:{bound}/stripe\n"
            f"export HIGHLEVEL_TOKEN=pit-sandbox HIGHLEVEL_AGENCY_TOKEN=pit-sandbox-agency\n"
            f"export HIGHLEVEL_API_BASE=http://127.0.0.1:{bound}/highlevel HIGHLEVEL_LOCATION_ID={LOCATION_ID}\n"
            f"# What the world holds is told at http://127.0.0.1:{bound}/_sandbox/info"
        )

    serve(SandboxOptions(beliefs=believed, **options), port=port, on_ready=ready)


def end_with_standard_input() -> None:
    """End this process when whoever started it closes the pipe or dies."""
    import os
    import threading

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


@click.command()
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
        from ghl_triage.sync.watch import watch_blocking

        watch_blocking(settings)
        return
    import anyio

    from ghl_triage.cli.resuming import finish_set_ups
    from ghl_triage.output import progress_line, to_json

    progress = run_sync(settings, full=full)
    finished: list[dict[str, Any]] = []
    try:
        if not settings.read_only:
            anyio.run(finish_set_ups, open_session(settings), finished)
    finally:
        # The sync is over and told of, though what follows the set-ups broke off.
        if as_json:
            click.echo(to_json({**dataclasses.asdict(progress), "set_ups": finished, "livemode": settings.livemode}))
        else:
            say(progress_line(progress))
    told = tuple(part.error for part in progress.failed_parts if part.error)
    for missing in progress.missing:
        if not missing.endswith(told):
            say(missing)
    if progress.error or progress.failed_parts:
        again = any(part.retry_at is not None for part in progress.failed_parts)
        hint = "Run it again to go on where it was." if again else "Running it again does not mend this."
        raise TriageError(progress.error or "Some parts of the sync failed.", hint=hint)
