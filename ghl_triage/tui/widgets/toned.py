"""How toned lines become what the terminal gets."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ghl_triage.text import printable
from ghl_triage.tui.spans import Line, Tone

TONE_CLASSES = {f"tone--{tone}" for tone in Tone}
"""The component classes of a screen that holds toned widgets: the tones are styled once there, not in every widget.

Textual makes a node for every component class of every widget, which would cost a third of the first paint.
"""


class Toned(Widget):
    """A widget that paints toned lines by itself: no markup is ever parsed, and no control character gets out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._tones: dict[tuple[Tone, Style | None], Style] = {}
        super().__init__(*args, **options)

    def notify_style_update(self) -> None:
        self._tones.clear()
        super().notify_style_update()

    def tone_style(self, tone: Tone, over: Style | None = None) -> Style:
        """The style of a tone, on the widget's own background or on that of `over` (a cursor line, a heading)."""
        key = (tone, over)
        if key not in self._tones:
            self._tones[key] = self._blend(tone, over)
        return self._tones[key]

    def _blend(self, tone: Tone, over: Style | None) -> Style:
        base = over or self.rich_style
        # The terminal's own sixteen colours may not be told apart on the cursor's colour.
        if tone is Tone.TEXT or (over is not None and self.app.native_ansi_color):
            return base
        name = f"tone--{tone}"
        whole = self.screen.get_component_rich_style(name)
        own = self.screen.get_component_rich_style(name, partial=True)
        return base + Style(color=whole.color, bgcolor=own.bgcolor) + _letters(own)

    def strip_of(self, spans: Line, width: int, over: Style | None = None) -> Strip:
        """One painted line of exactly `width` cells."""
        segments = []
        for span in spans:
            style = self.tone_style(span.tone, over)
            if span.action:
                style += Style.from_meta({"@click": span.action})
            # View models clean what comes from outside; this is the last door before the terminal.
            segments.append(Segment(printable(span.text), style))
        return Strip(segments).adjust_cell_length(width, over or self.rich_style)


def _letters(style: Style) -> Style:
    return Style(bold=style.bold, reverse=style.reverse, underline=style.underline, italic=style.italic, dim=style.dim)
