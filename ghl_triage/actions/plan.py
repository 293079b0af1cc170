"""A plan: what would be done, case by case, before anybody said yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghl_triage.actions.facts import Subject
from ghl_triage.model import ActionKind, PlanStep


@dataclass(frozen=True, slots=True)
class Choices:
    """What the consultant decided for the cases of a plan, beyond the action itself.

    `payment_method` is the card to use where several could be meant; `also_reviving` pays the invoice that gives
    access, too; `waived` are the cases for which "paid elsewhere" was looked at and set aside;
    `return_url` is where Stripe's pages send the customer afterwards.
    """

    payment_method: str | None = None
    also_reviving: bool = False
    waived: frozenset[str] = frozenset()
    return_url: str = "https://stripe.com"


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, and the subjects that they were decided on, in the same order.

    `id` names the plan in the journal. A plan can be carried out when every step is checked.
    """

    id: str
    action: ActionKind
    steps: tuple[PlanStep, ...]
    subjects: tuple[Subject, ...]
    livemode: bool
    choices: Choices = field(default_factory=Choices)

    @property
    def batch(self) -> bool:
        """More than one case: what asks for a choice is skipped, not guessed."""
        return len(self.steps) > 1

    @property
    def to_send(self) -> tuple[PlanStep, ...]:
        """The steps that would do something."""
        return tuple(step for step in self.steps if step.skipped is None)

    @property
    def skipped(self) -> tuple[PlanStep, ...]:
        """The steps that would do nothing, each with its reason."""
        return tuple(step for step in self.steps if step.skipped is not None)

    @property
    def checked(self) -> bool:
        """Whether every object was read again for this plan."""
        return all(step.checked for step in self.steps)

    @property
    def writes(self) -> bool:
        """Whether any step changes something outside."""
        return any(request.method != "GET" for step in self.to_send for request in step.requests)

    @property
    def totals(self) -> Mapping[str, int]:
        """What the plan would charge: minor units by currency, never added up over currencies."""
        sums: dict[str, int] = {}
        for step in self.to_send:
            if step.amount:
                sums[step.currency] = sums.get(step.currency, 0) + step.amount
        return sums
