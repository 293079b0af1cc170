"""The journal's entries as lines."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.text import clean, wrap
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.casefile import JournalLine
from ghl_triage.tui.viewmodels.display import Display

_SIGNS = {True: ("✓", Tone.GOOD), False: ("✗", Tone.BAD), None: ("…", Tone.WARN)}


def journal_lines(entries: Sequence[JournalLine], display: Display, width: int) -> list[Line]:
    """Every entry with its time and whether it went well; `…` marks one whose outcome is not known yet."""
    rows: list[Line] = []
    for entry in entries:
        sign, tone = _SIGNS[entry.ok]
        stamp = display.when(entry.at)
        texts = wrap(clean(entry.text), width - len(stamp) - 7)
        rows.append(line(Span(f" {stamp}  ", Tone.MUTED), Span(f"{sign} ", tone), texts[0]))
        rows += [line(" " * (len(stamp) + 5) + text) for text in texts[1:]]
    return rows or [line(Span(" Nothing was done yet.", Tone.MUTED))]
