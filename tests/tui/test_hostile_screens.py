"""Every screen with text from outside that does harm where it is taken for anything but text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anyio
import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings, load_settings
from ghl_triage.sandbox.server import SandboxOptions, create_app
from ghl_triage.store import filters
from ghl_triage.sync.run import run_once
from ghl_triage.tui.app import Parts, TriageApp
from ghl_triage.tui.lessons import Teaching
from ghl_triage.tui.screens.choice import ChoiceScreen
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.screens.report import ReportScreen
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.viewmodels.plan import Phase
from ghl_triage.tui.wiring import Actions, Database, Reports, log_to
from tests.command_line import environment_of
from tests.hostile import CORPUS, Sown, unsafe
from tests.sandbox_server import NOW, SandboxServer
from tests.tui.driving import main_screen, ready, screen_text, settled, until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
OPTIONS = SandboxOptions(customers=60, now=NOW, rate_limit=False)
SIZES = ((120, 36), (80, 24))


@pytest.fixture(scope="module")
def field() -> Iterator[SandboxServer]:
    """A sandbox whose every answer is full of hostile text; two lists are refused, with more of it."""
    app = Sown(create_app(OPTIONS), refused=("/highlevel/workflows", "/stripe/v1/disputes"))
    with SandboxServer(OPTIONS, app) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture(scope="module")
def workspace(field: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Where it was synced to."""
    home = tmp_path_factory.mktemp("home")
    patched = pytest.MonkeyPatch()
    for name, value in {**environment_of(field, home), "TZ": "UTC"}.items():
        patched.setenv(name, value)
    settings = replace(load_settings(environment_of(field, home)), rate=0.0)

    async def sync() -> None:
        await run_once(settings, full=False, on_progress=lambda _: None)

    anyio.run(sync)
    return settings


@pytest.fixture
def environment(field: SandboxServer, workspace: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the processes that the app starts find."""
    for name, value in {**environment_of(field, workspace.data_dir), "TZ": "UTC"}.items():
        monkeypatch.setenv(name, value)


def app_of(settings: Settings) -> TriageApp:
    """The app as it is started, but for the sync."""
    clock = FixedClock(NOW)
    database = Database(settings, clock)
    return TriageApp(
        Parts(
            settings=settings,
            clock=clock,
            readers=database.reader,
            filters=filters,
            actions=Actions(settings, clock, database),
            catalogue=ACTIONS,
            notes=database,
            journal=database,
            lessons=Teaching(settings, clock, database.path),
            reports=Reports(settings, database),
            log=log_to(settings.log_dir / "app.log", clock),
        )
    )


async def look(pilot: Pilot[None], place: str) -> None:
    """Hold every line of the screen against what a terminal may get: nothing that acts, and exactly its width."""
    await pilot.pause()
    size = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips(size)
    for number, strip in enumerate(strips):
        assert unsafe(strip.text) == [], f"{place}, line {number}"
        assert strip.cell_length == size.width, f"{place}, line {number}: {strip.text!r}"


async def on(pilot: Pilot[None], kind: type[Screen[Any]], what: str) -> None:
    """Wait for a screen."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_mounted, what)


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_the_cases_and_their_raw_objects(workspace: Settings, size: tuple[int, int]) -> None:
    async with app_of(workspace).run_test(size=size, notifications=True) as pilot:
        main = await ready(pilot)
        main.box.put("stage:*")
        await until(pilot, lambda: len(main.table.ids) > 50, "all cases")
        for place in range(0, len(main.table.ids), 12):
            main.table.cursor = place
            await settled(pilot)
            await look(pilot, f"row {place}")
        await pilot.press("g", "enter")
        for number in range(6):
            await settled_case(pilot)
            await look(pilot, f"case {number}")
            for keys in (("G",), ("tab", "G"), ("x",), ("G",), ("x",)):
                await pilot.press(*keys)
                await look(pilot, f"case {number} after {keys}")
            await pilot.press("n")
        await pilot.press("y")
        await on(pilot, ChoiceScreen, "what to copy")
        await look(pilot, "what to copy")
        await pilot.press("down", "enter")
        await look(pilot, "copied")
        assert unsafe(pilot.app.clipboard) == []
        await pilot.press("t")
        await on(pilot, ChoiceScreen, "the paths")
        await look(pilot, "the paths")


async def paste(pilot: Pilot[None], text: str) -> None:
    """What a terminal sends when somebody pastes."""
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def settled_case(pilot: Pilot[None]) -> None:
    """The case screen, when its case is read."""
    await until(pilot, lambda: not any(w.group == "case" and not w.is_finished for w in pilot.app.workers), "the case")


async def test_whatever_is_typed_or_pasted(workspace: Settings) -> None:
    async with app_of(workspace).run_test(size=(80, 24), notifications=True) as pilot:
        main = await ready(pilot)
        for item in CORPUS[::2]:
            main.box.put("")
            main.box.focus()
            await paste(pilot, item)
            await look(pilot, f"filter {item[:20]!r}")
            main.box.put(f'"{item}')
            await pilot.pause()
            await look(pilot, f"fault of a filter {item[:20]!r}")
        main.box.put("")
        await settled(pilot)
        await pilot.press("enter")
        await settled_case(pilot)
        for item in CORPUS[1:14:2]:
            await pilot.press("w")
            await paste(pilot, item)
            await look(pilot, f"pasted {item[:20]!r}")
            await pilot.press("enter")
            await settled_case(pilot)
        for _ in range(4):
            await look(pilot, "notes")
            await pilot.press("ctrl+d")


@pytest.mark.parametrize("size", SIZES)
async def test_the_other_screens(workspace: Settings, environment: None, size: tuple[int, int]) -> None:
    async with app_of(workspace).run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        for key, down in (("l", 1), ("t", 6), ("question_mark", 3), ("ctrl+p", 3), ("y", 1), ("s", 1)):
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(pilot.app.screen, MainScreen), key)
            for _ in range(down):
                await look(pilot, key)
                await pilot.press("down")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen), "the table")
        for key in ("u", "c", "e"):
            await pilot.press(key)
            await on(pilot, ReportScreen, "the report")
            screen = pilot.app.screen
            assert isinstance(screen, ReportScreen)
            await until(pilot, lambda: "%" in screen_text(pilot.app).splitlines()[-1], f"the report of {key}")
            for top in range(0, screen.view.max_scroll_y + 1, max(1, screen.view.max_scroll_y // 12)):
                screen.view.scroll_to(y=top, animate=False)
                await look(pilot, f"report {key} at {top}")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen), "the table")


async def test_plans_results_the_journal_and_the_log(workspace: Settings, environment: None) -> None:
    async with app_of(workspace).run_test(size=(120, 36), notifications=True) as pilot:
        main = await ready(pilot)
        for text, key in (("stage:failing", "L"), ("cause:card_not_default", "D"), ("stage:failing", "R")):
            main.table.clear_selection()
            main.box.put(text)
            await until(pilot, lambda: main.question is not None and main.question.text == main.box.value)
            await settled(pilot)
            main.table.focus()
            await pilot.press("a", key)
            await carried_out(pilot, key)
        await pilot.press("l")
        await until(pilot, lambda: "✓" in screen_text(pilot.app), "the journal")
        await look(pilot, "journal")
        home = main_screen(pilot).home
        for item in CORPUS:
            home.log_line(item)
    log = (workspace.log_dir / "app.log").read_text()
    assert unsafe(log) == []
    assert len(log.splitlines()) >= len(CORPUS)
    (links,) = (workspace.data_dir / "links").iterdir()
    for line in links.read_text().split("\n")[:-1]:
        who, link = line.split("\t")
        assert link.startswith("https://")
        assert unsafe(who) == []


async def carried_out(pilot: Pilot[None], key: str) -> None:
    """The plan of this key, its yes, its results and its links; then the table again."""
    await on(pilot, PlanScreen, "the plan")
    screen = pilot.app.screen
    assert isinstance(screen, PlanScreen)
    await until(pilot, lambda: screen.state.phase is Phase.READY, "the check")
    await look(pilot, f"plan {key}")
    await pilot.press("y")
    await until(pilot, lambda: screen.settled, "the results")
    for _ in range(3):
        await look(pilot, f"results {key}")
        await pilot.press("ctrl+d")
    if screen.state.links:
        await pilot.press("c", "f")
        await look(pilot, "written links")
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen), "the table")


async def test_toasts(workspace: Settings) -> None:
    async with app_of(workspace).run_test(size=(80, 24), notifications=True) as pilot:
        main = await ready(pilot)
        for item in CORPUS:
            main.say(item, "error")
            await look(pilot, f"toast {item[:20]!r}")
            pilot.app.clear_notifications()
