"""`ghl-triage resume`: what a crash cut off is shown, settled and carried on; promised finishes are looked after."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli.carrying import Wish, apply_plan, last_of, plan_document, report_failures
from ghl_triage.cli.context import say, tell
from ghl_triage.errors import PlanPartlyFailed

if TYPE_CHECKING:
    from ghl_triage.actions.bookkeeping import CutOff
    from ghl_triage.actions.session import ActionSession
    from ghl_triage.model import StepResult

GIVE_UP = "Give this up for good, so that its cases can be planned anew?"


async def resume_plans(session: ActionSession, wish: Wish, *, livemode: bool) -> None:
    """Show what hangs; with --apply and a yes settle it, go on with the rest, and do what set-ups made possible.

    Raises PlanPartlyFailed where a step did not come through, or something still has no answer.
    """
    from ghl_triage import output
    from ghl_triage.text import plural

    hanging, waiting = session.cut_off(), session.finishes()
    document: dict[str, Any] = {
        "cut_off": [_cut_off_document(old) for old in hanging],
        "waiting_for_set_up": [finish.subscription for finish in waiting],
        "settled": [],
        "finished": [],
        "plans": [],
    }
    if not wish.as_json:
        _tell(hanging, len(waiting))
        if (hanging or waiting) and not wish.apply:
            say("Nothing was sent. Add --apply to settle this.")
    results: list[StepResult] = []
    unknown = 0
    if wish.apply and not wish.yes and not _may_settle(sum(len(old.unanswered) for old in hanging), livemode):
        say("Nothing was sent.")
        return
    try:
        if wish.apply:
            unknown = await _settle(session, wish, document)
            for old in hanging:
                if old.unsent:
                    results += await _go_on(session, old, wish, document)
            await finish_set_ups(session, document["finished"])
    finally:
        # What was done is told, links among it, though the rest broke off.
        if wish.as_json:
            click.echo(output.to_json(document))
    report_failures(results)
    if unknown:
        hint = "Run `ghl-triage resume --apply` again in ten minutes."
        raise PlanPartlyFailed(f"{plural(unknown, 'request')} without an answer still.", hint=hint)


def _may_settle(unanswered: int, livemode: bool) -> bool:
    """Whether what has no answer may be asked about at Stripe, which can carry it out; an empty line is a no."""
    from ghl_triage.text import plural

    if not unanswered:
        return True
    live = "LIVE, real money moves. " if livemode else ""
    how = "It is read at Stripe first, and sent again, with its own key, if it left no trace."
    return click.confirm(f"{live}Settle {plural(unanswered, 'request')}? {how}", default=False, err=True)


async def _settle(session: ActionSession, wish: Wish, document: dict[str, Any]) -> int:
    """Settle what left and has no answer; how much of it still has none."""
    from ghl_triage.model import Outcome

    unknown = 0
    async with aclosing(session.settle()) as outcomes:
        async for settled in outcomes:
            unknown += settled.outcome is Outcome.UNKNOWN
            document["settled"].append(
                {
                    "entry": settled.entry.id,
                    "outcome": settled.outcome,
                    "error": settled.error,
                    "link": settled.link,
                }
            )
            if not wish.as_json:
                told = (settled.outcome.value, settled.error, settled.detail)
                say(f"{settled.entry.shown}: {'; '.join(part for part in told if part)}")
                if settled.link:
                    tell(settled.link)
    return unknown


async def finish_set_ups(session: ActionSession, told: list[dict[str, Any]]) -> None:
    """Do what was promised for when a customer has saved a card: the yes to it was given with the link.

    What came of each is added to `told` as it comes.
    """
    async with aclosing(session.run_finishes()) as finishes:
        async for finished in finishes:
            case, state, why = finished.finish.subscription, finished.state, finished.why
            told.append({"case": case, "state": state, "why": why})
            if finished.over:
                say(f"{case}, after the set-up: {state} {why or ''}")


async def _go_on(session: ActionSession, old: CutOff, wish: Wish, document: dict[str, Any]) -> list[StepResult]:
    async with aclosing(session.open_rest(old)) as plans:
        plan = await last_of(plans)
    if not plan.to_send:
        # Nothing of it can be done any more: left in the journal as planned, it would block its cases for good.
        await session.discard(old)
    results: list[StepResult] = []
    await apply_plan(session, plan, wish, results)
    if plan.to_send and not results and click.confirm(GIVE_UP, default=False, err=True):
        await session.discard(old)
        say("Given up.")
    document["plans"].append(plan_document(plan, results))
    return results


def _cut_off_document(old: CutOff) -> dict[str, Any]:
    return {
        "plan": old.plan,
        "action": old.action.value,
        "unanswered": [entry.id for entry in old.unanswered],
        "unsent": [entry.id for entry in old.unsent],
    }


def _tell(hanging: list[CutOff], waiting: int) -> None:
    from ghl_triage.text import plural

    for old in hanging:
        tell(f"plan {old.plan} ({old.action.value.replace('_', '-')}) was cut off")
        for entry in old.unanswered:
            tell(f"  no answer yet: {entry.shown}")
        for entry in old.unsent:
            tell(f"  never sent: {entry.shown}")
    if waiting:
        tell(f"{plural(waiting, 'set-up waits for its customer', 'set-ups wait for their customers')}")
    if not hanging and not waiting:
        say("Nothing hangs.")
