"""A fixed number of lines that are made anew for the width they get: the header, the key bar, a fault."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from ghl_triage.tui.spans import BLANK, Build, Line
from ghl_triage.tui.widgets.toned import Toned


class LineBar(Toned):
    """Shows what its builder makes of its size; painted again only when the lines differ."""

    DEFAULT_CSS = "LineBar { height: 1; width: 1fr; }"

    def __init__(self, build: Build | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build: Build = build or (lambda _width, _height: ())
        self._lines: Sequence[Line] = ()
        self._built_for = 0

    def show(self, build: Build) -> None:
        """Replace what is shown."""
        self._build = build
        self.rebuild()

    def rebuild(self) -> None:
        """Ask the builder again, because time or size went on."""
        lines = self._built()
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def _built(self) -> Sequence[Line]:
        self._built_for = self.size.width
        return self._build(self.size.width, self.size.height) if self.size.width else ()

    def on_resize(self) -> None:
        self.rebuild()

    def render_line(self, y: int) -> Strip:
        if self.size.width != self._built_for:
            # The first frame is painted before the resize is told.
            self._lines = self._built()
        return self.strip_of(self._lines[y] if y < len(self._lines) else BLANK, self.size.width)
