"""Puts the app together from the settings. What the first paint does not need is imported when it is used."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.clock import Clock, SystemClock
from ghl_triage.config import Settings, known_database
from ghl_triage.errors import StoreError, UsageError
from ghl_triage.model import ActionKind, StepResult, SyncProgress
from ghl_triage.store import filters
from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import stored_version
from ghl_triage.text import when
from ghl_triage.tui.app import Parts, TriageApp
from ghl_triage.tui.lessons import Teaching

if TYPE_CHECKING:
    from ghl_triage.actions.bookkeeping import CutOff
    from ghl_triage.actions.finish import Finished
    from ghl_triage.actions.plan import Choices, Offers, Plan
    from ghl_triage.actions.session import ActionSession, Confirmation
    from ghl_triage.actions.settle import Settled
    from ghl_triage.report.document import Document
    from ghl_triage.store.journal import Finish, JournalEntry
    from ghl_triage.sync.child import SyncChild


def make_app(settings: Settings) -> TriageApp:
    """The app on the workspace of these settings. Raises StoreError."""
    clock = SystemClock()
    database = Database(settings, clock)
    database.check()
    actions = Actions(settings, clock, database)
    app = TriageApp(
        Parts(
            settings=settings,
            clock=clock,
            readers=database.reader,
            filters=filters,
            actions=actions,
            catalogue=ACTIONS,
            notes=database,
            journal=database,
            sync=Sync(settings),
            lessons=Teaching(settings, clock, database.path),
            reports=Reports(settings, database),
            log=log_to(settings.log_dir / "app.log", clock),
        )
    )
    actions.tell = lambda text: app.notify(text, markup=False)
    return app


class Database:
    """The workspace's file: which one it is, a first sync may yet have to find out."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def check(self) -> None:
        """Raises StoreError for a file that cannot be used. None is made: that is the first sync's to do."""
        path = known_database(self._settings)
        if path is not None and stored_version(path):
            Reader(path).close()

    def path(self) -> Path:
        """The file. Raises UsageError before the first sync has made it."""
        path = known_database(self._settings)
        if path is None:
            raise UsageError("Nothing is loaded yet.", hint="Wait for the first sync.")
        return path

    def reader(self) -> Reader | None:
        """A reader for this thread; None while there is no file."""
        try:
            return Reader(self.path())
        except (UsageError, StoreError):
            return None

    def add_note(self, subscription: str, text: str) -> None:
        from ghl_triage.store.writer import Writer

        with Writer(self.path()) as writer:
            writer.add_note(subscription, text, self._clock.now())

    def entries(self, limit: int, *, case: str | None = None) -> list[JournalEntry]:
        from ghl_triage.store.journal import Journal

        with Journal(self.path()) as journal:
            return journal.entries(limit, case=case)

    def hanging(self) -> list[CutOff]:
        from ghl_triage.store.journal import Journal

        with Journal(self.path()) as journal:
            # Nearly always nothing hangs: then nothing more is imported beside the first keys.
            if not journal.open_entries():
                return []
        from ghl_triage.actions.bookkeeping import hanging

        return hanging(self.path())

    def finishes(self) -> list[Finish]:
        from ghl_triage.store.journal import Journal

        with Journal(self.path()) as journal:
            return journal.finishes()


class Actions:
    """The action session, made when it is first asked for: by then the workspace's file is known."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self._settings = settings
        self._clock = clock
        self._database = database
        self._made: ActionSession | None = None
        self.tell: Callable[[str], None] = lambda _: None
        """Hears for whom a plan waits, from whatever thread carries it out."""

    def _session(self) -> ActionSession:
        if self._made is None:
            from ghl_triage.actions.session import ActionSession

            self._made = ActionSession(self._settings, self._clock, self._database.path(), tell=self.tell)
        return self._made

    async def open_plan(self, kind: ActionKind, subscriptions: Sequence[str], choices: Choices) -> AsyncIterator[Plan]:
        async with aclosing(self._session().open_plan(kind, subscriptions, choices)) as plans:
            async for plan in plans:
                yield plan

    def offers(self, kind: ActionKind, subscription: str) -> Offers:
        return self._session().offers(kind, subscription)

    def confirmation(self, plan: Any) -> Confirmation:
        return self._session().confirmation(plan)

    async def run(self, plan: Any, by: str) -> AsyncIterator[StepResult]:
        async with aclosing(self._session().run(plan, by)) as results:
            async for result in results:
                yield result

    def cancel(self, plan: Any) -> None:
        self._session().cancel(plan)

    def pause(self, plan: Any, paused: bool) -> None:
        self._session().pause(plan, paused)

    async def settle(self) -> AsyncIterator[Settled]:
        async with aclosing(self._session().settle()) as settling:
            async for settled in settling:
                yield settled

    async def open_rest(self, old: Any, choices: Choices | None = None) -> AsyncIterator[Plan]:
        async with aclosing(self._session().open_rest(old, choices)) as plans:
            async for plan in plans:
                yield plan

    async def discard(self, old: Any) -> None:
        await self._session().discard(old)

    async def run_finishes(self) -> AsyncIterator[Finished]:
        async with aclosing(self._session().run_finishes()) as finished:
            async for one in finished:
                yield one


class Sync:
    """The sync child, imported and started after the first paint."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: SyncChild | None = None

    async def __aiter__(self) -> AsyncIterator[SyncProgress]:
        from ghl_triage.sync.child import SyncChild

        self._child = SyncChild(self._settings)
        async for progress in self._child:
            yield progress

    async def sync_now(self) -> None:
        if self._child is not None:
            await self._child.sync_now()

    async def stop(self) -> None:
        if self._child is not None:
            await self._child.stop()


class Reports:
    """The reports' commands, each run in a process of its own."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    async def reckon(self, arguments: Sequence[str]) -> Document:
        from ghl_triage.report.child import reckon

        # Without a store the command would sync first, beside the sync of the app.
        self._database.path()
        return await reckon(self._settings, arguments)


def log_to(path: Path, clock: Clock) -> Callable[[str], None]:
    """Appends lines to a file of the user's own; a log that cannot be written is done without."""

    def write(text: str) -> None:
        from ghl_triage.secrets.hiding import hide

        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "a", encoding="utf-8") as file:
                file.write(f"{when(clock.now(), year=True)}  {hide(text)}\n")
        except OSError:
            return

    return write
