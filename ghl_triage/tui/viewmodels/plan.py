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

    `asked` is how many cases it was opened for; `armed` that a live plan had its first yes; `stopping` that the user
    cut it short; `fault` why it broke; `keymap` the user's own keys.
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
    stopping: bool = False
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


OUTCOMES: Mapping[Outcome, tuple[str, str, Tone]] = {
    Outcome.DONE: ("✓", "done", Tone.GOOD),
    Outcome.DECLINED: ("✗", "declined", Tone.BAD),
    Outcome.SKIPPED: ("–", "skipped", Tone.MUTED),
    Outcome.FAILED: ("✗", "failed", Tone.BAD),
    Outcome.UNKNOWN: ("?", "outcome unknown", Tone.WARN),
}
"""The sign, the words and the tone of what became of a step."""


def plan_title(state: PlanState, display: Display, width: int) -> Line:
    """The first line: the action, how many cases, the mode, the sums; once it is over those that it came to."""
    what, asked = f" {state.action.label.capitalize()}  ", plural(state.asked, "case")
    some = state.plan is not None and len(state.to_do) < state.asked
    left = line(
        Span(what, Tone.TITLE),
        mode_span(state.livemode),
        f"  {len(state.to_do):,} of {asked}" if some else f"  {asked}",
    )
    over = state.phase in (Phase.DONE, Phase.FAILED)
    sums = display.sums(_done(state) if over else state.plan.totals if state.plan else {})
    verb = "" if not state.action.moves_money else "charged " if over else "charges "
    moved = Span(f"{verb}{sums} ", Tone.STRONG) if sums else Span("")
    return spread(left, (moved,), width)


def _done(state: PlanState) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for result in state.results.values():
        if result.outcome is Outcome.DONE and result.step.amount:
            sums[result.step.currency] += result.step.amount
    return sums


def plan_lines(state: PlanState, display: Display, width: int) -> list[Line]:
    """Every step with its requests or the reason why it is skipped, and what came of it."""
    rows: list[Line] = []
    if state.fault:
        rows += [*paragraph(clean(state.fault), width - 2, Tone.BAD, lead=" "), BLANK]
    if state.plan is None:
        return rows or [line(Span(" Reading the cases…", Tone.MUTED))]
    if state.phase is Phase.DONE:
        rows += _left_alike(state, width)
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


def _left_alike(state: PlanState, width: int) -> list[Line]:
    """Why several cases were left in one go: because the user stopped it, or because the next ones would fail alike."""
    left = (state.results.get(step.case) for step in state.to_do)
    reasons = Counter(result.error for result in left if result and result.outcome is Outcome.SKIPPED)
    return [
        row
        for reason, count in reasons.items()
        if reason and count > 1
        for row in (*paragraph(f"{plural(count, 'case')} left: {clean(reason)}", width - 2, Tone.WARN, lead=" "), BLANK)
    ]


def _hidden(state: PlanState, width: int) -> list[Line]:
    verb = "is" if state.hidden == 1 else "are"
    text = f"{plural(state.hidden, 'marked case')} {verb} hidden by the filter and left out"
    if state.phase not in (Phase.CHECKING, Phase.READY):
        return paragraph(f"{text}.", width - 1, Tone.WARN, lead=" ")
    text = f"{text}: "
    return paragraph(f"{text}{state.key('plan.hidden')} takes them in.", width - 1, Tone.WARN, lead=" ")


def _offered(state: PlanState, offers: OffersView, width: int) -> list[Line]:
    rows: list[Line] = []
    for name, said in decisions(offers):
        first, *more = paragraph(clean(said), width - 8)
        rows += [line(Span(f"  {state.key(name):<4}", Tone.KEY), *first), *(line(" " * 6, *row) for row in more)]
    return rows


def decisions(offers: OffersView) -> list[tuple[str, str]]:
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
    sign, words, tone = OUTCOMES[result.outcome] if result else _pending(step, state)
    left, right = line(Span(f"  {sign}  ", tone), _who(step)), line(Span(f"{words} ", tone))
    if state.plan and state.plan.totals:
        amount = display.money(step.amount, step.currency) if step.amount else ""
        right = (*right, Span(f" {amount:>11} ", Tone.STRONG))
    rows = [spread(left, right, width)]
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
    failed = Tone.MUTED if result.outcome is Outcome.SKIPPED else Tone.BAD
    for text, tone in ((result.detail, Tone.MUTED), (result.error, failed)):
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
