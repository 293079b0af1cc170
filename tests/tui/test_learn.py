"""The Learn screen, and the path that a case is given by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ghl_triage.errors import StoreError
from ghl_triage.model import Case
from ghl_triage.tui.screens.case import CaseScreen
from ghl_triage.tui.screens.choice import ChoiceScreen
from ghl_triage.tui.screens.learn import LearnScreen
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.widgets.lines_view import LinesView
from tests.tui import world
from tests.tui.driving import busy, ready, screen_text, until, view_text
from tests.tui.kinds import QuickLessons, fill_kinds
from tests.tui.test_case import open_case, part

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


@pytest.fixture
def lessons(store: Path, cases: list[Case]) -> QuickLessons:
    fill_kinds(store, cases)
    return QuickLessons(store)


async def open_learn(pilot: Pilot[None]) -> LearnScreen:
    """The Learn screen with its kinds."""
    await ready(pilot)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(pilot.app.screen, LearnScreen), "the Learn screen")
    await until(pilot, lambda: "kinds of subscriptions" in screen_text(pilot.app) and not busy(pilot.app), "the kinds")
    screen = pilot.app.screen
    assert isinstance(screen, LearnScreen)
    return screen


async def choose(pilot: Pilot[None], title: str, *keys: str) -> None:
    """Wait for a menu, and press these keys in it."""
    await until(
        pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen) and title in screen_text(pilot.app), f"menu {title}"
    )
    await pilot.press(*keys)


async def name_box(pilot: Pilot[None]) -> Input:
    await until(pilot, lambda: isinstance(pilot.app.focused, Input), "the box for the name")
    box = pilot.app.focused
    assert isinstance(box, Input)
    return box


def kind_row(pilot: Pilot[None], word: str) -> str:
    return next(row for row in screen_text(pilot.app).splitlines() if word in row)


async def test_it_lists_the_kinds_with_counts_signs_paths_and_names(
    store: Path, cases: list[Case], lessons: QuickLessons
) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        known = lessons.kinds()
        assert f"{len(known)} kinds of subscriptions, 1 named" in screen_text(pilot.app)
        row = kind_row(pilot, "Custom check")
        assert str(next(kind.count for kind in known if "Custom" in kind.signature.description)) in row.split()
        assert "HighLevel, known" in kind_row(pilot, "altId")
        assert "shop 日本 (checkout)" in kind_row(pilot, "円")
        assert "\x1b" not in screen_text(pilot.app)


async def test_the_two_lines_below_follow_the_cursor(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=(80, 24)) as pilot:
        screen = await open_learn(pilot)
        known = lessons.kinds()
        for kind in known:
            text = " ".join(view_text(screen.query_one("#detail", LinesView)).split())
            assert kind.examples[0] in text
            assert all(key in text for key in kind.signature.metadata)
            await pilot.press("j")


async def test_a_kind_is_named_with_its_path(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        place = next(n for n, kind in enumerate(lessons.kinds()) if "Custom" in kind.signature.description)
        kind = lessons.kinds()[place]
        await pilot.press(*["j"] * place, "enter")
        await choose(pilot, "sold?", "j", "enter")
        box = await name_box(pilot)
        box.value = "custom [v2]"
        await pilot.press("enter")
        await until(pilot, lambda: "2 named" in screen_text(pilot.app), "the name")
        assert lessons.asked == [("teach", kind.id, "checkout", "custom [v2]", "this")]
        assert "custom [v2] (checkout)" in screen_text(pilot.app)
        assert any("custom [v2], checkout: learned" in str(note.message) for note in pilot.app._notifications)


async def test_kinds_that_differ_in_price_alone_can_be_named_at_once(
    store: Path, cases: list[Case], lessons: QuickLessons
) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        await pilot.press("enter")
        await choose(pilot, "sold?", "enter")
        await choose(pilot, "For which price?", "j", "enter")
        (await name_box(pilot)).value = "plain"
        await pilot.press("enter")
        await until(pilot, lambda: "3 named" in screen_text(pilot.app), "both names")
        assert lessons.asked[0][2:] == ("api", "plain", "any")


async def test_a_name_is_taken_back(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        place = next(n for n, kind in enumerate(lessons.kinds()) if kind.name)
        await pilot.press(*["j"] * place, "enter")
        await choose(pilot, "forget the name", "G", "enter")
        await until(pilot, lambda: " 0 named" in screen_text(pilot.app), "no name")


async def test_what_cannot_be_learned_is_said(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    lessons.fault = StoreError("The file [x] is broken.")
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        await pilot.press("G", "enter")
        await choose(pilot, "sold?", "enter")
        (await name_box(pilot)).value = "   "
        await pilot.press("enter")
        assert lessons.asked == [], "a kind needs a name"
        (await name_box(pilot)).value = "x"
        await pilot.press("enter")
        await until(pilot, lambda: any("[x]" in str(note.message) for note in pilot.app._notifications), "the fault")


async def test_escape_leaves_step_by_step(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        await pilot.press("G", "enter")
        await choose(pilot, "sold?", "enter")
        await name_box(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, LearnScreen)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)
        assert lessons.asked == []


async def test_two_keys_in_a_row_choose_once(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await open_learn(pilot)
        await pilot.press("G", "enter", "space", "space", "escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LearnScreen)


async def path_menu(pilot: Pilot[None]) -> CaseScreen:
    screen = await open_case(pilot)
    await pilot.press("t")
    await until(pilot, lambda: "How was it sold?" in screen_text(pilot.app), "the paths")
    return screen


def shows(screen: CaseScreen, words: str) -> Callable[[], bool]:
    return lambda: words in part(screen, "right")


async def test_a_case_gets_its_path_by_hand_and_loses_it_again(
    store: Path, cases: list[Case], lessons: QuickLessons
) -> None:
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        screen = await path_menu(pilot)
        now = next(case for case in cases if case.subscription in part(screen, "head"))
        assert f"now {now.path}, strong: no Checkout Session" in screen_text(pilot.app)
        await pilot.press("g", "j", "j", "enter")
        await until(pilot, shows(screen, "highlevel, certain: set by hand"), "the new path")
        assert any("set by hand" in str(note.message) for note in pilot.app._notifications)
        await pilot.press("t", "G", "enter")
        await until(pilot, shows(screen, "api, strong: no Checkout Session"), "the old path")
        assert lessons.asked == [("path", now.subscription, "highlevel"), ("path", now.subscription, "None")]


async def test_a_path_that_cannot_be_set_is_said(store: Path, cases: list[Case], lessons: QuickLessons) -> None:
    lessons.fault = StoreError("The store is busy.")
    async with world.app(store, cases, lessons=lessons).run_test(size=SIZE) as pilot:
        await path_menu(pilot)
        await pilot.press("enter")
        await until(
            pilot, lambda: any("store is busy" in str(note.message) for note in pilot.app._notifications), "the fault"
        )
