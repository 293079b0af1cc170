"""Pictures of the screens of the reports, compared with what was looked at and found good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.model import Case
from ghl_triage.report.document import Document
from tests.report.sample import AUDIT, CONVERSION
from tests.tui import world
from tests.tui.driving import ready, screen_text, until

pytestmark = pytest.mark.snapshot
WIDE, NARROW = (120, 36), (80, 24)
Compare = Callable[..., bool]


def picture(
    compare: Compare,
    store: Path,
    cases: list[Case],
    document: Document,
    *keys: str,
    size: tuple[int, int],
    theme: str = "",
) -> None:
    """Open the report, press the keys, compare the picture."""

    async def before(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press(keys[0])
        await until(pilot, lambda: document.title in screen_text(pilot.app))
        await pilot.press(*keys[1:])
        await pilot.pause()

    app = world.app(store, cases, reports=world.ScriptedReports(document), theme=theme or "textual-dark")
    assert compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_audit(snap_compare: Compare, store: Path, cases: list[Case], size: tuple[int, int]) -> None:
    picture(snap_compare, store, cases, AUDIT, "u", size=size)


def test_audit_charts_light(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    picture(snap_compare, store, cases, AUDIT, "u", "n", "n", size=WIDE, theme="textual-light")


def test_audit_charts_in_the_terminal_s_colours(snap_compare: Compare, store: Path, cases: list[Case]) -> None:
    picture(snap_compare, store, cases, AUDIT, "u", "n", "n", size=NARROW, theme="ansi-dark")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_conversion(snap_compare: Compare, store: Path, cases: list[Case], size: tuple[int, int]) -> None:
    picture(snap_compare, store, cases, CONVERSION, "c", size=size)
