"""For each cause: why the payment does not come, and what mends it. Plain English, for the consultant alone."""

from __future__ import annotations

from collections.abc import Mapping

from ghl_triage.model import Cause

WHY: Mapping[Cause, str] = {
    Cause.DISPUTED: "The customer's bank disputes a payment; charging again would make it worse.",
    Cause.DUPLICATE_SUBSCRIPTION: "The customer has another subscription of this price; this is not the one to keep.",
    Cause.FIRST_PAYMENT_EXPIRED: "The first payment was not finished in 23 hours, so Stripe gave the subscription up.",
    Cause.CANCELED_FOR_NONPAYMENT: "Stripe canceled the subscription because its payment never came.",
    Cause.COLLECTION_PAUSED: "Somebody paused the collection, so nothing is charged.",
    Cause.TRIAL_ENDED_WITHOUT_CARD: "The trial ended and there was no card, so Stripe paused the subscription.",
    Cause.PAYMENT_PROCESSING: "A payment is on its way; banks take days to answer a debit.",
    Cause.INVOICE_SENT_NOT_CHARGED: "The invoice is mailed to the customer; Stripe does not charge a card for it.",
    Cause.INVOICE_NOT_FINALIZED: "The invoice was not finalised, or its collection is off: nothing was charged.",
    Cause.NOT_ATTEMPTED_YET: "The invoice is new, and Stripe has not tried to charge it yet.",
    Cause.FIRST_PAYMENT_INCOMPLETE: "The customer began the first payment and did not finish it.",
    Cause.AUTHENTICATION_REQUIRED: "The card's bank wants the customer to authenticate, and nobody was there to do it.",
    Cause.ALREADY_FIXED: "A usable card is the default now, and it was not tried yet for this invoice.",
    Cause.PAYMENT_METHOD_DETACHED: "The card that was to be charged was removed from the customer.",
    Cause.DEFAULT_SHADOWED: "A bad default stands above a good card, so Stripe goes on charging the bad one.",
    Cause.CARD_NOT_DEFAULT: "A card is on file but is not the default, so Stripe had nothing to charge.",
    Cause.SETUP_NOT_COMPLETED: "The customer began to save a card and did not finish, so there is nothing to charge.",
    Cause.CARD_ON_DUPLICATE_CUSTOMER: "The card is on another customer with the same e-mail, and cannot be moved.",
    Cause.NO_PAYMENT_METHOD: "No payment method was ever saved, so Stripe had nothing to charge.",
    Cause.CARD_EXPIRED: "The card is past its expiry date.",
    Cause.BLOCKED_BY_STRIPE: "Stripe blocked the payment itself; the card's bank was not asked.",
    Cause.MANDATE_MISSING: "The card's bank allows such charges only with a mandate, and there is no active one.",
    Cause.NO_OFF_SESSION_SETUP: "The card was saved without a set-up for charges in the customer's absence.",
    Cause.HARD_DECLINE: "The bank refused this card for good; trying it again is useless.",
    Cause.CARD_DATA_WRONG: "Number, security code, address or expiry were wrong.",
    Cause.SOFT_DECLINE: "The bank refused for now, as a rule for want of money; a later try may pass.",
    Cause.GENERIC_DECLINE: "The bank refused and gave no reason.",
    Cause.CHECK_FIRST: "The bank says that the same payment was just made, or Stripe's partner must be asked first.",
    Cause.RETRIES_EXHAUSTED: "Stripe tried, will not try again, and says nothing about why it failed.",
    Cause.UNKNOWN: "No rule explains it: a new code, a new status, or a setting of the account.",
}

AT_RISK_WHY: Mapping[Cause, str] = {
    Cause.PAYMENT_METHOD_DETACHED: "The card that would be charged at the trial's end was removed from the customer.",
    Cause.DEFAULT_SHADOWED: "A bad default stands above a good card: Stripe will charge the bad one.",
    Cause.CARD_NOT_DEFAULT: "A card is on file but is not the default: Stripe will have nothing to charge.",
    Cause.SETUP_NOT_COMPLETED: "The customer began to save a card and did not finish: there will be nothing to charge.",
    Cause.NO_PAYMENT_METHOD: "No payment method was ever saved: there will be nothing to charge.",
    Cause.CARD_EXPIRED: "The card will be expired when the trial ends.",
    Cause.MANDATE_MISSING: "The card's bank will refuse the charge: it wants a mandate, and there is no active one.",
    Cause.NO_OFF_SESSION_SETUP: (
        "The card was saved without a set-up for charges in the customer's absence: its bank may refuse the first one."
    ),
}
"""The same, told before the first charge."""

MENDS: Mapping[Cause, str] = {
    Cause.DISPUTED: "Settle the dispute in the Dashboard first; charge nothing until then.",
    Cause.DUPLICATE_SUBSCRIPTION: "Compare both, ask the customer where in doubt, and cancel the one that is too much.",
    Cause.FIRST_PAYMENT_EXPIRED: "It cannot be revived: send a new Checkout, without a second trial.",
    Cause.CANCELED_FOR_NONPAYMENT: "It cannot be revived: send a new Checkout, without a second trial.",
    Cause.COLLECTION_PAUSED: "Find out who paused it and why; resume it in the Dashboard if that was a mistake.",
    Cause.TRIAL_ENDED_WITHOUT_CARD: "The customer saves a card by the link; then the subscription is resumed.",
    Cause.PAYMENT_PROCESSING: "Wait for the bank's answer.",
    Cause.INVOICE_SENT_NOT_CHARGED: "The customer pays by the link; charge automatically if mailing was a mistake.",
    Cause.INVOICE_NOT_FINALIZED: "Remove what stands in the way (often the tax address); finalise it in the Dashboard.",
    Cause.NOT_ATTEMPTED_YET: "Wait: Stripe charges about an hour after it made the invoice.",
    Cause.FIRST_PAYMENT_INCOMPLETE: "The customer pays on the invoice's page, within 23 hours of the start.",
    Cause.AUTHENTICATION_REQUIRED: "The customer pays on the invoice's page and authenticates there.",
    Cause.ALREADY_FIXED: "Retry, or wait for Stripe's own next attempt.",
    Cause.PAYMENT_METHOD_DETACHED: "Make another card the default, or let the customer save one by the link.",
    Cause.DEFAULT_SHADOWED: "Make the good card the default on both levels, then retry.",
    Cause.CARD_NOT_DEFAULT: "Make the card the default, then retry.",
    Cause.SETUP_NOT_COMPLETED: "The customer saves a card by the link.",
    Cause.CARD_ON_DUPLICATE_CUSTOMER: "The customer saves a card here by the link; the checkout must reuse customers.",
    Cause.NO_PAYMENT_METHOD: "The customer saves a card by the link.",
    Cause.CARD_EXPIRED: "The customer saves a new card by the link.",
    Cause.BLOCKED_BY_STRIPE: "Look at the payment in Radar; another card helps where Stripe gave up on this one.",
    Cause.MANDATE_MISSING: "The customer pays on the invoice's page, or sets the card up with a mandate.",
    Cause.NO_OFF_SESSION_SETUP: "The customer sets the card up by the link; for good, the checkout's code must do it.",
    Cause.HARD_DECLINE: "The customer saves another card by the link.",
    Cause.CARD_DATA_WRONG: "The customer types the card in again by the link.",
    Cause.SOFT_DECLINE: "Wait for Stripe's next attempt, or retry at another hour.",
    Cause.GENERIC_DECLINE: "Retry once, days apart, and ask for another card beside it.",
    Cause.CHECK_FIRST: "Look for the payment that was made first; charge nothing before.",
    Cause.RETRIES_EXHAUSTED: "Send the link; with another card on file, retry.",
    Cause.UNKNOWN: "Read the raw objects, and the request's log in the Dashboard.",
}
