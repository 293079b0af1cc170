"""Driving the app in tests: waits for what is awaited, never for a length of time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.pilot import Pilot

from ghl_triage.tui.app import TriageApp
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.spans import plain
from ghl_triage.tui.viewmodels.plan import Phase
from ghl_triage.tui.widgets.case_table import CaseTable
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView

PATIENCE = 20.0
"""Seconds until a test gives up: it fails then, it never passes by it."""


async def until(pilot: Pilot[None], holds: Callable[[], bool], what: str = "") -> None:
    """Let the app work until this holds."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, f"still waiting for {what or holds}:\n{screen_text(pilot.app)}"
        await pilot.pause(0.005)


async def ready(pilot: Pilot[None]) -> MainScreen:
    """The main screen, when it has its rows, its counts and the case under the cursor."""
    main = main_screen(pilot)
    await until(pilot, lambda: main.asked and main.facets is not None and not busy(pilot.app), "the first answers")
    await until(pilot, lambda: main.detail_of == main.table.cursor_row, "the detail pane")
    await pilot.pause()
    return main


async def settled(pilot: Pilot[None]) -> None:
    """Let every question be answered, and the detail pane follow the cursor."""
    main = main_screen(pilot)
    await pilot.pause()
    await until(pilot, lambda: not busy(pilot.app), "quiet")
    await until(pilot, lambda: main.detail_of == main.table.cursor_row and not busy(pilot.app), "the detail pane")
    await pilot.pause()


async def the_plan(pilot: Pilot[None], phase: Phase = Phase.READY, *, after: PlanScreen | None = None) -> PlanScreen:
    """The plan, when it lies on top and has come to this phase; `after` another one that may still be there."""

    def there() -> bool:
        screen = pilot.app.screen
        return isinstance(screen, PlanScreen) and screen is not after and screen.is_mounted

    await until(pilot, there, "the plan")
    screen = pilot.app.screen
    assert isinstance(screen, PlanScreen)
    await until(pilot, lambda: screen.state.phase is phase, str(phase))
    await pilot.pause()
    return screen


async def open_plan(pilot: Pilot[None], filter_text: str, key: str, *, phase: Phase = Phase.READY) -> PlanScreen:
    """Filter, mark all that is shown, press the action's key, and wait for the plan."""
    main = await ready(pilot)
    main.box.put(filter_text)
    await settled(pilot)
    await pilot.press("a", key)
    return await the_plan(pilot, phase)


async def open_hiding_three(pilot: Pilot[None]) -> PlanScreen:
    """Mark four cases, hide three of them by a filter, and retry."""
    main = await ready(pilot)
    main.box.put("cause:already_fixed")
    await settled(pilot)
    await pilot.press("a")
    main.box.put("kim.12")
    await settled(pilot)
    await pilot.press("R")
    return await the_plan(pilot)


def busy(app: object) -> bool:
    """Whether a thread still works on a question."""
    assert isinstance(app, TriageApp)
    return any(worker.group != "sync" and not worker.is_finished for worker in app.workers)


def main_screen(pilot: Pilot[None]) -> MainScreen:
    """The main screen, whatever lies over it."""
    assert isinstance(pilot.app, TriageApp)
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, MainScreen))


def table_text(table: CaseTable) -> list[str]:
    """The table's lines as they are painted, header first."""
    return [table.render_line(y).text for y in range(table.size.height)]


def screen_text(app: object) -> str:
    """All that our widgets paint on the screen, line by line."""
    assert isinstance(app, TriageApp)
    rows: list[str] = []
    for widget in app.screen.walk_children():
        if not all(each.display for each in (widget, *widget.ancestors)):
            continue
        if isinstance(widget, CaseTable | LinesView | LineBar) or type(widget).__name__ == "PickList":
            rows += [widget.render_line(y).text for y in range(widget.size.height)]  # type: ignore[attr-defined]
    return "\n".join(rows)


def view_text(view: LinesView) -> str:
    """Everything in a scrolling view, also what is out of sight."""
    return "\n".join(plain(line) for line in view.lines)


def emails(table: CaseTable) -> list[str]:
    """The first word of every row in sight."""
    return [text[3:].split()[0] for text in table_text(table)[1:] if text[3:].strip()]
