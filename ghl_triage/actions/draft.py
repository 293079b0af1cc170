"""What the builders of steps share: the order that they work on, what they give back, and how they refuse."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.actions.plan import Choices
from ghl_triage.model import ActionKind, Caps, PlannedRequest

STRIPE_WINDOW = 3_600
"""Seconds before Stripe's own next attempt in which we stay away; design.md section 5, "Retry is refused"."""


@dataclass(frozen=True, slots=True)
class Order:
    """What holds for every step of one plan. In a `batch`, what asks for a choice is skipped instead of guessed."""

    kind: ActionKind
    now: int
    caps: Caps
    choices: Choices
    batch: bool
    salt: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a step would send, and the amount that it charges in minor units of `currency`."""

    requests: tuple[PlannedRequest, ...]
    amount: int = 0
    currency: str = ""
    notes: tuple[str, ...] = ()


class Skip(Exception):
    """The step is not for this plan, for this reason."""

    def __init__(self, reason: str, *notes: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.notes = notes


def stripe_is_near(next_attempt: int, now: int) -> bool:
    """Whether Stripe's own attempt is too near to come before it; one that is due is on its way."""
    return abs(next_attempt - now) <= STRIPE_WINDOW
