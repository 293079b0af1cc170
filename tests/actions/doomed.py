"""A ghl-triage in a process of its own that may die at any moment of its work: `kill -9`, by itself or by the test.

It is the product as it stands but for two things that only a test puts in: a journal that kills its process at a
given commit, and a writer whose first requests meet a closed port.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import stripe  # noqa: F401 - here it is imported once, not by every process that is born

from ghl_triage.actions import access, workbench
from ghl_triage.actions.plan import Choices
from ghl_triage.actions.session import ActionSession
from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings
from ghl_triage.model import ActionKind, Caps, PlannedRequest
from ghl_triage.sources.stripe_writes import StripeWriter, Written
from ghl_triage.store.journal import EntryState, Journal, JournalEntry, PlanRecord

DEATHS = ("before-planned", "planned", "sent", "answered", "settled", "between")
"""Where the journal kills its process: before a plan is committed, after; after a request is marked as sent; when its
answer is there and not yet recorded; after that; and when a second request is about to be marked."""
HELD = ("held-before", "held-after")
"""Where the test kills it: while the sandbox holds the answer, of a request that it has not carried out, or has."""
WRITE_TIMEOUT = 0.3
LIFETIME = 60.0
"""Seconds after which a process that ought to have ended is called hung."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the process is to do: an action on cases, "finish" or "resume". `refused` sends meet a closed port."""

    base: str
    database: Path
    now: int
    does: str
    cases: Sequence[str] = ()
    choices: Choices = field(default_factory=Choices)
    dies: str = ""
    refused: int = 0
    lock_timeout: float = 20.0


Told = tuple[str, str, str | None]
"""A case, how its step ended, and why."""


class Mortal(Journal):
    """A journal that kills its process at one moment."""

    dies = ""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._left: list[int] = []

    def intend_all(self, entries: Sequence[JournalEntry], *, plan: PlanRecord | None = None) -> list[int]:
        self._die_at("before-planned")
        numbers = super().intend_all(entries, plan=plan)
        self._die_at("planned")
        return numbers

    def sent(self, entry: int, at: int) -> None:
        if self._left:
            self._die_at("between")
        super().sent(entry, at)
        self._left.append(entry)
        self._die_at("sent")

    def settle(
        self, entry: int, outcome: EntryState, *, at: int, request_id: str | None = None, error: str | None = None
    ) -> None:
        if entry in self._left:
            self._die_at("answered")
        super().settle(entry, outcome, at=at, request_id=request_id, error=error)
        if entry in self._left:
            self._die_at("settled")

    def _die_at(self, moment: str) -> None:
        if self.dies == moment:
            os.kill(os.getpid(), signal.SIGKILL)


class Unheard(StripeWriter):
    """A writer whose first requests find nobody who listens."""

    left = 0

    def __init__(self, key: str, base: str, **options: Any) -> None:
        super().__init__(key, base, **options)
        self._elsewhere = StripeWriter(key, f"http://127.0.0.1:{_closed_port()}", **options)

    async def send(self, request: PlannedRequest) -> Written:
        if Unheard.left > 0:
            Unheard.left -= 1
            return await self._elsewhere.send(request)
        return await super().send(request)

    async def close(self) -> None:
        await super().close()
        await self._elsewhere.close()


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def session_of(order: Order) -> ActionSession:
    """The product's own session, with a clock that stands at the order's moment."""
    folder = order.database.parent
    caps = Caps(payments_per_second=0)
    settings = Settings("rk_test_sandbox", order.base, False, folder, folder, rate=0, caps=caps, name="town")
    clock = FixedClock(order.now)
    return ActionSession(settings, clock, order.database, lock_timeout=order.lock_timeout, write_timeout=WRITE_TIMEOUT)


async def carry_out(order: Order) -> AsyncGenerator[Told]:
    """Do what is ordered, and say yes to whatever is asked."""
    session = session_of(order)
    if order.does == "resume":
        steps = resume(session)
    elif order.does == "finish":
        steps = finish(session)
    else:
        steps = act(session, ActionKind(order.does), order.cases, order.choices)
    async with aclosing(steps):
        async for told in steps:
            yield told


async def act(session: ActionSession, kind: ActionKind, cases: Sequence[str], choices: Choices) -> AsyncGenerator[Told]:
    """Open a plan, and carry it out."""
    plan = [drawn async for drawn in session.open_plan(kind, cases, choices)][-1]
    async with aclosing(session.run(plan, "test")) as results:
        async for result in results:
            yield result.step.case, result.outcome.value, result.error


async def resume(session: ActionSession) -> AsyncGenerator[Told]:
    """What `ghl-triage resume --apply --yes` does."""
    hanging = session.cut_off()
    async with aclosing(session.settle()) as settling:
        async for settled in settling:
            yield settled.entry.case, settled.outcome.value, settled.error
    for old in hanging:
        if not old.unsent:
            continue
        rest = [drawn async for drawn in session.open_rest(old)][-1]
        if not rest.to_send:
            await session.discard(old)
        async with aclosing(session.run(rest, "test, resumed")) as results:
            async for result in results:
                yield result.step.case, result.outcome.value, result.error
    async for told in finish(session):
        yield told


async def finish(session: ActionSession) -> AsyncGenerator[Told]:
    """What follows where customers have saved their cards."""
    async with aclosing(session.run_finishes()) as finishes:
        async for finished in finishes:
            yield finished.finish.subscription, finished.state, finished.why


def main(order: Order, pipe: Connection) -> None:
    """The process: tells of each step as it ends, then that it came to its end."""
    Mortal.dies, Unheard.left = order.dies, order.refused
    workbench.Journal = Mortal  # type: ignore[attr-defined]
    access.StripeWriter = Unheard  # type: ignore[attr-defined]

    async def work() -> None:
        async for told in carry_out(order):
            pipe.send(told)

    try:
        asyncio.run(work())
    except Exception as fault:  # told to the test, which judges it
        pipe.send(("", "fault", f"{type(fault).__name__}: {fault}"))
    pipe.send(None)


class Doomed:
    """A process that was started; it is waited for, or killed."""

    def __init__(self, order: Order) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._pipe, theirs = context.Pipe(duplex=False)
        self._process: ForkServerProcess = context.Process(target=main, args=(order, theirs))
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def ended_within(self, seconds: float) -> bool:
        """Wait so long at the most for it to end."""
        self._process.join(seconds)
        return not self._process.is_alive()

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()

    def told(self) -> tuple[list[Told], bool]:
        """What it told of before its end, and whether it came to that by itself."""
        told: list[Told] = []
        finished = False
        while self._pipe.poll(LIFETIME):
            try:
                one = self._pipe.recv()
            except EOFError:
                break
            if one is None:
                finished = True
                break
            told.append(one)
        self._process.join(LIFETIME)
        if self._process.is_alive():
            self._process.kill()
            raise AssertionError("a process hangs")
        self._process.close()
        self._pipe.close()
        return told, finished
