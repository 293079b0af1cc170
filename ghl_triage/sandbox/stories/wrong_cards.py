"""Stories in which Stripe would charge a card that cannot work: taken away, in the shadow of another, expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ghl_triage.sandbox.engine.api import CardSpec
from ghl_triage.sandbox.stories.banks import LOST_CARD, expiring, refusing
from ghl_triage.sandbox.stories.checkouts import meet, sell
from ghl_triage.sandbox.stories.registry import at_risk, failing
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


@failing("api", "checkout", "highlevel", cause="payment_method_detached", share=1, days=(30.5, 43))
def taken_away_before_the_charge(scene: Scene) -> None:
    """The customer removed his only card a few days before the end of the trial."""
    sale = sell(scene, scene.good_card())
    scene.until_before_charge(sale.subscription, days=4)
    scene.detach(sale.card)
    scene.tell(sale.subscription)


@at_risk("api", "checkout", cause="payment_method_detached", share=0.7, days=(6, 28))
def taken_away_in_trial(scene: Scene) -> None:
    """The same, still in trial."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=4)
    scene.detach(sale.card)
    scene.tell(sale.subscription)


@failing("api", cause="payment_method_detached", share=0.7, days=(31, 43))
def taken_away_another_left(scene: Scene) -> None:
    """The default was removed; another usable card is attached."""
    sale = sell(scene, scene.good_card())
    scene.set_up(sale.customer, scene.good_card(1))
    scene.until_before_charge(sale.subscription, days=3)
    scene.detach(sale.card)
    scene.tell(sale.subscription)


@failing("checkout", cause="default_shadowed", share=2, days=(33, 43))
def new_card_in_the_shadow(scene: Scene) -> None:
    """A lost card stands on the subscription; the portal wrote the customer's new one to the customer, below it."""
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(LOST_CARD, scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(days=2)
    scene.portal_card(sale.customer, scene.good_card(1))
    scene.tell(sale.subscription)


@failing("highlevel", "checkout", cause="default_shadowed", share=0.6, days=(30.5, 43))
def new_card_came_in_time(scene: Scene) -> None:
    """The customer changed his card in the portal before the charge; the lost one on the subscription was charged."""
    sale = sell(scene, scene.good_card())
    scene.until_before_charge(sale.subscription, days=5)
    scene.bank_now(sale.card, refusing(LOST_CARD, scene.good_card()))
    scene.portal_card(sale.customer, scene.good_card(1))
    scene.tell(sale.subscription)


@at_risk("checkout", cause="default_shadowed", share=0.8, days=(3, 20))
def expired_above_a_good_one(scene: Scene) -> None:
    """The subscription's card ends before the trial; the customer's default is good, and will not be asked."""
    ending, trial = _ending_in_trial(scene)
    sale = sell(scene, ending, trial=trial)
    scene.wait(days=1)
    scene.portal_card(sale.customer, scene.good_card(1))
    scene.tell(sale.subscription)


@failing("api", "checkout", "highlevel", cause="card_expired", share=1, days=(36, 46))
def expired_at_the_charge(scene: Scene) -> None:
    """The card ended before the trial did."""
    ending, trial = _ending_in_trial(scene)
    sale = sell(scene, ending, trial=trial)
    scene.tell(sale.subscription)


@at_risk("api", "checkout", cause="card_expired", share=1, days=(0.5, 27))
def expires_before_the_charge(scene: Scene) -> None:
    """The card will end before the trial does."""
    ending, trial = _ending_in_trial(scene)
    sale = sell(scene, ending, trial=trial)
    scene.tell(sale.subscription)


@failing("api", cause="card_expired", share=0.5, days=(36, 46))
def only_expired_ones_attached(scene: Scene) -> None:
    """No default; the only attached card has ended since."""
    customer = scene.customer()
    meet(scene)
    ending, trial = _ending_in_trial(scene)
    scene.attach(customer, ending)
    scene.tell(scene.subscribe(customer, trial=trial))
