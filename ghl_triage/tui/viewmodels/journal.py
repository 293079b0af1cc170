"""The journal's entries as lines."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.text import clean, plural, wrap
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.casefile import JournalLine
from ghl_triage.tui.viewmodels.display import Display

JOURNAL_LIMIT = 2_000
"""Journal entries read for the screen, newest first."""
_SIGNS = {True: ("✓", Tone.GOOD), False: ("✗", Tone.BAD), None: ("…", Tone.WARN)}


def journal_size(entries: Sequence[JournalLine] | None) -> Span:
    """How many there are; where only the newest are shown, where to read the others."""
    if not entries:
        return Span("")
    more = ": `ghl-triage journal` tells of all" if len(entries) == JOURNAL_LIMIT else ""
    return Span(f"   {plural(len(entries), 'request')}, newest first{more}", Tone.MUTED)


def journal_lines(entries: Sequence[JournalLine] | None, display: Display, width: int) -> list[Line]:
    """Every entry with its time and whether it went well; `…` marks one whose outcome is not known yet."""
    if entries is None:
        return [line(Span(" Reading the journal…", Tone.MUTED))]
    rows: list[Line] = []
    for entry in entries:
        sign, tone = _SIGNS[entry.ok]
        stamp = display.when(entry.at)
        texts = wrap(clean(entry.text), width - len(stamp) - 7)
        rows.append(line(Span(f" {stamp}  ", Tone.MUTED), Span(f"{sign} ", tone), texts[0]))
        rows += [line(" " * (len(stamp) + 5) + text) for text in texts[1:]]
    return rows or [line(Span(" Nothing was done yet.", Tone.MUTED))]
