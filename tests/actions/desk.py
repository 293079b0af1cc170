"""The consultant's desk: opens plans and says yes, so that a test reads as what he does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ghl_triage.actions.plan import Choices, Plan
from ghl_triage.actions.session import ActionSession
from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings
from ghl_triage.model import ActionKind, Case, StepResult
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.journal import EntryState, Journal, JournalEntry
from ghl_triage.store.reader import Reader
from tests.actions.town import Town
from tests.sandbox_server import SandboxServer

WRITE_TIMEOUT = 0.4
"""Seconds: a sandbox that is silent on order answers never."""


@dataclass
class Desk:
    """One workspace and what it acts on."""

    town: Town
    server: SandboxServer
    settings: Settings
    database: Path
    clock: FixedClock

    def session(self, **settings: Any) -> ActionSession:
        """A session; keyword arguments change its settings."""
        changed = replace(self.settings, **settings)
        return ActionSession(changed, self.clock, self.database, lock_timeout=0.0, write_timeout=WRITE_TIMEOUT)

    async def opened(self, kind: ActionKind, *subscriptions: str, choices: Choices | None = None) -> Plan:
        """A plan, checked."""
        return [plan async for plan in self.session().open_plan(kind, subscriptions, choices)][-1]

    async def run(self, plan: Plan, session: ActionSession | None = None) -> list[StepResult]:
        """Say yes, and wait for the results."""
        return [result async for result in (session or self.session()).run(plan, "test")]

    async def do(self, kind: ActionKind, *subscriptions: str, choices: Choices | None = None) -> list[StepResult]:
        """Open, yes, results."""
        return await self.run(await self.opened(kind, *subscriptions, choices=choices))

    async def one(self, kind: ActionKind, subscription: str, choices: Choices | None = None) -> StepResult:
        """The same for one case."""
        (result,) = await self.do(kind, subscription, choices=choices)
        return result

    def failing(self) -> tuple[str, ...]:
        """The cases whose card is not the default."""
        return self._found("cause:card_not_default")

    def payable(self) -> tuple[str, ...]:
        """The cases whose card was made the default since: a retry would charge it."""
        return self._found("cause:already_fixed")

    def duplicates(self, address: str) -> list[str]:
        """The subscriptions of an e-mail address, case ignored, that are called duplicates; oldest first."""
        found = [self.case(name) for name in self._found("cause:duplicate_subscription")]
        mine = [case for case in found if case.email.casefold() == address]
        return [case.subscription for case in sorted(mine, key=lambda case: case.created)]

    def _found(self, text: str) -> tuple[str, ...]:
        with Reader(self.database) as reader:
            rows = reader.ids(to_sql(parse(text), self.clock.now()), DEFAULT_SORT)
            return tuple(case.subscription for case in reader.cases_of(rows))

    def case(self, subscription: str) -> Case:
        """A case as the store knows it."""
        with Reader(self.database) as reader:
            case = reader.case(subscription)
        assert case is not None
        return case

    def journal(self) -> list[JournalEntry]:
        """All entries, oldest first."""
        with Journal(self.database) as journal:
            return journal.entries()[::-1]

    def states(self) -> list[EntryState]:
        """The state of each payment in the journal, oldest first."""
        return [entry.state for entry in self.journal() if entry.path.endswith("/pay")]

    def stripe(self, kind: str, object_id: str) -> Any:
        """An object as Stripe has it."""
        return self.town.engine.get(kind, object_id)

    def charged(self) -> list[str]:
        """The customers whose money was taken, one entry for each charge."""
        assert self.server.double_paid() == []
        return [charge["customer"] for charge in self.server.ledger()]
