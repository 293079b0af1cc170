"""Sends a transcript to Stripe, on a test clock of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ghl_triage.sandbox.verify.client import HOPELESS, Client, Refused, Unreachable
from ghl_triage.sandbox.verify.ledger import CLOCKS, Ledger
from ghl_triage.sandbox.verify.transcript import Call, Look, Move, Transcript

DAY = 86_400
_PATIENCE = 600
"""Seconds that an advance may take; Stripe needs some for each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A request to which Stripe and the sandbox answered differently: `done`, or the code of the refusal."""

    request: str
    sandbox: str
    stripe: str


@dataclass(slots=True)
class Replay:
    """One story at Stripe. `ids` maps the sandbox's ids to Stripe's; `answers` grows where they disagree."""

    stripe: Client
    name: str
    transcript: Transcript
    ids: dict[str, str]
    clock: str
    now: int
    sleep: Callable[[float], None] = time.sleep
    answers: list[Answer] = field(default_factory=list)

    def play(self) -> bool:
        """Whether the story could be told to its end; where not, the last of `answers` says why."""
        cards = {card: f"pm_card_{word}" for card, word in self.transcript.words.items()}
        self.ids = {**cards, **self.ids}
        for number, step in enumerate(self.transcript.steps):
            if isinstance(step, Move):
                self._move(step.to)
            elif isinstance(step, Look):
                found = self.stripe.get(f"/v1/subscriptions/{self._theirs(step.subscription)}")
                self.ids[step.invoice] = str(found["latest_invoice"])
            elif not self._send(step, f"{self.name}-{number if step.again is None else step.again}"):
                return False
        return True

    def _send(self, call: Call, key: str) -> bool:
        params = self._theirs(call.params)
        if call.path == "/v1/customers":
            params = {**params, "test_clock": self.clock}
        path = "/".join(self._theirs(part) for part in call.path.split("/"))
        expected = call.refused or "done"
        try:
            done = self.stripe.send(call.method, path, params, key if call.method == "POST" else None)
        except Refused as refusal:
            if refusal.status in HOPELESS:
                raise
            if call.refused != refusal.code:
                said = refusal.code if call.refused else f"{refusal.code}: {refusal.message}"
                self.answers.append(Answer(f"{call.method} {_general(call.path)}", expected, said))
            return call.refused is not None
        for ours, name in call.gives:
            if done.get(name):
                self.ids[ours] = str(done[name])
        if call.refused is not None:
            self.answers.append(Answer(f"{call.method} {_general(call.path)}", expected, "done"))
        return call.refused is None

    def _theirs(self, value: Any) -> Any:
        """The same with Stripe's ids in the place of the sandbox's."""
        if isinstance(value, str):
            return self.ids.get(value, value)
        if isinstance(value, Mapping):
            return {name: self._theirs(below) for name, below in value.items()}
        if isinstance(value, list | tuple):
            return [self._theirs(below) for below in value]
        return value

    def _move(self, to: int) -> None:
        """In steps of one period: Stripe allows two."""
        while self.now < to:
            self.now = min(to, self.now + self.transcript.shortest * DAY)
            self.stripe.send("POST", f"{CLOCKS}/{self.clock}/advance", {"frozen_time": self.now}, self._key())
            self._until_ready()

    def _key(self) -> str:
        return f"{self.name}-{self.clock}-{self.now}"

    def _until_ready(self) -> None:
        waited, pause = 0.0, 0.25
        while waited < _PATIENCE:
            status = self.stripe.get(f"{CLOCKS}/{self.clock}")["status"]
            if status == "ready":
                return
            if status != "advancing":
                break
            self.sleep(pause)
            waited, pause = waited + pause, min(4.0, pause * 2)
        raise Unreachable(f"the test clock did not reach its time ({status})")


def open_clock(stripe: Client, ledger: Ledger, name: str, start: int) -> str:
    """A test clock that stands at the beginning of the stories."""
    return str(ledger.make(stripe, CLOCKS, {"frozen_time": start}, f"{name}-clock")["id"])


def _general(path: str) -> str:
    return "/".join("{id}" if any(letter.isdigit() for letter in part[2:]) else part for part in path.split("/"))
