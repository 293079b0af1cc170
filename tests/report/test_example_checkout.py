"""The checkout that the audit prints, run as it is printed: its trials are paid, those of the wrong order are not."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stripe

from ghl_triage.report.examples import custom_checkout
from ghl_triage.sandbox.server import SandboxOptions
from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import NOW, SandboxServer

DAY = 86_400
CHARGED = 30 * DAY + 2 * 3_600
NEEDS_SET_UP = "pm_card_authenticationRequiredOnSetup"
"""4000002500003155: refused off-session with authentication_required until it was set up for that."""
SECRET = "whsec_example"


@dataclass(slots=True)
class Seller:
    """A seller with the printed checkout on his server, and a customer in front of his page."""

    world: SandboxServer
    client: stripe.StripeClient
    price: str
    asked: list[str] = field(default_factory=list)

    def start(self, email: str, order: str = "", **more: Any) -> custom_checkout.Started:
        order = order or f"order of {email}"
        return custom_checkout.start_trial(self.client, email=email, price=self.price, order=order, **more)

    def enter_card(self, started: custom_checkout.Started, **more: Any) -> None:
        """What Stripe.js does with the secret that the page was given."""
        self.world.play("enter_card", client_secret=started.client_secret, card=NEEDS_SET_UP, **more)

    def event(self, kind: str, started: custom_checkout.Started) -> stripe.Event:
        """The newest event of a type about this trial's customer."""
        customer = self.subscription(started).customer
        events = self.client.v1.events.list({"type": kind, "limit": 100}).data
        return next(event for event in events if event.data.object["customer"] == customer)

    def deliver(self, event: stripe.Event) -> list[str]:
        """Sends an event as Stripe does; returns the customers who were asked for a card so far."""
        payload = json.dumps(event.to_dict(), default=str).encode()
        at = int(time.time())
        signed = hmac.new(SECRET.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
        custom_checkout.on_webhook(self.client, payload, f"t={at},v1={signed}", SECRET, self.asked.append)
        return self.asked

    def subscription(self, started: custom_checkout.Started) -> stripe.Subscription:
        return self.client.v1.subscriptions.retrieve(started.subscription)

    def taken(self, started: custom_checkout.Started) -> list[Any]:
        """The charges that took money from this trial's customer."""
        customer = self.subscription(started).customer
        return [charge for charge in self.world.ledger() if charge["customer"] == customer]


@pytest.fixture(scope="module")
def seller() -> Iterator[Seller]:
    with SandboxServer(SandboxOptions(customers=4, now=NOW, rate_limit=False)) as world:
        key = world.info()["stripe_key"]
        client = stripe.StripeClient(key, base_addresses={"api": world.stripe_base})
        yield Seller(world, client, client.v1.prices.list({"limit": 1}).data[0].id)


@pytest.fixture
def shell(seller: Seller, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine({**environment_of(seller.world, tmp_path), "TZ": "UTC"}, capsys)


def shown(shell: CommandLine, subscription: str) -> Any:
    """What the diagnosis says of a subscription after a sync."""
    assert shell.run("sync").code == 0
    return shell.run("show", subscription, "--json").document


def test_a_trial_of_the_printed_checkout_is_healthy_and_its_first_charge_succeeds(
    seller: Seller, shell: CommandLine
) -> None:
    started = seller.start("paid@acme.test")
    assert started.confirm == "setup"
    assert (started.client_secret or "").startswith("seti_")
    seller.enter_card(started)
    seller.deliver(seller.event("setup_intent.succeeded", started))
    case = shown(shell, started.subscription)
    assert (case["stage"], case["path"], case["effective_level"]) == ("healthy", "api", "subscription")
    seller.world.advance(CHARGED)
    assert len(seller.taken(started)) == 1
    paid = shown(shell, started.subscription)
    assert (paid["stage"], paid["status"], paid["attempts"]) == ("healthy", "active", 1)


def test_the_wrong_order_fails_at_the_first_charge_for_want_of_authentication(
    seller: Seller, shell: CommandLine
) -> None:
    customer = seller.client.v1.customers.create({"email": "wrong@acme.test"}).id
    card = seller.world.play("attach_card", customer=customer, card=NEEDS_SET_UP)["id"]
    seller.client.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    trial = seller.client.v1.subscriptions.create(
        {"customer": customer, "items": [{"price": seller.price}], "trial_period_days": 30}
    )
    coming = shown(shell, trial.id)
    assert (coming["stage"], coming["cause"]) == ("at_risk", "no_off_session_setup")
    seller.world.advance(CHARGED)
    case = shown(shell, trial.id)
    assert (case["stage"], case["cause"]) == ("failing", "no_off_session_setup")
    assert case["decline_code"] == "authentication_required"
    assert not [charge for charge in seller.world.ledger() if charge["customer"] == customer]


def test_a_webhook_handled_twice_and_a_second_click_change_nothing(seller: Seller) -> None:
    started = seller.start("twice@acme.test")
    assert seller.start("twice@acme.test") == started
    assert seller.start(" Twice@ACME.test", order="another tab") == started
    seller.enter_card(started)
    event = seller.event("setup_intent.succeeded", started)
    seller.deliver(event)
    once = seller.subscription(started)
    seller.deliver(event)
    again = seller.subscription(started)
    assert again.default_payment_method == once.default_payment_method is not None
    (customer,) = seller.client.v1.customers.list({"email": "twice@acme.test"}).data
    assert customer.invoice_settings is not None
    assert customer.invoice_settings.default_payment_method == once.default_payment_method
    seller.world.advance(CHARGED)
    assert len(seller.taken(started)) == 1
    assert seller.world.double_paid() == []


def test_a_newer_card_becomes_the_default_and_a_late_event_does_not_bring_the_old_one_back(seller: Seller) -> None:
    started = seller.start("newer@acme.test")
    seller.enter_card(started)
    late = seller.event("setup_intent.succeeded", started)
    first = seller.subscription(started)
    seller.world.advance(60)
    assert custom_checkout.card_page(seller.client, str(first.customer), "usd", "https://seller.test/thanks")
    session = seller.client.v1.checkout.sessions.list({"customer": str(first.customer)}).data[0].id
    seller.world.play("complete_setup_checkout", session=session)
    seller.deliver(seller.event("setup_intent.succeeded", started))
    newer = seller.subscription(started).default_payment_method
    assert newer != first.default_payment_method
    seller.deliver(late)
    assert seller.subscription(started).default_payment_method == newer


def test_a_customer_who_left_the_challenge_is_asked_for_a_card_and_one_with_a_card_is_not(seller: Seller) -> None:
    left, entered = seller.start("left@acme.test"), seller.start("entered@acme.test")
    seller.enter_card(left, authenticate="abandon")
    seller.enter_card(entered)
    seller.world.advance(27 * DAY + 60)
    for started in (left, entered):
        asked = seller.deliver(seller.event("customer.subscription.trial_will_end", started))
    assert asked == [seller.subscription(left).customer]
    seller.world.advance(4 * DAY)
    assert seller.subscription(left).status == "canceled"
    assert seller.subscription(entered).status == "active"


def test_a_forged_event_is_refused(seller: Seller) -> None:
    with pytest.raises(stripe.SignatureVerificationError):
        custom_checkout.on_webhook(seller.client, b"{}", f"t={int(time.time())},v1=00", SECRET, seller.asked.append)


def test_without_a_trial_it_is_the_payment_that_is_confirmed(seller: Seller) -> None:
    started = seller.start("now@acme.test", days=0)
    assert started.confirm == "payment"
    assert (started.client_secret or "").startswith("pi_")
    seller.enter_card(started)
    assert seller.subscription(started).status == "active"
    assert seller.start("now@acme.test", order="another tab").confirm == "nothing"
