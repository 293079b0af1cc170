"""Stories in which Stripe has nothing to charge, or the wrong card: none, not the default, gone, expired, shadowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ghl_triage.sandbox.engine.api import CardSpec
from ghl_triage.sandbox.stories.banks import LOST_CARD, expiring, refusing
from ghl_triage.sandbox.stories.checkouts import attach_only, meet, sell
from ghl_triage.sandbox.stories.registry import story
from ghl_triage.sandbox.stories.scene import TRIAL_DAYS, Scene


def _ending_in_trial(scene: Scene) -> tuple[CardSpec, int]:
    """A good card that ends before a trial does which begins now, and the days of that trial: thirty, or a few more
    where thirty days do not reach well into another month."""
    start = datetime.fromtimestamp(scene.now, UTC)
    for days in range(TRIAL_DAYS, TRIAL_DAYS + 6):
        end = start + timedelta(days=days)
        if end.month != start.month and end.day > 1:
            break
    last = end.replace(day=1) - timedelta(days=1)
    return expiring(scene.good_card(), last.year, last.month), days


def _attach_without_default(scene: Scene, cards: int = 1) -> tuple[str, str]:
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    meet(scene)
    for other in range(cards):
        scene.attach(customer, scene.good_card(other))
        scene.wait(minutes=1)
    return scene.subscribe(customer), customer


@story("api", outcome="failed_first", stage="failing", cause="card_not_default", share=8, days=(30.2, 43))
def saved_not_default(scene: Scene) -> None:
    """The code attached the card and forgot to make it the default: there was nothing to charge."""
    sold, _ = _attach_without_default(scene)
    scene.tell(sold)


@story("api", outcome="failed_first", stage="failing", cause="card_not_default", share=0.7, days=(31, 43))
def several_not_default(scene: Scene) -> None:
    """Two cards attached, neither set up nor default: somebody must choose."""
    sold, _ = _attach_without_default(scene, 2)
    scene.tell(sold, "several_cards")


@story("api", outcome="trialing", stage="at_risk", cause="card_not_default", share=5, days=(0.2, 29))
def will_miss_default(scene: Scene) -> None:
    """The same, still in trial."""
    sold, _ = _attach_without_default(scene)
    scene.tell(sold)


@story("checkout", outcome="failed_first", stage="failing", cause="card_not_default", share=2, days=(31, 43))
def card_from_a_second_page(scene: Scene) -> None:
    """Checkout took no card; a set-up page saved one later, and nothing became the default."""
    sale = sell(scene, None)
    scene.wait(days=3)
    with scene.asks() as stripe:
        params = {"mode": "setup", "customer": sale.customer, "currency": scene.setting.price.currency}
        session = stripe.create_checkout_session({**params, "success_url": "https://courses.example/thanks"})
    scene.engine.complete_checkout_session(str(session["id"]), {"card": scene.token(scene.good_card())})
    scene.tell(sale.subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="no_payment_method", share=4, days=(30.2, 43))
def no_card_ever(scene: Scene) -> None:
    """Nobody ever asked for a card."""
    sale = sell(scene, None)
    scene.tell(sale.subscription)


@story("api", "checkout", outcome="trialing", stage="at_risk", cause="no_payment_method", share=3, days=(0.2, 29))
def no_card_yet(scene: Scene) -> None:
    """In trial without a card."""
    sale = sell(scene, None)
    scene.tell(sale.subscription)


@story("checkout", "api", outcome="trialing", stage="at_risk", cause="no_payment_method", share=0.5, days=(2, 28))
def will_be_canceled(scene: Scene) -> None:
    """No card, and the subscription says: cancel then."""
    sale = sell(scene, None, trial_settings={"end_behavior": {"missing_payment_method": "cancel"}})
    scene.tell(sale.subscription, "trial_will_be_canceled")


@story("checkout", "api", outcome="trialing", stage="at_risk", cause="no_payment_method", share=0.5, days=(2, 28))
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


@story("api", outcome="failed_first", stage="failing", cause="setup_not_completed", share=3, days=(30.2, 43))
def set_up_never_finished(scene: Scene) -> None:
    """The page read the invoice's client secret, null on a free trial; nobody confirmed the pending set-up."""
    scene.tell(_unfinished(scene))


@story("api", outcome="trialing", stage="at_risk", cause="setup_not_completed", share=2, days=(0.2, 29))
def set_up_not_finished_yet(scene: Scene) -> None:
    """The same, still in trial."""
    scene.tell(_unfinished(scene))


def _on_the_other_customer(scene: Scene) -> str:
    """HighLevel's order form made a customer with a card; the client's code made another one for the subscription."""
    with scene.acting_as(scene.setting.highlevel_application):
        first = scene.customer()
        scene.set_up(first, scene.good_card())
    scene.wait(minutes=20)
    meet(scene)
    return scene.subscribe(scene.customer(email=scene.who.shouted))


@story("api", outcome="failed_first", stage="failing", cause="card_on_duplicate_customer", share=2, days=(30.2, 43))
def card_with_the_namesake(scene: Scene) -> None:
    """The card lies with another customer of the same address."""
    scene.tell(_on_the_other_customer(scene))


@story("api", outcome="trialing", stage="at_risk", cause="card_on_duplicate_customer", share=1, days=(1, 29))
def card_will_be_with_the_namesake(scene: Scene) -> None:
    """The same, still in trial."""
    scene.tell(_on_the_other_customer(scene))


@story(
    "api",
    "checkout",
    "highlevel",
    outcome="failed_first",
    stage="failing",
    cause="payment_method_detached",
    share=1,
    days=(30.5, 43),
)
def taken_away_before_the_charge(scene: Scene) -> None:
    """The customer removed his only card a few days before the end of the trial."""
    sale = sell(scene, scene.good_card())
    scene.until_before_charge(sale.subscription, days=4)
    scene.detach(sale.card)
    scene.tell(sale.subscription)


@story("api", "checkout", outcome="trialing", stage="at_risk", cause="payment_method_detached", share=0.7, days=(6, 28))
def taken_away_in_trial(scene: Scene) -> None:
    """The same, still in trial."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=4)
    scene.detach(sale.card)
    scene.tell(sale.subscription)


@story("api", outcome="failed_first", stage="failing", cause="payment_method_detached", share=0.7, days=(31, 43))
def taken_away_another_left(scene: Scene) -> None:
    """The default was removed; another usable card is attached."""
    sale = sell(scene, scene.good_card())
    scene.set_up(sale.customer, scene.good_card(1))
    scene.until_before_charge(sale.subscription, days=3)
    scene.detach(sale.card)
    scene.tell(sale.subscription)


@story("checkout", outcome="failed_first", stage="failing", cause="default_shadowed", share=2, days=(33, 43))
def new_card_in_the_shadow(scene: Scene) -> None:
    """A lost card stands on the subscription; the portal wrote the customer's new one to the customer, below it."""
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(LOST_CARD, scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(days=2)
    scene.portal_card(sale.customer, scene.good_card(1))
    scene.tell(sale.subscription)


@story(
    "highlevel",
    "checkout",
    outcome="failed_first",
    stage="failing",
    cause="default_shadowed",
    share=0.6,
    days=(30.5, 43),
)
def new_card_came_in_time(scene: Scene) -> None:
    """The customer changed his card in the portal before the charge; the lost one on the subscription was charged."""
    sale = sell(scene, scene.good_card())
    scene.until_before_charge(sale.subscription, days=5)
    scene.bank_now(sale.card, refusing(LOST_CARD, scene.good_card()))
    scene.portal_card(sale.customer, scene.good_card(1))
    scene.tell(sale.subscription)


@story("checkout", outcome="trialing", stage="at_risk", cause="default_shadowed", share=0.8, days=(3, 20))
def expired_above_a_good_one(scene: Scene) -> None:
    """The subscription's card ends before the trial; the customer's default is good, and will not be asked."""
    ending, trial = _ending_in_trial(scene)
    sale = sell(scene, ending, trial=trial)
    scene.wait(days=1)
    scene.portal_card(sale.customer, scene.good_card(1))
    scene.tell(sale.subscription)


@story(
    "api",
    "checkout",
    "highlevel",
    outcome="failed_first",
    stage="failing",
    cause="card_expired",
    share=1,
    days=(36, 46),
)
def expired_at_the_charge(scene: Scene) -> None:
    """The card ended before the trial did."""
    ending, trial = _ending_in_trial(scene)
    sale = sell(scene, ending, trial=trial)
    scene.tell(sale.subscription)


@story("api", "checkout", outcome="trialing", stage="at_risk", cause="card_expired", share=1, days=(0.5, 27))
def expires_before_the_charge(scene: Scene) -> None:
    """The card will end before the trial does."""
    ending, trial = _ending_in_trial(scene)
    sale = sell(scene, ending, trial=trial)
    scene.tell(sale.subscription)


@story("api", outcome="failed_first", stage="failing", cause="card_expired", share=0.5, days=(36, 46))
def only_expired_ones_attached(scene: Scene) -> None:
    """No default; the only attached card has ended since."""
    customer = scene.customer()
    meet(scene)
    ending, trial = _ending_in_trial(scene)
    scene.attach(customer, ending)
    scene.tell(scene.subscribe(customer, trial=trial))


@story("api", "unknown", outcome="trialing", stage="at_risk", cause="no_off_session_setup", share=7, days=(0.2, 29))
def attached_only(scene: Scene) -> None:
    """A default card, attached without a set-up: fine until its bank asks."""
    sale = attach_only(scene, scene.good_card())
    scene.tell(sale.subscription)
