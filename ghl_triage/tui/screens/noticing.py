"""The line of the main screen that says what a crash cut off, and the key that settles it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work

from ghl_triage.errors import TriageError
from ghl_triage.tui.messages import HangingFound
from ghl_triage.tui.screens.triage_queries import QueryingScreen
from ghl_triage.tui.views import CutOffView
from ghl_triage.tui.widgets.line_bar import LineBar

LOOK_AGAIN = 60.0
"""Seconds between two looks: another ghl-triage of this workspace may have been cut off meanwhile."""


class NoticingScreen(QueryingScreen):
    """A screen that looks, once it is painted, whether anything hangs."""

    hanging: Sequence[CutOffView] = ()

    def go_on(self) -> None:
        super().go_on()
        self.look_for_hanging()
        self.set_interval(LOOK_AGAIN, self.look_for_hanging)

    def refresh_cases(self) -> None:
        super().refresh_cases()
        self.look_for_hanging()

    @work(thread=True, group="hanging", exclusive=True, exit_on_error=False)
    def look_for_hanging(self) -> None:
        """Ask the journal."""
        try:
            self.post_message(HangingFound(self.home.gateway.hanging()))
        except TriageError as fault:
            self.home.log_line(f"what hangs is not known: {fault}")

    @on(HangingFound)
    def _hanging_found(self, event: HangingFound) -> None:
        from ghl_triage.tui.keys import letter
        from ghl_triage.tui.viewmodels.hanging import notice_line

        self.hanging = event.plans
        bar = self.query_one("#hanging", LineBar)
        bar.set_class(bool(self.hanging), "-shown")
        key = letter("triage.settle", self.home.settings.keymap)
        bar.show(lambda _w, _h: [notice_line(self.hanging, key)] if self.hanging else [])

    def action_settle(self) -> None:
        from ghl_triage.tui.screens.hanging import HangingScreen

        if self.hanging:
            self.app.push_screen(HangingScreen(), self._looked_at)
        else:
            self.say("Nothing hangs.")

    def _looked_at(self, _: None) -> None:
        self.look_for_hanging()
