"""A plan: what would be done, case by case, before anybody said yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ghl_triage.actions.facts import Subject
from ghl_triage.model import ActionKind, CardView, PlanStep

PLAN_LIFE = 900
"""Seconds for which a checked plan may get its yes, and may lie still while it is carried out: what each write reads
again is less than what the plan read."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the consultant decided for the cases of a plan, beyond the action itself.

    `payment_method` is the card to use where several could be meant; `also_reviving` pays the invoice that gives
    access, too; `waived` are the cases for which "paid elsewhere" was looked at and set aside;
    `return_url` is where Stripe's pages send the customer afterwards. `cautious` decides a single case as a batch
    would: nothing that asks for a choice is done.
    """

    payment_method: str | None = None
    also_reviving: bool = False
    waived: frozenset[str] = frozenset()
    return_url: str = "https://stripe.com"
    cautious: bool = False
    entry: int | None = None
    """The one journal entry to take back; None: all that the newest plan changed on the case."""

    def to_json(self) -> dict[str, Any]:
        """As the journal keeps it, so that the rest of a cut-off plan is drawn by the same choices."""
        return {
            "payment_method": self.payment_method,
            "also_reviving": self.also_reviving,
            "waived": sorted(self.waived),
            "return_url": self.return_url,
            "cautious": self.cautious,
            "entry": self.entry,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Choices:
        """The choices out of what `to_json` gave; those that are missing are as if nothing had been chosen."""
        kept = kept or {}
        usual = cls()
        return cls(
            payment_method=kept.get("payment_method"),
            also_reviving=bool(kept.get("also_reviving")),
            waived=frozenset(kept.get("waived") or ()),
            return_url=str(kept.get("return_url") or usual.return_url),
            cautious=bool(kept.get("cautious")),
            entry=kept.get("entry"),
        )


@dataclass(frozen=True, slots=True)
class Offers:
    """What only the consultant can decide about a plan of one case, as far as it would change the plan.

    `cards` are those that he may choose from, and `card` the one in use now. `reviving` is the newest invoice, where
    the plan pays another one; `paid_elsewhere` says that the case is held back for that. Each with its state now.
    """

    cards: tuple[CardView, ...] = ()
    card: str | None = None
    reviving: str | None = None
    also_reviving: bool = False
    paid_elsewhere: bool = False
    waived: bool = False

    def __bool__(self) -> bool:
        return bool(self.cards or self.reviving or self.paid_elsewhere)


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
    offers: Offers = field(default_factory=Offers)
    continues: str | None = None
    """The id of the cut-off plan whose rest this is."""
    gone: tuple[PlanStep, ...] = ()
    """Cases that were asked for and are not in the local data any more: skipped, but told of."""
    drawn_at: int = 0
    """When its last step was decided, in UTC epoch seconds."""

    @property
    def to_send(self) -> tuple[PlanStep, ...]:
        """The steps that would do something."""
        return tuple(step for step in self.steps if step.skipped is None)

    @property
    def skipped(self) -> tuple[PlanStep, ...]:
        """The steps that would do nothing, each with its reason; what is gone among them."""
        return (*(step for step in self.steps if step.skipped is not None), *self.gone)

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


def gone(subscription: str, kind: ActionKind) -> PlanStep:
    """The step of a case that left the local data after it was selected."""
    return PlanStep(subscription, "", "", kind, skipped="it is not in the local data any more", checked=True)
