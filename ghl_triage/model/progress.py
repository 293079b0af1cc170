"""How far a sync is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PartState(StrEnum):
    """The state of one part of a sync. `skipped`: the key has no right to it, so that it is not seen."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class SyncPart:
    """One part of a sync ("charges"). `retry_at` is when a failed part is tried again; `error` one sentence."""

    name: str
    state: PartState
    objects: int = 0
    error: str | None = None
    retry_at: int | None = None


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is: what the screen's one line, and `sync --json`, tell.

    `kind` is full, tick or reconcile; `finished` says that this run is over, well or not; `missing` names what could
    not be seen at all, in words ("HighLevel: no token").
    """

    kind: str
    parts: tuple[SyncPart, ...] = ()
    requests: int = 0
    objects: int = 0
    cases: int = 0
    synced_at: int | None = None
    finished: bool = False
    missing: tuple[str, ...] = ()
    error: str | None = None

    @property
    def failed_parts(self) -> tuple[SyncPart, ...]:
        """The parts that did not come through."""
        return tuple(part for part in self.parts if part.state is PartState.FAILED)
