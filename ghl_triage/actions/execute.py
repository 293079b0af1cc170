"""Carries a plan out: one case of a customer at a time, two customers side by side, and every step accounted for.

Whoever stops listening, and whatever goes wrong, what was sent is finished: an attempt is never cut off between its
sending and its entry in the journal. A pause is the same with a way back.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress

from ghl_triage.actions.attempt import Attempt, Ended
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.plan import PLAN_LIFE, Plan
from ghl_triage.clock import Clock
from ghl_triage.errors import StoreError
from ghl_triage.model import Outcome, PlanStep, StepResult

AT_ONCE = 2
"""Writes in flight; domain/stripe.md section 6."""
EQUAL_FAILURES = 5
"""So many failures of one kind, declines apart, and the next ones would fail alike: the batch stops."""

Work = tuple[PlanStep, Subject]


class Execution:
    """One run of a plan. `cancel` lets what was sent finish and leaves the rest; `pause` waits before the next step.

    What lay still for longer than a plan may wait for its yes, in a pause or because the machine slept, is left.
    """

    def __init__(self, attempt: Attempt, clock: Clock) -> None:
        self._attempt = attempt
        self._clock = clock
        self._active_at = clock.now()
        self._plan = attempt.plan
        self._failures: Counter[str] = Counter()
        self._stopped: str | None = None
        self._fault: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._paused = False
        self._turn = asyncio.Event()

    def cancel(self, reason: str = "canceled before it was sent") -> None:
        """Begin nothing more. From any thread."""
        self._stopped = self._stopped or reason
        self._wake()

    def pause(self, paused: bool) -> None:
        """Begin nothing more until it is called with False. From any thread."""
        self._paused = paused
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._turn.set)

    async def results(self) -> AsyncGenerator[StepResult]:
        """A result for every step, as they come. Raises what kept the journal from being written, at the end."""
        self._loop = asyncio.get_running_loop()
        for step in self._plan.skipped:
            yield StepResult(step, Outcome.SKIPPED, error=step.skipped)
        lanes = deque(_lanes(self._plan))
        results: asyncio.Queue[StepResult | None] = asyncio.Queue()
        workers = [asyncio.create_task(self._work(lanes, results)) for _ in range(AT_ONCE)]
        running = len(workers)
        try:
            while running:
                result = await results.get()
                if result is None:
                    running -= 1
                else:
                    yield result
        finally:
            self.cancel()
            await _settled(workers)
        if self._fault is not None:
            raise self._fault

    async def _work(self, lanes: deque[list[Work]], results: asyncio.Queue[StepResult | None]) -> None:
        try:
            while lanes:
                for step, subject in lanes.popleft():
                    results.put_nowait(await self._step(step, subject))
        except BaseException as fault:
            self._fault = self._fault or fault
            self.cancel("the program was stopped")
            raise
        finally:
            results.put_nowait(None)

    async def _step(self, step: PlanStep, subject: Subject) -> StepResult:
        await self._my_turn()
        self._leave_what_is_old()
        if self._stopped is not None:
            with suppress(StoreError):
                self._attempt.leave(step, self._stopped)
            return StepResult(step, Outcome.SKIPPED, error=self._stopped)
        try:
            ended = await self._attempt.carry_out(step, subject)
        except Exception as fault:
            # A journal that cannot be written stops everything: what is not recorded must not be sent.
            self._fault = self._fault or fault
            written = not isinstance(fault, StoreError)
            self.cancel("the program failed" if written else "the journal could not be written")
            return StepResult(step, Outcome.UNKNOWN, error=f"broke off: {fault}; the journal says how far it came")
        self._active_at = self._clock.now()
        self._note(ended)
        return ended.result

    async def _my_turn(self) -> None:
        """Wait while the run is paused."""
        while self._paused and self._stopped is None:
            self._turn.clear()
            await self._turn.wait()

    def _leave_what_is_old(self) -> None:
        still = abs(self._clock.now() - self._active_at)
        if still > PLAN_LIFE:
            self.cancel(f"it lay still for {still // 60} minutes and much may have changed: make a new plan")
        self._active_at = self._clock.now()

    def _note(self, ended: Ended) -> None:
        """Stop where the next requests would end like this one."""
        if ended.fatal:
            self.cancel(f"stopped: {ended.result.error}")
        if ended.result.outcome in (Outcome.FAILED, Outcome.UNKNOWN) and ended.kind:
            self._failures[ended.kind] += 1
            if self._failures[ended.kind] >= EQUAL_FAILURES:
                self.cancel(f"stopped after {EQUAL_FAILURES} equal failures: {ended.result.error}")


class Runs:
    """The runs of a session. A plan is stopped or paused by its id, which may come before its turn does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[str, Execution] = {}
        self._stopped: set[str] = set()
        self._paused: set[str] = set()

    def cancel(self, plan: str) -> None:
        """Begin nothing more of this plan. From any thread."""
        self._stopped.add(plan)
        if running := self._running.get(plan):
            running.cancel()

    def pause(self, plan: str, paused: bool) -> None:
        """Begin nothing more of this plan until it is called with False. From any thread."""
        (self._paused.add if paused else self._paused.discard)(plan)
        if running := self._running.get(plan):
            running.pause(paused)

    async def results(self, attempt: Attempt) -> AsyncGenerator[StepResult]:
        """Carry a plan out; a result for every step, as they come."""
        plan = attempt.plan.id
        running = self._running[plan] = Execution(attempt, self._clock)
        if plan in self._stopped:
            running.cancel()
        running.pause(plan in self._paused)
        try:
            async with aclosing(running.results()) as results:
                async for result in results:
                    yield result
        finally:
            del self._running[plan]


def _lanes(plan: Plan) -> Iterable[list[Work]]:
    """The steps to send, one list for each customer: Stripe locks a customer's objects, so his steps go in turn."""
    lanes: dict[str, list[Work]] = {}
    for step, subject in zip(plan.steps, plan.subjects, strict=True):
        if step.skipped is None:
            lanes.setdefault(subject.case.customer, []).append((step, subject))
    return lanes.values()


async def _settled(workers: list[asyncio.Task[None]]) -> None:
    """Wait for the workers even when whoever waits is canceled: they hold attempts that must be recorded."""
    waiting = asyncio.gather(*workers, return_exceptions=True)
    while not waiting.done():
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            if waiting.done():
                raise
            continue
