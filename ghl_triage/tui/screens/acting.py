"""Acting on cases: the capitals, copying, the Dashboard; the same on the table and on the case screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from textual import work

from ghl_triage.errors import StoreError, TriageError
from ghl_triage.model import ActionKind, Case
from ghl_triage.text import clean, plural
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.viewmodels.casefile import CaseFile
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.views import ActionView


@dataclass(frozen=True, slots=True)
class Targets:
    """The rows that an action would take: marked and in sight, marked and hidden; or the one under the cursor."""

    rows: Sequence[int]
    hidden: Sequence[int] = ()


class ActingScreen(TriageScreen):
    """A screen with cases that can be acted on."""

    def refresh_cases(self) -> None:
        """Read again what is shown: the store changed."""
        raise NotImplementedError

    def targets(self) -> Targets:
        """What an action would take now."""
        raise NotImplementedError

    def current_row(self) -> int | None:
        """The case that copying and the Dashboard mean."""
        raise NotImplementedError

    def action_act(self, kind: str) -> None:
        action = next((entry for entry in self.home.gateway.catalogue if entry.kind == kind), None)
        targets = self.targets()
        if action is None or not (targets.rows or targets.hidden):
            self.say("There is no case to act on.", "warning")
        elif off := self._off(action):
            self.say(f"{self.home.gateway.keys[action.kind]} {action.label} is off: {off}.", "warning")
        elif not targets.rows:
            self.say("Every marked case is hidden by the filter: clear the filter, or mark others.", "warning")
        else:
            self._draw(action, targets)

    def _off(self, action: ActionView) -> str | None:
        """Why the action can be done to no case at all."""
        if self.home.settings.read_only:
            return "this session is read only"
        return self.home.gateway.never().get(ActionKind(action.kind))

    @work(thread=True, group="draw", exclusive=True, exit_on_error=False)
    def _draw(self, action: ActionView, targets: Targets) -> None:
        try:
            self._draw_from_store(action, targets)
        except TriageError as fault:
            self.app.call_from_thread(self.say, str(fault), "error")

    def _draw_from_store(self, action: ActionView, targets: Targets) -> None:
        gateway = self.home.gateway
        if len(targets.rows) == 1 and not targets.hidden:
            casefile = gateway.casefile(targets.rows[0])
            reason = casefile.refused.get(ActionKind(action.kind)) if casefile else "the case is gone"
            if reason and not self._could_be_decided(action, casefile):
                self.app.call_from_thread(
                    self.say, f"{gateway.keys[action.kind]} {action.label} not now: {reason}", "warning"
                )
                return
        rows = self._worth_a_plan(action, targets.rows)
        shown, hidden = gateway.subscriptions(rows), gateway.subscriptions(targets.hidden)
        gone = len(rows) + len(targets.hidden) - len(shown) - len(hidden)
        self.app.call_from_thread(self._open_plan, action, shown, hidden, gone)

    def _could_be_decided(self, action: ActionView, casefile: CaseFile | None) -> bool:
        """Whether a choice of the consultant's may make possible what is refused now; a missing right is no choice."""
        if casefile is None or action.kind in casefile.lacking:
            return False
        return bool(self.home.actions.offers(action.kind, casefile.case.subscription))

    def _worth_a_plan(self, action: ActionView, rows: Sequence[int]) -> Sequence[int]:
        """All, where one plan holds them; else those that the action is possible for: the others would each ask for an
        escape, and are only counted."""
        if not action.one_by_one or len(rows) < 2:
            return rows
        able = [row.row for row in self.home.gateway.rows(rows) if row.possible is None or action.kind in row.possible]
        if rest := len(rows) - len(able):
            told = f"{action.label}: not possible for {plural(rest, 'marked case')}."
            self.app.call_from_thread(self.say, told, "information" if able else "warning")
        return able

    def _open_plan(self, action: ActionView, shown: Sequence[str], hidden: Sequence[str], gone: int = 0) -> None:
        from ghl_triage.tui.screens.plan import PlanScreen

        if not self.is_current or not shown:
            return
        if not action.one_by_one:
            self.app.push_screen(PlanScreen(action, shown, hidden, gone=gone))
            return
        # What can't be taken back gets a plan and a yes for each case: the next one when this one is closed.
        first, *rest = shown
        plan = PlanScreen(action, [first])

        def go_on(_: None) -> None:
            if plan.settled:
                self._open_plan(action, rest, ())
            elif rest:
                self.say(f"{plural(len(rest), 'marked case')} left, not looked at.")

        self.app.push_screen(plan, go_on)

    def action_copy(self) -> None:
        self._with_case(self._ask_what_to_copy)

    def action_dashboard(self) -> None:
        self._with_case(self._open_dashboard)

    def _with_case(self, then: Callable[[Case], None]) -> None:
        row = self.current_row()
        reader = self.home.gateway.reader()
        try:
            rows = self.home.gateway.rows([row]) if row is not None else []
            case = reader.case(rows[0].subscription) if reader and rows else None
        except StoreError as fault:
            self.say(str(fault), "error")
            return
        if case is not None:
            then(case)

    def _ask_what_to_copy(self, case: Case) -> None:
        from ghl_triage.tui.screens.choice import ChoiceScreen

        choices = {
            "subscription": clean(case.subscription),
            "e-mail": clean(case.email),
            "customer": clean(case.customer),
            "invoice": clean(case.invoice or ""),
            "Dashboard link": dashboard_url(case),
        }
        entries = [Entry(name, name, value) for name, value in choices.items() if value]

        def copy(chosen: str | None) -> None:
            if chosen:
                self.app.copy_to_clipboard(choices[chosen])
                self.say(f"Copied: {choices[chosen]}")

        self.app.push_screen(ChoiceScreen("Copy", entries), copy)

    def _open_dashboard(self, case: Case) -> None:
        url = dashboard_url(case)
        if _is_remote():
            self.app.copy_to_clipboard(url)
            self.say(f"Copied, as this is a remote terminal: {url}")
        else:
            self.app.open_url(url)
            self.say(f"Opened {url}")


def dashboard_url(case: Case) -> str:
    """The subscription's page in Stripe's Dashboard."""
    mode = "" if case.livemode else "test/"
    return f"https://dashboard.stripe.com/{mode}subscriptions/{quote(case.subscription, safe='')}"


def _is_remote() -> bool:
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
