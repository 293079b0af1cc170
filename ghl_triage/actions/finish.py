"""After a set-up Checkout: make the card that the customer saved the default, then charge what is owed.

The yes was given with the link, whose plan says what follows. So whatever that yes did not cover (another subscription
that would be charged differently, a refusal) is not done here but told.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ghl_triage.actions.bookkeeping import NOT_SENT
from ghl_triage.actions.plan import Choices, Plan
from ghl_triage.actions.recheck import Getter
from ghl_triage.clock import Clock
from ghl_triage.diagnosis.read import mapping, ref
from ghl_triage.errors import NotFound, StoreLocked, UsageError
from ghl_triage.model import ActionKind, Outcome, StepResult
from ghl_triage.sources.stripe_ids import object_path
from ghl_triage.store.journal import Finish, Journal
from ghl_triage.store.lock import WriteLock


class Planner(Protocol):
    """Whoever draws plans and carries them out; `session.ActionSession` does."""

    def open_plan(
        self, kind: ActionKind, subscriptions: Sequence[str], choices: Choices | None = None
    ) -> AsyncGenerator[Plan]: ...

    def run(self, plan: Plan, by: str) -> AsyncGenerator[StepResult]: ...


@dataclass(frozen=True, slots=True)
class Finished:
    """How far a finish came. `state` is waiting, expired, done, declined, refused or failed; `why` says more."""

    finish: Finish
    state: str
    why: str | None = None
    results: tuple[StepResult, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing more will be done for it."""
        return self.state != "waiting"


async def follow_up(
    database: Path, reading: Callable[[], AbstractAsyncContextManager[Getter]], planner: Planner, clock: Clock
) -> AsyncGenerator[Finished]:
    """Look after all that waits. One ghl-triage of a workspace does so at a time: another one finds nothing to do.

    Raises SourceError and StoreLocked; what was not come to waits on.
    """
    turn = WriteLock(database.with_name(f"{database.name}.finishes"), "what follows a set-up")
    try:
        await turn.acquired()
    except StoreLocked:
        return
    try:
        async with reading() as reader:
            for waiting in _waiting(database):
                finished = await finish(waiting, planner, reader)
                with Journal(database) as journal:
                    close(journal, finished, clock)
                yield finished
    finally:
        turn.release()


def _waiting(database: Path) -> list[Finish]:
    with Journal(database) as journal:
        return journal.finishes()


async def finish(waiting: Finish, planner: Planner, reader: Getter) -> Finished:
    """Do what is due for one finish. Raises SourceError and StoreLocked; it then waits on."""
    try:
        session = await reader.get(object_path("/v1/checkout/sessions", waiting.session), {"expand": ["setup_intent"]})
    except NotFound:
        return Finished(waiting, "expired", "Stripe does not know the page any more")
    if session.get("status") != "complete":
        gone = session.get("status") == "expired"
        return Finished(waiting, "expired" if gone else "waiting", "the page was not used" if gone else None)
    intent = mapping(session.get("setup_intent"))
    card = ref(intent.get("payment_method"))
    if card is None:
        return Finished(waiting, "refused", f"the set-up is {intent.get('status') or 'without a card'}")
    choices = Choices(payment_method=card, cautious=True)
    fixed = await _do(ActionKind.FIX_DEFAULT, waiting, choices, planner)
    if fixed.over and fixed.state != "done":
        return fixed
    if not fixed.over or not waiting.retry:
        return fixed
    charged = await _do(ActionKind.RETRY, waiting, Choices(cautious=True), planner)
    state = "done" if charged.state == "refused" else charged.state
    return Finished(waiting, state, charged.why, (*fixed.results, *charged.results))


def close(journal: Journal, finished: Finished, clock: Clock) -> None:
    """Take a finish that is over out of the queue."""
    if finished.over:
        journal.finish_done(finished.finish.id, at=clock.now(), outcome=finished.state)


async def _do(kind: ActionKind, waiting: Finish, choices: Choices, planner: Planner) -> Finished:
    """One action of the finish, by a plan of its own."""
    try:
        async with aclosing(planner.open_plan(kind, [waiting.subscription], choices)) as plans:
            drawn = [plan async for plan in plans][-1]
    except UsageError as unknown:
        # Not in the local data, or not yet again: the others' turn must not wait for it.
        return Finished(waiting, "waiting", unknown.message)
    (step,), (subject,) = drawn.steps, drawn.subjects
    if step.skipped is not None:
        if subject.facts.in_flight is not None:
            return Finished(waiting, "waiting", step.skipped)
        is_set = kind is ActionKind.FIX_DEFAULT and subject.case.effective_payment_method == choices.payment_method
        return Finished(waiting, "done" if is_set else "refused", step.skipped)
    async with aclosing(planner.run(drawn, f"{waiting.by}, after the set-up")) as running:
        results = tuple([result async for result in running])
    return Finished(waiting, _state(results[-1]), results[-1].error, results)


def _state(result: StepResult) -> str:
    # What was skipped at the last look is planned anew with the next one, from what stands then.
    if result.outcome in (Outcome.UNKNOWN, Outcome.SKIPPED) or (result.error or "").startswith(NOT_SENT):
        return "waiting"
    return {Outcome.DONE: "done", Outcome.DECLINED: "declined"}.get(result.outcome, "failed")
