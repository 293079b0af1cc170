"""Pictures of a live account's screens: the banner and the word are there on each."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.model import Case
from tests.tui.driving import ready, the_plan, until
from tests.tui.live import live_app
from tests.tui.test_pictures import NARROW, WIDE, Compare, picture

pytestmark = pytest.mark.snapshot


def test_live_triage(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)

    picture(snap_compare, live_app(store, cases), WIDE, steps)


def test_live_plan(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("D")
        plan = await the_plan(pilot)
        await pilot.press("y")
        await until(pilot, lambda: plan.state.armed)

    picture(snap_compare, live_app(store, cases), NARROW, steps)
