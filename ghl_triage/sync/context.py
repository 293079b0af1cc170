"""What every part of one sync run works with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeAlias

from ghl_triage.clock import Clock
from ghl_triage.config import HISTORY_DAYS
from ghl_triage.errors import NotPermitted
from ghl_triage.sources.stripe import StripeReader
from ghl_triage.sync.expansions import Expansions
from ghl_triage.sync.progress import Board
from ghl_triage.sync.store_thread import StoreThread
from ghl_triage.sync.walk import PAGES_PARSED

Failures: TypeAlias = dict[str, int]
"""How often each part failed in a row."""


@dataclass(slots=True)
class SyncRun:
    """One run: its source, its store, its board. `failures` outlives it.

    `strict`: what is read decides over money, so that a missing right ends it.
    """

    stripe: StripeReader
    store: StoreThread
    board: Board
    clock: Clock
    failures: Failures = field(default_factory=dict)
    history_days: int = HISTORY_DAYS
    strict: bool = False
    expansions: Expansions = field(init=False)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PAGES_PARSED))

    def __post_init__(self) -> None:
        self.expansions = Expansions(self.board.missing)

    def unseen(self, what: str, error: NotPermitted) -> None:
        """The key may not read `what`: it is told, and the rest goes on. Raises `error` in a strict run."""
        if self.strict:
            raise error
        self.board.unseen(what, f"{error.message} {error.hint}".strip())
