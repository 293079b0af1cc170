"""The plan: what would be done; after a yes, how it goes; then what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input

from ghl_triage.actions.plan import Choices
from ghl_triage.errors import TriageError
from ghl_triage.text import plural
from ghl_triage.tui.keys import PLAN, bindings
from ghl_triage.tui.messages import PlanDrawn, PlanFailed, PlanFinished, StepFinished
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.viewmodels.plan import (
    Phase,
    PlanState,
    ask_line,
    card_entries,
    plan_lines,
    plan_title,
    progress_bar,
)
from ghl_triage.tui.views import ActionView, CutOffView, PlanView
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView


class PlanScreen(TriageScreen):
    """One plan, from its first draft to its results. Cancel has the focus, and Enter never means yes."""

    CSS_PATH = "plan.tcss"
    AUTO_FOCUS = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = bindings(PLAN)

    def __init__(
        self,
        action: ActionView,
        shown: Sequence[str],
        hidden: Sequence[str] = (),
        *,
        gone: int = 0,
        rest: CutOffView | None = None,
    ) -> None:
        """`gone` rows were selected and are no more; `rest` is the cut-off plan that this one goes on with."""
        super().__init__()
        self._rest = rest
        self._shown, self._hidden = list(shown), list(hidden)
        self._action = action
        self._work: Future[None] | None = None
        self._drawing = 0
        self._choices = Choices()
        self._stop = False
        self._then: Callable[[], None] = lambda: None
        self.state = PlanState(action, livemode=False, asked=len(self._shown), hidden=len(self._hidden), gone=gone)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to decide here: it was carried out, or there was nothing to do."""
        return self.state.phase is Phase.DONE or not self.state.to_do

    @property
    def nothing_left(self) -> bool:
        """Whether all was checked, and nothing can be done for any case."""
        return self.state.phase is Phase.READY and not self.state.to_do

    def compose(self) -> ComposeResult:
        yield LineBar(lambda width, _h: [plan_title(self.state, self.home.formats, width)], id="title")
        yield LinesView(lambda width, _h: plan_lines(self.state, self.home.formats, width), id="steps")
        yield LineBar(lambda width, _h: [progress_bar(self.state, width)], id="progress")
        yield LineBar(lambda _w, _h: [ask_line(self.state, self.home.formats)], id="ask")
        with Horizontal(id="buttons"):
            yield Button("Cancel", id="cancel", compact=True)
            yield Input(id="word", compact=True, disabled=True)

    def on_mount(self) -> None:
        self._choices = Choices(return_url=self.home.settings.return_url)
        self.state = replace(self.state, livemode=self.home.livemode, keymap=self.home.settings.keymap)
        self._begin()

    def on_unmount(self) -> None:
        if self._work is not None and self.state.phase is Phase.CHECKING:
            self._work.cancel()

    # Drawing and checking

    def _begin(self) -> None:
        if self._work is not None:
            self._work.cancel()
        self.state = replace(
            self.state, asked=len(self._shown), hidden=len(self._hidden), phase=Phase.CHECKING, plan=None
        )
        self._drawing += 1
        self._work = self.home.backstage.run(self._check(tuple(self._shown), self._choices, self._drawing))
        self._show()

    async def _check(self, subscriptions: Sequence[str], choices: Choices, drawing: int) -> None:
        try:
            actions = self.home.actions
            if self._rest is None:
                plans = actions.open_plan(self._action.kind, subscriptions, choices)
            else:
                plans = actions.open_rest(self._rest, choices if drawing > 1 else None)
            async for plan in plans:
                self.post_message(PlanDrawn(plan, drawing))
        except TriageError as fault:
            self.post_message(PlanFailed(str(fault), drawing))
        except Exception as fault:  # the border to the screen: a fault is shown, the app goes on
            self.log.error(fault)
            self.post_message(PlanFailed(f"The plan could not be checked ({type(fault).__name__}).", drawing))

    @on(PlanDrawn)
    def _drawn(self, event: PlanDrawn) -> None:
        # What was drawn before another choice was made is not what a yes would mean now.
        if event.drawing != self._drawing or self.state.phase not in (Phase.CHECKING, Phase.READY):
            return
        phase = Phase.READY if event.plan.checked else Phase.CHECKING
        asked = self.home.actions.confirmation(event.plan)
        self.state = replace(
            self.state, plan=event.plan, livemode=event.plan.livemode, phase=phase, confirmation=asked, armed=False
        )
        self._show()
        self.refresh_bindings()

    @on(PlanFailed)
    def _failed(self, event: PlanFailed) -> None:
        if event.drawing not in (None, self._drawing):
            return
        running = self.state.phase is Phase.RUNNING
        phase = Phase.DONE if running else Phase.FAILED
        self.state = replace(self.state, phase=phase, fault=event.reason, stopped=running)
        self.home.running = None
        self._show()

    # Deciding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's own
        offers = self.state.offers
        applies = {
            "card": bool(offers and offers.cards),
            "reviving": bool(offers and offers.reviving),
            "elsewhere": bool(offers and offers.paid_elsewhere),
        }
        return applies.get(action, True)

    def action_card(self) -> None:
        from ghl_triage.tui.screens.choice import ChoiceScreen

        if self.state.offers and self.state.offers.cards:
            entries = card_entries(self.state.offers)
            self.app.push_screen(ChoiceScreen("Choose the card", entries), self._card_chosen)

    def _card_chosen(self, card: str | None) -> None:
        # The plan went on meanwhile: the choice may have been taken from it.
        offers = self.state.offers
        if card is not None and offers and card != offers.card and any(one.id == card for one in offers.cards):
            self._decide(replace(self._choices, payment_method=card))

    def action_reviving(self) -> None:
        if self.state.offers and self.state.offers.reviving:
            self._decide(replace(self._choices, also_reviving=not self._choices.also_reviving))

    def action_elsewhere(self) -> None:
        if self.state.offers and self.state.offers.paid_elsewhere:
            self._decide(replace(self._choices, waived=self._choices.waived ^ frozenset(self._shown)))

    def _decide(self, choices: Choices) -> None:
        """Have the plan drawn and checked anew; a yes is asked for again."""
        self._choices = choices
        self._begin()

    # Saying yes

    def action_yes(self) -> None:
        if self.state.phase is not Phase.READY or not self.state.to_do:
            checking = self.state.phase is Phase.CHECKING
            self.say("Wait until all is checked." if checking else "There is nothing to say yes to.")
        elif self.state.word:
            live = "This is live: type" if self.state.loud else "Type"
            self.say(f"{live} {self.state.word} into the box.")
        elif self.state.loud and not self.state.armed:
            self.state = replace(self.state, armed=True)
            self._show()
        else:
            self._run()

    @on(Input.Changed, "#word")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        asked = self.state.confirmation
        if self.state.phase is Phase.READY and asked is not None and asked.word and asked.accepts(event.value):
            self._run()

    def _run(self) -> None:
        plan = self.state.plan
        if plan is None:
            return
        self.state = replace(self.state, phase=Phase.RUNNING)
        self.home.running = self
        self._work = self.home.backstage.run(self._carry_out(plan))
        self._show()
        self.query_one("#steps").focus()

    async def _carry_out(self, plan: PlanView) -> None:
        try:
            async for result in self.home.actions.run(plan, self.home.who):
                self.post_message(StepFinished(result))
            self.post_message(PlanFinished(self._stop))
        except TriageError as fault:
            self.post_message(PlanFailed(str(fault)))
        except Exception as fault:  # the border to the screen, as above
            self.log.error(fault)
            self.post_message(PlanFailed(f"The plan broke off ({type(fault).__name__}): see the journal."))

    @on(StepFinished)
    def _step_finished(self, event: StepFinished) -> None:
        results = {**self.state.results, event.result.step.case: event.result}
        self.state = replace(self.state, results=results)
        self._show()

    @on(PlanFinished)
    def _finished(self, event: PlanFinished) -> None:
        self.state = replace(self.state, phase=Phase.DONE, stopped=event.stopped, paused=False)
        self.home.running = None
        self.home.cases_changed()
        self._show()
        self._then()

    # The rest

    def stop_and(self, then: Callable[[], None] = lambda: None) -> None:
        """End the run after the case in hand, then do this."""
        self._stop, self._then = True, then
        self.state = replace(self.state, paused=False)
        self.home.actions.cancel()

    def action_pause(self) -> None:
        if self.state.phase is Phase.RUNNING and not self._stop:
            self.state = replace(self.state, paused=not self.state.paused)
            self.home.actions.pause(self.state.paused)
            self._show()

    def action_back(self) -> None:
        if self.state.phase is Phase.RUNNING:
            self.stop_and()
            self.say("Stopping: what was sent is finished first.")
        else:
            self.dismiss()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_back()

    def action_hidden(self) -> None:
        if self._hidden and self.state.phase in (Phase.CHECKING, Phase.READY):
            # What was decided for one case holds for that one alone.
            self._choices = Choices(return_url=self._choices.return_url)
            self._shown, self._hidden = self._shown + self._hidden, []
            self._begin()

    def action_copy_links(self) -> None:
        links = self.state.links
        if not links:
            self.say("There is no link to copy.")
            return
        self.app.copy_to_clipboard("\n".join(link if len(links) == 1 else f"{who}\t{link}" for who, link in links))
        self.say(f"Copied {plural(len(links), 'link')}.")

    def action_write_links(self) -> None:
        if not self.state.links:
            self.say("There is no link to write.")
            return
        self.say(f"Written to {write_links(self.state.links, self.home.links_folder, self.home.formats.now)}")

    def _show(self) -> None:
        done = self.state.phase in (Phase.DONE, Phase.FAILED)
        for bar in self.query(LineBar):
            bar.rebuild()
        self.query_one("#steps", LinesView).rebuild()
        button = self.query_one("#cancel", Button)
        button.label = "Back" if done else "Stop" if self.state.phase is Phase.RUNNING else "Cancel"
        word = self.query_one("#word", Input)
        word.display = bool(self.state.word) and self.state.phase is Phase.READY
        word.disabled = not word.display
        word.placeholder = f"type {self.state.word}"


def write_links(links: Sequence[tuple[str, str]], folder: Path, now: int) -> Path:
    """Write the links, one a line after the customer's address, into a new file that only its owner may read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"links-{now}.tsv"
    path.touch(mode=0o600, exist_ok=True)
    path.write_text("".join(f"{who}\t{link}\n" for who, link in links), encoding="utf-8")
    return path
