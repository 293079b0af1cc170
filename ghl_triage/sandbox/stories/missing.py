"""Stories in which Stripe has nothing to charge: no card, none that is the default, none that is here."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import FUNDS, SCA_ALWAYS, refusing
from ghl_triage.sandbox.stories.checkouts import attach_only, meet, sell
from ghl_triage.sandbox.stories.registry import at_risk, failing
from ghl_triage.sandbox.stories.scene import Scene


def _attach_without_default(scene: Scene, cards: int = 1) -> tuple[str, str]:
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    meet(scene)
    for other in range(cards):
        scene.attach(customer, scene.good_card(other))
        scene.wait(minutes=1)
    return scene.subscribe(customer), customer


@failing("api", cause="card_not_default", share=8, days=(30.2, 57))
def saved_not_default(scene: Scene) -> None:
    """The code attached the card and forgot to make it the default: there was nothing to charge."""
    sold, _ = _attach_without_default(scene)
    scene.tell(sold)


@failing("api", cause="card_not_default", share=0.7, days=(31, 43))
def several_not_default(scene: Scene) -> None:
    """Two cards attached, neither set up nor default: somebody must choose."""
    sold, _ = _attach_without_default(scene, 2)
    scene.tell(sold, "several_cards")


@failing("api", cause="card_not_default", share=0.7, days=(31, 43))
def set_up_not_default(scene: Scene) -> None:
    """The card was set up as it should be, and nobody made it the default."""
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    meet(scene)
    scene.set_up(customer, scene.good_card())
    scene.tell(scene.subscribe(customer))


@at_risk("api", cause="card_not_default", share=5, days=(0.2, 29))
def will_miss_default(scene: Scene) -> None:
    """The same, still in trial."""
    sold, _ = _attach_without_default(scene)
    scene.tell(sold)


@failing("checkout", cause="card_not_default", share=2, days=(31, 43))
def card_from_a_second_page(scene: Scene) -> None:
    """Checkout took no card; a set-up page saved one later, and nothing became the default."""
    sale = sell(scene, None)
    scene.wait(days=3)
    with scene.asks() as stripe:
        params = {"mode": "setup", "customer": sale.customer, "currency": scene.setting.price.currency}
        session = stripe.create_checkout_session({**params, "success_url": "https://courses.example/thanks"})
    scene.engine.complete_checkout_session(str(session["id"]), {"card": scene.token(scene.good_card())})
    scene.tell(sale.subscription)


@failing("api", "checkout", cause="no_payment_method", share=4, days=(30.2, 57))
def no_card_ever(scene: Scene) -> None:
    """Nobody ever asked for a card."""
    sale = sell(scene, None)
    scene.tell(sale.subscription)


@at_risk("api", "checkout", cause="no_payment_method", share=3, days=(0.2, 29))
def no_card_yet(scene: Scene) -> None:
    """In trial without a card."""
    sale = sell(scene, None)
    scene.tell(sale.subscription)


@at_risk("checkout", "api", cause="no_payment_method", share=0.5, days=(2, 28))
def will_be_canceled(scene: Scene) -> None:
    """No card, and the subscription says: cancel then."""
    sale = sell(scene, None, trial_settings={"end_behavior": {"missing_payment_method": "cancel"}})
    scene.tell(sale.subscription, "trial_will_be_canceled")


@at_risk("checkout", "api", cause="no_payment_method", share=0.5, days=(2, 28))
def will_be_paused(scene: Scene) -> None:
    """No card, and the subscription says: pause then."""
    sale = sell(scene, None, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    scene.tell(sale.subscription, "trial_will_be_paused")


def _unfinished(scene: Scene) -> str:
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    meet(scene)
    return scene.subscribe(
        customer,
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
    )


@failing("api", cause="setup_not_completed", share=3, days=(30.2, 57))
def set_up_never_finished(scene: Scene) -> None:
    """The page read the invoice's client secret, null on a free trial; nobody confirmed the pending set-up."""
    scene.tell(_unfinished(scene))


@at_risk("api", cause="setup_not_completed", share=2, days=(0.2, 29))
def set_up_not_finished_yet(scene: Scene) -> None:
    """The same, still in trial."""
    scene.tell(_unfinished(scene))


@failing("api", "checkout", cause="card_not_default", share=0.7, days=(62, 72))
def paid_on_the_page_once(scene: Scene) -> None:
    """No card at the first charge; the customer paid it on the invoice's page. A month later nothing is default again:
    his card was kept and is not the default, or, where Stripe does not keep such cards, there is none."""
    sale = sell(scene, None)
    scene.until_charged(sale.subscription)
    scene.wait(hours=20)
    scene.engine.pay_hosted_invoice(scene.invoice(sale.subscription), {"card": scene.token(scene.good_card())})
    if scene.engine.beliefs.hosted_invoice_saves_card:
        scene.tell(sale.subscription)
    else:
        scene.tell_other(sale.subscription, scene.path, scene.stage, "no_payment_method")


@failing("api", "checkout", cause="no_payment_method", share=0.7, days=(32, 43))
def refused_on_the_page(scene: Scene) -> None:
    """No card at the charge; the one that the customer tried on the invoice's page was refused, or he left its bank's
    challenge. It was never his to be charged again."""
    sale = sell(scene, None)
    scene.until_charged(sale.subscription)
    scene.wait(hours=20)
    card = SCA_ALWAYS if scene.setting.number % 2 else refusing(FUNDS, scene.good_card())
    scene.engine.pay_hosted_invoice(
        scene.invoice(sale.subscription), {"card": scene.token(card), "authenticate": "abandon"}
    )
    scene.tell(sale.subscription)


def _on_the_other_customer(scene: Scene) -> str:
    """HighLevel's order form made a customer with a card; the client's code made another one for the subscription."""
    with scene.acting_as(scene.setting.highlevel_application):
        first = scene.customer()
        scene.set_up(first, scene.good_card())
    scene.wait(minutes=20)
    meet(scene)
    return scene.subscribe(scene.customer(email=scene.who.shouted))


@failing("api", cause="card_on_duplicate_customer", share=2, days=(30.2, 43))
def card_with_the_namesake(scene: Scene) -> None:
    """The card lies with another customer of the same address."""
    scene.tell(_on_the_other_customer(scene))


@at_risk("api", cause="card_on_duplicate_customer", share=1, days=(1, 29))
def card_will_be_with_the_namesake(scene: Scene) -> None:
    """The same, still in trial."""
    scene.tell(_on_the_other_customer(scene))


@at_risk("api", "unknown", cause="no_off_session_setup", share=7, days=(0.2, 29))
def attached_only(scene: Scene) -> None:
    """A default card, attached without a set-up: fine until its bank asks."""
    sale = attach_only(scene, scene.good_card())
    scene.tell(sale.subscription)
