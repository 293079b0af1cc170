"""Opens all that acting needs, and closes it again: clients, store, journal, and the workspace's write lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ghl_triage.actions.access import Access
from ghl_triage.actions.attempt import Tools
from ghl_triage.actions.pace import Pace
from ghl_triage.clock import Clock
from ghl_triage.config import Settings
from ghl_triage.diagnosis.read import text
from ghl_triage.errors import SourceError, StoreLocked
from ghl_triage.model import Raw
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.store.journal import Journal
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.refresh import refresh_cases
from ghl_triage.text import words

CHECKING = "a plan being checked"
SILENT_SECONDS = 0.5
"""A wait for the write lock that is longer than this is told."""
KEPT = frozenset({"invoice", "customer", "subscription", "checkout.session"})
"""The kinds of objects that the store keeps of what a write gives back."""
EACH_AFTER_ITS_WRITE = 30
"""Up to so many steps, each case is read again after its write; a bigger batch is read again whole at its end."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where and with what a session acts. Timeouts are in seconds; `tell` hears for whom it waits."""

    settings: Settings
    clock: Clock
    database: Path
    lock_timeout: float
    write_timeout: float
    tell: Callable[[str], None]

    @property
    def access(self) -> Access:
        """Whether anything may be written, and what sends it."""
        return Access(self.settings, self.database)

    async def place(self) -> Mapping[str, str]:
        """The workspace and the Stripe account, as the journal names them."""

        def ask() -> Mapping[str, str]:
            with Reader(self.database) as reader:
                account = reader.account()
            return {"workspace": self.settings.name, "account": account.id if account else ""}

        return await asyncio.to_thread(ask)

    @asynccontextmanager
    async def locked(self, who: str) -> AsyncIterator[None]:
        """Hold the write lock; `who` is told to others who wait for it. Raises StoreLocked.

        A sync gives way within a moment; another plan is waited for.
        """
        lock = WriteLock(self.database, who)
        try:
            await lock.acquired(min(SILENT_SECONDS, self.lock_timeout))
        except StoreLocked as busy:
            if self.lock_timeout <= SILENT_SECONDS:
                raise
            syncing = busy.holder.startswith("sync")
            self.tell("Waiting for the sync to pause." if syncing else f"Waiting for {busy.holder} to end.")
            await lock.acquired(self.lock_timeout)
        try:
            yield
        finally:
            lock.release()

    @asynccontextmanager
    async def refreshing(self) -> AsyncIterator[Refresher]:
        """Read cases again; whoever asks holds the lock."""
        stripe = self._reader()
        writer = Writer(self.database)
        try:
            yield Refresher(stripe, writer, self)
        finally:
            writer.close()
            await stripe.close()

    @asynccontextmanager
    async def tools(self, *, verify_each: bool) -> AsyncIterator[Tools]:
        """What carrying out needs; whoever asks holds the lock."""
        sender = self.access.writer(self.write_timeout)
        try:
            async with self.refreshing() as refresher:
                with Journal(self.database) as journal:
                    yield Tools(
                        reader=refresher.stripe,
                        sender=sender,
                        journal=journal,
                        clock=self.clock,
                        pace=Pace(self.settings.caps.payments_per_second, self.clock),
                        keep=refresher.keep,
                        verify=refresher.verify if verify_each else _read_later,
                    )
        finally:
            await sender.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[StripeReader]:
        """Read Stripe and write nothing, so without the lock."""
        stripe = self._reader()
        try:
            yield stripe
        finally:
            await stripe.close()

    def _reader(self) -> StripeReader:
        settings = self.settings
        return stripe_reader(settings.stripe_key, settings.stripe_base, clock=self.clock, rate=settings.rate)


async def _read_later(_: str) -> None:
    """A big batch is read again whole at its end: until then the store would only say how a case stood before."""


@dataclass(frozen=True, slots=True)
class Refresher:
    """Brings the store up to what Stripe says now."""

    stripe: StripeReader
    writer: Writer
    workspace: Workspace

    async def refresh(self, subscriptions: Sequence[str]) -> None:
        """Read these cases again. Raises SourceError."""
        workspace = self.workspace
        await refresh_cases(self.stripe, self.writer, subscriptions, workspace.clock, workspace.settings.caps)

    async def keep(self, raw: Raw) -> None:
        """Store an object that a write gave back, and judge its customer anew."""
        if text(raw.get("object")) not in KEPT:
            return
        clock, caps = self.workspace.clock, self.workspace.settings.caps
        now, fetched_at = clock.now(), clock.stamp()

        def work() -> None:
            touched = self.writer.write_objects([raw], fetched_at=fetched_at).customers
            self.writer.rediagnose(touched, now, caps)

        await asyncio.to_thread(work)

    async def verify(self, subscription: str) -> str | None:
        """How a case stands after it was read again; a sentence of its own where it could not be."""
        try:
            await self.refresh([subscription])
        except SourceError as error:
            return f"it could not be read again: {error.message}"

        def ask() -> str | None:
            with Reader(self.workspace.database) as reader:
                case = reader.case(subscription)
            return f"{words(case.status)}, {words(case.stage)}" if case else None

        return await asyncio.to_thread(ask)
