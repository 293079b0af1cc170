"""Stories of cards whose bank wants more than a number: an authentication, an agreement, a mandate."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.sandbox.stories.banks import INDIAN, SCA_ALWAYS, SCA_UNSAVED
from ghl_triage.sandbox.stories.checkouts import attach_only, sell
from ghl_triage.sandbox.stories.registry import at_risk, failing, story
from ghl_triage.sandbox.stories.scene import Scene

_INDIAN_GOOD = replace(INDIAN, charge=None)


@failing("api", "unknown", cause="no_off_session_setup", share=10, days=(30.2, 57))
def never_set_up(scene: Scene) -> None:
    """Attached without a set-up; at the first charge the bank asked for a customer who was not there."""
    sale = attach_only(scene, SCA_UNSAVED)
    scene.tell(sale.subscription)


@failing("api", cause="no_off_session_setup", share=2, days=(31, 43))
def dollar_check(scene: Scene) -> None:
    """The "$1 check": a small payment, let go at once, instead of a set-up. It proves a card, and agrees to nothing."""
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    card = scene.attach(customer, SCA_UNSAVED, default=True)
    held = scene.charge_once(customer, card, 100, capture_method="manual")
    scene.authenticate(held)
    with scene.asks() as stripe:
        stripe.cancel_payment_intent(str(held["id"]), {})
    scene.tell(scene.subscribe(customer))


@failing("api", cause="no_off_session_setup", share=1, days=(31, 43))
def pending_set_up_ignored(scene: Scene) -> None:
    """Stripe offered a set-up for the card on the new trial, and the code never showed it to the customer."""
    customer = scene.customer()
    card = scene.attach(customer, SCA_UNSAVED)
    sold = scene.subscribe(customer, default_payment_method=card)
    scene.tell(sold)


@failing("api", "checkout", "highlevel", cause="authentication_required", share=2, days=(30.2, 43))
def bank_asks_all_the_same(scene: Scene) -> None:
    """Set up as it should be; this bank wants its customer each time."""
    sale = sell(scene, SCA_ALWAYS)
    scene.tell(sale.subscription)


@failing("api", cause="mandate_missing", share=1.2, days=(30.2, 43), currency="inr")
def indian_card_refused(scene: Scene) -> None:
    """A card issued in India, saved without a mandate: its bank must refuse a renewal."""
    customer = scene.customer()
    card = scene.attach(customer, _INDIAN_GOOD, default=True)
    scene.tell(scene.subscribe(customer))
    scene.wait(minutes=1)
    scene.bank_now(card, INDIAN)


@at_risk("api", cause="mandate_missing", share=0.8, days=(1, 28), currency="inr")
def indian_card_in_trial(scene: Scene) -> None:
    """The same, still in trial."""
    scene.tell(attach_only(scene, _INDIAN_GOOD).subscription)


@story("checkout", outcome="trialing", stage="healthy", share=0.3, days=(1, 28), currency="inr")
def indian_card_with_mandate(scene: Scene) -> None:
    """An Indian card whose set-up made a mandate: its bank will pay."""
    scene.tell(sell(scene, _INDIAN_GOOD).subscription)


@at_risk("checkout", cause="mandate_missing", share=0.5, days=(6, 28), currency="inr")
def mandate_withdrawn(scene: Scene) -> None:
    """The same; the customer has withdrawn the mandate at his bank since."""
    sale = sell(scene, _INDIAN_GOOD)
    scene.wait(days=5)
    intent = next(scene.engine.list("setup_intent", {"customer": sale.customer}))
    scene.engine.set_mandate(str(intent["mandate"]), {"status": "inactive"})
    scene.tell(sale.subscription)
