"""Pictures of what a crash cut off, and of the journal."""

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
from ghl_triage.tui.screens.journal import JournalScreen
from ghl_triage.tui.viewmodels.hanging import Settling
from tests.tui import world
from tests.tui.driving import ready, screen_text, until
from tests.tui.test_pictures import NARROW, Compare, picture

pytestmark = pytest.mark.snapshot


@pytest.fixture
def entries(cases: list[Case]) -> list[JournalEntry]:
    """A retry of each of three cases, as it was planned."""
    payable = [case for case in cases if case.cause is Cause.ALREADY_FIXED][:3]
    made = [replace(world.journal_entry(case), request_id=None, error=None) for case in payable]
    return [replace(entry, id=number, state=EntryState.SENT) for number, entry in enumerate(made, start=1)]


def test_what_was_cut_off(snap_compare: Compare, store: Path, cases: list[Case], entries: list[JournalEntry]) -> None:
    first, second, third = entries
    actions = world.ScriptedActions({one.subscription: one for one in cases})
    actions.settles = [Settled(first, Outcome.DECLINED, "insufficient_funds: no", "past due, failing")]
    pages = world.Pages(cut_off=[CutOff("p1", ActionKind.RETRY, (first, second), (third,))])

    async def steps(pilot: Pilot[None]) -> None:
        main = await ready(pilot)
        await until(pilot, lambda: bool(main.hanging), "the notice")
        await pilot.press("S")
        await until(pilot, lambda: isinstance(pilot.app.screen, HangingScreen), "the screen")
        screen = pilot.app.screen
        assert isinstance(screen, HangingScreen)
        await until(pilot, lambda: screen.state.stage is Settling.ASKING)
        await pilot.press("y")
        await until(pilot, lambda: screen.state.stage is Settling.OVER)

    picture(snap_compare, world.app(store, cases, actions=actions, pages=pages), NARROW, steps)


def test_journal(snap_compare: Compare, store: Path, cases: list[Case], entries: list[JournalEntry]) -> None:
    done, declined, sent = entries
    told = [
        replace(done, state=EntryState.DONE, request_id="req_1"),
        replace(declined, state=EntryState.DECLINED, error="insufficient_funds: Your card has insufficient funds."),
        replace(sent, state=EntryState.SENT),
    ]

    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, JournalScreen), "the journal")
        await until(pilot, lambda: "3 requests" in screen_text(pilot.app), "its lines")

    picture(snap_compare, world.app(store, cases, pages=world.Pages(lines=told)), NARROW, steps)
