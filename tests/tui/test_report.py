"""The screen of a report, used by its keys."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.model import Case
from ghl_triage.report.document import Document, Heading, Paragraph
from ghl_triage.report.layout import lay_out
from ghl_triage.report.markdown import render
from ghl_triage.tui.screens.choice import ChoiceScreen
from ghl_triage.tui.screens.report import ReportScreen
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.viewmodels.report import position
from tests.report.sample import AUDIT
from tests.tui import world
from tests.tui.driving import ready, screen_text, until, view_text

pytestmark = pytest.mark.anyio
LONG = Document(
    "Long",
    "of 600 sections",
    tuple(block for number in range(600) for block in (Heading(f"Part {number}"), Paragraph("word " * 60))),
)


async def opened(pilot: Pilot[None], key: str) -> ReportScreen:
    """The report behind this key of the main screen."""
    await ready(pilot)
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, ReportScreen) and pilot.app.screen.is_mounted)
    screen = pilot.app.screen
    assert isinstance(screen, ReportScreen)
    return screen


async def shown(pilot: Pilot[None], key: str) -> ReportScreen:
    """The same, when the report stands there."""
    screen = await opened(pilot, key)
    await until(pilot, lambda: "%" in screen_text(pilot.app).splitlines()[-1], "the report")
    await pilot.pause()
    return screen


async def test_each_key_shows_the_report_of_its_command(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT)
    async with world.app(store, cases, reports=reports).run_test(size=(80, 24)) as pilot:
        for key in ("u", "c", "e"):
            screen = await shown(pilot, key)
            assert "29.2 % $11,737.00 ¥4,000" in view_text(screen.view)
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))
    assert reports.asked == [("audit",), ("report", "conversion"), ("report", "declines")]


async def test_a_report_under_way_says_so_at_once_and_is_dropped_by_esc(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT, held=True)
    async with world.app(store, cases, reports=reports).run_test() as pilot:
        await opened(pilot, "u")
        await until(pilot, lambda: "reckoning…" in screen_text(pilot.app))
        await until(pilot, lambda: bool(reports.asked))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen) and reports.dropped == 1)


async def test_leaving_the_app_drops_a_report_under_way(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT, held=True)
    async with world.app(store, cases, reports=reports).run_test() as pilot:
        await opened(pilot, "u")
        await until(pilot, lambda: bool(reports.asked))
        await pilot.press("q")
    assert reports.dropped == 1


async def test_a_failed_report_says_its_one_sentence_and_can_be_tried_again(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT, fault="Nothing is loaded yet. [/] Wait for the first sync.")
    async with world.app(store, cases, reports=reports).run_test() as pilot:
        await opened(pilot, "c")
        await until(pilot, lambda: "Nothing is loaded yet. [/] Wait" in screen_text(pilot.app))
        reports.fault = ""
        await pilot.press("r")
        await until(pilot, lambda: "Why trials fail" in screen_text(pilot.app))


async def test_a_report_that_fails_the_second_time_stays_as_it_was(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT)
    async with world.app(store, cases, reports=reports).run_test(notifications=True) as pilot:
        await shown(pilot, "u")
        reports.fault = "The store cannot be read."
        await pilot.press("r")
        await until(pilot, lambda: len(reports.asked) == 2 and bool(pilot.app._notifications))
        assert "Why trials fail" in screen_text(pilot.app)


async def test_n_and_p_go_from_section_to_section(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT)
    async with world.app(store, cases, reports=reports).run_test(size=(80, 16)) as pilot:
        screen = await shown(pilot, "u")
        wanted = ["Causes by money at risk", "First charges by how the card was saved", "When it began"]
        for heading in wanted:
            await pilot.press("n")
            await pilot.pause()
            assert screen.view.render_line(0).text.strip().startswith(heading)
        await pilot.press("p")
        await pilot.pause()
        assert screen.view.render_line(0).text.strip() == wanted[1]
        await pilot.press("p", "p", "p")
        await pilot.pause()
        assert screen.view.render_line(0).text.strip() == "Why trials fail: Course Creator 360"


async def test_another_width_keeps_the_place(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(LONG)
    async with world.app(store, cases, reports=reports).run_test(size=(120, 36)) as pilot:
        screen = await shown(pilot, "u")
        screen.view.scroll_to(y=lay_out(LONG, 117).starts[800], animate=False, immediate=True)
        await pilot.pause()
        assert screen.view.render_line(0).text.strip() == "Part 400"
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: screen.view.render_line(0).text.strip() == "Part 400")


async def test_a_long_report_paints_only_what_is_in_sight(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(LONG)
    async with world.app(store, cases, reports=reports).run_test(size=(80, 24)) as pilot:
        screen = await shown(pilot, "u")
        assert screen.view.virtual_size.height > 3000
        await pilot.press("G")
        await until(pilot, lambda: "section 600 of 600, 100 %" in screen_text(pilot.app))
        await pilot.press("g")
        await until(pilot, lambda: "Long" in screen.view.render_line(0).text)


async def _write(pilot: Pilot[None], folder: Path, *keys: str) -> Path:
    await pilot.press("w")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen) and pilot.app.focused is not None)
    await pilot.press(*keys, "enter")
    await until(pilot, lambda: (folder / "reports").exists() and bool(list((folder / "reports").glob("[!.]*"))))
    (path,) = (folder / "reports").iterdir()
    await until(pilot, lambda: any(str(path) in each.message for each in pilot.app._notifications))
    return path


async def test_w_writes_markdown_of_ones_own_and_says_where(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT)
    async with world.app(store, cases, reports=reports).run_test(notifications=True) as pilot:
        await shown(pilot, "u")
        path = await _write(pilot, store.parent, "down")
        assert path.name == "audit-2025-11-21-080000.md"
        assert path.read_text() == render(AUDIT)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(reports.asked) == 1


async def test_customers_are_named_only_where_that_was_chosen(store: Path, cases: list[Case]) -> None:
    reports = world.ScriptedReports(AUDIT)
    async with world.app(store, cases, reports=reports).run_test(notifications=True) as pilot:
        await shown(pilot, "u")
        reports.document = replace(AUDIT, subtitle="with jane@acme.test")
        path = await _write(pilot, store.parent, "down", "down")
        assert reports.asked[1:] == [("audit", "--include-customers")]
        assert path.name.startswith("audit-with-customers-")
        assert "with jane@acme.test" in path.read_text()
        assert "jane@acme.test" not in screen_text(pilot.app)


async def test_the_palette_has_the_reports(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases, reports=world.ScriptedReports(AUDIT)).run_test() as pilot:
        await ready(pilot)
        app = pilot.app
        found = {entry.title for entry in app.get_system_commands(app.screen)}
        assert {"Audit", "Conversion", "Declines"} <= found


def test_the_position_is_whole_at_the_end() -> None:
    layout = lay_out(AUDIT, 80)
    assert position(layout, 0, 20) == "0 %"
    assert position(layout, len(layout.rows) - 20, 20).endswith("100 %")
    assert position(layout, 0, 500).endswith("100 %")
