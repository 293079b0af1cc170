"""What a developer reads in his log or on his page, and what it means (domain/stripe.md 3.2, "Message dictionary")."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.model import Cause, Finding

ASKED_BY = frozenset(
    {
        Cause.SETUP_NOT_COMPLETED,
        Cause.NO_PAYMENT_METHOD,
        Cause.NO_OFF_SESSION_SETUP,
        Cause.CARD_NOT_DEFAULT,
        Cause.TRIAL_ENDED_WITHOUT_CARD,
    }
)
"""Causes on the API path behind which code that finds no client secret may stand."""
LOGGED = Finding.CLIENT_SECRET_NULL_LOGGED

WHY_NULL = (
    "A trial's first invoice is for nothing. Stripe marks it paid at once and makes no PaymentIntent for it, so code "
    "that asks the invoice for one finds null: there is nothing to pay, only a card to set up. Since API version "
    "2025-03-31.basil the field latest_invoice.payment_intent does not exist any more, with or without a trial; SDK 16 "
    "raises an error when it is read."
)
REMEDY = (
    "Create the subscription with payment_behavior=default_incomplete and without off_session=true, and expand "
    "pending_setup_intent and latest_invoice.confirmation_secret.",
    "pending_setup_intent is there: its client_secret (seti_…) goes to stripe.confirmSetup.",
    "It is null and the invoice is open: latest_invoice.confirmation_secret.client_secret (pi_…) goes to "
    "stripe.confirmPayment.",
    "Both are null: nothing is to be confirmed. The subscription has a card that was set up before, or it is an old "
    "one that is paid.",
    "Never step aside to attaching the card, or to a small payment: that hides the message and keeps the fault.",
)

PAGE = """\
// What the page does with the answer of start_trial: {confirm, client_secret}
const stripe = Stripe(publishableKey);
const elements = stripe.elements({ clientSecret: started.client_secret });
elements.create("payment").mount("#payment");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const options = { elements, confirmParams: { return_url: "https://example.com/welcome" } };
  const { error } = started.confirm === "setup"
    ? await stripe.confirmSetup(options)
    : await stripe.confirmPayment(options);
  if (error) message.textContent = error.message;  // the card can be changed on the same page
});
"""
"""The browser's part, with Stripe.js."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it reads, why it comes, and what to do."""

    text: str
    cause: str
    remedy: str


MESSAGES = (
    Message(
        "client_secret is null",
        "the first invoice of a trial has no PaymentIntent",
        "confirm pending_setup_intent with confirmSetup",
    ),
    Message(
        "value should be a PaymentIntent client secret. You specified: a SetupIntent client secret",
        "the right secret is given to the wrong function",
        "a secret that begins with seti_ goes to confirmSetup, one with pi_ to confirmPayment",
    ),
    Message(
        "This customer has no attached payment source or default payment method",
        "a charge, or a subscription without default_incomplete, before the card is the default",
        "set the card up first, and make it the default on setup_intent.succeeded",
    ),
    Message(
        "no default payment method; missing payment source (HighLevel)",
        "HighLevel passes Stripe's own words on: the mapped customer has no default",
        "set customer.invoice_settings.default_payment_method; see the HighLevel section",
    ),
    Message(
        "No such customer (HighLevel)",
        "the mapped customer was deleted, or HighLevel is connected to another Stripe account",
        "compare the account's id, and map the location to the customer of the live subscription",
    ),
)
