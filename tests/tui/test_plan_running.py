"""A plan under way: pauses and stops after the case in hand, ends in an account of every case, and links stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.model import ActionKind, Case, StepResult
from ghl_triage.tui.screens.leave import LeaveScreen
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.viewmodels.plan import Phase
from tests.tui import world
from tests.tui.driving import open_hiding_three, open_plan, screen_text, until

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def under_way(pilot: Pilot[None], actions: world.ScriptedActions, results: int) -> PlanScreen:
    """A retry of four cases that has come so far, and is held there."""
    actions.hold_after = results
    screen = await open_plan(pilot, "cause:already_fixed", "R")
    await pilot.press("y")
    await until(pilot, lambda: len(screen.state.results) == results, "the first results")
    return screen


async def test_esc_while_it_runs_stops_and_quitting_asks(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await under_way(pilot, actions, 2)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, LeaveScreen))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert not actions.canceled
        await pilot.press("escape")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the stop")
        assert len(actions.ran) == 2
        await pilot.pause()
        assert "Stopped." in screen_text(pilot.app)


async def test_links_are_shown_copied_and_written_to_a_file_of_the_user_alone(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "cause:card_expired", "L")
        assert actions.opened[-1][0] is ActionKind.RESEND_LINK
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE)
        await pilot.pause()
        assert "https://invoice.stripe.test/i/acct_1/" in screen_text(pilot.app)
        await pilot.press("c")
        assert pilot.app.clipboard.count("https://") == 4
        await pilot.press("f")
        (written,) = (store.parent / "links").iterdir()
        assert written.stat().st_mode & 0o777 == 0o600
        assert written.read_text().count("https://") == 4


async def test_space_pauses_after_the_case_in_hand_and_goes_on(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await under_way(pilot, actions, 1)
        assert "space pauses" in screen_text(pilot.app)
        await pilot.press("space")
        await pilot.pause()
        assert actions.paused
        assert "Paused: nothing more is begun." in screen_text(pilot.app)
        actions.hold_after = None
        await pilot.pause()
        assert len(actions.ran) == 1
        await pilot.press("space")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the results")
        assert len(actions.ran) == 4


async def test_a_paused_plan_can_be_stopped(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await under_way(pilot, actions, 1)
        await pilot.press("space", "escape")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the results")
        assert len(actions.ran) == 1
        assert len(screen.state.results) == 4


async def test_the_end_accounts_for_every_marked_case(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await open_hiding_three(pilot)
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE)
        await pilot.pause()
        assert "Of 4 selected: 1 told, 3 hidden." in screen_text(pilot.app)
        assert "takes them in" not in screen_text(pilot.app)


async def test_leaving_waits_for_what_was_sent_though_esc_is_pressed_again(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    app = world.app(store, cases, actions=actions)
    async with app.run_test(size=SIZE) as pilot:
        await under_way(pilot, actions, 1)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, LeaveScreen))
        await pilot.press("y", "escape")
        await until(pilot, lambda: app._exit, "the end")
    assert len(actions.ran) == 1


async def test_a_plan_that_breaks_off_says_so_lets_one_leave_and_leaves_a_trace(store: Path, cases: list[Case]) -> None:
    class Broken(world.ScriptedActions):
        async def run(self, plan: world.SmallPlan, by: str) -> AsyncIterator[StepResult]:  # noqa: ARG002
            yield self._result(0, plan.steps[0])
            raise RuntimeError("secret detail")

    logged: list[str] = []
    actions = Broken({one.subscription: one for one in cases})
    app = world.app(store, cases, actions=actions, log=logged.append)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_plan(pilot, "cause:already_fixed", "R")
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the end")
        await pilot.pause()
        text = screen_text(pilot.app)
        assert "RuntimeError" in text
        assert "secret detail" not in text
        assert "1 done" in text
        assert "not done" in text
        assert "Nothing was sent" not in text
        assert any("RuntimeError" in line for line in logged)
        await pilot.press("q")
        assert app._exit


async def test_links_that_cannot_be_written_stay_on_the_screen(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases, actions=world.actions_for(cases)).run_test(
        size=SIZE, notifications=True
    ) as pilot:
        screen = await open_plan(pilot, "cause:card_expired", "L")
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE)
        (store.parent / "links").write_text("no folder")
        await pilot.press("f")
        await until(pilot, lambda: any("were not written" in str(note.message) for note in pilot.app._notifications))
        assert "https://invoice.stripe.test/i/acct_1/" in screen_text(pilot.app)


async def test_why_the_rest_was_left_is_said_once_above_all(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        screen = await under_way(pilot, actions, 1)
        await pilot.press("escape")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the stop")
        await pilot.pause()
        assert "3 cases left: canceled before it was sent" in screen_text(pilot.app)


async def test_what_is_left_out_is_read_before_the_yes(store: Path, cases: list[Case]) -> None:
    actions = world.actions_for(cases)
    async with world.app(store, cases, actions=actions).run_test(size=(80, 24)) as pilot:
        screen = await open_plan(pilot, "path:api", "R")
        assert "Left out:" not in screen_text(pilot.app)
        await pilot.press("G")
        await until(pilot, lambda: "Left out:" in screen_text(pilot.app))
        await pilot.press("g")
        await until(pilot, lambda: screen.query_one("#steps").scroll_y == 0)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is not screen)
        assert not actions.ran
