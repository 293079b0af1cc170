"""The words of the product as enums; design.md sections 2 and 5. Filters, JSON and reports use their values."""

from __future__ import annotations

from enum import StrEnum


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


class Likeness(StrEnum):
    """What makes another customer look like the same person."""

    EMAIL = "email"
    CARD = "card"
