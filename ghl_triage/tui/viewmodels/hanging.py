"""What a crash cut off, in lines: what has no answer, what was never sent, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ghl_triage.actions.catalogue import action
from ghl_triage.model import Outcome
from ghl_triage.text import clean, plural, words
from ghl_triage.tui.keys import letter
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, line, paragraph
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.header import mode_span
from ghl_triage.tui.views import CutOffView, EntryView, SettledView


class Settling(StrEnum):
    """How far it is."""

    READING = "reading"
    ASKING = "asking"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class HangingState:
    """What hangs, and what came of it so far. `armed`: a live account had its first yes; `fault`: why it broke off."""

    livemode: bool
    read_only: bool = False
    stage: Settling = Settling.READING
    plans: Sequence[CutOffView] = ()
    settled: Mapping[int, SettledView] = field(default_factory=dict)
    armed: bool = False
    fault: str = ""
    keymap: Mapping[str, str] = field(default_factory=dict)

    @property
    def unanswered(self) -> list[EntryView]:
        """The requests that still have no answer."""
        return [entry for plan in self.plans for entry in plan.unanswered if not self.is_final(entry)]

    @property
    def unsent(self) -> list[EntryView]:
        """The requests that were never sent."""
        return [entry for plan in self.plans for entry in plan.unsent]

    def is_final(self, entry: EntryView) -> bool:
        """Whether it is known what became of a request."""
        known = self.settled.get(entry.id)
        return known is not None and known.outcome is not Outcome.UNKNOWN

    def key(self, name: str) -> str:
        """The key of this id as the user has it."""
        return letter(name, self.keymap)


_SIGNS = {
    Outcome.DONE: ("✓", Tone.GOOD),
    Outcome.DECLINED: ("✗", Tone.BAD),
    Outcome.UNKNOWN: ("?", Tone.WARN),
}


def notice_line(plans: Sequence[CutOffView], key: str) -> Line:
    """What hangs and the key that settles it, in the one line below the header: the key first, for narrow screens."""
    unanswered, unsent = sum(len(plan.unanswered) for plan in plans), sum(len(plan.unsent) for plan in plans)
    parts = [f"{plural(unanswered, 'request')} without an answer"] if unanswered else []
    parts += [f"{unsent:,} never sent" if unanswered else f"{plural(unsent, 'request')} never sent"] if unsent else []
    what = f" settles what was cut off: {', '.join(parts)}."
    return line(Span(f" {key}", Tone.KEY), Span(what, Tone.WARN))


def hanging_lines(state: HangingState, display: Display, width: int) -> list[Line]:
    """Plan by plan, each request with how it stands."""
    rows: list[Line] = []
    if state.fault:
        rows += [*paragraph(clean(state.fault), width - 2, Tone.BAD, lead=" "), BLANK]
    if state.stage is Settling.READING:
        return [line(Span(" Reading the journal…", Tone.MUTED))]
    if not state.plans:
        return [*rows, line(Span(" Nothing hangs.", Tone.STRONG))]
    for plan in state.plans:
        rows += _plan(plan, state, display, width)
    return rows


def _plan(plan: CutOffView, state: HangingState, display: Display, width: int) -> list[Line]:
    first = (*plan.unanswered, *plan.unsent)[0]
    label = action(plan.action).label.capitalize()
    said = f"  yes at {display.when(first.created)}, {clean(first.by)}"
    rows = [line(Span(f" {label}", Tone.TITLE), Span(said, Tone.MUTED))]
    for entry in plan.unanswered:
        rows += _unanswered(entry, state.settled.get(entry.id), state, width)
    for entry in plan.unsent:
        rows += _entry("·", Tone.MUTED, entry, "never sent", width)
    return [*rows, BLANK]


def _unanswered(entry: EntryView, settled: SettledView | None, state: HangingState, width: int) -> list[Line]:
    if settled is None:
        asked = "no answer came: it is read at Stripe, and sent again, with its own key, if it left no trace"
        waits = "being settled" if state.stage is Settling.RUNNING else asked
        return _entry("?", Tone.WARN, entry, waits, width)
    sign, tone = _SIGNS.get(settled.outcome, ("–", Tone.MUTED))
    why = "; ".join(part for part in (words(settled.outcome), settled.error, settled.detail) if part)
    rows = _entry(sign, tone, entry, why, width)
    return [*rows, line(Span(f"     {settled.link}", Tone.KEY))] if settled.link else rows


def _entry(sign: str, tone: Tone, entry: EntryView, why: str, width: int) -> list[Line]:
    first, *more = paragraph(clean(entry.shown), width - 6)
    rows = [line(Span(f"  {sign}  ", tone), *first), *(line("     ", *row) for row in more)]
    return [*rows, *paragraph(clean(why), width - 6, Tone.MUTED, lead="     ")]


_BACK = (Span("  esc", Tone.KEY), Span(" back", Tone.MUTED))


def hanging_ask(state: HangingState) -> Line:
    """What can be done now, in one sentence."""
    live = (Span(" "), mode_span(True)) if state.livemode else ()
    if state.stage is Settling.RUNNING:
        return line(Span(" Settling: each is read at Stripe first.", Tone.STRONG))
    if state.read_only and (state.unanswered or state.unsent):
        return line(Span(" Read only here: settle it with a key that may write.", Tone.WARN), *_BACK)
    if state.stage is Settling.ASKING and state.unanswered:
        yes = state.key("settling.yes")
        keys = f"{yes} once more" if state.armed else f"{yes}, then {yes} again," if state.livemode else yes
        return line(*live, " Press ", Span(keys, Tone.KEY), " to settle it.", *_BACK)
    again = (Span(f" {state.key('settling.yes')}", Tone.KEY), " looks again ") if state.unanswered else ()
    if state.unsent:
        carry_on, give_up = state.key("settling.rest"), state.key("settling.discard")
        plans, gives_up = " plans the rest anew, and asks  ", " gives it up"
        return line(*again, Span(f" {carry_on}", Tone.KEY), plans, Span(give_up, Tone.KEY), gives_up, *_BACK)
    return line(*again, *_BACK)
