"""The command palette: every key that does something here, the views, the themes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from ghl_triage.tui.keys import ACT, APP, CASE, PLAN, REPORT, REPORTS, SHARED, TRIAGE, Group, display
from ghl_triage.tui.screens.acting import ActingScreen
from ghl_triage.tui.screens.case import CaseScreen
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.screens.report import ReportScreen
from ghl_triage.tui.screens.triage import MainScreen

if TYPE_CHECKING:
    from ghl_triage.tui.app import TriageApp

THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")
"""The themes that are looked after; the others of Textual work, too, from the settings."""


def commands(app: TriageApp, screen: Screen[object]) -> Iterable[SystemCommand]:
    """What can be done on this screen."""
    for group in _groups(screen):
        for key in group.keys:
            if group is PLAN and not screen.check_action(key.action, ()):
                continue
            run = partial(app.run_action, key.action, default_namespace=app if group is APP else screen)
            keys = display(app.settings.keymap.get(key.id, key.keys))
            yield SystemCommand(key.label.capitalize(), f"{keys}  {key.hint}", run)
    if isinstance(screen, CaseScreen):
        yield SystemCommand("Learn", "name the kinds of subscriptions", app.open_learn)
    if isinstance(screen, MainScreen):
        for view in app.gateway.filters.VIEWS:
            yield SystemCommand(f"View: {view.title}", view.filter, partial(screen.box.put, view.filter))
    for theme in THEMES:
        yield SystemCommand(f"Theme: {theme}", "the colours of the screen", partial(setattr, app, "theme", theme))


def _groups(screen: Screen[object]) -> list[Group]:
    groups = [APP]
    if isinstance(screen, ActingScreen):
        groups.append(REPORTS)
    if isinstance(screen, ReportScreen):
        groups.append(REPORT)
    if isinstance(screen, MainScreen):
        groups.append(TRIAGE)
    if isinstance(screen, CaseScreen):
        groups.append(CASE)
    if isinstance(screen, ActingScreen):
        groups += [SHARED, ACT]
    if isinstance(screen, PlanScreen):
        groups.append(PLAN)
    return groups
