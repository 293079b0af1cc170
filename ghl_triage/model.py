"""The terms of the product as frozen data classes and enums. Imports nothing of ours.

Amounts are integers in the currency's minor unit, with the currency beside them (lower-case ISO code, as Stripe writes
it). Times are UTC epoch seconds. A value that Stripe or HighLevel may extend (a status, a code, a type) is a plain
`str`: an unknown one is shown as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Raw: TypeAlias = Mapping[str, Any]
"""One object of an API as plain JSON, secrets and links taken out."""


class Path(StrEnum):
    """How the subscription was sold."""

    HIGHLEVEL = "highlevel"
    CHECKOUT = "checkout"
    API = "api"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure an attribution to a path is."""

    CERTAIN = "certain"
    STRONG = "strong"
    WEAK = "weak"


class Stage(StrEnum):
    """Where a subscription stands, seen by the one who wants it paid."""

    FAILING = "failing"
    AT_RISK = "at_risk"
    LOST = "lost"
    RECOVERED = "recovered"
    ENDED = "ended"
    HEALTHY = "healthy"


QUEUE = (Stage.FAILING, Stage.AT_RISK)
"""The stages that wait for somebody: what the table shows without a filter."""


class Cause(StrEnum):
    """The one primary reason why a case fails, in the order in which the rules are asked."""

    DISPUTED = "disputed"
    DUPLICATE_SUBSCRIPTION = "duplicate_subscription"
    FIRST_PAYMENT_EXPIRED = "first_payment_expired"
    CANCELED_FOR_NONPAYMENT = "canceled_for_nonpayment"
    COLLECTION_PAUSED = "collection_paused"
    TRIAL_ENDED_WITHOUT_CARD = "trial_ended_without_card"
    PAYMENT_PROCESSING = "payment_processing"
    INVOICE_SENT_NOT_CHARGED = "invoice_sent_not_charged"
    INVOICE_NOT_FINALIZED = "invoice_not_finalized"
    NOT_ATTEMPTED_YET = "not_attempted_yet"
    FIRST_PAYMENT_INCOMPLETE = "first_payment_incomplete"
    AUTHENTICATION_REQUIRED = "authentication_required"
    ALREADY_FIXED = "already_fixed"
    PAYMENT_METHOD_DETACHED = "payment_method_detached"
    DEFAULT_SHADOWED = "default_shadowed"
    CARD_NOT_DEFAULT = "card_not_default"
    SETUP_NOT_COMPLETED = "setup_not_completed"
    CARD_ON_DUPLICATE_CUSTOMER = "card_on_duplicate_customer"
    NO_PAYMENT_METHOD = "no_payment_method"
    CARD_EXPIRED = "card_expired"
    BLOCKED_BY_STRIPE = "blocked_by_stripe"
    MANDATE_MISSING = "mandate_missing"
    NO_OFF_SESSION_SETUP = "no_off_session_setup"
    HARD_DECLINE = "hard_decline"
    CARD_DATA_WRONG = "card_data_wrong"
    SOFT_DECLINE = "soft_decline"
    GENERIC_DECLINE = "generic_decline"
    CHECK_FIRST = "check_first"
    RETRIES_EXHAUSTED = "retries_exhausted"
    UNKNOWN = "unknown"


class Finding(StrEnum):
    """A further observation on a case, beside its cause."""

    RETRIES_EXHAUSTED = "retries_exhausted"
    UNPAID_OLDER_INVOICES = "unpaid_older_invoices"
    CANCEL_SCHEDULED = "cancel_scheduled"
    COLLECTION_PAUSED = "collection_paused"
    DISPUTED = "disputed"
    EARLY_FRAUD_WARNING = "early_fraud_warning"
    DOUBLE_BILLED = "double_billed"
    REPLACED = "replaced"
    PAID_ELSEWHERE = "paid_elsewhere"
    SEVERAL_CARDS = "several_cards"
    TRIAL_WILL_BE_CANCELED = "trial_will_be_canceled"
    TRIAL_WILL_BE_PAUSED = "trial_will_be_paused"
    NOT_IN_HIGHLEVEL = "not_in_highlevel"
    HIGHLEVEL_OTHER_CUSTOMER = "highlevel_other_customer"
    HIGHLEVEL_STALE_SUBSCRIPTION = "highlevel_stale_subscription"
    HIGHLEVEL_ACCOUNT_MISMATCH = "highlevel_account_mismatch"
    CONTACT_MISSING = "contact_missing"
    CONTACT_AMBIGUOUS = "contact_ambiguous"
    WEBHOOK_UNDELIVERED = "webhook_undelivered"
    CLIENT_SECRET_NULL_LOGGED = "client_secret_null_logged"  # noqa: S105
    STALE = "stale"


class Actor(StrEnum):
    """Who must act."""

    CONSULTANT = "consultant"
    CUSTOMER = "customer"
    DEVELOPER = "developer"
    NOBODY = "nobody"


class Lane(StrEnum):
    """The system in which an event of the timeline happened."""

    HIGHLEVEL = "highlevel"
    CHECKOUT = "checkout"
    API = "api"
    BILLING = "billing"


class ActionKind(StrEnum):
    """What can be done to a case."""

    RETRY = "retry"
    RESEND_LINK = "resend_link"
    FIX_DEFAULT = "fix_default"
    RESUME_SUBSCRIPTION = "resume_subscription"
    CANCEL_DUPLICATE = "cancel_duplicate"
    UNDO = "undo"


class LinkKind(StrEnum):
    """Which page mends a case; design.md section 5, "Link"."""

    HOSTED_INVOICE = "hosted_invoice"
    PORTAL = "portal"
    SETUP_CHECKOUT = "setup_checkout"
    NEW_CHECKOUT = "new_checkout"


class Level(StrEnum):
    """Where the payment method that Stripe would charge is set, in Stripe's order; design.md section 6, rule 1."""

    INVOICE = "invoice"
    SUBSCRIPTION = "subscription"
    SUBSCRIPTION_SOURCE = "subscription_source"
    CUSTOMER = "customer"
    CUSTOMER_SOURCE = "customer_source"


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


class Likeness(StrEnum):
    """What makes another customer look like the same person."""

    EMAIL = "email"
    CARD = "card"


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
class Coverage:
    """From which time on each list was read whole (epoch seconds; None: not read at all).

    Absence in a list proves something only inside its window; design.md section 5, "off-session proof" and "Path".
    """

    checkout_sessions_since: int | None = None
    setup_intents_since: int | None = None
    charges_since: int | None = None
    invoice_payments_read: bool = False
    """Whether the open invoices' payments were listed whole: an attempted invoice without one had no method then."""
    highlevel_subscriptions_read: bool = False
    highlevel_application: str | None = None
    """The application id learned from HighLevel's own transactions."""
    highlevel_listed_have_application: bool = False
    """Whether subscriptions that HighLevel lists carry an `application` in this account."""
    paid_payments_since: int | None = None
    """From when the payments of paid invoices were read, with their invoices."""
    subscriptions_since: int | None = None
    """Subscriptions made since then were read whatever became of them; older ones only where they are open."""
    active_subscriptions_read: bool = False
    """Whether the active subscriptions were listed whole, whatever their age."""
    highlevel_mapping_read: bool = False
    """Whether the SaaS mapping of customers' own locations was read whole."""
    highlevel_accounts: Mapping[str, str] = field(default_factory=dict)
    """Which Stripe account stands behind each of HighLevel's connections, by HighLevel's id of the connection."""
    highlevel_company_account: str | None = None
    """The Stripe account to which HighLevel's agency is connected: that of the SaaS mapping."""
    account: str | None = None
    """The Stripe account that was read; None where the key may not say."""
    learned: tuple[LearnedName, ...] = ()
    """The consultant's names for kinds of subscriptions, in his order; not coverage, but it bears on every path."""


@dataclass(frozen=True, slots=True)
class OwnAttempt:
    """A retry of ours, from the journal: Stripe's `attempt_count` leaves them out (domain/stripe.md 1.5)."""

    invoice: str
    payment_method: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that the store holds about one customer, and about the others that his verdict depends on.

    Each sequence holds redacted API objects, unexpanded: a reference is an id, and the object that it names lies in
    the sequence of its kind. Nested lists that Stripe returns inline (items, lines) stay inside their object.
    """

    customer: Raw
    subscriptions: Sequence[Raw] = ()
    invoices: Sequence[Raw] = ()
    invoice_payments: Sequence[Raw] = ()
    payment_intents: Sequence[Raw] = ()
    charges: Sequence[Raw] = ()
    setup_intents: Sequence[Raw] = ()
    setup_attempts: Sequence[Raw] = ()
    mandates: Sequence[Raw] = ()
    payment_methods: Sequence[Raw] = ()
    checkout_sessions: Sequence[Raw] = ()
    disputes: Sequence[Raw] = ()
    early_fraud_warnings: Sequence[Raw] = ()
    events: Sequence[Raw] = ()
    applications: Sequence[Raw] = ()
    highlevel_subscriptions: Sequence[Raw] = ()
    highlevel_transactions: Sequence[Raw] = ()
    highlevel_contacts: Sequence[str] = ()
    """Ids of the HighLevel contacts that carry this customer's e-mail."""
    highlevel_saas_locations: Sequence[Raw] = ()
    """HighLevel's SaaS mapping, as far as it names this customer, a subscription of his, or his e-mail."""
    contacts_read_at: int | None = None
    """When HighLevel was asked for the contacts of this customer's e-mail; None: never."""
    cards_read_at: int | None = None
    """When this customer's attached payment methods were last listed whole; None: never."""
    proof_read_for: frozenset[str] = frozenset()
    """Payment methods whose SetupIntents were looked up one by one, whatever their age."""
    sessions_read_for: frozenset[str] = frozenset()
    """Subscriptions whose Checkout Sessions were looked up one by one."""
    namesakes: Sequence[Records] = ()
    """Other customers with the same e-mail (case ignored, never empty), with their own records, one level deep."""
    own_attempts: Sequence[OwnAttempt] = ()
    path_overrides: Mapping[str, Path] = field(default_factory=dict)
    """The consultant's own word on a path, by subscription."""
    namesakes_read: bool = False
    """Whether this e-mail's customers were looked up, whatever their age: the lists hold only the younger ones."""
    card_charges: Sequence[Raw] = ()
    """Succeeded charges, by whomever, with one of his cards since the oldest of his open invoices was made."""
    card_mates: Sequence[Records] = ()
    """Other customers who have a card of the same fingerprint, with their own records, one level deep."""
    undelivered: frozenset[str] = frozenset()
    """Events that the client's endpoint had not taken an hour after they were made."""
    log_lines: Sequence[Raw] = ()
    """Lines of the client's own log that name this customer, his subscriptions or his e-mail; see sources/logfile."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits on retries; design.md section 6, rule 4."""

    retries_per_invoice: int = 4
    hours_between_retries: int = 24
    attempts_per_card_30_days: int = 8
    payments_per_second: float = 2.0


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request that a plan would send; `params` are Stripe's form parameters, nested as the SDK takes them.

    `undo` are the parameters that would put back what stood there before, None where nothing can; `undoes` is the
    journal's entry that this request takes back.
    """

    method: str
    path: str
    params: Mapping[str, Any]
    idempotency_key: str
    summary: str
    undo: Mapping[str, Any] | None = None
    undoes: int | None = None


class Outcome(StrEnum):
    """How one step of a plan ended."""

    DONE = "done"
    DECLINED = "declined"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What a plan would do to one case: requests, or the reason why it is skipped.

    `checked` says whether the objects were read again for this plan; a plan can be carried out when all steps are.
    `amount` is what the step charges, in minor units of `currency`; 0 where it moves no money.
    """

    case: str
    email: str
    name: str
    action: ActionKind
    requests: tuple[PlannedRequest, ...] = ()
    skipped: str | None = None
    amount: int = 0
    currency: str = ""
    checked: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended. `link` is shown or written once and never stored; `error` is one sentence without secrets."""

    step: PlanStep
    outcome: Outcome
    request_id: str | None = None
    error: str | None = None
    detail: str | None = None
    link: str | None = field(default=None, repr=False)


class PartState(StrEnum):
    """The state of one part of a sync. `skipped`: the key has no right to it, so that it is not seen."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class SyncPart:
    """One part of a sync ("charges"). `retry_at` is when a failed part is tried again; `error` one sentence."""

    name: str
    state: PartState
    objects: int = 0
    error: str | None = None
    retry_at: int | None = None


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is: what the screen's one line, and `sync --json`, tell.

    `kind` is full, tick or reconcile; `finished` says that this run is over, well or not; `missing` names what could
    not be seen at all, in words ("HighLevel: no token").
    """

    kind: str
    parts: tuple[SyncPart, ...] = ()
    requests: int = 0
    objects: int = 0
    cases: int = 0
    synced_at: int | None = None
    finished: bool = False
    missing: tuple[str, ...] = ()
    error: str | None = None

    @property
    def failed_parts(self) -> tuple[SyncPart, ...]:
        """The parts that did not come through."""
        return tuple(part for part in self.parts if part.state is PartState.FAILED)


@dataclass(frozen=True, slots=True)
class Note:
    """A consultant's note on a case."""

    subscription: str
    at: int
    text: str
