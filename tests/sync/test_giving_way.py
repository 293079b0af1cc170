"""A plan does not wait for a first load to end: the load gives way, and goes on as if nothing had been."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from ghl_triage.actions.session import ActionSession
from ghl_triage.clock import SystemClock
from ghl_triage.config import Settings
from ghl_triage.errors import StoreLocked
from ghl_triage.model import ActionKind, Caps, Outcome, PartState, StepResult, SyncProgress
from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sources.stripe import stripe_reader
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.writer import Writer
from ghl_triage.sync.owed import UNDIAGNOSED
from ghl_triage.sync.refresh import refresh_cases
from ghl_triage.sync.run import Workspace
from ghl_triage.sync.store_thread import StoreThread
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.bad_days import finish, rows, unlike
from tests.sync.conftest import Desk, QuickClock

pytestmark = pytest.mark.anyio

OF_NOBODY = r"/v1/charges\?(?!.*customer=)"
"""The list of all charges, which a load alone asks for."""


@dataclass
class Gate:
    """Stands before the sandbox: requests that match `closed` wait until `opened`."""

    closed: str = "never"
    opened: threading.Event = field(default_factory=threading.Event)

    def middleware(self, app: ASGIApp) -> ASGIApp:
        async def gated(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and re.search(self.closed, f"{scope['path']}?{scope['query_string'].decode()}"):
                await asyncio.to_thread(self.opened.wait, 60)
            await app(scope, receive, send)

        return gated


@dataclass
class Scene:
    """A town of six: the card of three is not the default, a retry would charge the three others."""

    server: SandboxServer
    gate: Gate
    failing: list[tuple[str, str]]
    payable: list[tuple[str, str]]

    def desk(self, home: Path) -> Desk:
        settings = Settings(
            stripe_key="rk_test_sandbox",
            stripe_base=self.server.stripe_base,
            livemode=False,
            data_dir=home,
            log_dir=home,
            rate=0,
            caps=Caps(payments_per_second=0),
        )
        return Desk(settings)

    @asynccontextmanager
    async def loading(self, desk: Desk, *, held: str, part: str) -> AsyncIterator[asyncio.Task[SyncProgress]]:
        """A first load that waits for the answers to `held`, which `part` asks for, and for nothing else."""
        self.gate.closed = held
        reached = asyncio.Event()

        def note(progress: SyncProgress) -> None:
            busy = {each.name for each in progress.parts if each.state is not PartState.DONE}
            done = any(each.state is PartState.DONE for each in progress.parts)
            if done and busy <= {part}:
                reached.set()

        workspace = Workspace(desk.settings, clock=QuickClock())
        syncing = asyncio.create_task(workspace.sync(full=False, on_progress=note, lock_wait=5.0))
        try:
            await asyncio.wait_for(reached.wait(), 60)
            yield syncing
        finally:
            self.gate.opened.set()
            await syncing
            await workspace.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    # Nothing in it happened at the edge of what a load reads: one that begins a second later reads the same.
    town, gate = Town(Engine("town", NOW - 50 * DAY)), Gate()
    failing = [town.failing(name) for name in ("dan", "eve", "fay")]
    payable = [town.failing(name) for name in ("ann", "bob", "cem")]
    town.now(NOW - 3_600)
    for customer, _, card in payable:
        town.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})
    with town.now().served(before=gate.middleware) as server:
        yield Scene(
            server,
            gate,
            [(customer, subscription) for customer, subscription, _ in failing],
            [(customer, subscription) for customer, subscription, _ in payable],
        )


async def do(desk: Desk, kind: ActionKind, subscription: str) -> StepResult:
    """Plan, yes, result."""
    session = ActionSession(desk.settings, SystemClock(NOW - SystemClock().now()), desk.path)
    plan = [drawn async for drawn in session.open_plan(kind, [subscription])][-1]
    (result,) = [one async for one in session.run(plan, "test")]
    return result


def but_for(subscription: str, found: dict[str, Any]) -> dict[str, Any]:
    """Without the case on which somebody acted: its verdict knows the journal, and that is one workspace's alone."""
    return {name: row for name, row in found.items() if name not in (f"case {subscription}", f"trial {subscription}")}


async def test_a_retry_goes_while_a_first_load_still_looks_things_up(scene: Scene, tmp_path: Path) -> None:
    (waiting, _), (_, wanted) = scene.failing[0], scene.payable[0]
    desk, other = scene.desk(tmp_path / "desk"), scene.desk(tmp_path / "other")
    async with scene.loading(desk, held=f"{waiting}/payment_methods", part="cards") as syncing:
        result = await do(desk, ActionKind.RETRY, wanted)
        assert not syncing.done()
    assert result.outcome is Outcome.DONE
    assert len(scene.server.ledger()) == 1
    assert scene.server.double_paid() == []
    await finish(desk)
    await finish(other)
    assert desk.cases()[wanted].status == "active"
    assert desk.cases().keys() == other.cases().keys()
    assert unlike(but_for(wanted, rows(desk.path)), but_for(wanted, rows(other.path))) == []


@pytest.mark.slow
async def test_before_the_lists_are_in_no_money_moves_and_defaults_are_mended(scene: Scene, tmp_path: Path) -> None:
    (_, mended), (_, wanted) = scene.failing[0], scene.payable[0]
    desk, other = scene.desk(tmp_path / "desk"), scene.desk(tmp_path / "other")
    async with scene.loading(desk, held=OF_NOBODY, part="charges") as syncing:
        retried = await do(desk, ActionKind.RETRY, wanted)
        fixed = await do(desk, ActionKind.FIX_DEFAULT, mended)
        assert not syncing.done()
    assert retried.outcome is Outcome.SKIPPED
    assert fixed.outcome is Outcome.DONE
    assert scene.server.ledger() == []
    await finish(desk)
    await finish(other)
    assert unlike(but_for(mended, rows(desk.path)), but_for(mended, rows(other.path))) == []
    assert (await do(desk, ActionKind.RETRY, wanted)).outcome is Outcome.DONE


@pytest.mark.slow
async def test_no_other_sync_comes_in_while_one_gives_way(scene: Scene, tmp_path: Path) -> None:
    desk = scene.desk(tmp_path)
    async with scene.loading(desk, held=OF_NOBODY, part="charges"):
        plan, second = WriteLock(desk.path, "a plan"), Workspace(desk.settings, clock=QuickClock())
        await asyncio.to_thread(plan.acquire, 10.0)
        with pytest.raises(StoreLocked) as refusal:
            await second.sync(full=False, on_progress=lambda _: None, lock_wait=0.0)
        await second.close()
        plan.release()
    assert refusal.value.holder.startswith("sync")


@pytest.mark.slow
async def test_whoever_waits_reads_for_whom(scene: Scene, tmp_path: Path) -> None:
    desk, told = scene.desk(tmp_path), list[str]()
    await finish(desk)
    for who in ("sync", "a plan"):
        lock = WriteLock(desk.path, who)
        lock.acquire()

        def tell(text: str, lock: WriteLock = lock) -> None:
            told.append(text)
            lock.release()

        session = ActionSession(desk.settings, SystemClock(), desk.path, tell=tell)
        assert [plan async for plan in session.open_plan(ActionKind.FIX_DEFAULT, [scene.failing[0][1]])][-1].checked
    assert told[0] == "Waiting for the sync to pause."
    assert re.fullmatch(r"Waiting for a plan \(process \d+\) to end\.", told[1])


async def test_a_plan_that_is_left_while_it_waits_keeps_no_lock(tmp_path: Path) -> None:
    """Leaving the screen of a plan must not pause the sync for as long as the app lives."""
    path = tmp_path / "store.sqlite3"
    holder, waiter = WriteLock(path, "sync"), WriteLock(path, "a plan")
    holder.acquire()
    waiting = asyncio.create_task(waiter.acquired(10.0))
    while not holder.wanted:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    holder.release()
    assert holder.retake()
    assert not waiter.held


# verdicts that are owed


@asynccontextmanager
async def owing(desk: Desk, by: str) -> AsyncIterator[tuple[Writer, StoreThread]]:
    """A store in which everybody's verdict is owed."""
    with Writer(desk.path) as writer:
        writer.save_cursor(UNDIAGNOSED, by)
        with writer.together():
            writer._connection.execute("DELETE FROM cases")
        store = StoreThread(writer, clock=QuickClock(), caps=Caps())
        try:
            yield writer, store
        finally:
            await store.close()


async def test_a_plan_gives_verdicts_to_its_own_cases_and_leaves_the_others_to_the_sync(
    scene: Scene, tmp_path: Path
) -> None:
    desk, (_, wanted) = scene.desk(tmp_path), scene.payable[0]
    await finish(desk)
    stripe = stripe_reader("rk_test_sandbox", scene.server.stripe_base, clock=QuickClock())
    async with owing(desk, "sync") as (writer, _):
        await refresh_cases(stripe, writer, [wanted], QuickClock(), Caps())
        assert desk.cases().keys() == {wanted}
        assert writer.cursor(UNDIAGNOSED) == "sync"
    await stripe.close()
    await desk.sync()
    assert len(desk.cases()) == 6


async def test_what_a_plan_owed_that_was_killed_in_the_pause_of_a_sync_is_not_forgotten(
    scene: Scene, tmp_path: Path
) -> None:
    desk = scene.desk(tmp_path)
    await finish(desk)
    async with owing(desk, "sync") as (writer, store):
        await store.diagnose_touched()
        assert writer.cursor(UNDIAGNOSED) is None
        async with store.paused():
            writer.save_cursor(UNDIAGNOSED, "guest")
            writer._connection.execute("DELETE FROM cases")
        await store.diagnose_touched()
        assert len(desk.cases()) == 6
        assert writer.cursor(UNDIAGNOSED) is None
