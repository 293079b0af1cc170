"""Plans on the screen: nothing happens without a yes, Enter is never one, and results stay readable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from ghl_triage.actions.plan import Choices, Offers
from ghl_triage.errors import StoreLocked
from ghl_triage.model import ActionKind, Case, Cause
from ghl_triage.tui.messages import PlanDrawn
from ghl_triage.tui.viewmodels.plan import Phase
from tests.tui import world
from tests.tui.driving import open_hiding_three, open_plan, ready, screen_text, the_plan, until

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def test_a_plan_names_every_request_and_every_reason_against_one(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        await open_plan(pilot, "cause:disputed,already_fixed", "R")
        text = screen_text(pilot.app)
        assert "/v1/invoices/in_1SandboxTriage000028/pay" in text
        assert "Left out: 3 cases" in text
        assert "a dispute is open" in text
        assert "charges ¥19,600 $197.00 €97.00" in text
        assert actions.ran == []


async def test_cancel_has_the_focus_and_enter_never_means_yes(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        main = await ready(pilot)
        await open_plan(pilot, "cause:already_fixed", "R")
        assert pilot.app.focused is pilot.app.screen.query_one("#cancel", Button)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is main)
        assert actions.ran == []


async def test_yes_in_test_mode_runs_it_and_the_results_stay(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "cause:already_fixed", "R")
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the results")
        await pilot.pause()
        text = screen_text(pilot.app)
        assert "3 done" in text
        assert "1 declined" in text
        assert "Your card has insufficient funds." in text
        assert "request req_0" in text
        assert len(actions.ran) == 4
        assert actions.by == "tui"
        await pilot.press("y", "enter")
        assert len(actions.ran) == 4


async def test_before_all_is_checked_there_is_no_yes(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    actions.never_checked = True
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "cause:already_fixed", "R", phase=Phase.CHECKING)
        await until(pilot, lambda: bool(screen.state.steps))
        await pilot.press("y")
        await pilot.pause()
        assert screen.state.phase is Phase.CHECKING
        assert actions.ran == []


async def test_a_live_batch_wants_its_word_typed(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases, livemode=True)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "cause:already_fixed", "R")
        assert "LIVE" in screen_text(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is not screen)
        await pilot.press("R")
        again = await the_plan(pilot, after=screen)
        await pilot.press("y")
        await until(pilot, lambda: again.query_one("#word", Input).has_focus, "y leads to the box")
        await pilot.press(*"retry", "enter")
        assert actions.ran == []
        await pilot.press("space", "4")
        await until(pilot, lambda: again.state.phase is Phase.DONE)
        assert len(actions.ran) == 4


async def test_one_live_case_wants_two_yeses(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases, livemode=True)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "kim.12", "R")
        await pilot.press("y")
        await pilot.pause()
        assert actions.ran == []
        assert "y once more" in screen_text(pilot.app)
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE)
        assert len(actions.ran) == 1


async def test_hidden_cases_are_left_out_until_asked_for(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        await open_hiding_three(pilot)
        assert len(actions.opened[-1][1]) == 1
        assert "3 marked cases are hidden by the filter" in screen_text(pilot.app)
        await pilot.press("h")
        await until(pilot, lambda: len(actions.opened[-1][1]) == 4)


async def test_who_holds_the_lock_is_said(store: Path, cases: list[Case]) -> None:
    class Locked(world.ScriptedActions):
        async def open_plan(
            self, kind: ActionKind, subscriptions: Sequence[str], choices: Choices
        ) -> AsyncIterator[world.SmallPlan]:
            if subscriptions and choices == Choices():
                raise StoreLocked("The workspace is being written by sync (process 7).", holder="sync (process 7)")
            yield world.SmallPlan("", kind, ())

    actions = Locked({})
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        await open_plan(pilot, "cause:already_fixed", "R", phase=Phase.FAILED)
        text = screen_text(pilot.app)
        assert "written by sync (process 7)" in text
        assert "Nothing was sent." in text


async def test_a_plan_with_nothing_to_do_says_so(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    disputed = [one for one in cases if one.cause is Cause.DISPUTED]
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "cause:disputed", "R")
        assert f"Left out: {len(disputed)} cases" in screen_text(pilot.app)
        await pilot.press("y")
        await pilot.pause()
        assert screen.state.phase is Phase.READY
        assert actions.ran == []


async def test_the_newest_invoice_is_taken_in_by_a_key_and_left_out_by_it_again(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    actions.offered = Offers(reviving="in_newest")
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "kim.12", "R")
        for number, wanted in enumerate((True, False), start=2):
            await pilot.press("v")
            await until(pilot, lambda: len(actions.chosen) == number and screen.state.phase is Phase.READY)  # noqa: B023
            assert actions.chosen[-1].also_reviving is wanted
            await pilot.pause()
        assert "also pay the newest invoice (in_newest)" in screen_text(pilot.app)
        assert actions.ran == []


async def test_keys_that_decide_nothing_are_neither_shown_nor_alive(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "kim.12", "R")
        assert "Yours to decide" not in screen_text(pilot.app)
        await pilot.press("m", "v", "e")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert len(actions.opened) == 1


async def test_a_plan_drawn_before_the_choice_is_not_what_a_yes_means(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    actions.offered = Offers(reviving="in_newest")
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "kim.12", "R")
        old = screen.state.plan
        assert old is not None
        actions.never_checked = True
        await pilot.press("v")
        await until(pilot, lambda: len(actions.chosen) == 2)
        screen.post_message(PlanDrawn(old, 1))
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert screen.state.phase is Phase.CHECKING
        assert actions.ran == []
