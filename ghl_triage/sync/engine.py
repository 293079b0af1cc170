"""One sync run: decides between full load, tick and reconcile, and carries it out under the write lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ghl_triage.clock import Clock
from ghl_triage.config import HISTORY_DAYS
from ghl_triage.model import PartState, SyncProgress
from ghl_triage.sources.highlevel import HighLevelReader
from ghl_triage.sources.highlevel_agency import HighLevelAgency
from ghl_triage.sources.stripe import StripeReader
from ghl_triage.store.filters import parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.sync import deliveries, highlevel, lookups, reconcile, saas_mapping, tick
from ghl_triage.sync.context import Failures, SyncRun
from ghl_triage.sync.full import begin_load, full_load
from ghl_triage.sync.load import (
    EVENTS,
    HIGHLEVEL,
    LOAD,
    MAPPING,
    RECONCILED,
    STALE_AFTER,
    UNDELIVERED,
    VERDICTS,
    WARNINGS,
    WORKFLOWS,
    LoadState,
)
from ghl_triage.sync.parts import Part, run_parts
from ghl_triage.sync.plan import FRAUD_WARNINGS
from ghl_triage.sync.progress import Board
from ghl_triage.sync.store_thread import StoreThread

TICK_SECONDS = 120
"""Between two ticks; Stripe counts reads against an account's payments (domain/stripe.md section 6)."""
VERDICTS_PART = "verdicts"
RECONCILE_SECONDS = 1_200
"""Every change that makes no event is seen at the latest after this time; HighLevel's lists are read as often."""

SECOND_OPINIONS = (*highlevel.PARTS, saas_mapping.PART)
"""Parts without which the verdicts are as fresh as with them."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is read. `highlevel` and `agency` are None where they cannot be asked; `missing` says why, in words.

    `company` is the agency's id where the user gave it.
    """

    stripe: StripeReader
    highlevel: HighLevelReader | None = None
    agency: HighLevelAgency | None = None
    company: str = ""
    location: str = ""
    missing: tuple[str, ...] = ()
    history_days: int = HISTORY_DAYS
    """How far back charges and set-ups are read."""


class SyncEngine:
    """Runs syncs over one open store. Whoever has one holds the write lock.

    `failures` remembers how often each part failed in a row, from one run to the next.
    """

    def __init__(
        self,
        sources: Sources,
        store: StoreThread,
        *,
        clock: Clock,
        failures: Failures,
        on_progress: Callable[[SyncProgress], None] = lambda _: None,
    ) -> None:
        self._sources = sources
        self._store = store
        self._clock = clock
        self._failures = failures
        self._on_progress = on_progress

    async def run(self, *, full: bool = False) -> SyncProgress:
        """One sync. Parts that failed are in its progress; raises what ends all: a wrong key, a store that fails."""
        load = LoadState.from_json(await self._store.cursor(LOAD))
        stale = load and load.complete and await self._is_stale()
        if full or stale or (load and not load.reads(self._sources.history_days)):
            load = None
        run = await self._begin("tick" if load and load.complete else "full", load)
        if load is None:
            load = await begin_load(run)
        side, beside = await self._highlevel(run, anyway=full)
        beside += await self._mapping(run, anyway=full)
        if load.complete:
            await self._keep_up(run, load, beside)
        else:
            failed = await full_load(run, load, beside=[*beside, _undelivered(run)])
            # A part that does not come through must not hide what changed in the others meanwhile.
            late = self._clock.now() - load.started > TICK_SECONDS
            if late or any(part.may_recover for part in failed):
                await run_parts([Part(tick.PART, partial(tick.tick, run))], run)
        await self._decide(run, side)
        return await self._end(run)

    async def _begin(self, kind: str, load: LoadState | None) -> SyncRun:
        began = self._sources.stripe.requests
        board = Board(kind, requests=lambda: self._sources.stripe.requests - began, on_change=self._on_progress)
        last = await self._store.read(lambda reader: reader.sync_status())
        cases = await self._store.read(_count_cases)
        board.set(cases=cases, synced_at=last.synced_at if last else None)
        for what in self._sources.missing:
            board.missing(what)
        left = load.left if load and load.complete else ()
        for part in last.parts if last else ():
            # It is asked for again with the next reconcile; until then it is as unseen as it was.
            if part.state is PartState.SKIPPED and part.name in left:
                board.mark(part.name, part.state, error=part.error)
        sources = self._sources
        return SyncRun(
            sources.stripe, self._store, board, self._clock, self._failures, history_days=sources.history_days
        )

    async def _is_stale(self) -> bool:
        cursor = int(await self._store.cursor(EVENTS) or 0)
        return self._clock.now() - cursor > STALE_AFTER

    async def _highlevel(self, run: SyncRun, *, anyway: bool) -> tuple[highlevel.HighLevelSide | None, list[Part]]:
        if self._sources.highlevel is None:
            return None, []
        side, parts = highlevel.HighLevelSide(run, self._sources.highlevel), list[Part]()
        due = anyway or await self._is_due(HIGHLEVEL)
        if due:
            parts.append(Part(highlevel.PART, side.lists))
        if due or await self._is_due(WORKFLOWS):
            parts.append(Part(highlevel.WORKFLOWS_PART, side.workflows))
        return side, parts

    async def _mapping(self, run: SyncRun, *, anyway: bool) -> list[Part]:
        sources = self._sources
        if sources.agency is None or not (anyway or await self._is_due(MAPPING)):
            return []
        reading = saas_mapping.SaasMapping(
            run, sources.agency, company=sources.company, location=sources.location, seller=sources.highlevel
        )
        return [Part(saas_mapping.PART, reading.read)]

    async def _is_due(self, cursor: str) -> bool:
        return self._clock.now() - int(await self._store.cursor(cursor) or 0) >= RECONCILE_SECONDS

    async def _keep_up(self, run: SyncRun, load: LoadState, beside: Sequence[Part]) -> None:
        failed = await run_parts([Part(tick.PART, partial(tick.tick, run)), *beside], run)
        blind = any(part.name == tick.PART and not part.may_recover for part in failed)
        due = blind or await self._is_due(RECONCILED)
        if due:
            run.board.set(kind="reconcile")
        await run_parts(await self._reconciling(run, load, due=due), run)
        if due and load.left:
            await full_load(run, load)

    async def _reconciling(self, run: SyncRun, load: LoadState, *, due: bool) -> list[Part]:
        """What a reconcile reads, or what is left of the last one; a list that the load lacks is read with its rest."""
        parts = [Part(reconcile.PART, partial(reconcile.reconcile, run), needed=True)] if due else []
        if due or await self._is_due(UNDELIVERED):
            parts.append(_undelivered(run))
        if FRAUD_WARNINGS not in load.left and (due or await self._is_due(WARNINGS)):
            parts.append(Part(FRAUD_WARNINGS, partial(reconcile.reread_warnings, run)))
        return parts

    async def _decide(self, run: SyncRun, side: highlevel.HighLevelSide | None) -> None:
        """Verdicts: on what was read, on what time alone has changed; and what they need to be asked for at all."""
        if side and side.read:
            await side.learn()
        since, now = int(await self._store.cursor(VERDICTS) or 0), self._clock.now()
        await self._store.diagnose(await self._store.read(lambda reader: reader.due(since, now)))
        await self._store.save_cursor(VERDICTS, str(now))
        await self._store.diagnose_shown()
        parts: list[Part] = [
            # Beside the look-ups of the cases that matter: the pace that is not used now is lost.
            Part(VERDICTS_PART, self._store.diagnose_touched),
            Part(lookups.PART, partial(lookups.look_up, run)),
        ]
        await run_parts(parts, run)
        if side and side.read and _is_whole(run.board.progress):
            await run_parts([Part(highlevel.CONTACTS_PART, side.contacts)], run)
        await self._store.diagnose_touched()

    async def _end(self, run: SyncRun) -> SyncProgress:
        failed = run.board.progress.failed_parts
        for part in failed:
            if part.name in highlevel.PARTS:
                run.board.missing(f"{highlevel.PART}: {part.error}")
            elif part.name == saas_mapping.PART:
                run.board.missing(f"The SaaS mapping is not seen: {part.error}")
        cases = await self._store.read(_count_cases)
        synced_at = self._clock.now() if _is_whole(run.board.progress) else run.board.progress.synced_at
        run.board.set(cases=cases, synced_at=synced_at, finished=True)
        progress = run.board.progress
        await self._store.write(lambda writer: writer.save_sync_status(progress))
        return progress


def _is_whole(progress: SyncProgress) -> bool:
    """Whether all is read that can be. A right that is missing stays missing: it does not make the rest any older."""
    return not any(part.retry_at is not None and part.name not in SECOND_OPINIONS for part in progress.failed_parts)


def _undelivered(run: SyncRun) -> Part:
    return Part(deliveries.PART, partial(deliveries.read_undelivered, run))


def _count_cases(reader: Reader) -> int:
    return reader.totals(to_sql(parse(""), 0, default_queue=False)).count
