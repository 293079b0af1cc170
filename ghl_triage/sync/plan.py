"""Which lists a sync reads, with their filters and expansions; domain/stripe.md 1.2 and 2.3.

No expansion names more than four levels, `data` counted: Stripe refuses a fifth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ghl_triage.config import HISTORY_DAYS

DAY = 86_400
LONGER_BY = 60 * DAY
"""How much further back settled subscriptions, their payments, all customers and Checkout Sessions are read. A session
tells where a subscription came from, and asking for each of the older ones costs more than a few pages. A payment is
made when its invoice is finalised, and Stripe tries it for up to two months."""
SUBSCRIPTION_WINDOW = 120 * DAY
"""The least of that longer window."""
EVENT_WINDOW = 30 * DAY
"""How long Stripe keeps events."""
JUST_RENEWED = 2 * DAY
"""A first charge after a trial is under way for about an hour, a day at most."""

E1 = (
    "data.customer.invoice_settings.default_payment_method",
    "data.customer.default_source",
    "data.default_payment_method",
    "data.default_source",
    "data.latest_invoice",
    "data.pending_setup_intent.latest_attempt",
    "data.application",
)
"""What a subscription list expands."""
E2 = (
    "data.invoice",
    "data.payment.payment_intent.latest_charge",
    "data.payment.payment_intent.payment_method",
)
"""What a list of invoice payments expands: every decline detail of a hundred open invoices in one request."""
FRAUD_WARNINGS = "fraud warnings"
SETUP_EXPAND = ("data.latest_attempt", "data.mandate", "data.payment_method")
"""The card comes along: where it lies on a namesake, nobody has to ask for it."""
CHARGE_EXPAND = ("data.payment_intent", "data.customer")
"""The payer comes along, whatever his age: what he paid may be what another customer of his e-mail owes."""
ACTIVE_EXPAND = ("data.customer",)
"""Active subscriptions are read whatever their age: an old one may be the one that stays, and it is its customer's
e-mail that tells. Nothing else of theirs is needed, and they are the many."""

TYPES_A = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.updated",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "invoice.finalization_failed",
    "invoice.overdue",
    "invoice.sent",
    "invoice_payment.paid",
    "invoice.upcoming",
    "invoice.payment_attempt_required",
)
TYPES_B = (
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payment_intent.canceled",
    "setup_intent.created",
    "setup_intent.requires_action",
    "setup_intent.setup_failed",
    "setup_intent.succeeded",
    "setup_intent.canceled",
    "payment_method.attached",
    "payment_method.detached",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "mandate.updated",
)
TYPES_C = (
    "charge.failed",
    "charge.succeeded",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "customer.source.created",
    "customer.source.updated",
    "customer.source.deleted",
    "customer.source.expiring",
    "radar.early_fraud_warning.created",
)
EVENT_LISTS = (TYPES_A, TYPES_B, TYPES_C)
"""What a tick asks for; Stripe takes at most twenty types in one request."""
HISTORY_TYPES = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.updated",
    "customer.deleted",
    "customer.source.updated",
    "customer.source.deleted",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.finalization_failed",
    "payment_method.attached",
    "payment_method.detached",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "setup_intent.setup_failed",
    "mandate.updated",
    "radar.early_fraud_warning.created",
)
"""The past that no object tells: what the first load reads of thirty days of events. The rest (charges, invoices,
sessions, intents, a trial's coming end) is in the objects, with its times."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list: its name for the user, and what is asked for. `since` is the lower bound of `created`.

    `shows`: its rows are cases that somebody waits for, so they get a first verdict at once.
    `events`: its rows are events.
    """

    part: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    expand: tuple[str, ...] = ()
    since: int | None = None
    shows: bool = False
    events: bool = False


ACTIVE = "active"
ENDED_OR_WELL = (ACTIVE, "canceled", "expired")
"""The lists of subscriptions that say, together, what became of those made since the window began."""


def activity_window(history_days: int) -> int:
    """How far back charges and set-ups are read, in seconds."""
    return history_days * DAY


def longer_window(history_days: int) -> int:
    """How far back subscriptions that are over, paid payments, customers and Checkout Sessions are read, in seconds."""
    return max(SUBSCRIPTION_WINDOW, activity_window(history_days) + LONGER_BY)


def status_lists(now: int, history_days: int = HISTORY_DAYS) -> tuple[ListSpec, ...]:
    """What decides stages: all that fails or may fail, and what is open; the lists of a reconcile."""
    path = "/v1/subscriptions"
    return (
        ListSpec("past due", path, {"status": "past_due"}, E1, shows=True),
        ListSpec("unpaid", path, {"status": "unpaid"}, E1, shows=True),
        ListSpec("incomplete", path, {"status": "incomplete"}, E1, shows=True),
        ListSpec("expired", path, {"status": "incomplete_expired"}, E1, since=now - longer_window(history_days)),
        ListSpec("paused", path, {"status": "paused"}, E1, shows=True),
        ListSpec("trials", path, {"status": "trialing"}, E1, shows=True),
        ListSpec(
            "just renewed",
            path,
            {"status": "active", "current_period_start": {"gte": now - JUST_RENEWED}},
            E1,
        ),
        open_payments(),
    )


def full_lists(now: int, history_days: int = HISTORY_DAYS) -> tuple[ListSpec, ...]:
    """All that a first load reads, the longest lists first: they decide when it is over."""
    activity, longer = now - activity_window(history_days), now - longer_window(history_days)
    return (
        ListSpec("events", "/v1/events", {"types": list(HISTORY_TYPES)}, since=now - EVENT_WINDOW, events=True),
        ListSpec("customers", "/v1/customers", since=longer),
        ListSpec("charges", "/v1/charges", {}, CHARGE_EXPAND, since=activity),
        ListSpec("set-ups", "/v1/setup_intents", {}, SETUP_EXPAND, since=activity),
        ListSpec("paid payments", "/v1/invoice_payments", {"status": "paid"}, E2, since=longer),
        ListSpec("checkouts", "/v1/checkout/sessions", since=longer),
        *status_lists(now, history_days),
        ListSpec(ACTIVE, "/v1/subscriptions", {"status": "active"}, ACTIVE_EXPAND),
        ListSpec("canceled", "/v1/subscriptions", {"status": "canceled"}, E1, since=longer),
        ListSpec("canceled payments", "/v1/invoice_payments", {"status": "canceled"}, E2, since=activity),
        ListSpec("disputes", "/v1/disputes", since=longer),
        fraud_warnings(longer),
    )


def fraud_warnings(since: int) -> ListSpec:
    """Early fraud warnings; each names a charge, and only that names the customer."""
    return ListSpec(FRAUD_WARNINGS, "/v1/radar/early_fraud_warnings", {}, ("data.charge",), since=since)


def open_payments() -> ListSpec:
    """The payments of all open invoices, with what each try ended in."""
    return ListSpec("open payments", "/v1/invoice_payments", {"status": "open"}, E2)
