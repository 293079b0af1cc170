"""One trial as the reports count it: how it began, what its first charge ended in, where it stands. Imports our model.

Amounts are in minor units of `currency`, times UTC epoch seconds. The definitions are those of docs/metrics.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ghl_triage.model import Confidence, Path


class TrialState(StrEnum):
    """Where a trial stands. The six of `COHORT` add up to a cohort; the others are no part of one."""

    CONVERTED = "converted"
    """Paid at the first try."""
    RECOVERED = "recovered"
    """Paid, but not at the first try."""
    OPEN = "open"
    """Its first charge was refused, and it can still be paid."""
    LOST = "lost"
    """Its first charge was refused, and it is over."""
    CANCELED = "canceled"
    """Called off by choice before the trial's end."""
    NO_CARD = "no_card"
    """Nothing was there to charge, and it is not paid since: no charge exists."""
    RUNNING = "running"
    """Still in trial, or its first charge is yet to come."""
    UNREAD = "unread"
    """It ended before the time from which charges were read."""


COHORT = (
    TrialState.CONVERTED,
    TrialState.RECOVERED,
    TrialState.OPEN,
    TrialState.LOST,
    TrialState.CANCELED,
    TrialState.NO_CARD,
)
"""The six states that add up."""


class FirstCharge(StrEnum):
    """What became of the first try to charge the first invoice with an amount."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NO_METHOD = "no_method"
    """The time came, and there was nothing to charge."""
    NOT_DUE = "not_due"
    UNREAD = "unread"


class SetUp(StrEnum):
    """How the card of the first charge was saved, as of that charge (of a running trial: as of now).

    Absence counts only where SetupIntents were read as far back as the card (domain/stripe.md 3.2).
    """

    OFF_SESSION = "off_session"
    ON_SESSION = "on_session"
    ATTACHED_ONLY = "attached_only"
    NO_CARD = "no_card"
    UNREAD = "unread"


class FailureKind(StrEnum):
    """Why a first charge did not come through, in the words that the rival explanations are told in."""

    AUTHENTICATION = "authentication"
    """The issuer wanted the customer to authenticate (category customer_auth)."""
    NO_DEFAULT = "no_default"
    """Nothing was tried, although a card was attached."""
    NO_CARD = "no_card"
    """Nothing was tried, and no card was attached."""
    DECLINED = "declined"
    """An ordinary refusal by the issuer: funds, generic, hard."""
    CARD_DATA = "card_data"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    """Stripe itself stopped it."""
    MANDATE = "mandate"
    OTHER = "other"


class LeftOut(StrEnum):
    """Why a trial is in no cohort; counted apart."""

    DUPLICATE = "duplicate"
    """Another subscription of the same customer or e-mail for the same price is the one that stays."""
    TEST_CLOCK = "test_clock"
    FREE = "free"
    """Its price is nothing, or it is billed by mail: there is no first charge."""
    PAID_BEFORE = "paid_before"
    """It had been paid before the trial began: the trial only put a later payment off."""


@dataclass(frozen=True, slots=True)
class Try:
    """One charge of the first invoice. `ours` was made by a plan of this program, so it tells nothing of Stripe's own
    retry schedule."""

    at: int
    ok: bool
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial. `amount` is what its first invoice asked for; while there is none, price times quantity. `code` and
    `advice` are of the first refusal; `checked_at_sign_up` says that a small payment was authorised and given back when
    the trial began (HighLevel's card check, domain/highlevel.md 10), `ready_at_start` that a card with an off-session
    set-up stood there within a day of sign-up; None for both: can't be told.
    `duplicate_customer`: another customer with the same e-mail or card was there at the first charge, or is there now
    where that is to come. `status` is Stripe's, of now."""

    subscription: str
    customer: str
    path: Path
    confidence: Confidence
    price: str | None
    currency: str
    amount: int
    created: int
    trial_start: int
    trial_end: int
    status: str
    state: TrialState
    first_charge: FirstCharge
    set_up: SetUp
    left_out: LeftOut | None = None
    first_charge_at: int | None = None
    failure: FailureKind | None = None
    code: str | None = None
    advice: str | None = None
    paid_at: int | None = None
    amount_paid: int = 0
    checked_at_sign_up: bool | None = None
    ready_at_start: bool | None = None
    duplicate_customer: bool = False
    brand: str | None = None
    funding: str | None = None
    country: str | None = None
    tries: tuple[Try, ...] = ()
