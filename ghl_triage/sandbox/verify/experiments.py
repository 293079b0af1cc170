"""Stories that are told for the comparison alone: the experiments that docs/beliefs.md names and no story makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ghl_triage.sandbox.engine.api import CardSpec, StripeError
from ghl_triage.sandbox.stories.banks import GENERIC, INDIAN, LOST_CARD, refusing
from ghl_triage.sandbox.stories.scene import Scene
from ghl_triage.sandbox.verify.recording import Recorder

_GOOD = CardSpec()
_OTHER = CardSpec("4444", "mastercard")
_REFUSED = refusing(GENERIC[0], _GOOD)
_ON_SUBSCRIPTION = {"save_default_payment_method": "on_subscription"}


@dataclass(frozen=True, slots=True)
class Experiment:
    """One story of this module; `days` from its beginning to its end."""

    name: str
    tell: Callable[[Scene], None]
    days: float
    currency: str | None = None


EXPERIMENTS: list[Experiment] = []


def experiment(
    days: float, currency: str | None = None
) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Registers a story under its function's name."""

    def register(tell: Callable[[Scene], None]) -> Callable[[Scene], None]:
        EXPERIMENTS.append(Experiment(tell.__name__, tell, days, currency))
        return tell

    return register


def _sold(scene: Scene, card: CardSpec, **params: Any) -> tuple[str, str]:
    """A customer with this card as his default, and his subscription."""
    customer = scene.customer()
    scene.attach(customer, card, default=True)
    return customer, scene.subscribe(customer, **params)


@contextmanager
def _perhaps_refused() -> Iterator[None]:
    """Whether the request is carried out is what the experiment asks."""
    try:
        yield
    except StripeError:
        return


def _ask_to_pay_again(scene: Scene) -> None:
    """The last payment is asked for once more under its idempotency key."""
    if isinstance(scene.engine, Recorder):
        scene.engine.ask_again("/pay")


@experiment(days=46)
def refused_until_the_end(scene: Scene) -> None:
    """Refused at each attempt, until Stripe gives up."""
    _sold(scene, _REFUSED)


@experiment(days=46)
def lost_card_retried(scene: Scene) -> None:
    """The only card is lost: retries stay scheduled, and charge nothing."""
    customer = scene.customer()
    token = scene.token(refusing(LOST_CARD, _GOOD))
    with scene.asks() as stripe:
        stripe.create_source(customer, {"source": token})
    scene.subscribe(customer)


@experiment(days=31)
def legacy_card_as_default(scene: Scene) -> None:
    """A legacy card is named as the customer's default PaymentMethod, and charged."""
    customer = scene.customer()
    token = scene.token(_GOOD)
    with scene.asks() as stripe:
        card = str(stripe.create_source(customer, {"source": token})["id"])
    with _perhaps_refused():
        scene.make_default(customer, card)
    scene.subscribe(customer)


@experiment(days=45, currency="inr")
def indian_card_charged(scene: Scene) -> None:
    """A card issued in India without a mandate, at its first charge."""
    _sold(scene, replace(INDIAN, charge=None))


@experiment(days=31)
def set_up_elsewhere(scene: Scene) -> None:
    """A card that asks for 3-D Secure and was set up before: charged off-session at once."""
    _sold(scene, CardSpec("0446", "visa", "GB", sca="set_up"))


@experiment(days=31)
def each_level_another_card(scene: Scene) -> None:
    """The subscription names one card, the customer another, a third is attached."""
    customer = scene.customer()
    scene.attach(customer, _GOOD, default=True)
    named = scene.attach(customer, _OTHER)
    scene.attach(customer, CardSpec("0005", "amex"))
    scene.subscribe(customer, default_payment_method=named)


@experiment(days=31)
def detached_above_a_good_one(scene: Scene) -> None:
    """The subscription's card is detached before the charge; the customer's default is good."""
    customer = scene.customer()
    scene.attach(customer, _GOOD, default=True)
    named = scene.attach(customer, _OTHER)
    scene.subscribe(customer, default_payment_method=named)
    scene.wait(days=20)
    scene.detach(named)


@experiment(days=1)
def attached_again(scene: Scene) -> None:
    """A card is detached and attached again."""
    customer = scene.customer()
    card = scene.attach(customer, _GOOD)
    scene.detach(card)
    with _perhaps_refused(), scene.asks() as stripe:
        stripe.attach_payment_method(card, {"customer": customer})


def _confirmed(scene: Scene, **params: Any) -> None:
    customer = scene.customer()
    sold = scene.subscribe(customer, payment_behavior="default_incomplete", **params)
    card = scene.payment_method(scene.token(_GOOD))
    waiting = scene.subscription(sold)["pending_setup_intent"]
    with scene.asks() as stripe:
        stripe.confirm_setup_intent(str(waiting), {"payment_method": card, "return_url": "https://example.com"})


@experiment(days=1)
def set_up_confirmed(scene: Scene) -> None:
    """The set-up that a trial waits for is done, with nothing said of defaults."""
    _confirmed(scene)


@experiment(days=1)
def set_up_confirmed_and_saved(scene: Scene) -> None:
    """The same, where the subscription is to keep the card."""
    _confirmed(scene, payment_settings=_ON_SUBSCRIPTION)


@experiment(days=0.2)
def no_subscription_without_payment(scene: Scene) -> None:
    """`error_if_incomplete`: the refused payment remains, and no subscription."""
    with _perhaps_refused():
        _sold(scene, _REFUSED, trial=None, payment_behavior="error_if_incomplete")


def _refused(scene: Scene, **params: Any) -> tuple[str, str, str]:
    """A subscription whose first charge was refused: it, its open invoice, and another card of the customer's."""
    customer, sold = _sold(scene, _REFUSED, **params)
    scene.until_charged(sold)
    return sold, scene.invoice(sold), scene.attach(customer, _OTHER)


@experiment(days=32)
def paid_with_another_card(scene: Scene) -> None:
    """The default was refused; the invoice is paid with a card that the request names."""
    _, invoice, other = _refused(scene)
    scene.pay(invoice, payment_method=other)


@experiment(days=32)
def paid_twice(scene: Scene) -> None:
    """Paid, and then asked to be paid once more by a request of its own."""
    _, invoice, other = _refused(scene)
    scene.pay(invoice, payment_method=other)
    with _perhaps_refused():
        scene.pay(invoice, payment_method=other)


@experiment(days=32)
def asked_again_when_paid(scene: Scene) -> None:
    """Paid, and the same request sent once more under its key."""
    _, invoice, other = _refused(scene)
    scene.pay(invoice, payment_method=other)
    _ask_to_pay_again(scene)


@experiment(days=32)
def asked_again_when_refused(scene: Scene) -> None:
    """Tried by hand and refused; the same request sent once more under its key when a good card is the default."""
    sold, invoice, other = _refused(scene)
    scene.pay(invoice)
    scene.update(sold, default_payment_method=other)
    _ask_to_pay_again(scene)


@experiment(days=32)
def tried_twice_by_hand(scene: Scene) -> None:
    """Refused, then tried twice more by request."""
    _, sold = _sold(scene, _REFUSED)
    scene.until_charged(sold)
    for _ in range(2):
        scene.pay(scene.invoice(sold))


@experiment(days=9.2)
def older_invoice_paid(scene: Scene) -> None:
    """Two weeks are open; the older one is paid."""
    _, older, other = _refused(scene, trial=1, price=scene.setting.weekly_price)
    scene.wait(days=7)
    scene.pay(older, payment_method=other)


@experiment(days=33)
def latest_invoice_voided(scene: Scene) -> None:
    """Refused; the invoice is voided by hand, and then a payment is tried."""
    _, invoice, other = _refused(scene)
    with scene.asks() as stripe:
        stripe.void_invoice(invoice, {})
    with _perhaps_refused():
        scene.pay(invoice, payment_method=other)


@experiment(days=33)
def given_up_and_paid(scene: Scene) -> None:
    """Refused; the invoice is marked uncollectible, and paid all the same."""
    _, invoice, other = _refused(scene)
    with scene.asks() as stripe:
        stripe.mark_invoice_uncollectible(invoice, {})
    with _perhaps_refused():
        scene.pay(invoice, payment_method=other)


@experiment(days=32)
def draft_paid(scene: Scene) -> None:
    """A payment is asked for while the renewal is a draft."""
    _, sold = _sold(scene, _GOOD)
    scene.until_before_charge(sold, days=0)
    scene.wait(minutes=10)
    with _perhaps_refused():
        scene.pay(scene.invoice(sold))


@experiment(days=33)
def canceled_with_an_open_invoice(scene: Scene) -> None:
    """Refused, then canceled: what becomes of the invoice."""
    _, sold = _sold(scene, _REFUSED)
    scene.until_charged(sold)
    scene.cancel(sold)


@experiment(days=34)
def resumed(scene: Scene) -> None:
    """Paused for want of a card; resumed without one, then with one."""
    customer = scene.customer()
    sold = scene.subscribe(customer, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    scene.until_charged(sold)
    with _perhaps_refused(), scene.asks() as stripe:
        stripe.resume_subscription(sold, {})
    scene.attach(customer, _GOOD, default=True)
    with _perhaps_refused(), scene.asks() as stripe:
        stripe.resume_subscription(sold, {})
