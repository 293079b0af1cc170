"""The app: holds what the screens share, and opens them."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from time import monotonic
from typing import ClassVar, Protocol

from textual import events, on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ghl_triage.clock import Clock, SystemClock
from ghl_triage.config import Settings, fingerprint
from ghl_triage.errors import TriageError
from ghl_triage.model import ActionKind
from ghl_triage.text import clean, printable
from ghl_triage.tui.data import Gateway
from ghl_triage.tui.following import FollowingApp
from ghl_triage.tui.keys import APP, bindings
from ghl_triage.tui.messages import QueryFailed
from ghl_triage.tui.ports import (
    ActionsPort,
    FiltersPort,
    JournalPort,
    LessonsPort,
    NotesPort,
    ReaderPort,
    ReportsPort,
    SyncPort,
)
from ghl_triage.tui.screens.acting import ActingScreen
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.header import HeaderState
from ghl_triage.tui.viewmodels.hints import case_hints, triage_hints
from ghl_triage.tui.viewmodels.key_bar import Hint
from ghl_triage.tui.views import ActionView, TotalsView

TERMINAL_CHECK = 2.0
"""Seconds between two looks whether the terminal is still there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the app is put together from. `readers` gives None while there is no store yet; `sync` None never syncs."""

    settings: Settings
    clock: Clock
    readers: Callable[[], ReaderPort | None]
    filters: FiltersPort
    actions: ActionsPort
    catalogue: Sequence[ActionView]
    notes: NotesPort
    journal: JournalPort
    sync: SyncPort | None = None
    log: Callable[[str], None] = lambda _text: None
    lessons: LessonsPort | None = None
    reports: ReportsPort | None = None


class TriageApp(FollowingApp):
    """ghl-triage on a terminal."""

    TITLE = "ghl-triage"
    # Textual does not read the style sheet of the default screen by itself.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/triage.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings(APP)
    NOTIFICATION_TIMEOUT = 6

    def __init__(self, parts: Parts) -> None:
        super().__init__(
            parts.actions,
            parts.sync,
            HeaderState(parts.settings.name, parts.settings.livemode, read_only=parts.settings.read_only),
        )
        self.settings = parts.settings
        self.clock = parts.clock
        self.notes = parts.notes
        self.lessons = parts.lessons
        self.reports = parts.reports
        self.gateway = Gateway(
            parts.readers,
            parts.filters,
            lambda: self.formats,
            parts.catalogue,
            parts.journal,
            parts.settings.keymap,
            fingerprint(parts.settings),
        )
        self.running: Stoppable | None = None
        self.who = "tui"
        self._log_line = parts.log
        self._told, self._told_until = "", 0.0
        self.set_keymap(dict(parts.settings.keymap))

    @property
    def formats(self) -> Display:
        """How values are written at this moment."""
        return Display(self.clock.now(), self.settings.timezone, self.settings.locale)

    @property
    def livemode(self) -> bool:
        """Whether real money moves."""
        return self.header.livemode

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed: because the user said so, or because the key may only read."""
        return self.header.read_only

    @property
    def links_folder(self) -> Path:
        """Where files with links are written."""
        return self.settings.data_dir / "links"

    def get_default_screen(self) -> Screen[None]:
        return MainScreen()

    def on_mount(self) -> None:
        self.theme = self.settings.theme if self.settings.theme in self.available_themes else "textual-dark"

    def painted(self) -> None:
        """The first rows, or the reason why there are none, stand on the screen: now the rest may begin."""
        from ghl_triage.breakdown import guard

        guard()
        gc.enable()
        # What is there now stays: looking through it again and again would only delay keys.
        gc.freeze()
        if not self.is_headless:
            self.set_interval(TERMINAL_CHECK, self._leave_a_lost_terminal)
        self.follow()

    def _leave_a_lost_terminal(self) -> None:
        # Closing the window ends us by a signal, unless another program (make) stands between and gets it alone.
        if not os.isatty(0):
            os.kill(os.getpid(), signal.SIGTERM)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste):
            # An input paints what it holds as it stands, and whoever pastes has rarely seen every character of it.
            event.text = "\n".join(map(printable, event.text.splitlines()))
        await super().on_event(event)

    # What the screens tell and ask

    def store_opened(self, reader: ReaderPort) -> None:
        """The store is there: what it says of the account and of the last sync goes into the header."""
        if isinstance(self.clock, SystemClock):
            self.clock.offset = reader.clock_offset()
        account = reader.account()
        if account is not None:
            self.header = replace(self.header, account=account.name or account.id, livemode=account.livemode)
        if self.header.progress is None:
            self.header = replace(self.header, progress=reader.sync_status())
        read_only = self.settings.read_only or self.gateway.may_only_read()
        self.header = replace(self.header, read_only=read_only)

    def counted(self, totals: TotalsView, main_currency: str) -> None:
        """The sums of the queue, and the currency of most cases, for the header."""
        currency = self.header.main_currency or main_currency
        self.header = replace(self.header, totals=totals, main_currency=currency)

    def cases_changed(self) -> None:
        """Read again what is shown, on every screen that shows cases."""
        for screen in self.screen_stack:
            if isinstance(screen, ActingScreen):
                screen.refresh_cases()

    def log_line(self, text: str) -> None:
        """A line for the log file, without secrets."""
        self._log_line(clean(text))

    def told(self, fault: BaseException) -> str:
        """What the user is told of a fault. One that is no message of ours goes into the log, with the place."""
        if isinstance(fault, TriageError):
            return str(fault)
        from ghl_triage.breakdown import told

        self.log_line(told(fault))
        return f"A fault of the program itself ({type(fault).__name__}): its log says where."

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        """The border between a worker's fault and the user: it is told and logged, and the app goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.notify(clean(self.told(event.worker.error)), severity="error", markup=False)

    def tell(self) -> None:
        """Show on every screen what the header knows now."""
        for screen in self.screen_stack:
            if isinstance(screen, TriageScreen) and screen.is_mounted:
                screen.show_header()
            if isinstance(screen, MainScreen) and screen.is_mounted:
                screen.show_notice()

    def hints(self, refused: Mapping[ActionKind, str]) -> list[Hint]:
        """The key bar of the main screen."""
        return triage_hints(self._acts(), {**refused, **self.gateway.never()}, self.settings.keymap)

    def case_hints(self, refused: Mapping[ActionKind, str]) -> list[Hint]:
        """The key bar of the case screen."""
        return case_hints(self._acts(), {**refused, **self.gateway.never()}, self.settings.keymap)

    def _acts(self) -> Sequence[ActionView]:
        if self.settings.read_only:
            return ()
        if not self.read_only:
            return self.gateway.catalogue
        # A key that may only read still gets the pay page of an invoice.
        never = self.gateway.never()
        return [action for action in self.gateway.catalogue if action.kind not in never]

    @on(QueryFailed)
    def _query_failed(self, event: QueryFailed) -> None:
        if event.reason == self._told and monotonic() < self._told_until:
            return
        self._told, self._told_until = event.reason, monotonic() + self.NOTIFICATION_TIMEOUT
        self.log_line(event.reason)
        self.notify(clean(event.reason), severity="error", markup=False)

    # Screens and commands

    def open_journal(self) -> None:
        """Show what was done."""
        from ghl_triage.tui.screens.journal import JournalScreen

        self.push_screen(JournalScreen())

    def open_learn(self) -> None:
        """Show the kinds of subscriptions, to be named."""
        from ghl_triage.tui.screens.learn import LearnScreen

        if self.lessons is not None:
            self.push_screen(LearnScreen(self.lessons))

    def action_report(self, slug: str) -> None:
        from ghl_triage.tui.screens.report import ReportScreen
        from ghl_triage.tui.viewmodels.report import REPORTS

        if self.reports is not None:
            self.push_screen(ReportScreen(REPORTS[slug], self.reports))

    def action_help(self) -> None:
        from ghl_triage.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        from ghl_triage.tui.palette import commands

        yield from commands(self, screen)

    def action_leave(self) -> None:
        if self.running is None:
            self.exit()
            return
        from ghl_triage.tui.screens.leave import LeaveScreen

        self.push_screen(LeaveScreen(), self._leave_or_stay)

    def _leave_or_stay(self, leave: bool | None) -> None:
        if leave and self.running is not None:
            self.running.stop_and(self.exit)
        elif leave:
            self.exit()

    def _fatal_error(self) -> None:
        # Textual's own report prints the local variables of every frame: keys, links and client secrets among them.
        from ghl_triage.tui.breakdown import report

        error = self._exception or RuntimeError("an unknown fault")
        self.log_line(f"broke off: {type(error).__name__}: {error}")
        self._exit_renderables.append(report(self.console, error))
        self._close_messages_no_wait()


class Stoppable(Protocol):
    """A plan under way."""

    def stop_and(self, then: Callable[[], None]) -> None:
        """End after the case in hand, then do this."""
        ...
