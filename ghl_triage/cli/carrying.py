"""A plan on the command line: made, shown, carried out after a yes, and told of row by row."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli.context import say, tell
from ghl_triage.errors import PlanPartlyFailed, TriageError, UsageError

if TYPE_CHECKING:
    from ghl_triage.actions.plan import Choices, Plan
    from ghl_triage.actions.session import ActionSession
    from ghl_triage.config import Settings
    from ghl_triage.model import StepResult


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for beyond the cases: to act at all, without a question, on a live account."""

    apply: bool
    yes: bool
    live: bool
    as_json: bool
    output: Path | None = None


def refuse_unasked(settings: Settings, wish: Wish) -> None:
    """Refuse, before anything is read, a run that could not be answered or would act on live money by accident."""
    if wish.output is not None and not wish.output.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {wish.output.absolute().parent} to write the links into.")
    if wish.yes and settings.livemode and not wish.live:
        raise UsageError("This key is live: real money moves.", hint="Add --live to --yes if that is meant.")
    if not wish.yes and not sys.stdin.isatty():
        raise UsageError("Nobody can be asked here: standard input is no terminal.", hint="Add --yes.")
    if not wish.yes and wish.as_json:
        raise UsageError("--json prints one document and cannot ask.", hint="Add --yes.")


async def plan_and_run(
    session: ActionSession, kind: Any, subscriptions: Sequence[str], choices: Choices, wish: Wish
) -> None:
    """Make the plan, show it, and carry it out if that was asked for and gets its yes."""
    from ghl_triage import output

    if not subscriptions:
        say("No case matches: there is nothing to plan.")
        if wish.as_json:
            click.echo(output.to_json({"plan": None, "results": []}))
        return
    async with aclosing(session.open_plan(kind, subscriptions, choices)) as plans:
        plan = await last_of(plans)
    results: list[StepResult] = []
    try:
        if wish.apply:
            await apply_plan(session, plan, wish, results)
    except TriageError:
        if wish.as_json and results:
            # What was done is told though the rest broke off: a plan that did something is never without its report.
            click.echo(output.to_json(plan_document(plan, results)))
        raise
    if wish.as_json:
        click.echo(output.to_json(plan_document(plan, results)))
    elif not wish.apply:
        print_plan(plan)
        say("Nothing was sent. Add --apply to carry this plan out.")
    report_failures(results)


async def last_of(plans: AsyncIterator[Plan]) -> Plan:
    """The plan after all its objects were read again; a session yields at least the one that the store knows."""
    return [plan async for plan in plans][-1]


def plan_document(plan: Plan, results: Sequence[StepResult]) -> dict[str, Any]:
    """The JSON of a plan and of what came of it."""
    from ghl_triage.actions.session import plan_to_json, result_to_json

    return {**plan_to_json(plan), "results": [result_to_json(result) for result in results]}


def print_plan(plan: Plan) -> None:
    """The plan for people."""
    from ghl_triage.actions.describe import plan_lines

    for line in plan_lines(plan):
        tell(line)


async def apply_plan(session: ActionSession, plan: Plan, wish: Wish, results: list[StepResult]) -> None:
    """Carry a plan out after its yes; results are printed and added as they come. Ctrl+c lets finish what was sent."""
    import asyncio
    import signal

    if not wish.as_json:
        print_plan(plan)
    if not plan.to_send:
        return
    if not wish.yes and not confirmed(session, plan):
        say("Nothing was sent.")
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, session.cancel, plan)
    unsaid: OSError | None = None
    try:
        async with aclosing(session.run(plan, by=f"command {plan.action.value}")) as outcomes:
            async for result in outcomes:
                results.append(result)
                if wish.as_json or unsaid:
                    continue
                try:
                    print_result(result, wish)
                except OSError as fault:
                    # Nobody reads what becomes of it: what was sent is still brought to its end, and no more begun.
                    unsaid = fault
                    session.cancel(plan)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    if unsaid is not None:
        raise unsaid


def confirmed(session: ActionSession, plan: Plan) -> bool:
    """Ask on the terminal; an empty line is a no."""
    from ghl_triage.text import printable

    asked = session.confirmation(plan)
    prompt = f"{asked.question} Type {asked.word!r}" if asked.word else f"{asked.question} Type y or yes"
    return asked.accepts(click.prompt(printable(prompt), default="", show_default=False, err=True))


def print_result(result: StepResult, wish: Wish) -> None:
    """One result; a link is printed, or written where it was asked for: it is the product of this command."""
    from ghl_triage.actions.describe import link_line, result_line

    say(result_line(result))
    if not result.link:
        return
    if wish.output is None:
        click.echo(link_line(result))
        return
    with open(wish.output, "a", encoding="utf-8", opener=_privately) as file:
        file.write(f"{link_line(result)}\n")


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def report_failures(results: Sequence[StepResult]) -> None:
    """Say how the plan went; raises PlanPartlyFailed where a case did not come through."""
    from ghl_triage.actions.describe import result_headline
    from ghl_triage.model import Outcome

    if not results:
        return
    say(result_headline(results))
    failed = [r for r in results if r.outcome in (Outcome.DECLINED, Outcome.FAILED, Outcome.UNKNOWN)]
    if failed:
        unknown = any(r.outcome is Outcome.UNKNOWN for r in failed)
        hint = "`ghl-triage resume --apply` settles what is unknown." if unknown else ""
        raise PlanPartlyFailed(f"{len(failed)} of {len(results)} steps did not come through.", hint=hint)
