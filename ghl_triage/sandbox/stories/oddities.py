"""Stories for the corners: legacy cards, warnings, customers without an address."""

from __future__ import annotations

from ghl_triage.sandbox.stories.checkouts import sell
from ghl_triage.sandbox.stories.registry import at_risk, story
from ghl_triage.sandbox.stories.scene import Scene


def _with_legacy_card(scene: Scene) -> str:
    """Old code hands a token to the customer: the card becomes his default source, and was never set up."""
    customer = scene.customer()
    with scene.asks() as stripe:
        stripe.create_source(customer, {"source": scene.token(scene.good_card())})
    return scene.subscribe(customer)


@at_risk("api", cause="no_off_session_setup", share=0.5, days=(1, 28))
def legacy_card(scene: Scene) -> None:
    """A default source of the old kind, without any agreement to be charged later."""
    scene.tell(_with_legacy_card(scene))


@story("api", outcome="paid_first", stage="healthy", share=0.7, days=(32, 118))
def legacy_card_paid(scene: Scene) -> None:
    """The same; its bank paid."""
    scene.tell(_with_legacy_card(scene))


@story("checkout", "api", outcome="paid_first", stage="healthy", share=0.5, days=(36, 100))
def fraud_warned(scene: Scene) -> None:
    """The card network has sent an early fraud warning for a charge that was paid."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.wait(days=3)
    scene.engine.warn_of_fraud(scene.charge(sale.subscription), {"fraud_type": "made_with_stolen_card"})
    scene.tell(sale.subscription, "early_fraud_warning")


@story("api", outcome="trialing", stage="healthy", share=0.4, days=(2, 27), subscriptions=2)
def nobody_has_an_address(scene: Scene) -> None:
    """Two customers without e-mail address bought the same: an empty address is nobody's."""
    for turn in range(2):
        customer = scene.customer(email=None)
        scene.set_up(customer, scene.good_card(turn), default=True)
        scene.tell(scene.subscribe(customer))
        scene.wait(hours=3)
