"""What a story asked of Stripe: requests and clock moves, with the ids that the sandbox gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


class NotPlayable(Exception):
    """The story needs what no request to Stripe's test mode can do; the message says what."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` and `params` hold the sandbox's ids; `gives` pairs such an id with the field of the answer
    that names its counterpart; `refused` is the code with which the sandbox refused; `again` the number of the step
    that it repeats under the same idempotency key."""

    method: str
    path: str
    params: Mapping[str, Any]
    gives: tuple[tuple[str, str], ...] = ()
    refused: str | None = None
    again: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The story reads a subscription to learn of its latest invoice."""

    subscription: str
    invoice: str


@dataclass(frozen=True, slots=True)
class Move:
    """The clock goes on to a moment, UTC epoch seconds."""

    to: int


Step: TypeAlias = Call | Look | Move


@dataclass(frozen=True, slots=True)
class Transcript:
    """A story as it was played on the sandbox.

    `words` are Stripe's names of the test cards behind the sandbox's PaymentMethods that nobody has yet; `named` the
    ids in the order in which the story came to know them; `shortest` the days of the shortest period that it sells.
    """

    steps: tuple[Step, ...]
    words: Mapping[str, str]
    named: tuple[str, ...]
    customers: tuple[str, ...]
    shortest: int

    def writes(self) -> int:
        """How many requests it sends, the clock's aside."""
        return sum(not isinstance(step, Move) for step in self.steps)

    def moves(self) -> int:
        """How often the clock goes on."""
        return sum(isinstance(step, Move) for step in self.steps)
