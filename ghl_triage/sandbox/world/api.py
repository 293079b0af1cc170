"""What the world promises to the HTTP rooms, for Stripe and for HighLevel.

`build(...)` of `ghl_triage.sandbox.world.build` gives a `World`. Its engine is the Stripe of this world: it fetches the
cells that it needs by itself, so that the server talks to the engine and to nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from ghl_triage.sandbox.engine import Engine

Row: TypeAlias = Mapping[str, Any]
RowKind: TypeAlias = Literal["subscription", "transaction", "order", "contact", "saas_location"]
WorldName: TypeAlias = Literal["default", "bench", "hypothesis-true", "hypothesis-false", "undecidable"]
"""`default`: the shares of plan.py; `bench`: about 25 % failing and 30 % trialing, whatever the causes; the others are
for the audit, with a known answer: trial_worlds.py."""


class HighLevelSide(Protocol):
    """What HighLevel knows: rows as its API lists them, made from what the stories did and from Stripe's state now."""

    location_id: str
    """The sub-account that sells: 20 characters."""
    company_id: str
    """The agency."""
    application: str
    """The Connect application that HighLevel acts as in Stripe (`ca_...`)."""

    def rows(
        self,
        kind: RowKind,
        *,
        contact: str | None = None,
        subscription: str | None = None,
        email: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Sequence[Row]:
        """The list rows, newest first, as a lazy sequence: take slices of it, not all of it.

        `contact` is HighLevel's contact id, `subscription` Stripe's id; `since` and `until` bound `createdAt` (epoch
        seconds, both included). E-mails are compared without regard to case.
        """

    def get(self, kind: RowKind, row_id: str) -> Row | None:
        """The single record of HighLevel's id, with the fields that lists leave out; None where there is none."""

    def saas_locations(self) -> Sequence[Row]:
        """The mapping of customers' own locations to Stripe: rows of `/saas/saas-locations/{companyId}`."""

    def company(self) -> Row:
        """The agency's record."""

    def location(self) -> Row:
        """The record of the location that sells."""

    def workflows(self) -> Sequence[Row]:
        """The workflows of the location that sells."""


class World(Protocol):
    """A populated sandbox."""

    @property
    def engine(self) -> Engine: ...

    @property
    def highlevel(self) -> HighLevelSide: ...

    @property
    def subscriptions(self) -> int:
        """How many subscriptions the stories made."""

    def labels(self) -> Mapping[str, Mapping[str, Any]]:
        """By subscription: `path`, `stage`, `cause` (None where the stage has none), `findings` that the author is sure
        of, and `story`, its name. Written by the stories' authors, for the moment that the world starts at."""
