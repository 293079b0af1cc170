"""Stories in which there is nothing to charge now: pauses, slow payments, invoices by mail, invoices left lying."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import BANK_ACCOUNT, FUNDS, GENERIC, SEPA_ACCOUNT, refusing
from ghl_triage.sandbox.stories.checkouts import refused_later, sell
from ghl_triage.sandbox.stories.registry import at_risk, failing, story
from ghl_triage.sandbox.stories.scene import Scene


@failing("highlevel", "checkout", "api", cause="collection_paused", share=0.5, days=(33, 43))
def paused_after_failing(scene: Scene) -> None:
    """Refused, then somebody paused the collection."""
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(FUNDS, scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(days=1)
    scene.update(sale.subscription, pause_collection={"behavior": "void"})
    scene.tell(sale.subscription)


@at_risk("api", cause="collection_paused", share=0.5, days=(7, 27))
def paused_in_trial(scene: Scene) -> None:
    """Collection paused during the trial: its first invoice would stay a draft."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=5)
    scene.update(sale.subscription, pause_collection={"behavior": "keep_as_draft"})
    scene.tell(sale.subscription)


@story("api", outcome="aside", stage="failing", cause="collection_paused", share=0.5, days=(50, 100))
def paused_on_wish(scene: Scene) -> None:
    """The customer asked for a break: the subscription itself is paused."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.wait(days=11)
    with scene.asks() as stripe:
        stripe.pause_subscription(sale.subscription, {"type": "pause_requested"})
    scene.tell(sale.subscription)


@story("checkout", "api", outcome="aside", stage="failing", cause="trial_ended_without_card", share=1, days=(31, 70))
def paused_without_card(scene: Scene) -> None:
    """No card at the trial's end, and the subscription says: pause then."""
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    sale = sell(scene, None, trial_settings=settings)
    scene.tell(sale.subscription)


@story("api", outcome="aside", stage="failing", cause="trial_ended_without_card", share=0.5, days=(34, 50))
def card_came_after_pause(scene: Scene) -> None:
    """Paused for want of a card; the customer has saved one since, and nobody resumed."""
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    sale = sell(scene, None, trial_settings=settings)
    scene.until_charged(sale.subscription)
    scene.wait(days=2)
    scene.portal_card(sale.customer, scene.good_card())
    scene.tell(sale.subscription)


@failing("checkout", "api", cause="payment_processing", share=0.7, days=(33.5, 36), currency="usd")
def bank_debit_under_way(scene: Scene) -> None:
    """The card was refused; the customer pays from his bank account, which takes days."""
    _debit(scene, False)


@failing("api", cause="payment_processing", share=0.4, days=(33.5, 36), currency="eur")
def sepa_debit_under_way(scene: Scene) -> None:
    """The same by a SEPA debit."""
    _debit(scene, True)


def _debit(scene: Scene, sepa: bool) -> None:
    sale = sell(scene, scene.good_card())
    scene.bank_now(sale.card, refusing(GENERIC[1], scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.until_end(hours=30)
    account = scene.set_up(sale.customer, SEPA_ACCOUNT if sepa else BANK_ACCOUNT, default=True)
    if scene.subscription(sale.subscription)["default_payment_method"]:
        scene.update(sale.subscription, default_payment_method=account)
    scene.pay(scene.invoice(sale.subscription))
    scene.tell(sale.subscription)


@story("api", outcome="aside", stage="failing", cause="invoice_sent_not_charged", share=1, days=(40, 58))
def mailed_invoice_overdue(scene: Scene) -> None:
    """The invoice went out by mail, and its date has passed."""
    sold = scene.subscribe(scene.customer(), collection_method="send_invoice", days_until_due=7)
    scene.tell(sold)


@failing("api", cause="unknown", share=0.4, days=(33, 43))
def voided_and_left(scene: Scene) -> None:
    """Refused; somebody voided the invoice, and the subscription still says that it is past due: nothing is owed."""
    sale = refused_later(scene, GENERIC)
    scene.until_charged(sale.subscription)
    scene.wait(days=1)
    with scene.asks() as stripe:
        stripe.void_invoice(scene.invoice(sale.subscription), {})
    scene.tell(sale.subscription, "stale")


def _second_week(scene: Scene) -> str:
    """A weekly subscription whose first charge was refused and its invoice voided; returns the next week's draft."""
    sale = sell(scene, scene.good_card(), price=scene.setting.weekly_price)
    scene.bank_now(sale.card, refusing(GENERIC[0], scene.good_card()))
    scene.until_charged(sale.subscription)
    scene.wait(days=2)
    with scene.asks() as stripe:
        stripe.void_invoice(scene.invoice(sale.subscription), {})
    scene.bank_now(sale.card, scene.good_card())
    week = scene.subscription(sale.subscription)["items"]["data"][0]["current_period_end"]
    scene.engine.clock.advance_to(int(week) + 600)
    scene.tell(sale.subscription)
    return scene.invoice(sale.subscription)


@failing("api", cause="invoice_not_finalized", share=1, days=(37.5, 43))
def automatic_collection_off(scene: Scene) -> None:
    """Overdue since the first charge; the client's code keeps the next invoice a draft, and nobody finalises it."""
    draft = _second_week(scene)
    with scene.asks() as stripe:
        stripe.update_invoice(draft, {"auto_advance": False})


@failing("api", cause="invoice_not_finalized", share=0.6, days=(37.5, 43))
def finalized_but_never_charged(scene: Scene) -> None:
    """The same; the code finalises the invoice itself, with automatic collection off."""
    draft = _second_week(scene)
    with scene.asks() as stripe:
        stripe.finalize_invoice(draft, {"auto_advance": False})


@failing("api", cause="not_attempted_yet", share=1, days=(37.015, 37.035), spread=0)
def finalized_just_now(scene: Scene) -> None:
    """The same; the code finalised the invoice minutes ago, and Stripe will charge it within the hour."""
    draft = _second_week(scene)
    with scene.asks() as stripe:
        stripe.finalize_invoice(draft, {"auto_advance": True})
