"""The words for slugs: titles of causes and findings, names of actors, actions and levels."""

from __future__ import annotations

from collections.abc import Mapping

from ghl_triage.model import ActionKind, Actor, Cause, Finding, Level, LinkKind, Path

CAUSE_TITLES: Mapping[Cause, str] = {
    Cause.DISPUTED: "Payment disputed",
    Cause.DUPLICATE_SUBSCRIPTION: "Duplicate subscription",
    Cause.FIRST_PAYMENT_EXPIRED: "First payment never made",
    Cause.CANCELED_FOR_NONPAYMENT: "Canceled for non-payment",
    Cause.COLLECTION_PAUSED: "Collection paused",
    Cause.TRIAL_ENDED_WITHOUT_CARD: "Trial ended without a card",
    Cause.PAYMENT_PROCESSING: "Payment on its way",
    Cause.INVOICE_SENT_NOT_CHARGED: "Invoice mailed, not charged",
    Cause.INVOICE_NOT_FINALIZED: "Invoice not finalised",
    Cause.NOT_ATTEMPTED_YET: "Not tried yet",
    Cause.FIRST_PAYMENT_INCOMPLETE: "First payment not finished",
    Cause.AUTHENTICATION_REQUIRED: "Bank wants authentication",
    Cause.ALREADY_FIXED: "Already fixed",
    Cause.PAYMENT_METHOD_DETACHED: "Card was removed",
    Cause.DEFAULT_SHADOWED: "Old default hides the new card",
    Cause.CARD_NOT_DEFAULT: "Card on file is not the default",
    Cause.SETUP_NOT_COMPLETED: "Card set-up not finished",
    Cause.CARD_ON_DUPLICATE_CUSTOMER: "Card is on a duplicate customer",
    Cause.NO_PAYMENT_METHOD: "No payment method",
    Cause.CARD_EXPIRED: "Card expired",
    Cause.BLOCKED_BY_STRIPE: "Blocked by Stripe",
    Cause.MANDATE_MISSING: "No mandate",
    Cause.NO_OFF_SESSION_SETUP: "Card saved without off-session set-up",
    Cause.HARD_DECLINE: "Declined for good",
    Cause.CARD_DATA_WRONG: "Card data wrong",
    Cause.SOFT_DECLINE: "Declined for now",
    Cause.GENERIC_DECLINE: "Declined without a reason",
    Cause.CHECK_FIRST: "Check before anything else",
    Cause.RETRIES_EXHAUSTED: "Retries used up",
    Cause.UNKNOWN: "Unknown",
}

FINDING_TITLES: Mapping[Finding, str] = {
    Finding.RETRIES_EXHAUSTED: "Stripe will not try again by itself",
    Finding.UNPAID_OLDER_INVOICES: "Other invoices of it are unpaid too",
    Finding.CANCEL_SCHEDULED: "Set to be canceled",
    Finding.COLLECTION_PAUSED: "Collection is paused",
    Finding.DISPUTED: "A payment of this customer is disputed",
    Finding.EARLY_FRAUD_WARNING: "The card's bank warned of fraud",
    Finding.DOUBLE_BILLED: "Billed twice: another active subscription of this price",
    Finding.REPLACED: "Replaced by an open subscription of this price",
    Finding.PAID_ELSEWHERE: "The same amount was paid by another way",
    Finding.SEVERAL_CARDS: "Several cards, none set up off-session: choose one",
    Finding.TRIAL_WILL_BE_CANCELED: "Stripe cancels it at the trial's end",
    Finding.TRIAL_WILL_BE_PAUSED: "Stripe pauses it at the trial's end",
    Finding.NOT_IN_HIGHLEVEL: "Not in HighLevel's list of subscriptions",
    Finding.HIGHLEVEL_OTHER_CUSTOMER: "HighLevel points to another Stripe customer",
    Finding.HIGHLEVEL_STALE_SUBSCRIPTION: "HighLevel's location points to a subscription that is over, or to none",
    Finding.HIGHLEVEL_ACCOUNT_MISMATCH: "HighLevel charges in another Stripe account or mode",
    Finding.CONTACT_MISSING: "No HighLevel contact has this e-mail",
    Finding.CONTACT_AMBIGUOUS: "Several HighLevel contacts have this e-mail",
    Finding.WEBHOOK_UNDELIVERED: "Webhooks were not delivered",
    Finding.CLIENT_SECRET_NULL_LOGGED: "The checkout logged that the client secret was null",
    Finding.STALE: "Past due, although its invoice is settled: read it again",
}

ACTOR_LABELS: Mapping[Actor, str] = {
    Actor.CONSULTANT: "You",
    Actor.CUSTOMER: "The customer",
    Actor.DEVELOPER: "The developer",
    Actor.NOBODY: "Nobody",
}

ACTION_LABELS: Mapping[ActionKind, str] = {
    ActionKind.RETRY: "Retry",
    ActionKind.RESEND_LINK: "Link",
    ActionKind.FIX_DEFAULT: "Default card",
    ActionKind.RESUME_SUBSCRIPTION: "Resume subscription",
    ActionKind.CANCEL_DUPLICATE: "Cancel duplicate",
    ActionKind.UNDO: "Undo",
}

LINK_LABELS: Mapping[LinkKind, str] = {
    LinkKind.HOSTED_INVOICE: "the invoice's payment page",
    LinkKind.PORTAL: "the card page of the customer portal",
    LinkKind.SETUP_CHECKOUT: "a set-up Checkout",
    LinkKind.NEW_CHECKOUT: "a new Checkout without a second trial",
}

LEVEL_LABELS: Mapping[Level, str] = {
    Level.INVOICE: "the invoice's own default",
    Level.SUBSCRIPTION: "the subscription's default",
    Level.SUBSCRIPTION_SOURCE: "the subscription's default source",
    Level.CUSTOMER: "the customer's default",
    Level.CUSTOMER_SOURCE: "the customer's default source",
}

PATH_LABELS: Mapping[Path, str] = {
    Path.HIGHLEVEL: "HighLevel",
    Path.CHECKOUT: "Stripe Checkout",
    Path.API: "custom API checkout",
    Path.UNKNOWN: "unknown path",
}
