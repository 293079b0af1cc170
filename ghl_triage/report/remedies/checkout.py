"""Stripe Checkout: what it does by itself, and what is left to its caller (domain/stripe.md 3.2, 4.1, 5.3)."""

from __future__ import annotations

from ghl_triage.model import Cause, Finding, Path
from ghl_triage.report.remedies.remedy import Remedy

BY_ITSELF = (
    "By itself a Checkout Session with mode=subscription saves the card for off-session charges, lets the bank ask for "
    "3-D Secure on the page, refuses a bad card there, and makes the card the default of that one subscription. It "
    "sets no default on the customer, and without a customer it makes a new one at each visit."
)
"""What needs no change on this path."""

CARD_ALWAYS = Remedy(
    slug="checkout_card_always",
    path=Path.CHECKOUT,
    title="Collect a card although the trial costs nothing",
    wrong="With payment_method_collection=if_required the page asks for no card when nothing is due today.",
    steps=(
        "Set payment_method_collection=always (the default: somebody changed it, also on a Payment Link).",
        "Where a trial without a card is wanted: subscription_data.trial_settings.end_behavior."
        "missing_payment_method=cancel or pause, and a link to a set-up Checkout on trial_will_end.",
        "Give the trial as subscription_data.trial_period_days, or trial_end at least 48 hours ahead; a trial that is "
        "added to the subscription later is not what the customer agreed to on the page.",
    ),
    causes=frozenset({Cause.NO_PAYMENT_METHOD, Cause.TRIAL_ENDED_WITHOUT_CARD, Cause.CANCELED_FOR_NONPAYMENT}),
    findings=frozenset({Finding.TRIAL_WILL_BE_CANCELED, Finding.TRIAL_WILL_BE_PAUSED}),
)

SAME_CUSTOMER = Remedy(
    slug="checkout_same_customer",
    path=Path.CHECKOUT,
    title="Hand the known customer to the session",
    wrong="A session with customer_email, or with nothing, makes a new customer beside the old one.",
    steps=(
        "Look the customer up by e-mail (in lower case) and pass customer=cus_…; customer_email only for a new one.",
        "Look for an open subscription of that price before making a session; lead its owner to the portal instead.",
        "Expire the old session when a new one is made, and give client_reference_id your own id of the sale: two open "
        "pages can both be completed.",
    ),
    causes=frozenset({Cause.CARD_ON_DUPLICATE_CUSTOMER, Cause.DUPLICATE_SUBSCRIPTION}),
    findings=frozenset({Finding.DOUBLE_BILLED}),
)

FINISH = Remedy(
    slug="checkout_card_changes",
    path=Path.CHECKOUT,
    title="Finish what a later card change leaves undone",
    wrong=(
        "Checkout set the subscription's default at the start. A card entered in the customer portal becomes the "
        "customer's default, one level below: Stripe goes on charging the old card. A session with mode=setup sets no "
        "default at all."
    ),
    steps=(
        "On checkout.session.completed with mode=setup, and on setup_intent.succeeded, set the subscription's "
        "default_payment_method, and the customer's.",
        "On customer.updated with a new invoice_settings.default_payment_method (the portal) write the same card to "
        "the subscription, or clear the subscription's default so that the customer's counts.",
    ),
    causes=frozenset({Cause.DEFAULT_SHADOWED, Cause.CARD_NOT_DEFAULT, Cause.PAYMENT_METHOD_DETACHED}),
    findings=frozenset({Finding.SEVERAL_CARDS}),
)

OTHER_CARDS = Remedy(
    slug="checkout_other_cards",
    path=Path.CHECKOUT,
    title="Find out who replaces the card that Checkout saved",
    wrong=(
        "Checkout's own cards are set up off-session. A card without such a set-up on this path was attached later by "
        "other code, or the set-up that it waits for was never finished."
    ),
    steps=(
        "Look in the case's history for the request that attached the card, and send card changes through a Checkout "
        "Session with mode=setup or the customer portal.",
        "Some banks ask again although the set-up is there: nothing in the code is wrong then; the customer pays on "
        "the invoice's page.",
    ),
    causes=frozenset(
        {Cause.NO_OFF_SESSION_SETUP, Cause.AUTHENTICATION_REQUIRED, Cause.SETUP_NOT_COMPLETED, Cause.MANDATE_MISSING}
    ),
)

FIRST_PAYMENT = Remedy(
    slug="checkout_first_payment",
    path=Path.CHECKOUT,
    title="Keep the sale open when the first payment is not finished",
    wrong="The customer left before the first payment was done; after 23 hours Stripe gave the subscription up.",
    steps=(
        "Set after_expiration.recovery.enabled: the expired session then has a link with which the customer goes on.",
        "Listen to checkout.session.expired and write to those who left an address.",
    ),
    causes=frozenset({Cause.FIRST_PAYMENT_INCOMPLETE, Cause.FIRST_PAYMENT_EXPIRED}),
)

REMEDIES = (CARD_ALWAYS, SAME_CUSTOMER, FINISH, OTHER_CARDS, FIRST_PAYMENT)
"""In the order of a sale."""
