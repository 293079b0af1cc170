"""A case and what is shown beside it: evidence, history, cards, the customers who may be the same person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghl_triage.model.terms import (
    ActionKind,
    Actor,
    Cause,
    Confidence,
    Finding,
    Lane,
    Level,
    Likeness,
    LinkKind,
    Path,
    Stage,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a reader can check in the Stripe Dashboard: `field` of `object_id` reads `value`, since `at`."""

    object_id: str
    field: str
    value: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line of a case's history. `ok` is False for a failure, True for a success, None where neither applies."""

    at: int
    lane: Lane
    kind: str
    summary: str
    object_id: str
    amount: int | None = None
    currency: str | None = None
    ok: bool | None = None


@dataclass(frozen=True, slots=True)
class HighLevelView:
    """What HighLevel knows of a case; ids are HighLevel's own."""

    contact: str | None = None
    subscription: str | None = None
    status: str | None = None
    saas_location: str | None = None
    """The customer's own location, where HighLevel's SaaS mode made him one."""
    saas_customer: str | None = None
    saas_subscription: str | None = None
    saas_status: str | None = None
    """To which of Stripe's objects that location is mapped, and HighLevel's word on the subscription."""


@dataclass(frozen=True, slots=True)
class CardView:
    """A payment method as the screen shows it: never more than brand, last four digits and expiry."""

    id: str
    type: str
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    funding: str | None = None
    country: str | None = None
    fingerprint: str | None = None
    created: int | None = None
    attached: bool = True
    off_session_proof: bool = False
    default_at: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a seller leaves on everything that it sells: the kind of a subscription (domain/stripe.md 4.1).

    `application` is a Connect application's id, `metadata` the sorted keys, `description` the words that it begins
    with; empty where there is none. Numbers within keys stand as "#": they differ from one subscription to the next.
    """

    application: str = ""
    metadata: tuple[str, ...] = ()
    description: str = ""
    price: str = ""


@dataclass(frozen=True, slots=True)
class LearnedName:
    """The consultant's word on a kind of subscription: its name, and the path that it was sold through.

    It holds for the signatures that agree with all that it says; None says nothing, an empty text says "none".
    """

    name: str
    path: Path
    application: str | None = None
    metadata: tuple[str, ...] | None = None
    description: str | None = None
    price: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpenSubscription:
    """An open subscription, as a line beside others; `highlevel` says that HighLevel lists it."""

    id: str
    status: str
    price: str | None
    created: int
    highlevel: bool = False


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A Stripe customer beside others who may be the same person.

    `alike` says what they have in common (nothing: he is the case's own). `application` is the name, else the id, of
    the Connect application that made something of his; `metadata` the keys that his maker wrote. `cards_read`: his
    attached cards were listed whole. `highlevel`: HighLevel's own rows name him.
    """

    id: str
    email: str
    name: str
    created: int | None
    alike: tuple[Likeness, ...] = ()
    application: str | None = None
    metadata: tuple[str, ...] = ()
    cards: tuple[CardView, ...] = ()
    cards_read: bool = False
    default: str | None = None
    subscriptions: tuple[OpenSubscription, ...] = ()
    highlevel: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One subscription as the consultant sees it: the JSON of design.md section 9, and what the screens sort by.

    `pending` is a verdict to come ("cards not read yet"): the cause is None until the customer's cards were read.
    `blocked` says why an action is refused now; one that is neither recommended nor blocked is merely not advised.
    `amount_at_risk` is in minor units of `currency`.
    """

    subscription: str
    customer: str
    email: str
    name: str
    path: Path
    path_confidence: Confidence
    path_evidence: str
    status: str
    stage: Stage
    cause: Cause | None
    findings: tuple[Finding, ...]
    actor: Actor
    recommended: tuple[ActionKind, ...]
    blocked: Mapping[ActionKind, str]
    amount_at_risk: int
    currency: str
    invoice: str | None
    attempts: int
    next_retry_at: int | None
    effective_payment_method: str | None
    effective_level: Level | None
    candidate_payment_method: str | None
    decline_code: str | None
    advice_code: str | None
    trial_end: int | None
    failed_at: int | None
    created: int
    livemode: bool
    link: LinkKind | None = None
    pending: str | None = None
    card: CardView | None = None
    price: str | None = None
    reviving_invoice: str | None = None
    evidence: tuple[Evidence, ...] = ()
    payment_methods: tuple[CardView, ...] = ()
    highlevel: HighLevelView = field(default_factory=HighLevelView)
    signature: Signature | None = None
    """None in a verdict of before signatures were kept."""
    finding_evidence: Mapping[Finding, tuple[Evidence, ...]] = field(default_factory=dict)
    """What proves the findings; one that rests on absence alone has none."""
    duplicates: tuple[CustomerView, ...] = ()
    """Other customers with the same e-mail or the same card, the newest first."""
    own_customer: CustomerView | None = None
    """This case's customer in the same form, where there are others to set beside him."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What one line of the table shows; `row` is the store's number of the case, stable for the life of the file."""

    row: int
    subscription: str
    email: str
    name: str
    path: Path
    status: str
    stage: Stage
    cause: Cause | None
    pending: str | None
    amount_at_risk: int
    currency: str
    next_retry_at: int | None
    trial_end: int | None
    failed_at: int | None
    created: int
    possible: tuple[ActionKind, ...] | None = None
    """The actions that can be done to it now; None where its verdict is of an older program."""


@dataclass(frozen=True, slots=True)
class Note:
    """A consultant's note on a case."""

    subscription: str
    at: int
    text: str
