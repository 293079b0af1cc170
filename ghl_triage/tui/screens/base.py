"""What all screens share: the app behind them, and toasts that take any text for plain text."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from textual import on
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from ghl_triage.text import clean
from ghl_triage.tui.keys import Group, bindings
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.header import header_line, mode_span
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.toned import TONE_CLASSES

if TYPE_CHECKING:
    from ghl_triage.tui.app import TriageApp

Severity = Literal["information", "warning", "error"]

WIDE = 110
"""Cells from which on the rail and all columns have room; fewer would leave a handful for the customer."""
TALL = 30
"""Lines from which on the detail pane has its full height."""


class TriageScreen(Screen[None]):
    """A screen of the app. Its keys are those of its `GROUPS`: they are bound, and the palette offers them."""

    GROUPS: ClassVar[tuple[Group, ...]] = ()
    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own annotation
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012

    def __init_subclass__(cls, **options: Any) -> None:
        if "GROUPS" in cls.__dict__:
            cls.BINDINGS = bindings(*cls.GROUPS)
        super().__init_subclass__(**options)

    @property
    def home(self) -> TriageApp:
        """The app, with its own type."""
        return cast("TriageApp", self.app)

    def on_mount(self) -> None:
        # The style sheets paint the first line of a live account's screens; the word stands there as well.
        self.set_class(self.home.livemode, "-live")
        # Textual sets these when it hears of the size, which is after the first frame.
        self.set_class(self.narrow, "-narrow")
        self.set_class(self.app.size.height < TALL, "-short")
        if self.query("#header"):
            self.set_interval(1.0, self.show_header)

    def header_bar(self) -> LineBar:
        """The first line of a screen that shows cases or sums: where we are, what is at stake, how fresh it is."""
        return LineBar(lambda width, _h: [header_line(self.home.header, self.home.formats, width)], id="header")

    def show_header(self) -> None:
        """Write the header anew: time went on, or the sync."""
        for bar in self.query("#header").results(LineBar):
            bar.rebuild()

    def titled(self, title: str) -> Line:
        """The first line of a screen that has no header: what it is, and the mode."""
        return line(Span(f" {title} ", Tone.TITLE), mode_span(self.home.livemode))

    @property
    def narrow(self) -> bool:
        """Whether there is no room for the rail and the further columns."""
        return self.app.size.width < WIDE

    def backstage(self, work: Coroutine[Any, Any, None], failed: Callable[[str], Message]) -> Future[None]:
        """Let this run in the background; where it fails, post the message that is made of why."""
        return self.home.backstage.run(work, lambda fault: self.post_message(failed(self.home.told(fault))))

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        self.home.worker_changed(event)

    def say(self, text: str, severity: Severity = "information") -> None:
        """A toast; the text is cleaned, and is never markup."""
        self.app.notify(clean(text), severity=severity, markup=False)
