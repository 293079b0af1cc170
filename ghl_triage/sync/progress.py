"""How far a sync is: kept while it runs, and as a line of JSON between the child process and the app; its commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ghl_triage.model import PartState, SyncPart, SyncProgress
from ghl_triage.store.codec import dump, load_progress

SYNC_NOW, SYNC_FULL = "sync now", "full"
"""What the app writes to the child, a line each: sync at once, and read everything anew."""


def progress_to_json(progress: SyncProgress) -> str:
    """One line of JSON."""
    return dump(progress)


def progress_from_json(line: str) -> SyncProgress:
    """What `progress_to_json` wrote. Raises ValueError for anything else."""
    try:
        return load_progress(line)
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise ValueError("This line is no progress of a sync.") from fault


class Board:
    """The parts of one run and their state; tells `on_change` after every change."""

    def __init__(
        self, kind: str, *, requests: Callable[[], int], on_change: Callable[[SyncProgress], None], cases: int = 0
    ) -> None:
        self._requests = requests
        self._on_change = on_change
        self._parts: dict[str, SyncPart] = {}
        self._progress = SyncProgress(kind, cases=cases)
        self._unseen: dict[str, dict[str, None]] = {}

    @property
    def progress(self) -> SyncProgress:
        """Where the run stands now."""
        parts = tuple(self._parts.values())
        return replace(
            self._progress,
            parts=parts,
            requests=self._requests(),
            objects=sum(part.objects for part in parts),
            missing=self._missing(),
        )

    def expect(self, names: Iterable[str]) -> None:
        """Name parts that have yet to start."""
        for name in names:
            self._parts.setdefault(name, SyncPart(name, PartState.WAITING))
        self._tell()

    def count(self, name: str, objects: int) -> None:
        """`objects` more rows of this part lie in the store."""
        part = self._parts.get(name, SyncPart(name, PartState.RUNNING))
        self._parts[name] = replace(part, objects=part.objects + objects)
        self._tell()

    def mark(self, name: str, state: PartState, *, error: str | None = None, retry_at: int | None = None) -> None:
        """The part is in this state now."""
        part = self._parts.get(name, SyncPart(name, state))
        self._parts[name] = replace(part, state=state, error=error, retry_at=retry_at)
        if state is PartState.SKIPPED and error:
            self._unseen.setdefault(error, {})[name] = None
        self._tell()

    def set(self, **values: Any) -> None:
        """Change fields of the progress itself: kind, cases, missing, error, synced_at, finished."""
        self._progress = replace(self._progress, **values)
        self._tell()

    def missing(self, what: str) -> None:
        """Something cannot be seen at all, in words."""
        if what not in self._progress.missing:
            self.set(missing=(*self._progress.missing, what))

    def unseen(self, what: str, why: str) -> None:
        """`what` cannot be seen, for a reason that is told once, whatever else it hides."""
        self._unseen.setdefault(why, {})[what] = None
        self._tell()

    def _missing(self) -> tuple[str, ...]:
        alone = (what for what in self._progress.missing if not any(why.startswith(what) for why in self._unseen))
        return (*alone, *(f"{', '.join(sorted(names))}: {why}" for why, names in self._unseen.items()))

    def _tell(self) -> None:
        self._on_change(self.progress)
