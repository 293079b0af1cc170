"""The Learn screen as pictures; `make snapshots` makes them anew, and each is to be looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.model import Case
from tests.tui import world
from tests.tui.driving import busy, until
from tests.tui.kinds import QuickLessons, fill_kinds
from tests.tui.test_learn import choose, name_box, open_learn, path_menu
from tests.tui.test_pictures import NARROW, WIDE, Compare, picture

pytestmark = pytest.mark.snapshot


async def _list(pilot: Pilot[None]) -> None:
    await open_learn(pilot)
    await pilot.press("j", "j", "j")
    await until(pilot, lambda: not busy(pilot.app))


async def _naming(pilot: Pilot[None]) -> None:
    await open_learn(pilot)
    await pilot.press("G", "enter")
    await choose(pilot, "sold?", "enter")
    (await name_box(pilot)).value = "custom checkout v2"
    await until(pilot, lambda: not busy(pilot.app))


async def _path(pilot: Pilot[None]) -> None:
    await path_menu(pilot)


@pytest.mark.parametrize(
    ("steps", "size"),
    [(_list, WIDE), (_list, NARROW), (_naming, NARROW), (_path, WIDE)],
    ids=["wide", "narrow", "naming", "path-by-hand"],
)
def test_learn(
    snap_compare: Compare,
    store: Path,
    cases: list[Case],
    steps: Callable[[Pilot[None]], Awaitable[None]],
    size: tuple[int, int],
) -> None:
    fill_kinds(store, cases)
    picture(snap_compare, world.app(store, cases, lessons=QuickLessons(store)), size, steps)
