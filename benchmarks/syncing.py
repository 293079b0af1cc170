"""Whole syncs in this process, as the command line and the app's child make them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from ghl_triage.clock import Clock, SystemClock
from ghl_triage.config import Settings, known_database
from ghl_triage.model import SyncProgress
from ghl_triage.sync.run import Workspace


class HastyClock(SystemClock):
    """Stripe's time, and no waiting: what failed is tried again at once."""

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - that is the point
        await super().sleep(0)


@dataclass(frozen=True, slots=True)
class Synced:
    """One sync: its last word, how long it took, and when (perf_counter) how many requests had left."""

    progress: SyncProgress
    seconds: float
    sent: list[tuple[float, int]]

    @property
    def pace(self) -> float:
        """Requests a second from the first one to the last."""
        (began, first), last = self.sent[0], self.sent[-1][1]
        ended = next(at for at, count in self.sent if count == last)
        return (last - first) / (ended - began)


async def sync(settings: Settings, *, clock: Clock | None = None) -> Synced:
    """One run over the workspace of these settings."""
    sent: list[tuple[float, int]] = []
    workspace = Workspace(settings, clock=clock)
    began = perf_counter()
    try:
        progress = await workspace.sync(
            full=False, on_progress=lambda told: sent.append((perf_counter(), told.requests)), lock_wait=5.0
        )
        return Synced(progress, perf_counter() - began, [entry for entry in sent if entry[1]])
    finally:
        await workspace.close()


def database(settings: Settings) -> Path:
    """The file that a sync of these settings has filled."""
    path = known_database(settings)
    if path is None:
        raise RuntimeError("the sync has made no store")
    return path
