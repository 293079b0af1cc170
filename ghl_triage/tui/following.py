"""The app's ear: follows the sync, and what customers finish in a set-up Checkout meanwhile."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from textual import on, work
from textual.app import App

from ghl_triage.errors import TriageError
from ghl_triage.text import clean
from ghl_triage.tui.backstage import Backstage
from ghl_triage.tui.messages import CheckoutFinished, SyncProgressed, SyncStopped
from ghl_triage.tui.ports import ActionsPort, SyncPort
from ghl_triage.tui.viewmodels.header import HeaderState


class FollowingApp(App[None]):
    """Hears the sync's news and keeps them in the header; without a sync there are none."""

    def __init__(self, actions: ActionsPort, sync: SyncPort | None, header: HeaderState) -> None:
        super().__init__()
        self.actions = actions
        self.header = replace(header, started=sync is not None)
        self.backstage = Backstage()
        self._sync = sync
        self._finishing: Future[None] | None = None

    def tell(self) -> None:
        """Show on every screen what the header knows now."""
        raise NotImplementedError

    def log_line(self, text: str) -> None:
        """A line for the log file, without secrets."""
        raise NotImplementedError

    def told(self, fault: BaseException) -> str:
        """What the user is told of a fault."""
        raise NotImplementedError

    def follow(self) -> None:
        """Start the sync and hear its news."""
        if self._sync is not None:
            self._follow_sync(self._sync)

    async def on_unmount(self) -> None:
        if self._sync is not None:
            await self._sync.stop()
        self.backstage.close()

    @work(group="sync", exclusive=True, exit_on_error=False)
    async def _follow_sync(self, sync: SyncPort) -> None:
        try:
            async for progress in sync:
                self.post_message(SyncProgressed(progress))
            self.post_message(SyncStopped("it ended by itself"))
        except (TriageError, OSError) as fault:
            self.post_message(SyncStopped(str(fault)))

    @on(SyncProgressed)
    def _sync_progressed(self, event: SyncProgressed) -> None:
        before = self.header.progress
        known = before.synced_at if before else None
        progress = event.progress if event.progress.synced_at else replace(event.progress, synced_at=known)
        self.header = replace(self.header, progress=progress, stopped="")
        self.tell()
        if progress.finished and not progress.error and not self.header.read_only:
            self._finish_checkouts()

    @on(SyncStopped)
    def _sync_stopped(self, event: SyncStopped) -> None:
        self.header = replace(self.header, stopped=event.reason)
        self.log_line(f"sync stopped: {event.reason}")
        self.tell()

    def _finish_checkouts(self) -> None:
        if self._finishing is None or self._finishing.done():
            self._finishing = self.backstage.run(
                self._run_finishes(), lambda fault: self.log_line(f"finish: {self.told(fault)}")
            )

    async def _run_finishes(self) -> None:
        # What customers completed since: the yes to it was given with the link.
        async for finished in self.actions.run_finishes():
            if finished.over:
                self.post_message(CheckoutFinished(finished.finish.subscription, finished.state, finished.why or ""))

    @on(CheckoutFinished)
    def _checkout_finished(self, event: CheckoutFinished) -> None:
        text = f"{event.subscription}: the customer saved a card: {event.state}{f', {event.why}' if event.why else ''}"
        self.log_line(text)
        self.notify(clean(text), markup=False)

    @work(group="sync-now", exclusive=True, exit_on_error=False)
    async def sync_now(self) -> None:
        """Ask for a sync at once."""
        if self._sync is None:
            self.notify("There is no sync in this session.", markup=False)
            return
        if self.header.stopped:
            self._follow_sync(self._sync)
        else:
            await self._sync.sync_now()
        self.notify("Syncing now.", markup=False)
