"""Stories that end well, or by choice; among them those that look like trouble and are none."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import FUNDS, GENERIC, refusing
from ghl_triage.sandbox.stories.checkouts import attach_only, sell
from ghl_triage.sandbox.stories.registry import story
from ghl_triage.sandbox.stories.scene import Scene


@story("highlevel", "checkout", "api", "unknown", outcome="trialing", stage="healthy", share=12, days=(0.2, 28.5))
def good_trial(scene: Scene) -> None:
    """A trial with a card that was set up for off-session use."""
    sale = sell(scene, scene.good_card())
    scene.tell(sale.subscription)


@story("api", outcome="trialing", stage="healthy", share=1, days=(2, 27))
def one_time_charge_beside(scene: Scene) -> None:
    """A good trial; the same card was charged once for something else."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=1)
    scene.charge_once(sale.customer, sale.card, 4900, description="Workbook")
    scene.tell(sale.subscription)


@story("api", outcome="trialing", stage="healthy", share=0.5, days=(3, 27))
def set_up_in_a_payment(scene: Scene) -> None:
    """The card was saved by a payment with setup_future_usage=off_session: proof without any SetupIntent."""
    customer = scene.customer()
    card = scene.payment_method(scene.token(scene.good_card()))
    scene.charge_once(customer, card, 700, setup_future_usage="off_session")
    scene.make_default(customer, card)
    sold = scene.subscribe(customer)
    scene.tell(sold)


@story("api", outcome="trialing", stage="healthy", share=0.4, days=(2, 26))
def mailed_invoice_trial(scene: Scene) -> None:
    """A trial whose invoice will be sent by mail: nothing will be charged, no card is needed."""
    sold = scene.subscribe(scene.customer(), collection_method="send_invoice", days_until_due=14)
    scene.tell(sold)


@story("highlevel", "checkout", "api", "unknown", outcome="paid_first", stage="healthy", share=50, days=(30.3, 118))
def converted(scene: Scene) -> None:
    """The first charge, and the renewals since, were paid."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.tell(sale.subscription)


@story("api", outcome="paid_first", stage="healthy", share=4, days=(30.3, 118))
def attached_and_paid(scene: Scene) -> None:
    """The card was attached without a set-up; its bank paid all the same, as most banks outside Europe do."""
    scene.tell(attach_only(scene, scene.good_card()).subscription)


@story("checkout", "api", outcome="paid_first", stage="healthy", share=0.6, days=(70, 118))
def dispute_won(scene: Scene) -> None:
    """A dispute that the client won, long settled."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    dispute = scene.engine.open_dispute(scene.charge(sale.subscription), {"reason": "product_not_received"})
    scene.wait(days=9)
    scene.engine.close_dispute(str(dispute["id"]), {"status": "won"})
    scene.tell(sale.subscription)


@story("checkout", "api", outcome="paid_first", stage="healthy", share=0.5, days=(37, 58))
def disputed_and_going_on(scene: Scene) -> None:
    """Paid, and disputed since; nothing has failed, and the next charge is weeks away."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.wait(days=4)
    scene.engine.open_dispute(scene.charge(sale.subscription), {"reason": "product_unacceptable"})
    scene.tell(sale.subscription, "disputed")


@story("api", outcome="paid_first", stage="healthy", share=0.8, days=(34, 118), subscriptions=2)
def two_courses(scene: Scene) -> None:
    """Two subscriptions of one customer for two prices: no duplicates."""
    sale = sell(scene, scene.good_card())
    scene.wait(hours=2)
    second = scene.subscribe(sale.customer, price=scene.setting.other_price)
    scene.tell(sale.subscription)
    scene.tell(second)


@story("highlevel", "checkout", "api", outcome="failed_first", stage="recovered", share=3, days=(36, 84))
def funds_came(scene: Scene) -> None:
    """No money on the day of the first charge; a retry of Stripe's found some."""
    sale = sell(scene, scene.good_card())
    scene.until_before_charge(sale.subscription, days=2)
    scene.bank_now(sale.card, refusing(FUNDS, scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(days=2)
    scene.bank_now(sale.card, scene.good_card())
    scene.wait(days=2)
    scene.tell(sale.subscription)


@story("checkout", "api", outcome="failed_first", stage="recovered", share=2, days=(33, 58))
def paid_by_hand(scene: Scene) -> None:
    """Refused at first; the customer paid on the hosted invoice page with another card."""
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(GENERIC[scene.setting.number % len(GENERIC)], scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(hours=30)
    card = scene.token(scene.good_card(1))
    scene.engine.pay_hosted_invoice(scene.invoice(sale.subscription), {"card": card})
    scene.tell(sale.subscription)


@story("api", outcome="failed_first", stage="healthy", share=1, days=(98, 118))
def failed_long_ago(scene: Scene) -> None:
    """Refused once, months ago, and paid ever since: no recovery of these days."""
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(FUNDS, scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(days=1)
    scene.bank_now(sale.card, scene.good_card())
    scene.wait(days=4)
    scene.tell(sale.subscription)


@story("highlevel", "checkout", "api", "unknown", outcome="aside", stage="ended", share=4, days=(8, 110))
def canceled_in_trial(scene: Scene) -> None:
    """The customer asked to cancel within the trial, and was let go at once."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=3 + scene.setting.number % 4)
    scene.cancel(sale.subscription)
    scene.tell(sale.subscription)


@story("checkout", "api", outcome="trialing", stage="ended", share=1.2, days=(6, 27))
def leaves_after_trial(scene: Scene) -> None:
    """Canceled in the portal for the end of the trial: it will never be charged."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=4)
    with scene.asks() as stripe:
        session = stripe.create_portal_session({"customer": sale.customer})
    scene.engine.portal_cancel(str(session["id"]), sale.subscription, {})
    scene.tell(sale.subscription, "cancel_scheduled")


@story("highlevel", "checkout", "api", outcome="paid_first", stage="ended", share=1.5, days=(45, 118))
def canceled_after_paying(scene: Scene) -> None:
    """Paid once, then canceled on the customer's wish."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.wait(days=10)
    scene.cancel(sale.subscription)
    scene.tell(sale.subscription)


@story("api", outcome="paid_first", stage="healthy", share=0.6, days=(40, 110))
def paused_for_a_while(scene: Scene) -> None:
    """Active, and collection is paused on purpose."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.wait(days=4)
    scene.update(sale.subscription, pause_collection={"behavior": "void"})
    scene.tell(sale.subscription, "collection_paused")
