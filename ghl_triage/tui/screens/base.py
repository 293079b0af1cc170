"""What all screens share: the app behind them, and toasts that take any text for plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import on
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ghl_triage.text import clean
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.header import mode_span
from ghl_triage.tui.widgets.toned import TONE_CLASSES

if TYPE_CHECKING:
    from ghl_triage.tui.app import TriageApp

Severity = Literal["information", "warning", "error"]


WIDE = 110
"""Cells from which on the rail and all columns have room; fewer would leave a handful for the customer."""


class TriageScreen(Screen[None]):
    """A screen of the app."""

    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own annotation
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    @property
    def home(self) -> TriageApp:
        """The app, with its own type."""
        return cast("TriageApp", self.app)

    def on_mount(self) -> None:
        # The style sheets paint the first line of a live account's screens; the word stands there as well.
        self.set_class(self.home.livemode, "-live")

    def titled(self, title: str) -> Line:
        """The first line of a screen that has no header: what it is, and the mode."""
        return line(Span(f" {title} ", Tone.TITLE), mode_span(self.home.livemode))

    @property
    def narrow(self) -> bool:
        """Whether there is no room for the rail and the further columns."""
        return self.app.size.width < WIDE

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        # The border between a thread's fault and the user: it is told and logged, and the app goes on.
        if event.state is WorkerState.ERROR:
            fault = event.worker.error
            self.home.log_line(f"{event.worker.group}: {fault!r}")
            self.say(f"Something went wrong ({event.worker.group}): {type(fault).__name__}: {fault}", "error")

    def say(self, text: str, severity: Severity = "information") -> None:
        """A toast; the text is cleaned, and is never markup."""
        self.app.notify(clean(text), severity=severity, markup=False)
