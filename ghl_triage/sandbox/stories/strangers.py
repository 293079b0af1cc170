"""Stories about the same person twice, and about a client's code that hears nothing."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import FUNDS, refusing
from ghl_triage.sandbox.stories.checkouts import meet, sell
from ghl_triage.sandbox.stories.registry import at_risk, failing
from ghl_triage.sandbox.stories.scene import Scene


@failing("api", cause="card_on_duplicate_customer", share=0.8, days=(150, 200))
def card_with_an_old_namesake(scene: Scene) -> None:
    """The card lies with a customer of the same address who bought years ago, as far as lists tell."""
    old = scene.customer()
    scene.set_up(old, scene.good_card(), default=scene.setting.number % 2 == 0)
    scene.until_end(days=33 + scene.setting.number % 6)
    meet(scene)
    scene.tell(scene.subscribe(scene.customer(email=scene.who.shouted)))


@at_risk("api", cause="no_payment_method", share=0.5, days=(150, 200))
def old_namesake_without_card(scene: Scene) -> None:
    """There is an older customer of the same address; he has no card either."""
    scene.customer()
    scene.until_end(days=4 + scene.setting.number % 20)
    meet(scene)
    scene.tell(scene.subscribe(scene.customer(email=scene.who.shouted)))


def _save(scene: Scene, customer: str, token: str) -> str:
    """The customer enters the same plastic again: another PaymentMethod, the same fingerprint."""
    card = scene.payment_method(token)
    with scene.asks() as stripe:
        stripe.create_setup_intent({"customer": customer, "payment_method": card, "confirm": True})
    scene.make_default(customer, card)
    return card


@failing("api", cause="soft_decline", share=0.5, days=(31, 36), subscriptions=2)
def same_card_other_address(scene: Scene) -> None:
    """One person with one card and two addresses: the first course is refused for funds, the second is in trial."""
    token = scene.token(scene.good_card())
    meet(scene)
    customer = scene.customer()
    card = _save(scene, customer, token)
    sold = scene.subscribe(customer)
    scene.wait(days=3)
    scene.bank_now(card, refusing(FUNDS, scene.good_card()))
    scene.until_end(days=1)
    other = scene.customer(email=f"billing+{scene.who.email}")
    _save(scene, other, token)
    scene.tell_other(scene.subscribe(other, price=scene.setting.other_price), "api", "healthy")
    scene.tell(sold)


@at_risk("api", cause="card_not_default", share=0.5, days=(2, 27))
def default_waits_for_a_webhook(scene: Scene) -> None:
    """The code makes a card the default when it hears of its set-up; its endpoint was down, and it never heard."""
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    meet(scene)
    scene.endpoint_fails()
    scene.set_up(customer, scene.good_card())
    scene.tell(scene.subscribe(customer), "webhook_undelivered")


@failing("checkout", "api", cause="soft_decline", share=0.5, days=(31, 36))
def nobody_heard_of_the_refusal(scene: Scene) -> None:
    """The endpoint is down since before the trial's end: the client's code never wrote to the customer."""
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(FUNDS, scene.good_card()))
    scene.until_before_charge(sale.subscription, days=4)
    scene.endpoint_fails()
    scene.tell(sale.subscription, "webhook_undelivered")
