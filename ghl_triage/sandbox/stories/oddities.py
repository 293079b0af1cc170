"""Stories for the corners: legacy cards, warnings, customers without an address, HighLevel's mapping gone astray."""

from __future__ import annotations

from ghl_triage.sandbox.stories.checkouts import attach_only, sell
from ghl_triage.sandbox.stories.registry import story
from ghl_triage.sandbox.stories.scene import Scene


def _with_legacy_card(scene: Scene) -> str:
    """Old code hands a token to the customer: the card becomes his default source, and was never set up."""
    customer = scene.customer()
    with scene.asks() as stripe:
        stripe.create_source(customer, {"source": scene.token(scene.good_card())})
    return scene.subscribe(customer)


@story(
    "api",
    outcome="trialing",
    stage="at_risk",
    cause="no_off_session_setup",
    share=0.5,
    days=(1, 28),
)
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


@story("highlevel", outcome="paid_first", stage="healthy", share=6, days=(32, 110))
def location_made(scene: Scene) -> None:
    """Bought through HighLevel, which has made the customer a location of his own, mapped as it should be."""
    sale = sell(scene, scene.good_card())
    _provision(scene, sale.customer, sale.subscription)
    scene.tell(sale.subscription)


@story("api", outcome="trialing", stage="at_risk", cause="no_off_session_setup", share=0.4, days=(3, 27))
def mapped_to_another_customer(scene: Scene) -> None:
    """The location is mapped to another customer of the same address, who has nothing."""
    with scene.acting_as(scene.setting.highlevel_application):
        other = scene.customer()
    scene.wait(minutes=9)
    sale = attach_only(scene, scene.good_card())
    _provision(scene, other, sale.subscription)
    scene.tell(sale.subscription, "highlevel_other_customer")


@story("api", outcome="trialing", stage="healthy", share=0.4, days=(40, 44), subscriptions=2)
def mapped_to_an_old_subscription(scene: Scene) -> None:
    """The location still points at the first subscription, canceled long ago; the customer has a new one."""
    sale = sell(scene, scene.good_card())
    _provision(scene, sale.customer, sale.subscription)
    scene.wait(days=6)
    scene.cancel(sale.subscription)
    scene.until_end(days=5)
    second = scene.subscribe(sale.customer)
    scene.tell_other(sale.subscription, scene.path, "ended")
    scene.tell(second, "highlevel_stale_subscription")


def _provision(scene: Scene, customer: str, subscription: str) -> None:
    scene.highlevel.provisioned(scene.now, scene.who.name, scene.who.email, customer, subscription)
