"""The one door for screens and commands: open a plan, have it checked, carry it out, settle what a crash left.

A plan opens at once from the store and unchecked; then its objects are read again and it is drawn anew. Only a plan
that is checked can be carried out, and only once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from ghl_triage.actions.as_json import plan_to_json, result_to_json
from ghl_triage.actions.attempt import Attempt
from ghl_triage.actions.bookkeeping import ACTING, CutOff, choices_of, cut_off, drop, hanging, record, withheld
from ghl_triage.actions.confirm import Confirmation, confirmation
from ghl_triage.actions.execute import Runs
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.finish import Finished, follow_up
from ghl_triage.actions.plan import PLAN_LIFE, Choices, Offers, Plan, gone
from ghl_triage.actions.planner import plan as draw
from ghl_triage.actions.settle import Settled, settle
from ghl_triage.actions.subjects import load_subjects
from ghl_triage.actions.workbench import CHECKING, EACH_AFTER_ITS_WRITE, Workspace
from ghl_triage.clock import Clock
from ghl_triage.config import Settings
from ghl_triage.errors import SourceError, TriageError, UsageError
from ghl_triage.model import ActionKind, PlanStep, StepResult
from ghl_triage.rights import ADD_RIGHT
from ghl_triage.sources.stripe_writes import WRITE_TIMEOUT
from ghl_triage.store.journal import Finish, Journal, JournalEntry
from ghl_triage.store.lock import LOCK_SECONDS

CHECK_AT_ONCE = 6
"""How many cases of a small plan are read again before the plan is drawn anew."""

__all__ = ["ActionSession", "Confirmation", "confirmation", "plan_to_json", "result_to_json"]


class ActionSession:
    """Acts on one workspace. `read_only` settings, and a key that may only read, make plans and carry nothing out."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Path,
        *,
        lock_timeout: float = LOCK_SECONDS,
        write_timeout: float = WRITE_TIMEOUT,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`tell` hears in a sentence for whom the session waits, and what it could not read again; it is called on the
        session's own thread."""
        self._settings = settings
        self._clock = clock
        self._database = database
        self._workspace = Workspace(settings, clock, database, lock_timeout, write_timeout, tell)
        self._runs = Runs(clock)

    # plans

    async def open_plan(
        self,
        kind: ActionKind,
        subscriptions: Sequence[str],
        choices: Choices | None = None,
        *,
        continues: str | None = None,
    ) -> AsyncGenerator[Plan]:
        """The plan as the store knows it, then again as its objects are read; the last one is checked whole.

        Raises UsageError for an unknown subscription, StoreLocked or SourceError where nothing can be read again.
        """
        wanted = tuple(dict.fromkeys(subscriptions))
        choices = choices or Choices()
        plan_id = secrets.token_hex(6)
        checked: frozenset[str] = frozenset()
        yield await self._drawn(plan_id, kind, wanted, choices, continues=continues, checked=checked)
        if not wanted:
            return
        async with self._workspace.locked(CHECKING), self._workspace.refreshing() as refresher:
            for part in _parts(wanted):
                await refresher.refresh(part)
                checked |= frozenset(part)
                yield await self._drawn(plan_id, kind, wanted, choices, continues=continues, checked=checked)

    async def _drawn(
        self,
        plan_id: str,
        kind: ActionKind,
        wanted: Sequence[str],
        choices: Choices,
        *,
        continues: str | None,
        checked: frozenset[str],
    ) -> Plan:
        def work() -> Plan:
            return self._draw(plan_id, kind, wanted, choices, continues=continues, checked=checked)

        return replace(await asyncio.to_thread(work), continues=continues)

    def _draw(
        self,
        plan_id: str,
        kind: ActionKind,
        wanted: Sequence[str],
        choices: Choices,
        *,
        continues: str | None = None,
        checked: frozenset[str] = frozenset(),
        but_for: JournalEntry | None = None,
    ) -> Plan:
        now, caps = self._clock.now(), self._settings.caps
        subjects = load_subjects(
            self._database,
            wanted,
            kind=kind,
            choices=choices,
            now=now,
            caps=caps,
            continues=continues,
            but_for=but_for,
        )
        allowed = self._workspace.access.rights()
        drawn = draw(
            kind, subjects, plan_id=plan_id, now=now, caps=caps, choices=choices, checked=checked, rights=allowed
        )
        found = {subject.case.subscription for subject in subjects}
        return replace(drawn, gone=tuple(gone(name, kind) for name in wanted if name not in found))

    def offers(self, kind: ActionKind, subscription: str) -> Offers:
        """What the consultant could decide about a plan for this case, by what the store knows. Reads; for a thread.

        Raises UsageError for an unknown subscription.
        """
        return self._draw("", kind, (subscription,), Choices()).offers

    def demand(self, kind: ActionKind, *, apply: bool) -> None:
        """Refuse an action that no plan could carry out. Raises TriageError with the right that the key lacks."""
        access = self._workspace.access
        lacking = access.rights().never(kind)
        if lacking is not None:
            raise TriageError(f"{kind.value}: {lacking}.", hint=ADD_RIGHT)
        if apply and kind is not ActionKind.RESEND_LINK:
            access.demand()

    def confirmation(self, plan: Plan) -> Confirmation:
        """How loudly this plan asks."""
        return confirmation(plan)

    # carrying out

    async def run(self, plan: Plan, by: str) -> AsyncGenerator[StepResult]:
        """Carry out a checked plan to which somebody said yes; a result for every step, as they come.

        Raises UsageError for a plan that is not checked or was carried out before, StoreLocked, and StoreError where
        the journal cannot be written.
        """
        self._refuse(plan)
        if not plan.writes and plan.continues is None:
            async with self._workspace.tools(verify_each=False) as tools:
                attempt = Attempt(plan, by, {}, tools)
                async with aclosing(self._runs.results(attempt)) as results:
                    async for result in results:
                        yield result
            return
        small = len(plan.to_send) <= EACH_AFTER_ITS_WRITE
        async with self._workspace.locked(ACTING), self._workspace.tools(verify_each=small) as tools:
            now = self._clock.now()
            if tools.journal.plan(plan.id) is not None:
                raise UsageError("This plan was carried out before.", hint="Make a new one.")
            plan = withheld(plan, tools.journal)
            entries = record(tools.journal, plan, by, now, await self._workspace.place())
            self._replace_cut_off(tools.journal, plan, now)
            async with aclosing(self._runs.results(Attempt(plan, by, entries, tools))) as results:
                async for result in results:
                    yield result
            if not small:
                await self._read_again([step.case for step in plan.to_send])

    async def _read_again(self, cases: Sequence[str]) -> None:
        """Bring the store up to what a big batch did. What was done is done, though it cannot be read again now."""
        try:
            async with self._workspace.refreshing() as refresher:
                await refresher.refresh(cases)
        except SourceError as error:
            self._workspace.tell(f"The cases could not be read again, the next sync does it: {error.message}")

    def cancel(self, plan: Plan) -> None:
        """Let what was sent of this plan finish, and begin nothing more of it, even where it still waits for the lock.
        From any thread."""
        self._runs.cancel(plan.id)

    def pause(self, plan: Plan, paused: bool) -> None:
        """Begin nothing more of this plan until it is called with False; what was sent is finished. From any thread."""
        self._runs.pause(plan.id, paused)

    def _refuse(self, plan: Plan) -> None:
        if not plan.checked:
            raise UsageError("The plan is not checked yet.", hint="Wait until its objects were read again.")
        if plan.writes:
            self._workspace.access.demand()
        if plan.steps and plan.livemode != self._settings.livemode:
            raise UsageError("The plan and the key are of different modes.", hint="Make a new plan.")
        # A clock that was set back tells no age: it counts as much as one that went on.
        age = abs(self._clock.now() - plan.drawn_at)
        if plan.writes and age > PLAN_LIFE:
            raise UsageError(
                f"This plan was checked {age // 60} minutes ago: much may have changed.", hint="Make a new one."
            )

    def _replace_cut_off(self, journal: Journal, plan: Plan, now: int) -> None:
        """What a cut-off plan never sent is done by this plan, if by any."""
        for old in cut_off(journal):
            if old.plan == plan.continues:
                drop(journal, [entry.id for entry in old.unsent], f"went on as plan {plan.id}", now)

    # after a crash

    def cut_off(self) -> list[CutOff]:
        """The plans that did not come to their end. A plan that is being carried out elsewhere is none."""
        return hanging(self._database)

    async def settle(self) -> AsyncGenerator[Settled]:
        """Settle all requests that left and have no answer."""
        self._workspace.access.demand()
        async with self._workspace.locked(ACTING), self._workspace.tools(verify_each=True) as tools:
            entries = [entry for old in cut_off(tools.journal) for entry in old.unanswered]
            async with aclosing(settle(entries, tools, self._redrawn)) as settling:
                async for settled in settling:
                    yield settled

    async def _redrawn(self, entry: JournalEntry, choices: Choices) -> tuple[PlanStep, Subject]:
        """What would be planned now for the case of an entry, were it not for that entry. Raises SourceError."""
        async with self._workspace.refreshing() as refresher:
            await refresher.refresh([entry.case])

        def work() -> Plan:
            return self._draw(entry.plan, ActionKind(entry.action), (entry.case,), choices, but_for=entry)

        plan = await asyncio.to_thread(work)
        return plan.steps[0], plan.subjects[0]

    async def open_rest(self, old: CutOff, choices: Choices | None = None) -> AsyncGenerator[Plan]:
        """A plan for what a cut-off plan never sent, drawn and checked anew: the world has moved since.

        It keeps the choices of that plan, where none are given.
        """
        with Journal(self._database) as journal:
            known = journal.plan(old.plan)
        choices = choices or (choices_of(known) if known else Choices())
        async with aclosing(self.open_plan(old.action, old.rest, choices, continues=old.plan)) as plans:
            async for plan in plans:
                yield plan

    async def discard(self, old: CutOff) -> None:
        """Give up what a cut-off plan never sent. What left and has no answer stays: only settling ends that."""
        async with self._workspace.locked(ACTING):
            with Journal(self._database) as journal:
                drop(journal, [entry.id for entry in old.unsent], "given up", self._clock.now())

    # after a set-up Checkout

    def finishes(self, *, done: bool = False) -> list[Finish]:
        """What waits for a customer to save a card; with `done` also what was finished."""
        with Journal(self._database) as journal:
            return journal.finishes(all=done)

    async def run_finishes(self) -> AsyncGenerator[Finished]:
        """Look whether customers have saved their cards, and do what was promised for then."""
        if self._settings.read_only or self._workspace.access.rights().read_only:
            return
        async with aclosing(follow_up(self._database, self._workspace.reading, self, self._clock)) as following:
            async for finished in following:
                yield finished


def _parts(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    """A small plan fills in a few rows at a time; a big one is read by lists, all at once."""
    if len(wanted) > EACH_AFTER_ITS_WRITE:
        yield wanted
        return
    for start in range(0, len(wanted), CHECK_AT_ONCE):
        yield wanted[start : start + CHECK_AT_ONCE]
