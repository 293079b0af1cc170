"""The timeline: time, four lanes of one cell each, what happened. Readable without colour, the same at every width."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.model import Lane, TimelineEvent
from ghl_triage.text import clean, clip, wrap
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.display import Display

_LANES = ((Lane.HIGHLEVEL, "H"), (Lane.CHECKOUT, "C"), (Lane.API, "A"), (Lane.BILLING, "B"))
_SIGNS = {True: ("✓ ", Tone.GOOD), False: ("✗ ", Tone.BAD), None: ("", Tone.TEXT)}
LONGEST = 400
"""Cells of what one event says, whatever a bank wrote: the raw objects show the rest."""
LEGEND = "H HighLevel  C Checkout  A API  B billing"


def timeline_lines(events: Sequence[TimelineEvent], display: Display, width: int) -> list[Line]:
    """Every event, oldest first; long texts hang under their beginning."""
    stamps = [display.when(event.at) for event in events]
    room = max((len(stamp) for stamp in stamps), default=0)
    rows: list[Line] = []
    for event, stamp in zip(events, stamps, strict=True):
        rows += _event(event, f"{stamp:<{room}}", display, width)
    return rows


def _event(event: TimelineEvent, stamp: str, display: Display, width: int) -> list[Line]:
    sign, tone = _SIGNS[event.ok]
    left = (Span(f"{stamp}  ", Tone.MUTED), *_lanes(event.lane), Span("  "))
    indent = len(stamp) + 2 + len(_LANES) + 2
    rows = wrap(sign + _text(event, display), width - indent)
    first = (*left, Span(rows[0], tone if event.ok is False else Tone.TEXT))
    return [first, *(line(Span(" " * indent + row, tone if event.ok is False else Tone.TEXT)) for row in rows[1:])]


def _lanes(lane: Lane) -> Line:
    return tuple(Span(letter, Tone.KEY) if lane == name else Span("·", Tone.RULE) for name, letter in _LANES)


def _text(event: TimelineEvent, display: Display) -> str:
    summary = clip(clean(event.summary), LONGEST)
    if event.amount is None or not event.currency:
        return summary
    amount = display.money(event.amount, event.currency)
    return summary if amount in summary else f"{summary}  {amount}"
