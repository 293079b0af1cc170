"""How toned lines become what the terminal gets."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ghl_triage.text import clean
from ghl_triage.tui.spans import Line, Tone

TONE_CLASSES = {f"tone--{tone}" for tone in Tone}


class Toned(Widget):
    """A widget that paints toned lines by itself: no markup is ever parsed, and no control character gets out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES

    def tone_style(self, tone: Tone, over: Style | None = None) -> Style:
        """The style of a tone, on the widget's own background or on that of `over` (a cursor line, a selection)."""
        style = self.get_component_rich_style(f"tone--{tone}")
        if over is None:
            return style
        if tone is Tone.TEXT:
            return over
        return style + Style(bgcolor=over.bgcolor, bold=over.bold, reverse=over.reverse, underline=over.underline)

    def strip_of(self, spans: Line, width: int, over: Style | None = None) -> Strip:
        """One painted line of exactly `width` cells."""
        segments = []
        for span in spans:
            style = self.tone_style(span.tone, over)
            if span.action:
                style += Style.from_meta({"@click": span.action})
            # View models clean what comes from outside; this is the last door before the terminal.
            text = span.text if span.text.isprintable() else clean(span.text)
            segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(width, over or self.rich_style)
