"""Syncs from outside: a workspace with its sources, and one run for the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from ghl_triage.clock import Clock, SystemClock
from ghl_triage.config import Settings, known_database, remember_database
from ghl_triage.errors import NotFound, NotPermitted, UsageError
from ghl_triage.model import SyncProgress
from ghl_triage.sources.highlevel import RATE as HIGHLEVEL_RATE
from ghl_triage.sources.highlevel import highlevel_reader
from ghl_triage.sources.highlevel_agency import highlevel_agency
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.store.lock import LOCK_SECONDS, WriteLock
from ghl_triage.store.state import Account
from ghl_triage.store.writer import Writer
from ghl_triage.sync.context import Failures
from ghl_triage.sync.engine import SECOND_OPINIONS, Sources, SyncEngine
from ghl_triage.sync.giving_way import giving_way
from ghl_triage.sync.rights import KeyRights
from ghl_triage.sync.saas_mapping import NO_TOKEN
from ghl_triage.sync.store_thread import StoreThread
from ghl_triage.workspace_file import beside, load

TRIES = 3
"""How often a single run goes back to parts that failed, before it ends with them failed."""
FIRST_TRIES = 4
"""The first question of all: whoever has no network should read so within seconds."""
HIGHLEVEL_TRIES = 3
"""HighLevel is a second opinion: nobody waits half a minute for it."""

OnProgress = Callable[[SyncProgress], None]


class Workspace:
    """One account's store and the sources that fill it, over many runs."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._failures: Failures = {}
        self._path: Path | None = None
        self._account: Account | None = None
        self._sources = _sources(settings, self._clock)
        self._rights = KeyRights(settings, self._sources.stripe, self._clock)

    @property
    def clock(self) -> Clock:
        """The clock, set right by Stripe's."""
        return self._clock

    def ask_rights_again(self) -> None:
        """With the next run, look whether the key was given what it lacked."""
        self._rights.ask_again()

    async def close(self) -> None:
        """Give the connections back."""
        await self._sources.stripe.close()
        for source in (self._sources.highlevel, self._sources.agency):
            if source is not None:
                await source.close()

    async def sync(self, *, full: bool, on_progress: OnProgress, lock_wait: float) -> SyncProgress:
        """One run. Raises StoreLocked, NotAuthenticated, Unreachable and what else ends a run.

        It holds the write lock, but gives way to whoever waits for that; no other sync runs before this one is over.
        """
        path = await self._locate()
        async with _held(WriteLock(path.with_name(f"{path.name}.sync"), "sync"), lock_wait):
            lock = WriteLock(path, "sync")
            async with _held(lock, lock_wait):
                return await self._run(path, lock, full=full, on_progress=on_progress)

    async def _run(self, path: Path, lock: WriteLock, *, full: bool, on_progress: OnProgress) -> SyncProgress:
        with await asyncio.to_thread(Writer, path) as writer:
            store = StoreThread(writer, clock=self._clock, caps=self._settings.caps)
            try:
                await store.write(self._bind)
                sources = await self._take_over_names(store, path)
                engine = SyncEngine(sources, store, clock=self._clock, failures=self._failures, on_progress=on_progress)
                async with giving_way(lock, store), self._rights.learning(store) as unanswered:
                    progress = await engine.run(full=full)
                if unanswered:
                    progress = replace(progress, missing=(*progress.missing, *unanswered))
                    on_progress(progress)
                return progress
            finally:
                await store.close()

    async def _take_over_names(self, store: StoreThread, path: Path) -> Sources:
        """Let verdicts stand under what the workspace's file says; a broken file is told as something missing."""
        try:
            names = (await asyncio.to_thread(load, beside(path))).names
        except UsageError as fault:
            return replace(self._sources, missing=(*self._sources.missing, str(fault)))
        await store.take_over(names)
        return self._sources

    async def _locate(self) -> Path:
        """The store of the account behind the key: asked for once, since a key may have been exchanged."""
        if self._path is None:
            account = await read_account(self._sources.stripe)
            if account is not None:
                name, self._account = account, Account(account[0], account[1], self._settings.livemode)
                self._path = remember_database(self._settings, name[0])
            else:
                self._path = known_database(self._settings) or remember_database(self._settings, None)
        return self._path

    def _bind(self, writer: Writer) -> None:
        if self._account is not None:
            writer.set_account(self._account)
        if isinstance(self._clock, SystemClock):
            writer.set_clock_offset(self._clock.offset)


async def read_account(stripe: StripeReader) -> tuple[str, str] | None:
    """Id and name of the account; None where a restricted key may not read it."""
    try:
        account = await stripe.get("/v1/account", tries=FIRST_TRIES)
    except (NotPermitted, NotFound):
        return None
    dashboard = (account.get("settings") or {}).get("dashboard") or {}
    profile = account.get("business_profile") or {}
    name = dashboard.get("display_name") or profile.get("name") or account.get("email") or account["id"]
    return str(account["id"]), str(name)


async def run_once(
    settings: Settings, *, full: bool, on_progress: OnProgress, clock: Clock | None = None
) -> SyncProgress:
    """One sync; parts that failed are tried again a few times, then stand as failed in what is returned.

    Nobody waits for HighLevel's: they are second opinions.
    """
    async with _workspace(settings, clock) as workspace:
        for attempt in range(1, TRIES + 1):
            progress = await workspace.sync(full=full and attempt == 1, on_progress=on_progress, lock_wait=LOCK_SECONDS)
            due = next_try(progress, but_for=SECOND_OPINIONS)
            if due is None or attempt == TRIES:
                return progress
            await workspace.clock.sleep(max(0, due - workspace.clock.now()))
    raise AssertionError("the last try returns")


def next_try(progress: SyncProgress, *, but_for: Collection[str] = ()) -> int | None:
    """When the first of the failed parts is to be tried again; None where there is none that may come through."""
    parts = (part for part in progress.failed_parts if part.name not in but_for)
    return min((part.retry_at for part in parts if part.retry_at is not None), default=None)


@asynccontextmanager
async def _held(lock: WriteLock, wait: float) -> AsyncIterator[None]:
    await lock.acquired(wait)
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def _workspace(settings: Settings, clock: Clock | None) -> AsyncIterator[Workspace]:
    workspace = Workspace(settings, clock=clock)
    try:
        yield workspace
    finally:
        await workspace.close()


def _sources(settings: Settings, clock: Clock) -> Sources:
    stripe = stripe_reader(settings.stripe_key, settings.stripe_base, clock=clock, rate=settings.rate)
    rate = HIGHLEVEL_RATE if settings.rate else None
    missing, seller, agency = _not_set(settings), None, None
    if settings.highlevel_token and settings.highlevel_location:
        seller = highlevel_reader(
            settings.highlevel_token,
            settings.highlevel_base,
            settings.highlevel_location,
            clock=clock,
            rate=rate,
            tries=HIGHLEVEL_TRIES,
        )
    if settings.highlevel_agency_token:
        agency = highlevel_agency(
            settings.highlevel_agency_token, settings.highlevel_base, clock=clock, rate=rate, tries=HIGHLEVEL_TRIES
        )
    return Sources(
        stripe,
        seller,
        agency,
        settings.highlevel_company,
        settings.highlevel_location,
        missing,
        history_days=settings.history_days,
    )


def _not_set(settings: Settings) -> tuple[str, ...]:
    """What cannot be seen for want of a setting."""
    if not settings.highlevel_token and not settings.highlevel_agency_token:
        return ("HighLevel: no token (HIGHLEVEL_TOKEN)",)
    missing = []
    if not settings.highlevel_token:
        missing.append("HighLevel: no token (HIGHLEVEL_TOKEN)")
    elif not settings.highlevel_location:
        missing.append("HighLevel: no location (HIGHLEVEL_LOCATION_ID)")
    if not settings.highlevel_agency_token:
        missing.append(NO_TOKEN)
    return tuple(missing)
