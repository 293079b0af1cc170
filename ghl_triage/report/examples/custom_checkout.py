"""A checkout of your own that sells a free trial whose first charge comes through. stripe 16, API 2026-10-28.endive.

Call `start_trial` behind your own log-in: whoever may name an e-mail address here acts for its customer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stripe import Invoice, SetupIntent, StripeClient, Subscription
from stripe.params import SubscriptionCreateParams

CHARGED = ("trialing", "active", "past_due", "unpaid")
OPEN = (*CHARGED, "incomplete", "paused")
SECRETS = ("pending_setup_intent", "latest_invoice.confirmation_secret")


@dataclass(frozen=True, slots=True)
class Started:
    """What the page needs: Stripe.js confirms a "setup" with confirmSetup, a "payment" with confirmPayment."""

    subscription: str
    confirm: Literal["setup", "payment", "nothing"]
    client_secret: str | None


def start_trial(client: StripeClient, *, email: str, price: str, order: str, days: int = 30) -> Started:
    """`order` is your id of this checkout: a second click with it makes nothing twice. No trial with `days=0`."""
    customer = _customer(client, email.strip().lower(), order)
    wanted: SubscriptionCreateParams = {
        "customer": customer,
        "items": [{"price": price}],
        "payment_behavior": "default_incomplete",
        "payment_settings": {"save_default_payment_method": "on_subscription"},
        "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        "expand": list(SECRETS),
    }
    if days:
        wanted["trial_period_days"] = days
    return _started(
        _open_subscription(client, customer, price)
        or client.v1.subscriptions.create(wanted, {"idempotency_key": f"trial-{order}"})
    )


def _customer(client: StripeClient, email: str, order: str) -> str:
    # One customer for each address. Stripe compares letter by letter, so it is always written in lower case.
    known = client.v1.customers.list({"email": email, "limit": 1}).data
    return known[0].id if known else client.v1.customers.create({"email": email}, {"idempotency_key": order}).id


def _open_subscription(client: StripeClient, customer: str, price: str) -> Subscription | None:
    expand = [f"data.{field}" for field in SECRETS]
    found = client.v1.subscriptions.list({"customer": customer, "price": price, "expand": expand})
    return next((one for one in found.data if one.status in OPEN), None)


def _started(subscription: Subscription) -> Started:
    # A trial's first invoice is free and has no PaymentIntent: the secret to confirm is that of the set-up.
    setup, invoice = subscription.pending_setup_intent, subscription.latest_invoice
    if isinstance(setup, SetupIntent):
        return Started(subscription.id, "setup", setup.client_secret)
    if isinstance(invoice, Invoice) and invoice.status == "open" and invoice.confirmation_secret:
        return Started(subscription.id, "payment", invoice.confirmation_secret.client_secret)
    return Started(subscription.id, "nothing", None)


def on_webhook(
    client: StripeClient, payload: bytes, signature: str, secret: str, ask_for_card: Callable[[str], None]
) -> None:
    """Take one delivery; a second one of the same event changes nothing. `ask_for_card` writes to a customer."""
    event = client.construct_event(payload, signature, secret)
    if event.type == "setup_intent.succeeded":
        _make_default(client, event.data.object["id"])
    elif event.type == "customer.subscription.trial_will_end":
        # Three days before the end. The event's copy may be old: read the subscription again.
        trial = client.v1.subscriptions.retrieve(event.data.object["id"])
        customer = client.v1.customers.retrieve(str(trial.customer))
        default = customer.invoice_settings and customer.invoice_settings.default_payment_method
        if trial.status == "trialing" and not (trial.default_payment_method or default):
            ask_for_card(customer.id)


def _make_default(client: StripeClient, setup_intent: str) -> None:
    intent = client.v1.setup_intents.retrieve(setup_intent)
    if not intent.customer or intent.usage != "off_session":
        return
    customer, card = str(intent.customer), str(intent.payment_method)
    done = [one for one in client.v1.setup_intents.list({"customer": customer}).data if one.status == "succeeded"]
    if not done or done[0].id != setup_intent:
        return  # An event that comes late must not bring an older card back.
    client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    for one in client.v1.subscriptions.list({"customer": customer}).data:
        # A subscription's own default stands above the customer's, and would hide the new card.
        if one.status in CHARGED and one.default_payment_method not in (None, card):
            client.v1.subscriptions.update(one.id, {"default_payment_method": card})


def card_page(client: StripeClient, customer: str, currency: str, back_to: str) -> str | None:
    """Stripe's page that saves another card, made when the customer clicks: it lives for a day at most."""
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "customer": customer, "currency": currency, "success_url": back_to}
    )
    return session.url
