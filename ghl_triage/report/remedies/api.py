"""A custom checkout on Stripe's API: the right order, cause by cause (domain/stripe.md 3.2, 5.2, A.2)."""

from __future__ import annotations

from ghl_triage.model import Cause, Finding, Path
from ghl_triage.report.remedies.remedy import Remedy

SET_UP = Remedy(
    slug="api_set_up_off_session",
    path=Path.API,
    title="Set the card up for charges in the customer's absence",
    wrong=(
        "A card that is only attached may be charged, but its bank never agreed to charges while the customer is away. "
        "The first charge after the trial is such a charge, and the bank may answer authentication_required."
    ),
    steps=(
        "Create the subscription first: trial_period_days, payment_behavior=default_incomplete, "
        "payment_settings.save_default_payment_method=on_subscription. Do not attach a card before, and do not send "
        "off_session=true: with it Stripe as a rule makes no SetupIntent to confirm.",
        "Expand pending_setup_intent and give its client_secret to the page; there stripe.confirmSetup saves the card "
        "and lets the bank ask for 3-D Secure while the customer is present. Its usage is off_session by default; "
        "leave it so.",
        "Take out any charge of a small amount that is given back: it proves the card for one moment and sets nothing "
        "up. Confirming the SetupIntent asks the bank as well, so a bad card is refused on the page.",
        "For cards from India add payment_settings.payment_method_options.card.mandate_options (amount, amount_type, "
        "description): their banks refuse later charges without a mandate, and Stripe does not retry them.",
        "The trials that run now were saved the old way: send their customers a set-up link before the trial ends.",
    ),
    causes=frozenset({Cause.NO_OFF_SESSION_SETUP, Cause.MANDATE_MISSING}),
)

CONFIRM = Remedy(
    slug="api_confirm_set_up",
    path=Path.API,
    title="Confirm the right client secret, and see it through",
    wrong=(
        "The trial starts whether or not the card was saved. Where the page confirms nothing, confirms the wrong "
        "object, or lets the customer go before 3-D Secure is done, there is nothing to charge when it ends."
    ),
    steps=(
        "Confirm pending_setup_intent with confirmSetup; where there is none, and the first invoice is open, "
        "latest_invoice.confirmation_secret with confirmPayment.",
        "Show the welcome page only when the SetupIntent says succeeded: read it on the return_url, where Stripe adds "
        "setup_intent and setup_intent_client_secret. requires_action and requires_payment_method are not done.",
        "Keep the same subscription when the customer comes back: its pending_setup_intent can be confirmed again.",
        "A first payment without a trial must be confirmed within 23 hours; then Stripe gives the subscription up.",
        "Say what happens without a card: trial_settings.end_behavior.missing_payment_method=cancel (or pause). The "
        "default, create_invoice, leaves an open invoice that nobody can charge.",
    ),
    causes=frozenset(
        {
            Cause.SETUP_NOT_COMPLETED,
            Cause.NO_PAYMENT_METHOD,
            Cause.TRIAL_ENDED_WITHOUT_CARD,
            Cause.FIRST_PAYMENT_INCOMPLETE,
            Cause.FIRST_PAYMENT_EXPIRED,
        }
    ),
    findings=frozenset({Finding.CLIENT_SECRET_NULL_LOGGED}),
)

DEFAULT = Remedy(
    slug="api_set_default",
    path=Path.API,
    title="Make the card the default once its set-up is done",
    wrong=(
        "Stripe never charges a card that is merely attached. It takes the invoice's, the subscription's, then the "
        "customer's default, and on each level a PaymentMethod before a legacy source. An old default on a higher "
        "level hides a new card on a lower one."
    ),
    steps=(
        "On the webhook setup_intent.succeeded set customer.invoice_settings.default_payment_method to its "
        "payment_method.",
        "With payment_settings.save_default_payment_method=on_subscription Stripe sets the subscription's default as "
        "well. On a later card change write both levels: the subscription's stands above the customer's.",
        "Detach an old card only after the new one is the default on both levels: a detached card cannot be attached "
        "again.",
        "A Checkout Session with mode=setup sets no default at all, and the customer portal only the customer's: the "
        "same webhook must finish both.",
    ),
    causes=frozenset({Cause.CARD_NOT_DEFAULT, Cause.DEFAULT_SHADOWED, Cause.PAYMENT_METHOD_DETACHED}),
    findings=frozenset({Finding.SEVERAL_CARDS}),
)

ONE_CUSTOMER = Remedy(
    slug="api_one_customer",
    path=Path.API,
    title="One customer for each address, one subscription for each sale",
    wrong=(
        "Stripe allows any number of customers with one e-mail address. A card stays with the customer that it was "
        "saved for and cannot be moved; and each repeated request without a key makes another subscription."
    ),
    steps=(
        "Look the customer up before creating one. GET /v1/customers?email= compares letter by letter: write the "
        "address in lower case everywhere, and keep the cus_ id beside your own user.",
        "Look for an open subscription of the price before creating one, and go on with that.",
        "Send an Idempotency-Key with every creation, made of your own id of the checkout (not of the time, and not "
        "new for each try): a second click, or a retry after a timeout, then gives the same object.",
    ),
    causes=frozenset({Cause.CARD_ON_DUPLICATE_CUSTOMER, Cause.DUPLICATE_SUBSCRIPTION}),
    findings=frozenset({Finding.DOUBLE_BILLED}),
)

BEFORE_THE_END = Remedy(
    slug="api_before_trial_end",
    path=Path.API,
    title="Act on customer.subscription.trial_will_end",
    wrong="Nobody looks at the trial between its start and its first charge, thirty days later.",
    steps=(
        "Stripe sends customer.subscription.trial_will_end three days before the end (at once for a shorter trial). "
        "Read the subscription again and find out what would be charged.",
        "Nothing to charge, a card that expires before the end, or one without a succeeded SetupIntent: write to the "
        "customer with a link to your own card page, which makes the Checkout Session (mode=setup) on the click. "
        "Sessions live for a day at most, so they do not belong in a mail.",
        "The invoice is a draft for about an hour after the end: a card that is default by then is still charged.",
    ),
    causes=frozenset({Cause.CARD_EXPIRED, Cause.CANCELED_FOR_NONPAYMENT}),
    findings=frozenset({Finding.TRIAL_WILL_BE_CANCELED, Finding.TRIAL_WILL_BE_PAUSED}),
)

ASKS_AGAIN = Remedy(
    slug="api_bank_asks_again",
    path=Path.API,
    title="Bring the customer back when his bank asks again",
    wrong=(
        "The card was set up, or the customer was on the page, and his bank wants him to authenticate all the same. "
        "Nothing is wrong with the set-up; what is missing is a way back to the customer."
    ),
    steps=(
        "On invoice.payment_action_required, and on invoice.payment_failed with the code authentication_required, send "
        "the customer invoice.hosted_invoice_url: there he pays and authenticates.",
        "A retry in his absence gives the same answer; Stripe's own retries skip this code too.",
    ),
    causes=frozenset({Cause.AUTHENTICATION_REQUIRED}),
)

BAD_CARDS = Remedy(
    slug="api_check_at_sign_up",
    path=Path.API,
    title="Have the bank look at the card at sign-up",
    wrong=(
        "A refusal is the bank's, and no code turns it. But a card that was only attached was hardly looked at, so "
        "trials begin with cards that were bad from the first day."
    ),
    steps=(
        "Confirming the SetupIntent asks the bank whether the card is good: what it refuses, the customer changes on "
        "the page. HighLevel's own order forms can do a like check, which may be why fewer of their trials fail.",
        "Leave retries to Stripe (Smart Retries), at most eight for a charge; never charge an open invoice by a "
        "PaymentIntent of your own: the invoice stays open, and the customer pays twice.",
    ),
    causes=frozenset({Cause.HARD_DECLINE, Cause.CARD_DATA_WRONG, Cause.GENERIC_DECLINE}),
)

BILLING = Remedy(
    slug="api_billing_settings",
    path=Path.API,
    title="Let Stripe finalise and charge the invoice",
    wrong="The subscription is made so that its invoice is mailed, stays a draft, or waits for somebody.",
    steps=(
        "collection_method=charge_automatically; send_invoice only mails the invoice and never charges a card.",
        "Do not set auto_advance=false on its invoices. With automatic_tax collect the customer's address before the "
        "subscription starts: without it the invoice cannot be finalised (last_finalization_error says so).",
    ),
    causes=frozenset({Cause.INVOICE_SENT_NOT_CHARGED, Cause.INVOICE_NOT_FINALIZED}),
)

WEBHOOKS = Remedy(
    slug="api_webhooks",
    path=Path.API,
    title="Take every webhook, twice without harm",
    wrong="Stripe could not deliver events to an endpoint: what was to happen on them did not happen.",
    steps=(
        "Answer 2xx at once and work afterwards; check the signature on the raw body. A firewall or a bot check in "
        "front of the endpoint must let Stripe through.",
        "Events come twice, late and out of order, with the field names of their own API version. Take the id from "
        "the event and read the object again.",
        "Stripe goes on trying for three days in live mode; what failed longer must be read from GET /v1/events "
        "(delivery_success=false, thirty days back).",
    ),
    findings=frozenset({Finding.WEBHOOK_UNDELIVERED}),
)

REMEDIES = (SET_UP, CONFIRM, DEFAULT, ONE_CUSTOMER, BEFORE_THE_END, ASKS_AGAIN, BAD_CARDS, BILLING, WEBHOOKS)
"""In the order of a checkout."""
