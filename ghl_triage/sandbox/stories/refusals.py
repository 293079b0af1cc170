"""Stories in which a card was charged and refused, each for a reason of its own."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.sandbox.engine.api import Decline
from ghl_triage.sandbox.stories.banks import (
    BLOCKED,
    DATA,
    DUPLICATE,
    EXPIRED,
    FUNDS,
    GENERIC,
    HARD,
    INDIAN,
    SCA_ALWAYS,
    SCA_UNSAVED,
    SILENT,
    SOFT,
    UNHEARD,
    refusing,
)
from ghl_triage.sandbox.stories.checkouts import Sale, attach_only, sell
from ghl_triage.sandbox.stories.registry import story
from ghl_triage.sandbox.stories.scene import Scene

_INDIAN_GOOD = replace(INDIAN, charge=None)


def _refused(scene: Scene, declines: tuple[Decline, ...]) -> Sale:
    """A card that was good at sign-up, saved as it should be, and is refused from then on."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=3)
    scene.bank_now(sale.card, refusing(declines[scene.setting.number % len(declines)], scene.good_card()))
    return sale


@story(
    "api",
    "checkout",
    "highlevel",
    outcome="failed_first",
    stage="failing",
    cause="soft_decline",
    share=5,
    days=(30.2, 43),
)
def no_money(scene: Scene) -> None:
    """Temporary: no funds, a limit, a bank that did not answer. Stripe goes on trying."""
    scene.tell(_refused(scene, SOFT).subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="soft_decline", share=1, days=(46, 58))
def no_money_retries_over(scene: Scene) -> None:
    """The same, and the retries are over."""
    scene.tell(_refused(scene, (FUNDS,)).subscription, "retries_exhausted")


@story(
    "checkout",
    "api",
    outcome="failed_first",
    stage="failing",
    cause="soft_decline",
    share=0.6,
    days=(46, 58),
    retry_end="unpaid",
)
def unpaid_at_last(scene: Scene) -> None:
    """The retries are over, and the account's setting made the subscription unpaid."""
    scene.tell(_refused(scene, (FUNDS,)).subscription, "retries_exhausted")


@story("api", outcome="failed_first", stage="failing", cause="soft_decline", share=0.5, days=(62, 72))
def two_months_owed(scene: Scene) -> None:
    """The second month was refused as well; the first is still open."""
    scene.tell(_refused(scene, (FUNDS,)).subscription, "unpaid_older_invoices")


@story(
    "api",
    "checkout",
    "highlevel",
    outcome="paid_first",
    stage="failing",
    cause="soft_decline",
    share=0.8,
    days=(61, 73),
)
def renewal_without_money(scene: Scene) -> None:
    """The first charge was paid, the renewal was not."""
    sale = sell(scene, scene.good_card())
    scene.until_charged(sale.subscription)
    scene.bank_now(sale.card, refusing(SOFT[scene.setting.number % len(SOFT)], scene.good_card()))
    scene.tell(sale.subscription)


@story(
    "api",
    "checkout",
    "highlevel",
    outcome="failed_first",
    stage="failing",
    cause="generic_decline",
    share=5,
    days=(30.2, 43),
)
def no_reason_given(scene: Scene) -> None:
    """The bank says no, and not why."""
    scene.tell(_refused(scene, GENERIC).subscription)


@story(
    "api",
    "checkout",
    "unknown",
    outcome="failed_first",
    stage="failing",
    cause="hard_decline",
    share=2,
    days=(30.2, 43),
)
def never_again(scene: Scene) -> None:
    """Lost, stolen, picked up, revoked: this card will never work again."""
    scene.tell(_refused(scene, HARD).subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="card_data_wrong", share=1, days=(30.2, 43))
def wrong_data(scene: Scene) -> None:
    """The card's data are wrong."""
    scene.tell(_refused(scene, DATA).subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="card_expired", share=0.7, days=(30.2, 43))
def bank_says_expired(scene: Scene) -> None:
    """The date printed on the card is to come; its bank has replaced it all the same."""
    scene.tell(_refused(scene, (EXPIRED,)).subscription)


@story(
    "api", "checkout", outcome="failed_first", stage="failing", cause="blocked_by_stripe", share=1.2, days=(30.2, 43)
)
def stopped_by_radar(scene: Scene) -> None:
    """Stripe itself stopped the charge; no bank was asked."""
    scene.tell(_refused(scene, BLOCKED).subscription)


@story("api", outcome="failed_first", stage="failing", cause="check_first", share=1, days=(30.2, 43))
def just_charged(scene: Scene) -> None:
    """The bank has seen the same charge a moment ago: look first."""
    scene.tell(_refused(scene, (DUPLICATE,)).subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="retries_exhausted", share=0.7, days=(46, 58))
def nothing_readable_left(scene: Scene) -> None:
    """Refused without any code, and the retries are over."""
    sale = _refused(scene, (SILENT,))
    scene.tell(sale.subscription, "retries_exhausted")


@story("api", "checkout", outcome="failed_first", stage="failing", cause="unknown", share=0.7, days=(30.2, 43))
def unheard_of(scene: Scene) -> None:
    """A code that no table has, or one that speaks of the set-up of the account."""
    scene.tell(_refused(scene, UNHEARD).subscription)


@story(
    "api", "unknown", outcome="failed_first", stage="failing", cause="no_off_session_setup", share=10, days=(30.2, 43)
)
def never_set_up(scene: Scene) -> None:
    """Attached without a set-up; at the first charge the bank asked for a customer who was not there."""
    sale = attach_only(scene, SCA_UNSAVED)
    scene.tell(sale.subscription)


@story("api", outcome="failed_first", stage="failing", cause="no_off_session_setup", share=2, days=(31, 43))
def dollar_check(scene: Scene) -> None:
    """The "$1 check": a small payment, let go at once, instead of a set-up. It proves a card, and agrees to nothing."""
    customer = scene.customer(metadata={"app_user": scene.ids.characters(14)})
    card = scene.attach(customer, SCA_UNSAVED, default=True)
    held = scene.charge_once(customer, card, 100, capture_method="manual")
    scene.authenticate(held)
    with scene.asks() as stripe:
        stripe.cancel_payment_intent(str(held["id"]), {})
    scene.tell(scene.subscribe(customer))


@story("api", outcome="failed_first", stage="failing", cause="no_off_session_setup", share=1, days=(31, 43))
def pending_set_up_ignored(scene: Scene) -> None:
    """Stripe offered a set-up for the card on the new trial, and the code never showed it to the customer."""
    customer = scene.customer()
    card = scene.attach(customer, SCA_UNSAVED)
    sold = scene.subscribe(customer, default_payment_method=card)
    scene.tell(sold)


@story(
    "api",
    "checkout",
    "highlevel",
    outcome="failed_first",
    stage="failing",
    cause="authentication_required",
    share=2,
    days=(30.2, 43),
)
def bank_asks_all_the_same(scene: Scene) -> None:
    """Set up as it should be; this bank wants its customer each time."""
    sale = sell(scene, SCA_ALWAYS)
    scene.tell(sale.subscription)


@story(
    "api", outcome="failed_first", stage="failing", cause="mandate_missing", share=1.2, days=(30.2, 43), currency="inr"
)
def indian_card_refused(scene: Scene) -> None:
    """A card issued in India, saved without a mandate: its bank must refuse a renewal."""
    customer = scene.customer()
    card = scene.attach(customer, _INDIAN_GOOD, default=True)
    scene.tell(scene.subscribe(customer))
    scene.wait(minutes=1)
    scene.bank_now(card, INDIAN)


@story(
    "api",
    outcome="trialing",
    stage="at_risk",
    cause="mandate_missing",
    share=0.8,
    days=(1, 28),
    currency="inr",
)
def indian_card_in_trial(scene: Scene) -> None:
    """The same, still in trial."""
    scene.tell(attach_only(scene, _INDIAN_GOOD).subscription)


@story("checkout", outcome="trialing", stage="healthy", share=0.3, days=(1, 28), currency="inr")
def indian_card_with_mandate(scene: Scene) -> None:
    """An Indian card whose set-up made a mandate: its bank will pay."""
    scene.tell(sell(scene, _INDIAN_GOOD).subscription)


@story(
    "checkout",
    outcome="trialing",
    stage="at_risk",
    cause="mandate_missing",
    share=0.5,
    days=(6, 28),
    currency="inr",
)
def mandate_withdrawn(scene: Scene) -> None:
    """The same; the customer has withdrawn the mandate at his bank since."""
    sale = sell(scene, _INDIAN_GOOD)
    scene.wait(days=5)
    intent = next(scene.engine.list("setup_intent", {"customer": sale.customer}))
    scene.engine.set_mandate(str(intent["mandate"]), {"status": "inactive"})
    scene.tell(sale.subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="already_fixed", share=1.5, days=(39.2, 43.5))
def mended_waiting(scene: Scene) -> None:
    """Refused; the customer has given another card since, where Stripe looks first. Its next retry will find it."""
    sale = _refused(scene, GENERIC)
    scene.until_end(hours=20)
    card = scene.set_up(sale.customer, scene.good_card(1))
    scene.update(sale.subscription, default_payment_method=card)
    scene.tell(sale.subscription)


@story("api", "checkout", outcome="failed_first", stage="failing", cause="already_fixed", share=1, days=(46, 58))
def mended_after_retries(scene: Scene) -> None:
    """The same, after the last retry: nothing will happen by itself."""
    sale = _refused(scene, (FUNDS,))
    scene.until_end(hours=30)
    card = scene.set_up(sale.customer, scene.good_card(1))
    scene.update(sale.subscription, default_payment_method=card)
    scene.tell(sale.subscription)


@story("api", outcome="failed_first", stage="failing", cause="already_fixed", share=0.8, days=(39.2, 43.5))
def card_came_too_late(scene: Scene) -> None:
    """There was no card at the charge; there is a default now."""
    sale = sell(scene, None)
    scene.until_end(hours=25)
    scene.set_up(sale.customer, scene.good_card(), default=True)
    scene.tell(sale.subscription)


@story("api", outcome="failed_first", stage="failing", cause="soft_decline", share=0.7, days=(33, 43))
def leaving_anyway(scene: Scene) -> None:
    """Refused, and the customer has asked to go at the period's end: nobody writes to him."""
    sale = _refused(scene, (FUNDS,))
    scene.until_charged(sale.subscription)
    scene.wait(hours=20)
    scene.update(sale.subscription, cancel_at_period_end=True)
    scene.tell(sale.subscription, "cancel_scheduled")


@story("api", outcome="failed_first", stage="failing", cause="generic_decline", share=0.5, days=(33, 43))
def paid_another_way(scene: Scene) -> None:
    """Refused; the same amount was then taken once by hand, outside the subscription."""
    sale = _refused(scene, (GENERIC[0],))
    scene.until_charged(sale.subscription)
    scene.wait(hours=5)
    other = scene.payment_method(scene.token(scene.good_card(3)))
    scene.charge_once(sale.customer, other, scene.setting.price.amount, description="March, by phone")
    scene.tell(sale.subscription, "paid_elsewhere")
