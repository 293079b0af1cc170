"""Lines in a box that scrolls: the detail pane, a timeline, a plan's steps, the help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ghl_triage.tui.spans import BLANK, Build, Line
from ghl_triage.tui.widgets.toned import Toned


class LinesView(ScrollView, Toned, can_focus=True):
    """Shows the lines that its builder makes for its width, however many; thousands cost no more than a screenful."""

    DEFAULT_CSS = "LinesView { overflow-x: hidden; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
        Binding("ctrl+d", "page_down", show=False),
        Binding("ctrl+u", "page_up", show=False),
    ]

    def __init__(
        self,
        build: Build | None = None,
        *,
        top: Callable[[], int | None] = lambda: None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`top` says after each building which line is to stand on top; None leaves it to the scrolling."""
        super().__init__(id=id, classes=classes)
        self._build: Build = build or (lambda _width, _height: ())
        self._top = top
        self._lines: Sequence[Line] = ()

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown now, the part out of sight included."""
        return self._lines

    def show(self, build: Build, *, top: bool = False) -> None:
        """Replace what is shown; `top` scrolls back to the first line."""
        self._build = build
        self.rebuild()
        if top:
            self.put_on_top(0)

    def put_on_top(self, row: int) -> None:
        """Scroll to this line at once: the next key looks at where we are, and before the first paint nothing scrolls
        unless it is forced to."""
        self.scroll_to(y=row, animate=False, force=True, immediate=True)

    def rebuild(self) -> None:
        """Ask the builder again, because time or size went on."""
        width = self.scrollable_content_region.width
        if not width:
            return
        self._lines = self._build(width, self.scrollable_content_region.height)
        self.virtual_size = Size(width, len(self._lines))
        top = self._top()
        if top is not None:
            self.put_on_top(top)
        self.refresh()

    def on_resize(self) -> None:
        self.rebuild()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        spans = self._lines[index] if index < len(self._lines) else BLANK
        return self.strip_of(spans, self.size.width)
