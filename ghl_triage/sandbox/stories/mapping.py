"""Stories about HighLevel's side: locations mapped astray, sales of other accounts, contacts not to be found."""

from __future__ import annotations

from ghl_triage.sandbox.stories.checkouts import attach_only, sell
from ghl_triage.sandbox.stories.highlevel import Charger, Sold
from ghl_triage.sandbox.stories.registry import at_risk, failing, story
from ghl_triage.sandbox.stories.scene import Scene

_OTHER_CONNECTION = "64410debdc8f3b0503523abb"
"""HighLevel's id of a connection that is not the seller's own."""


def _provision(scene: Scene, customer: str, subscription: str, status: str = "canceled") -> None:
    scene.highlevel.provisioned(scene.now, scene.who.name, scene.who.email, customer, subscription, status)


def _unmet(scene: Scene, card: bool = True) -> str:
    """A trial that the client's code sells to somebody whom it never told HighLevel of."""
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    if card:
        scene.set_up(customer, scene.good_card(), default=True)
    return scene.subscribe(customer)


@story("highlevel", outcome="paid_first", stage="healthy", share=6, days=(32, 110))
def location_made(scene: Scene) -> None:
    """Bought through HighLevel, which has made the customer a location of his own, mapped as it should be."""
    sale = sell(scene, scene.good_card())
    _provision(scene, sale.customer, sale.subscription)
    scene.tell(sale.subscription)


@at_risk("api", cause="no_off_session_setup", share=0.4, days=(3, 27))
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


@story("api", outcome="trialing", stage="healthy", share=0.3, days=(2, 27))
def location_on_hold(scene: Scene) -> None:
    """The location waits for a card on HighLevel's own page, and for no subscription; Stripe has card and trial."""
    sale = sell(scene, scene.good_card())
    _provision(scene, sale.customer, "", "on_hold")
    scene.tell(sale.subscription, "highlevel_stale_subscription")


def _buy_elsewhere(scene: Scene, subscription: str, charger: Charger) -> None:
    """The same person buys a course on an order form of HighLevel's that somebody else charges."""
    who, price = scene.who, scene.setting.other_price
    buyer = scene.highlevel.contact(scene.now, who.name, who.email, who.phone)
    sale = Sold("", subscription, price.amount, price.currency)
    scene.highlevel.sold_elsewhere(scene.now, buyer, sale, charger)


@story("api", outcome="trialing", stage="healthy", share=0.3, days=(2, 27))
def sold_through_another_account(scene: Scene) -> None:
    """HighLevel's order form is connected to another Stripe account than the one that the code sells through."""
    _buy_elsewhere(scene, f"sub_1{scene.ids.characters(23)}", Charger(connection=_OTHER_CONNECTION))
    scene.wait(hours=2)
    scene.tell(_unmet(scene), "highlevel_account_mismatch")


@story("api", outcome="trialing", stage="healthy", share=0.3, days=(2, 27))
def sold_in_the_other_mode(scene: Scene) -> None:
    """HighLevel sells in live mode while the code still creates its trials in test mode."""
    _buy_elsewhere(scene, f"sub_1{scene.ids.characters(23)}", Charger(livemode=True))
    scene.wait(hours=2)
    scene.tell(_unmet(scene), "highlevel_account_mismatch")


@story("api", outcome="trialing", stage="healthy", share=0.3, days=(2, 27))
def pays_another_course_by_paypal(scene: Scene) -> None:
    """HighLevel lists a subscription of PayPal's: no business of Stripe's, whatever its account."""
    charger = Charger("paypal", _OTHER_CONNECTION, livemode=True)
    _buy_elsewhere(scene, f"I-{scene.ids.characters(12)}", charger)
    scene.wait(hours=2)
    scene.tell(_unmet(scene))


@failing("api", cause="no_payment_method", share=0.3, days=(31, 42))
def unknown_to_highlevel(scene: Scene) -> None:
    """No card, and no contact in HighLevel to whom a link could go."""
    scene.tell(_unmet(scene, card=False), "contact_missing")


@failing("api", cause="no_payment_method", share=0.3, days=(31, 42))
def known_to_highlevel_twice(scene: Scene) -> None:
    """No card, and two contacts of the same address: nobody knows which one is read."""
    for address in (scene.who.email, scene.who.shouted):
        scene.highlevel.contact(scene.now, scene.who.name, address, scene.who.phone)
        scene.wait(days=1)
    scene.tell(_unmet(scene, card=False), "contact_ambiguous")
