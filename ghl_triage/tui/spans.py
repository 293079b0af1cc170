"""Lines of toned text: what view models make and widgets paint. Plain text throughout, never markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ghl_triage.text import cells_of, clip, wrap


class Tone(StrEnum):
    """What a piece of text means; the theme gives it a colour, and never the colour alone carries the meaning."""

    TEXT = "text"
    MUTED = "muted"
    STRONG = "strong"
    TITLE = "title"
    KEY = "key"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    LIVE = "live"
    TEST = "test"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of one line. `action` is a Textual action that a click on it runs."""

    text: str
    tone: Tone = Tone.TEXT
    action: str | None = None


Line: TypeAlias = tuple[Span, ...]
Build: TypeAlias = Callable[[int, int], Sequence[Line]]
"""Makes the lines of a widget for its width and height in cells."""

BLANK: Line = ()


def line(*parts: str | Span) -> Line:
    """A line of these parts; a plain string is ordinary text."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def width_of(spans: Line) -> int:
    """How many terminal cells the line takes."""
    return sum(cells_of(span.text) for span in spans)


def clip_line(spans: Line, cells: int) -> Line:
    """The line in at most so many cells; what does not fit ends in an ellipsis."""
    kept: list[Span] = []
    left = cells
    for span in spans:
        taken = cells_of(span.text)
        if taken > left:
            kept.append(Span(clip(span.text, left), span.tone, span.action))
            break
        kept.append(span)
        left -= taken
    return tuple(kept)


def spread(left: Line, right: Line, cells: int) -> Line:
    """Two texts at the two ends of a line; the left one gives way."""
    gap = cells - width_of(left) - width_of(right)
    if gap < 1:
        left = clip_line(left, max(0, cells - width_of(right) - 1))
        gap = max(1, cells - width_of(left) - width_of(right))
    return (*left, Span(" " * gap), *right)


def first_that_fits(candidates: Iterable[Line], cells: int) -> Line:
    """The first of the lines, richest first, that fits; the last one clipped where none does."""
    last: Line = BLANK
    for candidate in candidates:
        last = candidate
        if width_of(candidate) <= cells:
            return candidate
    return clip_line(last, cells)


def paragraph(text: str, cells: int, tone: Tone = Tone.TEXT, *, lead: str = "") -> list[Line]:
    """Wrapped text whose further lines hang under the first; `lead` stands muted before it."""
    indent = cells_of(lead)
    rows = wrap(text, cells - indent)
    first = line(Span(lead, Tone.MUTED), Span(rows[0], tone)) if lead else line(Span(rows[0], tone))
    return [first, *(line(Span(" " * indent + row, tone)) for row in rows[1:])]


def plain(spans: Line) -> str:
    """The text alone."""
    return "".join(span.text for span in spans)
