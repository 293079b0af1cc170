"""The plan on the screen: what would be done, what is being done, what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ghl_triage.actions.describe import request_line
from ghl_triage.model import Outcome, PlanStep, StepResult
from ghl_triage.text import card_label, clean, csv_cell, plural
from ghl_triage.tui.keys import letter
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, line, paragraph, spread, width_of
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.viewmodels.header import mode_span
from ghl_triage.tui.views import ActionView, ConfirmationView, OffersView, PlanView


class Phase(StrEnum):
    """Where a plan stands."""

    CHECKING = "checking"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan with what came of it so far. `hidden` cases are marked, but out of sight and left out; `gone` ones were
    marked, and are no more.

    `asked` is how many cases it was opened for; `armed` that a live plan had its first yes; `fault` why it broke;
    `keymap` the user's own keys.
    """

    action: ActionView
    livemode: bool
    asked: int
    phase: Phase = Phase.CHECKING
    plan: PlanView | None = None
    confirmation: ConfirmationView | None = None
    results: Mapping[str, StepResult] = field(default_factory=dict)
    hidden: int = 0
    gone: int = 0
    armed: bool = False
    paused: bool = False
    stopped: bool = False
    fault: str = ""
    keymap: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        """All steps, as far as they are known."""
        return (*self.plan.steps, *self.plan.gone) if self.plan else ()

    @property
    def to_do(self) -> tuple[PlanStep, ...]:
        """The steps that would do something."""
        return tuple(step for step in self.steps if step.skipped is None)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """The links that the plan made, each with the customer's address as a cell of a file."""
        return tuple(
            (csv_cell(result.step.email or result.step.case), result.link)
            for result in self.results.values()
            if result.link
        )

    @property
    def offers(self) -> OffersView | None:
        """What only the consultant can decide, as long as he still can; None where there is nothing of the kind."""
        open_yet = self.phase in (Phase.CHECKING, Phase.READY)
        return self.plan.offers if self.plan and self.plan.offers and open_yet else None

    def key(self, name: str) -> str:
        """The key of this id as the user has it."""
        return letter(name, self.keymap)

    @property
    def word(self) -> str:
        """What must be typed before a batch runs live; empty where a key is enough."""
        return self.confirmation.word if self.confirmation else ""

    @property
    def loud(self) -> bool:
        """Whether real money is at stake: a key alone must then be pressed twice."""
        return self.confirmation is not None and self.confirmation.loud


_OUTCOMES = {
    Outcome.DONE: ("✓", "done", Tone.GOOD),
    Outcome.DECLINED: ("✗", "declined", Tone.BAD),
    Outcome.SKIPPED: ("–", "skipped", Tone.MUTED),
    Outcome.FAILED: ("✗", "failed", Tone.BAD),
    Outcome.UNKNOWN: ("?", "outcome unknown", Tone.WARN),
}


def plan_title(state: PlanState, display: Display, width: int) -> Line:
    """The first line: the action, how many cases, the mode, the sums."""
    count = len(state.to_do) if state.plan else state.asked
    what = f" {state.action.label.capitalize()}  "
    left = line(Span(what, Tone.TITLE), mode_span(state.livemode), f"  {plural(count, 'case')}")
    sums = display.sums(state.plan.totals) if state.plan else ""
    moved = Span(f"{'charges ' if state.action.moves_money else ''}{sums} ", Tone.STRONG) if sums else Span("")
    return spread(left, (moved,), width)


def plan_lines(state: PlanState, display: Display, width: int) -> list[Line]:
    """Every step with its requests or the reason why it is skipped, and what came of it."""
    rows: list[Line] = []
    if state.fault:
        rows += [*paragraph(clean(state.fault), width - 2, Tone.BAD, lead=" "), BLANK]
    if state.plan is None:
        return rows or [line(Span(" Reading the cases…", Tone.MUTED))]
    for step in state.to_do:
        rows += _step(step, state, display, width)
    skipped = [step for step in state.steps if step.skipped is not None]
    if skipped:
        rows += [BLANK] if rows else []
        rows.append(line(Span(f" Left out: {plural(len(skipped), 'case')}", Tone.TITLE)))
    for step in skipped:
        rows.append(line(Span("  –  ", Tone.MUTED), _who(step)))
        rows += paragraph(clean(step.skipped or ""), width - 6, Tone.MUTED, lead="     ")
    if state.offers:
        rows += [BLANK, line(Span(" Yours to decide", Tone.TITLE)), *_offered(state, state.offers, width)]
    if state.hidden:
        rows += [BLANK, *_hidden(state, width)]
    if state.gone:
        verb = "is" if state.gone == 1 else "are"
        text = f"{plural(state.gone, 'marked case')} {verb} not in the local data any more."
        rows += [BLANK, *paragraph(text, width - 1, Tone.WARN, lead=" ")]
    return rows


def _hidden(state: PlanState, width: int) -> list[Line]:
    verb = "is" if state.hidden == 1 else "are"
    text = f"{plural(state.hidden, 'marked case')} {verb} hidden by the filter and left out"
    if state.phase not in (Phase.CHECKING, Phase.READY):
        return paragraph(f"{text}.", width - 1, Tone.WARN, lead=" ")
    text = f"{text}: "
    return paragraph(f"{text}{state.key('plan.hidden')} takes them in.", width - 1, Tone.WARN, lead=" ")


def _offered(state: PlanState, offers: OffersView, width: int) -> list[Line]:
    rows: list[Line] = []
    for name, said in _decisions(offers):
        first, *more = paragraph(clean(said), width - 8)
        rows += [line(Span(f"  {state.key(name):<4}", Tone.KEY), *first), *(line(" " * 6, *row) for row in more)]
    return rows


def _decisions(offers: OffersView) -> list[tuple[str, str]]:
    """What can be decided now: the key's id, and what pressing it does."""
    said: list[tuple[str, str]] = []
    if offers.cards:
        card = next((card for card in offers.cards if card.id == offers.card), None)
        said.append(("plan.card", f"choose another card than {card_label(card)}" if card else "choose the card"))
    if offers.reviving:
        pay, leave = "also pay the newest invoice", "leave the newest invoice out again"
        rest = f" ({offers.reviving}): the subscription becomes active with that one"
        said.append(("plan.reviving", f"{leave if offers.also_reviving else pay}{rest}"))
    if offers.paid_elsewhere:
        looked = "paid elsewhere was looked at: charge this case all the same"
        said.append(("plan.elsewhere", "hold the case back again: paid elsewhere" if offers.waived else looked))
    return said


def card_entries(offers: OffersView) -> list[Entry]:
    """The cards to choose from; the one in use is marked."""
    return [
        Entry(
            card_label(card),
            card.id,
            "set up off-session" if card.off_session_proof else "no off-session proof",
            active=card.id == offers.card,
        )
        for card in offers.cards
    ]


def _who(step: PlanStep) -> Span:
    name = clean(step.name)
    address = clean(step.email) or clean(step.case)
    return Span(f"{address}  {name}" if name and name != address else address)


def _step(step: PlanStep, state: PlanState, display: Display, width: int) -> list[Line]:
    result = state.results.get(step.case)
    sign, words, tone = _OUTCOMES[result.outcome] if result else _pending(step, state)
    amount = display.money(step.amount, step.currency) if step.amount else ""
    left = line(Span(f"  {sign}  ", tone), _who(step))
    rows = [spread(left, line(Span(f"{words}  ", tone), Span(f"{amount:>11} ", Tone.STRONG)), width)]
    if result:
        return [*rows, *_result(result, width)]
    for request in step.requests:
        rows += paragraph(clean(request.summary), width - 6, lead="     ")
        rows += paragraph(request_line(request), width - 8, Tone.MUTED, lead="       ")
    for note in step.notes:
        rows += paragraph(clean(note), width - 6, Tone.WARN, lead="     ! ")
    return rows


def _pending(step: PlanStep, state: PlanState) -> tuple[str, str, Tone]:
    if state.phase is Phase.RUNNING:
        return "·", "waiting", Tone.MUTED
    if state.phase is Phase.DONE:
        return "–", "not done", Tone.MUTED
    return ("·", "checked", Tone.GOOD) if step.checked else ("·", "checking", Tone.MUTED)


def _result(result: StepResult, width: int) -> list[Line]:
    rows: list[Line] = []
    for text, tone in ((result.detail, Tone.MUTED), (result.error, Tone.BAD)):
        if text:
            rows += paragraph(clean(text), width - 6, tone, lead="     ")
    if result.request_id:
        request = Span(f"request {clean(result.request_id)}", Tone.RULE)
        fits = len(rows) == 1 and width_of(rows[0]) + width_of((request,)) + 3 <= width
        rows[-1:] = [(*rows[0], Span("  "), request)] if fits else [*rows[-1:], (Span("     "), request)]
    if result.link:
        rows += [line(Span(f"     {part}", Tone.KEY)) for part in _chunks(result.link, width - 6)]
    return rows


def _chunks(text: str, size: int) -> list[str]:
    # A link is cut, never wrapped at words: whoever marks it with the mouse gets it whole.
    return [text[start : start + size] for start in range(0, len(text), max(1, size))]


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
        for outcome, (_sign, words, tone) in _OUTCOMES.items()
        if counted[outcome]
    )


def ask_line(state: PlanState, display: Display) -> Line:
    """What the plan waits for, in one sentence."""
    match state.phase:
        case Phase.CHECKING:
            return line(Span(" Checking: each case is read again before you can say yes.", Tone.MUTED))
        case Phase.RUNNING if state.paused:
            keys = Span(state.key("plan.pause"), Tone.KEY), Span(" goes on, ", Tone.MUTED), Span("esc", Tone.KEY)
            return line(Span(" Paused: what was sent is finished.  ", Tone.STRONG), *keys, Span(" stops", Tone.MUTED))
        case Phase.RUNNING:
            pause = Span(state.key("plan.pause"), Tone.KEY), Span(" pauses, ", Tone.MUTED)
            rest = Span(" stops; what was sent is finished first", Tone.MUTED)
            return line(Span(" Running.  ", Tone.STRONG), *pause, Span("esc", Tone.KEY), rest)
        case Phase.FAILED:
            return line(Span(" Nothing was sent.", Tone.STRONG), Span("  esc goes back", Tone.MUTED))
        case Phase.DONE:
            return _done_line(state)
        case Phase.READY:
            return _question(state, display)


def _question(state: PlanState, display: Display) -> Line:
    if not state.to_do:
        return _nothing(state)
    sums = display.sums(state.plan.totals) if state.plan else ""
    carried = f" to carry it out for {plural(len(state.to_do), 'case')}{f', {sums}' if sums else ''}."
    live = (Span(" "), mode_span(True)) if state.livemode else ()
    if state.word:
        return line(*live, " Type ", Span(state.word, Tone.KEY), carried)
    yes = state.key("plan.yes")
    keys = f"{yes} once more" if state.armed else f"{yes}, then {yes} again," if state.loud else yes
    return line(*live, " Press ", Span(keys, Tone.KEY), carried)


def _nothing(state: PlanState) -> Line:
    """No case is left; where the consultant can change that, by which key."""
    decisions = _decisions(state.offers) if state.offers else []
    if not decisions:
        return line(Span(" Nothing to do: every case is left out.", Tone.STRONG))
    keys = " or ".join(state.key(name) for name, _ in decisions)
    return line(
        Span(" Nothing to do as it stands.  ", Tone.STRONG), Span(keys, Tone.KEY), Span(" may help", Tone.MUTED)
    )


def _done_line(state: PlanState) -> Line:
    end = " Stopped. " if state.stopped else " Done. "
    copy, write = state.key("plan.copy"), state.key("plan.file")
    links = f"  {copy} copies the links, {write} writes them to a file," if state.links else " "
    rest = f"{links} esc goes back"
    return line(Span(end, Tone.STRONG), Span(_account(state), Tone.MUTED), Span(rest, Tone.MUTED))


def _account(state: PlanState) -> str:
    """Where every case that was selected has come to; nothing where that is what the bar above says."""
    rest = [f"{count:,} {what}" for count, what in ((state.hidden, "hidden"), (state.gone, "gone")) if count]
    if not rest and len(state.results) == len(state.steps):
        return ""
    missing = len(state.steps) - len(state.results)
    rest = [*([f"{missing:,} without a result"] if missing else []), *rest]
    selected = len(state.steps) + state.hidden + state.gone
    return f" Of {selected:,} selected: {len(state.results):,} told, {', '.join(rest)}."
