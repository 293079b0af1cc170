"""What a crash cut off: shown, settled after a yes, and carried on by a plan that asks again."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult

from ghl_triage.errors import TriageError
from ghl_triage.tui.keys import SETTLING, Group
from ghl_triage.tui.messages import EntrySettled, HangingFound, QueryFailed, SettlingEnded
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.viewmodels.hanging import HangingState, Settling, hanging_ask, hanging_lines
from ghl_triage.tui.views import CutOffView
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView


class HangingScreen(TriageScreen):
    """The plans that did not come to their end. Enter means nothing here."""

    CSS_PATH = "hanging.tcss"
    AUTO_FOCUS = "#entries"
    GROUPS: ClassVar[tuple[Group, ...]] = (SETTLING,)

    def __init__(self) -> None:
        super().__init__()
        self.state = HangingState(livemode=False)

    def compose(self) -> ComposeResult:
        yield LineBar(lambda _w, _h: [self.titled("What was cut off")], id="title")
        yield LinesView(lambda width, _h: hanging_lines(self.state, self.home.formats, width), id="entries")
        yield LineBar(lambda _w, _h: [hanging_ask(self.state)], id="keys")

    def on_mount(self) -> None:
        home = self.home
        self.state = replace(self.state, livemode=home.livemode, read_only=home.read_only, keymap=home.settings.keymap)
        self._read()

    @work(thread=True, group="hanging", exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        try:
            self.post_message(HangingFound(self.home.gateway.hanging()))
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    @on(HangingFound)
    def _found(self, event: HangingFound) -> None:
        self.state = replace(self.state, plans=event.plans, stage=Settling.ASKING, armed=False)
        self._show()

    # Settling

    def action_yes(self) -> None:
        if self.state.stage not in (Settling.ASKING, Settling.OVER) or not self.state.unanswered:
            return
        if self.home.read_only:
            self.say("Settling is off: this session is read only.", "warning")
        elif self.state.livemode and not self.state.armed:
            self.state = replace(self.state, armed=True)
            self._show()
        else:
            self.state = replace(self.state, stage=Settling.RUNNING, fault="")
            self.backstage(self._settle(), SettlingEnded)
            self._show()

    async def _settle(self) -> None:
        async for settled in self.home.actions.settle():
            self.post_message(EntrySettled(settled))
        self.post_message(SettlingEnded(None))

    @on(EntrySettled)
    def _settled(self, event: EntrySettled) -> None:
        self.state = replace(self.state, settled={**self.state.settled, event.settled.entry.id: event.settled})
        self._show()

    @on(SettlingEnded)
    def _ended(self, event: SettlingEnded) -> None:
        self.state = replace(self.state, stage=Settling.OVER, fault=event.fault or "")
        self.home.cases_changed()
        self._show()

    # What was never sent

    def action_rest(self) -> None:
        from ghl_triage.tui.screens.plan import PlanScreen

        old = self._next_rest()
        action = next((one for one in self.home.gateway.catalogue if old and one.kind == old.action), None)
        if old is None or action is None:
            return
        if self.home.read_only:
            self.say("Carrying on is off: this session is read only.", "warning")
            return
        plan = PlanScreen(action, old.rest, rest=old)

        def go_on(_: None) -> None:
            # What can no more be done for any case is over; it would block its cases for good.
            if plan.nothing_left:
                self.backstage(self._discard(old), QueryFailed)
            else:
                self._read()

        self.app.push_screen(plan, go_on)

    def action_discard(self) -> None:
        old = self._next_rest()
        if old is None:
            return
        if self.home.read_only:
            self.say("Giving up is off: this session is read only.", "warning")
        else:
            self.backstage(self._discard(old), QueryFailed)

    def _next_rest(self) -> CutOffView | None:
        """The oldest plan of which something was never sent; none while requests are being settled."""
        if self.state.stage is Settling.RUNNING:
            return None
        if self.state.stage is Settling.ASKING and self.state.unanswered:
            self.say("Settle what has no answer first.")
            return None
        return next((plan for plan in self.state.plans if plan.unsent), None)

    async def _discard(self, old: CutOffView) -> None:
        await self.home.actions.discard(old)
        self.post_message(HangingFound(self.home.gateway.hanging()))

    def action_back(self) -> None:
        self.dismiss()

    def _show(self) -> None:
        self.query_one("#entries", LinesView).rebuild()
        for bar in self.query(LineBar):
            bar.rebuild()
