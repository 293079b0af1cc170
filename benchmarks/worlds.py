"""A sandbox as a process of its own, what it counted, and settings that point at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ghl_triage.config import Settings, load_settings
from ghl_triage.demo import sandbox_process

NOWHERE = "http://127.0.0.1:9"
"""An address at which nobody answers: for programs that must not be disturbed by a sync."""


@dataclass(frozen=True, slots=True)
class World:
    """One sandbox: the environment that points at it, and its controls."""

    environment: dict[str, str]
    controls: httpx.Client

    def settings(self, home: Path, *, rate: float | None = None) -> Settings:
        """A workspace in this folder, pointed at the sandbox; `rate` as on the command line."""
        return load_settings({**self.environment, "GHL_TRIAGE_HOME": str(home), "TZ": "UTC"}, rate=rate)

    def account(self) -> str:
        """The id of the sandbox's Stripe account."""
        return str(self._ask("GET", "/info")["account"])

    def labels(self) -> dict[str, dict[str, Any]]:
        """By subscription: what its story did."""
        return dict(self._ask("GET", "/labels"))

    def counters(self) -> dict[str, Any]:
        """Requests by endpoint since the last reset, and their totals."""
        return dict(self._ask("GET", "/counters"))

    def requests(self, api: str) -> list[dict[str, Any]]:
        """The requests that one API carried out since the last reset, oldest first."""
        return [entry for entry in self._ask("GET", "/requests") if entry["api"] == api]

    def reset(self) -> None:
        """Forget counts and requests."""
        self._ask("DELETE", "/counters")

    def order_fault(self, match: str, kind: str) -> None:
        """Let all requests that match fail, until `clear_faults`."""
        self._ask("POST", "/faults", [{"match": match, "kind": kind, "times": None}])

    def clear_faults(self) -> None:
        """Let everything through again."""
        self._ask("DELETE", "/faults")

    def _ask(self, method: str, path: str, json: Any = None) -> Any:
        answer = self.controls.request(method, path, json=json)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def world(subscriptions: int, *flags: str, seed: int = 1) -> Iterator[World]:
    """A sandbox of the bench's world (a quarter failing, three tenths in their trial) without limits."""
    with sandbox_process(subscriptions, seed, "--world", "bench", "--no-rate-limit", *flags) as environment:
        url = environment["STRIPE_API_BASE"].removesuffix("/stripe")
        with httpx.Client(base_url=f"{url}/_sandbox", timeout=60, trust_env=False) as controls:
            yield World(environment, controls)
