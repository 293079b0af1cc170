"""What a crash cut off, on the screen: a line that stays, a key, a yes, and a plan for the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.actions.bookkeeping import CutOff
from ghl_triage.actions.settle import Settled
from ghl_triage.model import ActionKind, Case, Cause, Outcome
from ghl_triage.store.journal import EntryState, JournalEntry
from ghl_triage.tui.screens.hanging import HangingScreen
from ghl_triage.tui.viewmodels.hanging import Settling
from ghl_triage.tui.viewmodels.plan import Phase
from tests.tui import world
from tests.tui.driving import ready, screen_text, the_plan, until

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


def entry(number: int, case: Case, state: EntryState) -> JournalEntry:
    """A payment of a case."""
    return JournalEntry(
        plan="p1",
        case=case.subscription,
        action="retry",
        method="POST",
        path=f"/v1/invoices/{case.invoice}/pay",
        params={},
        idempotency_key=f"k{number}",
        shown=f"{case.email}  $97.00  pay {case.invoice} with Visa 4242",
        by="tui",
        created=world.NOW,
        id=number,
        state=state,
    )


@pytest.fixture
def cut_off(cases: list[Case]) -> CutOff:
    """A retry of two: one payment left and has no answer, the other was never sent."""
    first, second, *_ = [case for case in cases if case.cause is Cause.ALREADY_FIXED]
    unanswered, unsent = entry(1, first, EntryState.SENT), entry(2, second, EntryState.PLANNED)
    return CutOff("p1", ActionKind.RETRY, (unanswered,), (unsent,))


@pytest.fixture
def pages(cut_off: CutOff) -> world.Pages:
    return world.Pages(cut_off=[cut_off])


@pytest.fixture
def actions(cases: list[Case], cut_off: CutOff) -> world.ScriptedActions:
    made = world.ScriptedActions({one.subscription: one for one in cases})
    made.settles = [Settled(cut_off.unanswered[0], Outcome.DECLINED, "insufficient_funds: no", "past due, failing")]
    return made


async def opened(pilot: Pilot[None]) -> HangingScreen:
    await ready(pilot)
    await until(pilot, lambda: "settles what" in screen_text(pilot.app), "the notice")
    assert "1 request without an answer, 1 never sent" in screen_text(pilot.app)
    await pilot.press("S")
    await until(pilot, lambda: isinstance(pilot.app.screen, HangingScreen), "the screen")
    screen = pilot.app.screen
    assert isinstance(screen, HangingScreen)
    await until(pilot, lambda: screen.state.stage is Settling.ASKING)
    return screen


async def test_the_start_says_what_hangs_and_a_yes_settles_it_and_goes_on(
    store: Path, cases: list[Case], pages: world.Pages, actions: world.ScriptedActions, cut_off: CutOff
) -> None:
    async with world.app(store, cases, actions=actions, pages=pages).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press("enter", "c")
        assert screen.state.stage is Settling.ASKING
        assert actions.continued == []
        assert "sent again, with its own key, if it left no trace" in screen_text(pilot.app)
        await pilot.press("y")
        await until(pilot, lambda: screen.state.stage is Settling.OVER)
        await pilot.pause()
        assert "declined; insufficient_funds: no; past due, failing" in screen_text(pilot.app)
        await pilot.press("c")
        plan = await the_plan(pilot)
        assert (actions.continued, actions.opened[-1][1]) == (["p1"], cut_off.rest)
        await pilot.press("y")
        await until(pilot, lambda: plan.state.phase is Phase.DONE)
        assert actions.ran == list(cut_off.rest)
        pages.cut_off = []
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing hangs." in screen_text(pilot.app))
        await pilot.press("escape")
        await until(pilot, lambda: "settles what" not in screen_text(pilot.app))


async def test_what_was_never_sent_can_be_given_up(
    store: Path, cases: list[Case], pages: world.Pages, actions: world.ScriptedActions, cut_off: CutOff
) -> None:
    pages.cut_off = [CutOff("p1", ActionKind.RETRY, (), cut_off.unsent)]
    async with world.app(store, cases, actions=actions, pages=pages).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: "settles what" in screen_text(pilot.app), "the notice")
        await pilot.press("S")
        await until(pilot, lambda: "gives it up" in screen_text(pilot.app))
        await pilot.press("y", "x")
        await until(pilot, lambda: actions.discarded == ["p1"])
        assert actions.ran == []


async def test_a_live_account_asks_twice(
    store: Path, cases: list[Case], pages: world.Pages, actions: world.ScriptedActions
) -> None:
    app = world.app(store, cases, actions=actions, pages=pages)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot)
        app.header = replace(app.header, livemode=True)
        screen = await opened(pilot)
        assert "LIVE" in screen_text(pilot.app)
        await pilot.press("y")
        await pilot.pause()
        assert screen.state.stage is Settling.ASKING
        assert "y once more" in screen_text(pilot.app)
        await pilot.press("y")
        await until(pilot, lambda: screen.state.stage is Settling.OVER)


async def test_a_read_only_session_settles_nothing(
    store: Path, cases: list[Case], pages: world.Pages, actions: world.ScriptedActions
) -> None:
    async with world.app(store, cases, actions=actions, pages=pages, read_only=True).run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.press("y", "y")
        await pilot.pause()
        assert screen.state.stage is Settling.ASKING
        assert "Read only here" in screen_text(pilot.app)
