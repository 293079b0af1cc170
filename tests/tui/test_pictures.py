"""Pictures of the screens, compared one by one with what was looked at and found good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from ghl_triage.actions.plan import Offers
from ghl_triage.model import Case, PartState, Stage, SyncPart, SyncProgress
from ghl_triage.store.writer import Writer
from ghl_triage.tui.app import TriageApp
from ghl_triage.tui.screens.case import CaseScreen
from ghl_triage.tui.screens.choice import ChoiceScreen
from ghl_triage.tui.screens.help import HelpScreen
from ghl_triage.tui.viewmodels.plan import Phase
from tests.tui import world
from tests.tui.driving import busy, open_plan, ready, screen_text, settled, until

pytestmark = pytest.mark.snapshot
WIDE, NARROW = (120, 36), (80, 24)
Compare = Callable[..., bool]
Steps = Callable[[Pilot[None]], Awaitable[None]]


def picture(compare: Compare, app: TriageApp, size: tuple[int, int], steps: Steps) -> None:
    """Take the picture after these steps, and compare it."""

    async def before(pilot: Pilot[None]) -> None:
        await steps(pilot)
        await pilot.pause()

    assert isinstance(app, App)
    assert compare(app, terminal_size=size, run_before=before)


async def _ready(pilot: Pilot[None]) -> None:
    await ready(pilot)


def test_triage_wide(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        main = await ready(pilot)
        await pilot.press("j", "space", "space")
        main.table.cursor = 0
        await settled(pilot)

    picture(snap_compare, world.app(store, cases), WIDE, steps)


def test_triage_narrow(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    picture(snap_compare, world.app(store, cases), NARROW, _ready)


def test_triage_light(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    picture(snap_compare, world.app(store, cases, theme="textual-light"), WIDE, _ready)


def test_views_in_the_drawer(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("v")

    picture(snap_compare, world.app(store, cases), NARROW, steps)


def test_empty(snap_compare: Compare, tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite3"
    quiet = [one for one in world.world() if one.stage is Stage.HEALTHY]
    world.fill(path, quiet, status=world.synced())

    async def steps(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "Nothing fails" in screen_text(pilot.app))
        await until(pilot, lambda: not busy(pilot.app))

    picture(snap_compare, world.app(path, quiet), WIDE, steps)


def test_loading(snap_compare: Compare, tmp_path: Path) -> None:
    parts = (
        SyncPart("subscriptions", PartState.DONE, 1200),
        SyncPart("invoices", PartState.RUNNING, 640),
        SyncPart("charges", PartState.WAITING),
        SyncPart("checkout_sessions", PartState.WAITING),
    )
    sync = world.QuietSync([SyncProgress("full", parts, 21, 1840)])

    async def steps(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "Loading" in screen_text(pilot.app))

    picture(snap_compare, world.app(tmp_path / "none.sqlite3", sync=sync), WIDE, steps)


def test_offline(snap_compare: Compare, tmp_path: Path) -> None:
    part = SyncPart("subscriptions", PartState.FAILED, 0, "Stripe cannot be reached.", world.NOW + 20)
    sync = world.QuietSync([SyncProgress("full", (part,), 1, finished=True)])

    async def steps(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "cannot be reached" in screen_text(pilot.app))

    picture(snap_compare, world.app(tmp_path / "none.sqlite3", sync=sync), NARROW, steps)


def test_filtered(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        main = await ready(pilot)
        main.box.put("path:highlevel cause:card_expired,no_payment_method")
        await settled(pilot)

    picture(snap_compare, world.app(store, cases), WIDE, steps)


def test_faulty_filter_and_failed_part(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    failed = SyncPart("charges", PartState.FAILED, 0, "Stripe answered 500.", world.NOW + 20)
    sync = world.QuietSync([SyncProgress("tick", (failed,), 3, 0, 41, world.NOW - 60)])

    async def steps(pilot: Pilot[None]) -> None:
        main = await ready(pilot)
        main.box.put("path:api")
        await settled(pilot)
        await pilot.press("slash")
        main.box.put("path:api amount:>x")
        await until(pilot, lambda: "▲" in screen_text(pilot.app))
        await settled(pilot)

    picture(snap_compare, world.app(store, cases, sync=sync), WIDE, steps)


def _hostile(cases: Sequence[Case]) -> Case:
    return next(one for one in cases if one.email == "hostile@x.test")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_case(snap_compare: Compare, store: Path, cases: list[Case], size: tuple[int, int]) -> None:
    with Writer(store) as writer:
        writer.add_note(_hostile(cases).subscription, "Called him: the new card comes on Monday.", world.NOW - 3600)
    lines = [world.journal_entry(_hostile(cases))]

    async def steps(pilot: Pilot[None]) -> None:
        main = await ready(pilot)
        main.box.put("hostile@x")
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CaseScreen))
        await until(pilot, lambda: "History" in screen_text(pilot.app) and not busy(pilot.app))

    picture(snap_compare, world.app(store, cases, pages=world.Pages(store, lines)), size, steps)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_case_duplicates(snap_compare: Compare, store: Path, cases: list[Case], size: tuple[int, int]) -> None:
    """Side by side, before the history: the other customer is the reason."""
    twice = world.with_duplicate(cases[3])
    world.fill(store, [twice])

    async def steps(pilot: Pilot[None]) -> None:
        main = await ready(pilot)
        main.box.put(twice.subscription)
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CaseScreen))
        await until(pilot, lambda: "Duplicate" in screen_text(pilot.app) and not busy(pilot.app))

    picture(snap_compare, world.app(store, [twice, *cases]), size, steps)


def test_plan(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await open_plan(pilot, "cause:already_fixed,disputed", "R")

    picture(snap_compare, world.app(store, cases), WIDE, steps)


def test_plan_live(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    live = world.ScriptedActions({one.subscription: one for one in cases}, livemode=True)

    async def steps(pilot: Pilot[None]) -> None:
        await open_plan(pilot, "cause:already_fixed", "R")

    picture(snap_compare, world.app(store, cases, actions=live), NARROW, steps)


def test_plan_to_decide(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    actions = world.ScriptedActions({one.subscription: one for one in cases})
    cards = (world.card(1), replace(world.card(12), last4="1881", off_session_proof=False))
    actions.offered = Offers(cards, cards[0].id, reviving="in_1SandboxTriage000099", paid_elsewhere=True)

    async def steps(pilot: Pilot[None]) -> None:
        await open_plan(pilot, "kim.12", "R")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen) and pilot.app.focused is not None)

    picture(snap_compare, world.app(store, cases, actions=actions), NARROW, steps)


def test_results(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        screen = await open_plan(pilot, "cause:already_fixed,disputed", "R")
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE)

    picture(snap_compare, world.app(store, cases), WIDE, steps)


def test_links(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        screen = await open_plan(pilot, "cause:card_expired", "L")
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE)

    picture(snap_compare, world.app(store, cases), WIDE, steps)


def test_help(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await until(pilot, lambda: "Act (always a plan" in screen_text(pilot.app))

    picture(snap_compare, world.app(store, cases), WIDE, steps)
