"""What a plan waits for, how far it is, and what came of it: the lines below its steps."""

from __future__ import annotations

from collections import Counter

from ghl_triage.text import plural
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, first_that_fits, line
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.header import mode_span
from ghl_triage.tui.viewmodels.plan import OUTCOMES, Phase, PlanState, decisions


def progress_bar(state: PlanState, width: int) -> Line:
    """How far: while reading again, then while carrying out."""
    total = len(state.steps) if state.phase is Phase.CHECKING else len(state.to_do)
    done = sum(step.checked for step in state.steps) if state.phase is Phase.CHECKING else _finished(state)
    if state.phase is Phase.READY or not total:
        return BLANK
    room = max(10, min(40, width - 50))
    filled = room * done // total
    counts = "" if state.phase is Phase.CHECKING else _counts(state)
    bar = (Span(" " + "█" * filled, Tone.KEY), Span("░" * (room - filled), Tone.RULE))
    return line(*bar, f"  {done:,} of {total:,}  ", *counts)


def _finished(state: PlanState) -> int:
    return sum(step.case in state.results for step in state.to_do)


def _counts(state: PlanState) -> Line:
    counted = Counter(result.outcome for result in state.results.values())
    return tuple(
        Span(f" {counted[outcome]:,} {words} ", tone)
        for outcome, (_sign, words, tone) in OUTCOMES.items()
        if counted[outcome]
    )


def ask_line(state: PlanState, display: Display, width: int) -> Line:
    """What the plan waits for, in one sentence."""
    match state.phase:
        case Phase.CHECKING:
            return line(Span(" Checking: each case is read again before you can say yes.", Tone.MUTED))
        case Phase.RUNNING:
            return _under_way(state)
        case Phase.FAILED:
            return line(
                Span(" Nothing was sent.", Tone.STRONG), Span("  esc", Tone.KEY), Span(" goes back", Tone.MUTED)
            )
        case Phase.DONE:
            return _done_line(state)
        case Phase.READY:
            return _question(state, display, width)


def _under_way(state: PlanState) -> Line:
    if state.stopping:
        return line(Span(" Stopping: what was sent is finished, the rest is left undone.", Tone.STRONG))
    pause, escape = Span(state.key("plan.pause"), Tone.KEY), Span("esc", Tone.KEY)
    if state.paused:
        said = Span(" Paused: nothing more is begun.  ", Tone.STRONG)
        return line(said, pause, Span(" goes on, ", Tone.MUTED), escape, Span(" stops", Tone.MUTED))
    rest = Span(" stops; what was sent is finished first", Tone.MUTED)
    return line(Span(" Running.  ", Tone.STRONG), pause, Span(" pauses, ", Tone.MUTED), escape, rest)


def _question(state: PlanState, display: Display, width: int) -> Line:
    if not state.to_do:
        return _nothing(state)
    live = (Span(" "), mode_span(True)) if state.livemode else ()
    yes = state.key("plan.yes")
    if state.word:
        asked = line(*live, " Press ", Span(yes, Tone.KEY), " and type ", Span(state.word, Tone.KEY))
    else:
        keys = f"{yes} once more" if state.armed else f"{yes}, then {yes} again," if state.loud else yes
        asked = line(*live, " Press ", Span(keys, Tone.KEY))
    carried = f" to carry it out for {plural(len(state.to_do), 'case')}"
    sums = display.sums(state.plan.totals) if state.plan else ""
    return first_that_fits([line(*asked, f"{carried}, {sums}.")] * bool(sums) + [line(*asked, f"{carried}.")], width)


def _nothing(state: PlanState) -> Line:
    """No case is left; where the consultant can change that, by which key."""
    offered = decisions(state.offers) if state.offers else []
    if not offered:
        return line(Span(" Nothing to do: every case is left out.", Tone.STRONG))
    keys = " or ".join(state.key(name) for name, _ in offered)
    return line(
        Span(" Nothing to do as it stands.  ", Tone.STRONG), Span(keys, Tone.KEY), Span(" may help", Tone.MUTED)
    )


def _done_line(state: PlanState) -> Line:
    said = [
        Span(" Stopped. " if state.stopping or state.fault else " Done. ", Tone.STRONG),
        Span(_account(state), Tone.MUTED),
    ]
    if state.links:
        said += [Span(f" {state.key('plan.copy')}", Tone.KEY), Span(" copies the links, ", Tone.MUTED)]
        said += [Span(state.key("plan.file"), Tone.KEY), Span(" writes them to a file, ", Tone.MUTED)]
    return (*said, Span("esc" if state.links else " esc", Tone.KEY), Span(" goes back", Tone.MUTED))


def _account(state: PlanState) -> str:
    """Where every case that was selected has come to; nothing where that is what the bar above says."""
    rest = [f"{count:,} {what}" for count, what in ((state.hidden, "hidden"), (state.gone, "gone")) if count]
    if not rest and len(state.results) == len(state.steps):
        return ""
    if not state.results:
        return f" None of the {len(state.steps) + state.hidden + state.gone:,} selected has a result."
    missing = len(state.steps) - len(state.results)
    rest = [*([f"{missing:,} without a result"] if missing else []), *rest]
    selected = len(state.steps) + state.hidden + state.gone
    return f" Of {selected:,} selected: {len(state.results):,} told, {', '.join(rest)}."
