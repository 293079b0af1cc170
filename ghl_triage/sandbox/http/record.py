"""What was asked of the sandbox: counters, and the last requests word for word."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 5_000
"""How many requests are remembered."""


@dataclass(slots=True)
class Record:
    """Every request that arrived, whatever became of it."""

    stripe: Counter[str] = field(default_factory=Counter)
    highlevel: Counter[str] = field(default_factory=Counter)
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, api: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Counts a request of an `api` under its endpoint's name; returns its entry, for the status."""
        self.count(api, name)
        entry = {"api": api, "endpoint": name, **request, "status": None}
        self.requests.append(entry)
        return entry

    def count(self, api: str, name: str) -> None:
        """Counts a request that never reached the API."""
        (self.stripe if api == "stripe" else self.highlevel)[name] += 1

    def counters(self) -> dict[str, Any]:
        """The counts by endpoint, and their sums."""
        return {
            "stripe": dict(self.stripe),
            "highlevel": dict(self.highlevel),
            "total_stripe": self.stripe.total(),
            "total_highlevel": self.highlevel.total(),
        }

    def reset(self) -> None:
        """Starts again from nothing."""
        self.stripe.clear()
        self.highlevel.clear()
        self.requests.clear()
