"""The shapes of what widgets and view models are given, told by their fields alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ghl_triage.model import ActionKind, CardView, Case, Outcome, PlanStep, Stage


class StageSum(Protocol):
    """How many cases stand in one stage, and the amounts at risk by currency, in minor units."""

    @property
    def count(self) -> int: ...
    @property
    def amounts(self) -> Mapping[str, int]: ...


class TotalsView(Protocol):
    """The sums of a filter."""

    @property
    def count(self) -> int: ...
    @property
    def by_stage(self) -> Mapping[Stage, StageSum]: ...


class FacetsView(Protocol):
    """Counts for the rail: values with their counts, most frequent first, and how many cases each view has."""

    @property
    def path(self) -> Sequence[tuple[str, int]]: ...
    @property
    def cause(self) -> Sequence[tuple[str, int]]: ...
    @property
    def currency(self) -> Sequence[tuple[str, int]]: ...
    @property
    def views(self) -> Mapping[str, int]: ...


class AccountView(Protocol):
    """The Stripe account behind the store."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def livemode(self) -> bool: ...


class ActionView(Protocol):
    """One entry of the catalogue of actions."""

    @property
    def kind(self) -> ActionKind: ...
    @property
    def one_by_one(self) -> bool: ...
    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def moves_money(self) -> bool: ...

    def applies(self, case: Case) -> str | None:
        """Why the action cannot be done to this case now; None where it can."""
        ...


class ConfirmationView(Protocol):
    """How loudly a plan asks: a plain yes, or `word` typed out; `loud` is real money."""

    @property
    def word(self) -> str: ...
    @property
    def loud(self) -> bool: ...

    def accepts(self, answer: str) -> bool:
        """Whether a typed answer is the yes that was asked for."""
        ...


class FinishView(Protocol):
    """What is to be done once a customer has saved a card."""

    @property
    def subscription(self) -> str: ...


class FinishedView(Protocol):
    """How far that came; `over` says that nothing more will be done for it."""

    @property
    def finish(self) -> FinishView: ...
    @property
    def state(self) -> str: ...
    @property
    def why(self) -> str | None: ...
    @property
    def over(self) -> bool: ...


class EntryView(Protocol):
    """A request in the journal; `shown` is the plan's line for it, which somebody said yes to."""

    @property
    def id(self) -> int: ...
    @property
    def shown(self) -> str: ...
    @property
    def created(self) -> int: ...
    @property
    def by(self) -> str: ...


class CutOffView(Protocol):
    """A plan that did not come to its end: what has no answer, and what never left."""

    @property
    def plan(self) -> str: ...
    @property
    def action(self) -> ActionKind: ...
    @property
    def unanswered(self) -> Sequence[EntryView]: ...
    @property
    def unsent(self) -> Sequence[EntryView]: ...
    @property
    def rest(self) -> tuple[str, ...]:
        """The cases of which something was never sent."""
        ...


class SettledView(Protocol):
    """What became of a request that had no answer. `link` is shown, and never kept."""

    @property
    def entry(self) -> EntryView: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def error(self) -> str | None: ...
    @property
    def detail(self) -> str | None: ...
    @property
    def link(self) -> str | None: ...


class OffersView(Protocol):
    """What only the consultant can decide about a plan of one case, and how it stands decided now."""

    @property
    def cards(self) -> Sequence[CardView]: ...
    @property
    def card(self) -> str | None: ...
    @property
    def reviving(self) -> str | None: ...
    @property
    def also_reviving(self) -> bool: ...
    @property
    def paid_elsewhere(self) -> bool: ...
    @property
    def waived(self) -> bool: ...
    def __bool__(self) -> bool: ...


class PlanView(Protocol):
    """A plan as the screen shows it."""

    @property
    def id(self) -> str: ...
    @property
    def action(self) -> ActionKind: ...
    @property
    def steps(self) -> tuple[PlanStep, ...]: ...
    @property
    def livemode(self) -> bool: ...
    @property
    def offers(self) -> OffersView: ...
    @property
    def checked(self) -> bool: ...
    @property
    def gone(self) -> tuple[PlanStep, ...]:
        """Cases that were asked for and are not in the local data any more."""
        ...

    @property
    def totals(self) -> Mapping[str, int]: ...
