"""The command palette: every key that does something here, the views, the themes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from ghl_triage.tui.keys import APP, Group, display
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.screens.case import CaseScreen
from ghl_triage.tui.screens.triage import MainScreen

if TYPE_CHECKING:
    from ghl_triage.tui.app import TriageApp

THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")
"""The themes that are looked after; the others of Textual work, too, from the settings."""


def commands(app: TriageApp, screen: Screen[object]) -> Iterable[SystemCommand]:
    """What can be done on this screen."""
    for group in (APP, *_groups(screen)):
        for key in group.keys:
            if group is not APP and not screen.check_action(key.action, ()):
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


def _groups(screen: Screen[object]) -> tuple[Group, ...]:
    return screen.GROUPS if isinstance(screen, TriageScreen) else ()
