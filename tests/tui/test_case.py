"""The case screen, the journal, the help and the palette."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from ghl_triage.actions.finish import Finished
from ghl_triage.model import Case, Cause
from ghl_triage.store.journal import Finish
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from ghl_triage.tui.screens.case import CaseScreen
from ghl_triage.tui.screens.help import HelpScreen
from ghl_triage.tui.screens.journal import JournalScreen
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.widgets.lines_view import LinesView
from tests.tui import world
from tests.tui.driving import busy, main_screen, ready, screen_text, settled, until, view_text

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def open_case(pilot: Pilot[None]) -> CaseScreen:
    """The case under the cursor, with all that is known of it."""
    await ready(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, CaseScreen), "the case screen")
    screen = pilot.app.screen
    assert isinstance(screen, CaseScreen)
    await until(pilot, lambda: "History" in screen_text(pilot.app) and not busy(pilot.app), "the case")
    return screen


def part(screen: CaseScreen, name: str) -> str:
    """A part of the screen as one line of text."""
    return " ".join(view_text(screen.query_one(f"#{name}", LinesView)).split())


async def test_it_shows_who_why_and_how_it_came(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=SIZE) as pilot:
        screen = await open_case(pilot)
        head, left, right = (part(screen, name) for name in ("head", "left", "right"))
        assert "kim@lake.test" in head
        assert "card not default" in head
        assert "D makes Visa 4242" in head
        assert left.index("trial started") < left.index("not tried")
        assert "Visa 4242 (exp 08/28)" in right
        assert "set up off-session" in right
        assert "invoice_settings.default_payment_method" in right


async def test_next_and_previous_walk_the_table(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=SIZE, notifications=True) as pilot:
        screen = await open_case(pilot)
        table = main_screen(pilot).table
        await pilot.press("n", "n")
        await until(pilot, lambda: "ana.20@sol.test" in part(screen, "head"), "the third case")
        await pilot.press("p")
        await until(pilot, lambda: "山田.28@例え.test" in part(screen, "head"), "the second case")
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is main_screen(pilot)
        assert table.cursor == 1


async def test_a_note_is_kept_and_shown(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=SIZE) as pilot:
        screen = await open_case(pilot)
        await pilot.press("w")
        screen.query_one("#note", Input).value = "Called [bold]him[/]."
        await pilot.press("enter")
        await until(pilot, lambda: "Called [bold]him[/]." in part(screen, "right"), "the note")
        with Reader(store) as reader:
            assert [note.text for note in reader.notes(world.case(0).subscription)] == ["Called [bold]him[/]."]


async def test_raw_objects_are_shown_as_they_came(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=SIZE) as pilot:
        screen = await open_case(pilot)
        await pilot.press("x")
        assert '"invoice_settings":' in part(screen, "left")
        assert f"{world.case(0).invoice}" in part(screen, "left")
        await pilot.press("escape")
        assert "History" in part(screen, "left")
        assert pilot.app.screen is screen


async def test_acting_takes_the_case_that_is_shown(store: Path, cases: list[Case]) -> None:
    actions = world.ScriptedActions({one.subscription: one for one in cases})
    async with world.app(store, cases, actions=actions).run_test(size=SIZE) as pilot:
        await open_case(pilot)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanScreen))
        await until(pilot, lambda: bool(actions.opened))
        assert actions.opened[0][1] == (world.case(0).subscription,)


async def test_what_waits_for_a_customer_and_what_was_done_stand_on_the_case(store: Path, cases: list[Case]) -> None:
    first = cases[0]
    waiting = Finish(first.subscription, first.customer, "cs_1", "plan_0", "tui", True, world.NOW - 60)
    pages = world.Pages(store, [world.journal_entry(first)], [waiting])
    async with world.app(store, cases, pages=pages).run_test(size=SIZE) as pilot:
        screen = await open_case(pilot)
        assert "waits for the customer to save a card, then retries" in part(screen, "right")
        assert "Your card has expired." in part(screen, "right")
        await pilot.press("escape", "l")
        await until(pilot, lambda: isinstance(pilot.app.screen, JournalScreen))
        await until(pilot, lambda: "retry $197.00 with Visa 4242" in screen_text(pilot.app), "the journal")


async def test_a_completed_checkout_is_followed_up_and_told(store: Path, cases: list[Case]) -> None:
    waiting = Finish(cases[0].subscription, cases[0].customer, "cs_1", "plan_0", "tui", True, world.NOW - 60)
    actions = world.ScriptedActions({}, finished=[Finished(waiting, "done")])
    async with world.app(store, cases, actions=actions).run_test(size=SIZE, notifications=True) as pilot:
        await ready(pilot)
        await until(pilot, lambda: bool(pilot.app._notifications), "the news")
        assert any("the customer saved a card: done" in str(note.message) for note in pilot.app._notifications)


async def test_help_searches_and_the_palette_runs_a_view(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=SIZE) as pilot:
        main = await ready(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen) and "Table" in screen_text(pilot.app))
        await pilot.press(*"dash")
        await pilot.pause()
        assert "open the subscription in Stripe's Dashboard" in screen_text(pilot.app)
        assert "half a page" not in screen_text(pilot.app)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        offered = {command.title: command.callback for command in pilot.app.get_system_commands(main)}
        assert {"Retry", "Sync now", "Theme: textual-light", "View: Recovered"} <= set(offered)
        offered["View: Lost"]()
        await until(pilot, lambda: main.box.value == "stage:lost", "the view")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))


async def test_it_follows_the_store_while_it_is_open(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=SIZE) as pilot:
        screen = await open_case(pilot)
        assert "card not default" in part(screen, "head")
        fixed = replace(world.case(0), cause=Cause.ALREADY_FIXED)
        with Writer(store) as writer:
            writer.save_cases([fixed])
        main_screen(pilot).tick()
        await until(pilot, lambda: "already fixed" in part(screen, "head"), "the new verdict")


async def test_what_does_not_fit_above_the_columns_begins_the_left_one(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=(50, 16)) as pilot:
        screen = await open_case(pilot)
        assert "past_due" in part(screen, "head")
        assert "A card is on file" not in part(screen, "head")
        assert part(screen, "left").startswith("A card is on file")
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: "A card is on file" in part(screen, "head"), "the verdict above")
        assert part(screen, "left").startswith("History")
