"""The last line: what is marked, and the keys that matter here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ghl_triage.text import plural
from ghl_triage.tui.spans import Line, Span, Tone, spread, width_of
from ghl_triage.tui.viewmodels.display import Display


@dataclass(frozen=True, slots=True)
class Hint:
    """A key with its word. `rank` says how long it stays when room gets short: the lowest goes first."""

    key: str
    label: str
    action: str
    rank: int
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """The marked cases: how many, how many of them out of sight, and what they come to by currency."""

    count: int = 0
    hidden: int = 0
    sums: Mapping[str, int] = field(default_factory=dict)
    range_open: bool = False


def key_bar(marked: Marked, hints: Sequence[Hint], display: Display, width: int) -> Line:
    """The line in so many cells; what is marked keeps its room."""
    left = marked_words(marked, display)
    return spread(left, hint_line(hints, width - width_of(left) - 2), width)


def hint_line(hints: Sequence[Hint], room: int) -> Line:
    """The keys in at most so many cells. Where room is short the least of them go; the others lose their words one by
    one, first those that are refused."""
    kept = list(hints)
    while kept and width_of(_hints(kept)) > room and min(hint.rank for hint in kept) < KEPT:
        kept.remove(min(kept, key=lambda hint: hint.rank))
    for hint in sorted(kept, key=lambda hint: (not hint.dim, hint.rank)):
        if width_of(_hints(kept)) <= room:
            break
        kept[kept.index(hint)] = replace(hint, label="")
    return _hints(kept)


KEPT = 10
"""Hints of this rank and above keep their key to the last."""


def marked_words(marked: Marked, display: Display) -> Line:
    """`12 selected, 3 hidden  $1,940.00`."""
    if marked.range_open:
        return (Span(" range: move, then V again; esc leaves it", Tone.KEY),)
    if not marked.count:
        return (Span(" "),)
    hidden = f", {marked.hidden:,} hidden" if marked.hidden else ""
    sums = display.sums(marked.sums)
    return (Span(f" {marked.count:,} selected{hidden}", Tone.STRONG), Span(f"  {sums}" if sums else ""))


def _hints(hints: Sequence[Hint]) -> Line:
    spans: list[Span] = []
    for hint in hints:
        tone = Tone.MUTED if hint.dim else Tone.KEY
        spans.append(Span(hint.key, tone, hint.action))
        spans.append(Span(f" {hint.label}  " if hint.label else " ", Tone.MUTED, hint.action))
    return tuple(spans)


def shown_of(shown: int, everything: int, filtered: bool) -> str:
    """`121 cases of 414`, or `414 cases` where no filter is set."""
    return f"{plural(shown, 'case')} of {everything:,}" if filtered else plural(shown, "case")
