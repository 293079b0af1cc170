"""The order of a batch: one case of a customer at a time, two customers side by side."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any, cast

import pytest

from ghl_triage.actions.attempt import Attempt, Ended
from ghl_triage.actions.execute import AT_ONCE, Execution, Runs
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.pace import Pace
from ghl_triage.actions.plan import Plan
from ghl_triage.clock import FixedClock
from ghl_triage.errors import StoreError
from ghl_triage.model import ActionKind, Outcome, PlanStep, StepResult
from tests.actions.given import NOW, case, invoice, subject, subscription
from tests.actions.test_planner import planned

pytestmark = pytest.mark.anyio


class Watched:
    """Stands where attempts are made, and sees which are made at the same time."""

    def __init__(self, plan: Plan, *, breaks_at: str = "") -> None:
        self.plan = plan
        self.breaks_at = breaks_at
        self.now: Counter[str] = Counter()
        self.most = 0
        self.begun = 0
        self.left: list[str] = []

    async def carry_out(self, step: PlanStep, of: Subject) -> Ended:
        self.begun += 1
        self.now[of.case.customer] += 1
        assert self.now[of.case.customer] == 1
        self.most = max(self.most, self.now.total())
        for _ in range(3):
            await asyncio.sleep(0)
        self.now[of.case.customer] -= 1
        if step.case == self.breaks_at:
            raise StoreError("the disk is full")
        return Ended(StepResult(step, Outcome.DONE))

    def leave(self, step: PlanStep, reason: str) -> None:
        self.left.append(f"{step.case}: {reason}")


def plan_for(owners: list[int]) -> Plan:
    """A retry for each number, whose case belongs to that customer."""
    made = []
    for number, owner in enumerate(owners, start=1):
        of = subject(
            case(number, customer=f"cus_{owner}"),
            number=number,
            sub=subscription(number, customer=f"cus_{owner}"),
            invoices=(invoice(number),),
        )
        made.append(of)
    return planned(ActionKind.RETRY, *made)


async def results(watched: Watched) -> list[StepResult]:
    execution = Execution(cast(Attempt, cast(Any, watched)), FixedClock(NOW))
    return [result async for result in execution.results()]


async def test_customers_side_by_side_and_their_cases_in_turn() -> None:
    watched = Watched(plan_for([1, 1, 2, 1, 3, 2, 4, 5]))
    done = await results(watched)
    assert watched.most == AT_ONCE
    assert sorted(result.step.case for result in done) == sorted(step.case for step in watched.plan.steps)


async def test_a_journal_that_cannot_be_written_stops_everything() -> None:
    watched = Watched(plan_for([1, 2, 3, 4, 5, 6]), breaks_at="sub_1")
    with pytest.raises(StoreError, match="full"):
        await results(watched)
    assert watched.left
    assert all("journal could not be written" in left for left in watched.left)


async def test_a_pause_begins_nothing_more_until_it_is_over() -> None:
    watched = Watched(plan_for([1, 2, 3, 4, 5, 6]))
    execution = Execution(cast(Attempt, cast(Any, watched)), FixedClock(NOW))
    told = []
    async for result in execution.results():
        told.append(result)
        if len(told) > 1:
            continue
        execution.pause(True)
        await quiet()
        begun = watched.begun
        assert begun <= 2 * AT_ONCE
        await quiet()
        assert watched.begun == begun
        execution.pause(False)
    assert [result.outcome for result in told] == [Outcome.DONE] * 6


@pytest.mark.parametrize(("hours", "outcome"), [(0.1, Outcome.DONE), (8, Outcome.SKIPPED), (-8, Outcome.SKIPPED)])
async def test_what_lay_still_too_long_is_left(hours: float, outcome: Outcome) -> None:
    """A pause over night, a machine that slept, a clock that was set back: the yes was to what is not so any more."""
    watched, clock = Watched(plan_for([1, 2, 3, 4, 5, 6])), FixedClock(NOW)
    execution = Execution(cast(Attempt, cast(Any, watched)), clock)
    told = []
    async for result in execution.results():
        told.append(result)
        if len(told) > 1:
            continue
        execution.pause(True)
        await quiet()
        clock.at += round(hours * 3_600)
        execution.pause(False)
    assert len(told) == 6
    assert {result.outcome for result in told[2 * AT_ONCE :]} == {outcome}
    left = [result.error for result in told if result.outcome is Outcome.SKIPPED]
    assert all("lay still for 480 minutes" in (error or "") for error in left)
    assert len(watched.left) == len(left)


async def test_a_paused_run_can_be_canceled() -> None:
    watched = Watched(plan_for([1, 2, 3, 4, 5, 6]))
    execution = Execution(cast(Attempt, cast(Any, watched)), FixedClock(NOW))
    execution.pause(True)
    asyncio.get_running_loop().call_soon(execution.cancel)
    told = [result async for result in execution.results()]
    assert [result.outcome for result in told] == [Outcome.SKIPPED] * 6
    assert watched.begun == 0


async def test_a_plan_beside_another_is_stopped_and_paused_by_itself() -> None:
    """A plan of links that are only read runs beside one that writes."""
    writes, reads = Watched(plan_for([1, 2, 3, 4])), Watched(replace(plan_for([5, 6, 7]), id="p2"))
    runs = Runs(FixedClock(NOW))

    async def told(watched: Watched) -> list[Outcome]:
        return [result.outcome async for result in runs.results(cast(Attempt, cast(Any, watched)))]

    runs.cancel("p2")
    runs.pause(writes.plan.id, True)
    both = asyncio.gather(told(writes), told(reads))
    await quiet()
    assert (writes.begun, reads.begun) == (0, 0)
    runs.pause(writes.plan.id, False)
    assert list(await both) == [[Outcome.DONE] * 4, [Outcome.SKIPPED] * 3]


async def quiet() -> None:
    """Let all that can go on go on."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_every_step_is_told_of_though_the_journal_cannot_be_written() -> None:
    watched = Watched(plan_for([1, 2, 3, 4, 5, 6]), breaks_at="sub_1")
    execution = Execution(cast(Attempt, cast(Any, watched)), FixedClock(NOW))
    told: list[StepResult] = []

    async def listen() -> None:
        async for result in execution.results():
            told.append(result)

    with pytest.raises(StoreError, match="full"):
        await listen()
    assert {result.step.case for result in told} == {step.case for step in watched.plan.steps}
    assert [result.step.case for result in told if result.outcome is Outcome.UNKNOWN] == ["sub_1"]


async def test_payments_keep_their_pace() -> None:
    clock = FixedClock(0)
    pace = Pace(0.5, clock)
    for _ in range(4):
        await pace.turn()
    assert sum(clock.slept) == 6
    free = FixedClock(0)
    await Pace(0, free).turn()
    assert free.slept == []
