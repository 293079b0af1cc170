"""What HighLevel holds beside the cases, as the audit tells it. Imports nothing of ours.

Amounts are in minor units with their currency, times in epoch seconds; ids are HighLevel's own unless they say Stripe.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Strangeness(StrEnum):
    """Why a row of HighLevel's belongs to no case here."""

    OTHER_MODE = "other_mode"
    """It is live and this workspace is test, or the other way round."""
    OTHER_PROVIDER = "other_provider"
    """It is not charged through Stripe."""
    UNKNOWN_HERE = "unknown_here"
    """It names a Stripe subscription that this account does not have."""


class RowKind(StrEnum):
    """Which of HighLevel's two ledgers a row stands in; domain/highlevel.md 1."""

    SUBSCRIPTION = "subscription"
    """Payments > Subscriptions of the location that sells."""
    SAAS_LOCATION = "saas_location"
    """The agency's mapping of a customer's own location."""


@dataclass(frozen=True, slots=True)
class HighLevelStranger:
    """A row of HighLevel's that belongs to no case. `subscription` and `customer` are the ids that it names."""

    id: str
    kind: RowKind
    why: Strangeness
    contact: str | None
    email: str
    subscription: str | None
    customer: str | None
    status: str | None
    amount: int | None
    currency: str
    created: int | None


@dataclass(frozen=True, slots=True)
class HighLevelWorkflow:
    """A workflow of the location that sells. Only a published one acts; what it does, HighLevel's API does not say."""

    id: str
    name: str
    status: str
    updated: int | None

    @property
    def published(self) -> bool:
        """Whether it acts."""
        return self.status.casefold() == "published"
