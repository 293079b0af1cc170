"""The plan: what would be done; after a yes, how it goes; then what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input

from ghl_triage.text import plural
from ghl_triage.tui.links import write_links
from ghl_triage.tui.messages import PlanBroken, PlanFinished, StepFinished
from ghl_triage.tui.screens.drawing import DrawingScreen
from ghl_triage.tui.viewmodels.plan import Phase, plan_lines, plan_title
from ghl_triage.tui.viewmodels.plan_ask import ask_line, progress_bar
from ghl_triage.tui.views import PlanView
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView


class CancelButton(Button):
    """Has the focus, so that Enter never means yes, and hands on what scrolls the steps."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"screen.scroll_steps('{how}')", show=False)
        for keys, how in (
            ("down,j", "scroll_down"),
            ("up,k", "scroll_up"),
            ("home,g", "scroll_home"),
            ("end,G", "scroll_end"),
            ("pagedown,ctrl+d", "page_down"),
            ("pageup,ctrl+u", "page_up"),
        )
    ]


class PlanScreen(DrawingScreen):
    """One plan, from its first draft to its results. Cancel has the focus, and Enter never means yes."""

    CSS_PATH = "plan.tcss"
    AUTO_FOCUS = "#cancel"
    _then: Callable[[], None] | None = None

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
        yield LineBar(lambda width, _h: [ask_line(self.state, self.home.formats, width)], id="ask")
        with Horizontal(id="buttons"):
            yield CancelButton("Cancel", id="cancel", compact=True)
            yield Input(id="word", compact=True, disabled=True)

    async def action_scroll_steps(self, how: str) -> None:
        await self.query_one("#steps").run_action(how)

    # Saying yes

    def action_yes(self) -> None:
        if self.state.phase is not Phase.READY or not self.state.to_do:
            checking = self.state.phase is Phase.CHECKING
            self.say("Wait until all is checked." if checking else "There is nothing to say yes to.")
        elif self.state.word:
            self.query_one("#word", Input).focus()
        elif self.state.loud and not self.state.armed:
            self.state = replace(self.state, armed=True)
            self.show()
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
        self.backstage(self._carry_out(plan), PlanBroken)
        self.show()
        self.query_one("#steps").focus()

    async def _carry_out(self, plan: PlanView) -> None:
        async for result in self.home.actions.run(plan, self.home.who):
            self.post_message(StepFinished(result))
        self.post_message(PlanFinished())

    @on(StepFinished)
    def _step_finished(self, event: StepFinished) -> None:
        results = {**self.state.results, event.result.step.case: event.result}
        self.state = replace(self.state, results=results)
        self.show()

    @on(PlanFinished)
    def _finished(self) -> None:
        self._end("")

    @on(PlanBroken)
    def _broken(self, event: PlanBroken) -> None:
        self._end(event.reason)

    def _end(self, fault: str) -> None:
        self.state = replace(self.state, phase=Phase.DONE, fault=fault, paused=False)
        self.home.running = None
        self.home.cases_changed()
        self.show()
        if self._then is not None:
            self._then()

    # Pausing and stopping

    def action_pause(self) -> None:
        if self.state.phase is Phase.RUNNING and not self.state.stopping:
            self.state = replace(self.state, paused=not self.state.paused)
            self.home.actions.pause(self.state.plan, self.state.paused)
            self.show()

    def stop_and(self, then: Callable[[], None]) -> None:
        """End the run after the case in hand, then do this."""
        self._then = then
        self._stop()

    def _stop(self) -> None:
        self.state = replace(self.state, paused=False, stopping=True)
        self.home.actions.cancel(self.state.plan)
        self.show()

    def action_back(self) -> None:
        if self.state.phase is Phase.RUNNING:
            self._stop()
        else:
            self.dismiss()

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.action_back()

    # The links that came of it

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
        try:
            path = write_links(self.state.links, self.home.links_folder, self.home.formats.now)
        except OSError as fault:
            self.say(f"The links were not written: {fault.strerror}. They stand here until you go back.", "error")
        else:
            self.say(f"Written to {path}")

    def show(self) -> None:
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
