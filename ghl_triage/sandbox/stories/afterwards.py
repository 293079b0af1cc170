"""Stories of what somebody did after a charge was refused, when Stripe has not tried again yet."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import FUNDS, GENERIC
from ghl_triage.sandbox.stories.checkouts import refused_later, sell
from ghl_triage.sandbox.stories.registry import failing
from ghl_triage.sandbox.stories.scene import Scene


@failing("api", "checkout", cause="already_fixed", share=1.5, days=(39.2, 43.5))
def mended_waiting(scene: Scene) -> None:
    """Refused; the customer has given another card since, where Stripe looks first. Its next retry will find it."""
    sale = refused_later(scene, GENERIC)
    scene.until_end(hours=20)
    card = scene.set_up(sale.customer, scene.good_card(1))
    scene.update(sale.subscription, default_payment_method=card)
    scene.tell(sale.subscription)


@failing("api", "checkout", cause="already_fixed", share=1, days=(46, 58))
def mended_after_retries(scene: Scene) -> None:
    """The same, after the last retry: nothing will happen by itself."""
    sale = refused_later(scene, (FUNDS,))
    scene.until_end(hours=30)
    card = scene.set_up(sale.customer, scene.good_card(1))
    scene.update(sale.subscription, default_payment_method=card)
    scene.tell(sale.subscription, "retries_exhausted")


@failing("api", cause="already_fixed", share=0.8, days=(39.2, 43.5))
def card_came_too_late(scene: Scene) -> None:
    """There was no card at the charge; there is a default now."""
    sale = sell(scene, None)
    scene.until_end(hours=25)
    scene.set_up(sale.customer, scene.good_card(), default=True)
    scene.tell(sale.subscription)


@failing("api", cause="soft_decline", share=0.7, days=(33, 43))
def leaving_anyway(scene: Scene) -> None:
    """Refused, and the customer has asked to go at the period's end: nobody writes to him."""
    sale = refused_later(scene, (FUNDS,))
    scene.until_charged(sale.subscription)
    scene.wait(hours=20)
    scene.update(sale.subscription, cancel_at_period_end=True)
    scene.tell(sale.subscription, "cancel_scheduled")


@failing("api", cause="generic_decline", share=0.5, days=(33, 43))
def paid_another_way(scene: Scene) -> None:
    """Refused; the same amount was then taken once by hand, outside the subscription."""
    sale = refused_later(scene, (GENERIC[0],))
    scene.until_charged(sale.subscription)
    scene.wait(hours=5)
    other = scene.payment_method(scene.token(scene.good_card(3)))
    scene.charge_once(sale.customer, other, scene.setting.price.amount, description="March, by phone")
    scene.tell(sale.subscription, "paid_elsewhere")
