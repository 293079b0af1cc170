"""Stories in which another charge would do harm: disputes, and subscriptions bought twice."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import FUNDS, GENERIC, refusing
from ghl_triage.sandbox.stories.checkouts import attach_only, sell
from ghl_triage.sandbox.stories.registry import at_risk, failing, story
from ghl_triage.sandbox.stories.scene import Scene


@story("checkout", "api", outcome="paid_first", stage="failing", cause="disputed", share=1, days=(62, 72))
def disputed_then_refused(scene: Scene) -> None:
    """The first charge is disputed; the renewal after it was refused."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.wait(days=6)
    scene.engine.open_dispute(scene.charge(sale.subscription), {"reason": "fraudulent"})
    scene.bank_now(sale.card, refusing(GENERIC[0], scene.good_card()))
    scene.tell(sale.subscription)


@at_risk("api", cause="disputed", share=0.5, days=(12, 27))
def disputed_before_first_charge(scene: Scene) -> None:
    """In trial; a payment with the same card, for something else, is in dispute."""
    sale = sell(scene, scene.good_card())
    once = scene.charge_once(sale.customer, sale.card, 4900, description="Workbook")
    scene.wait(days=5)
    status = "warning_needs_response" if scene.setting.number % 2 else "needs_response"
    scene.engine.open_dispute(str(once["latest_charge"]), {"reason": "general", "status": status})
    scene.tell(sale.subscription)


@story("api", outcome="paid_first", stage="failing", cause="disputed", share=0.5, days=(63, 71))
def dispute_lost_then_refused(scene: Scene) -> None:
    """The bank gave the money back to the customer; the same card is still the default."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    dispute = scene.engine.open_dispute(scene.charge(sale.subscription), {"reason": "subscription_canceled"})
    scene.wait(days=20)
    scene.engine.close_dispute(str(dispute["id"]), {"status": "lost"})
    scene.bank_now(sale.card, refusing(FUNDS, scene.good_card()))
    scene.tell(sale.subscription)


@at_risk("api", cause="duplicate_subscription", share=1, days=(2, 27), subscriptions=2)
def double_click(scene: Scene) -> None:
    """The button was pressed twice: two trials for one price. The older one stays."""
    sale = sell(scene, scene.good_card())
    scene.wait(minutes=1)
    second = scene.subscribe(sale.customer)
    scene.tell_other(sale.subscription, scene.path, "healthy")
    scene.tell(second)


@failing("api", cause="duplicate_subscription", share=1, days=(33, 42), subscriptions=2)
def bought_again_elsewhere(scene: Scene) -> None:
    """A trial without a card failed; the same person had bought the same course through HighLevel, and pays there."""
    bought = sell(scene, scene.good_card(), path="highlevel")
    scene.wait(days=1)
    failing = scene.subscribe(scene.customer(email=scene.who.shouted))
    scene.tell_other(bought.subscription, "highlevel", "healthy")
    scene.tell(failing)


@failing("api", cause="duplicate_subscription", share=0.5, days=(31, 42), subscriptions=2)
def twice_without_card(scene: Scene) -> None:
    """Two trials of one customer, neither with a card: none is worth keeping, all are duplicates."""
    sale = sell(scene, None)
    scene.wait(minutes=2)
    second = scene.subscribe(sale.customer)
    scene.tell(sale.subscription)
    scene.tell(second)


@story("api", outcome="paid_first", stage="healthy", share=0.5, days=(35, 110), subscriptions=2)
def billed_twice(scene: Scene) -> None:
    """Two active subscriptions for one price, both paid."""
    sale = sell(scene, scene.good_card())
    scene.wait(hours=3)
    second = scene.subscribe(sale.customer)
    scene.tell(sale.subscription, "double_billed")
    scene.tell(second, "double_billed")


@at_risk("api", cause="no_off_session_setup", share=0.3, days=(3, 26), subscriptions=2)
def same_address_other_price(scene: Scene) -> None:
    """Two customers of one address buy two different courses; the one without set-up is at risk, and no duplicate."""
    other = sell(scene, scene.good_card(), price=scene.setting.other_price)
    sale = attach_only(scene, scene.good_card(2))
    scene.tell_other(other.subscription, scene.path, "healthy")
    scene.tell(sale.subscription)
