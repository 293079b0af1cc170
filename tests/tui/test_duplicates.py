"""Several duplicates are marked: each has a plan and a typed yes of its own, and a no ends the row."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.viewmodels.plan import Phase
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW
from tests.tui.driving import ready, settled, the_plan, until
from tests.tui.test_deciding import in_town

pytestmark = pytest.mark.anyio


async def test_each_is_typed_for_itself_and_a_no_leaves_the_rest(tmp_path: Path) -> None:
    town = Town()
    for name in ("ann", "bob", "cem"):
        customer, _ = town.customer(name, default=True)
        town.trial(customer, days=90)
        town.trial(customer, days=91)
    town.now(NOW - DAY)

    def canceled() -> int:
        return sum(sub["status"] == "canceled" for sub in town.engine.list("subscription", {"status": "all"}))

    async with in_town(town, tmp_path) as (pilot, _server):
        main = await ready(pilot)
        main.box.put("cause:duplicate_subscription")
        await settled(pilot)
        main.table.focus()
        assert len(main.table.ids) == 3
        await pilot.press("a", "X")
        first = await the_plan(pilot)
        await pilot.press("y")
        assert first.state.phase is Phase.READY, "y is no yes to what can't be taken back"
        await pilot.press(*("space" if letter == " " else letter for letter in first.state.word))
        await until(pilot, lambda: first.state.phase is Phase.DONE, "the cancellation")
        assert canceled() == 1
        await pilot.press("escape")
        await the_plan(pilot, after=first)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, PlanScreen), "the table")
        await pilot.pause()
        assert canceled() == 1
        assert any("1 marked case left" in str(note.message) for note in pilot.app._notifications)


async def test_marked_cases_without_a_duplicate_get_no_plan_each(tmp_path: Path) -> None:
    town = Town()
    for name in ("ann", "bob", "cem"):
        customer, _ = town.customer(name, default=name == "ann")
        for days in (90, 91) if name == "ann" else (90,):
            town.trial(customer, days=days)
    town.now(NOW - DAY)
    async with in_town(town, tmp_path) as (pilot, _server):
        main = await ready(pilot)
        assert len(main.table.ids) == 3
        await pilot.press("a", "X")
        await the_plan(pilot)
        assert any("not possible for 2 marked cases" in str(note.message) for note in pilot.app._notifications)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main, "the table")
