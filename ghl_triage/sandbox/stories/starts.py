"""Stories of first payments that were never made, and of subscriptions that are lost."""

from __future__ import annotations

from ghl_triage.sandbox.stories.banks import FUNDS, GENERIC, SCA_ALWAYS, refusing
from ghl_triage.sandbox.stories.checkouts import attach_only, meet, sell
from ghl_triage.sandbox.stories.registry import story
from ghl_triage.sandbox.stories.scene import Scene

_INCOMPLETE = "default_incomplete"


def _opened(scene: Scene) -> str:
    """The payment page of a subscription without trial was opened."""
    customer = scene.customer()
    meet(scene)
    return scene.subscribe(customer, trial=None, payment_behavior=_INCOMPLETE)


@story(
    "api", outcome="aside", stage="failing", cause="first_payment_incomplete", share=0.15, days=(0.05, 0.6), spread=1
)
def page_left_open(scene: Scene) -> None:
    """No trial; the customer left the payment page. Some hours are left to come back."""
    scene.tell(_opened(scene))


@story("api", outcome="aside", stage="failing", cause="authentication_required", share=0.15, days=(0.05, 0.6), spread=1)
def challenge_left_open(scene: Scene) -> None:
    """No trial; the bank's challenge waits for the customer."""
    sale = attach_only(scene, SCA_ALWAYS, trial=None)
    scene.tell(sale.subscription)


@story("api", outcome="aside", stage="failing", cause="soft_decline", share=0.15, days=(0.05, 0.6), spread=1)
def refused_at_the_start(scene: Scene) -> None:
    """No trial; the first payment was refused for want of funds."""
    sale = attach_only(scene, refusing(FUNDS, scene.good_card()), trial=None)
    scene.tell(sale.subscription)


@story("api", outcome="aside", stage="lost", cause="first_payment_expired", share=1.5, days=(2, 90))
def page_left_for_good(scene: Scene) -> None:
    """No trial; the first payment was not made in 23 hours."""
    scene.tell(_opened(scene))


@story("api", outcome="aside", stage="lost", cause="first_payment_expired", share=1, days=(2, 90))
def refused_for_good(scene: Scene) -> None:
    """No trial; the first payment was refused, and nobody tried again."""
    sale = attach_only(scene, refusing(GENERIC[0], scene.good_card()), trial=None)
    scene.tell(sale.subscription)


@story("api", outcome="aside", stage="ended", share=1, days=(3, 25), subscriptions=2)
def came_back_and_paid(scene: Scene) -> None:
    """The first attempt ran out; a second one, for the same price, was paid."""
    customer = scene.customer()
    meet(scene)
    first = scene.subscribe(customer, trial=None, payment_behavior=_INCOMPLETE)
    scene.wait(hours=30)
    scene.set_up(customer, scene.good_card(), default=True)
    second = scene.subscribe(customer, trial=None)
    scene.tell(first, "replaced")
    scene.tell_other(second, scene.path, "healthy")


@story(
    "checkout", "api", outcome="failed_first", stage="lost", cause="canceled_for_nonpayment", share=1.5, days=(31, 100)
)
def canceled_without_card(scene: Scene) -> None:
    """No card at the trial's end, and the subscription says: cancel then."""
    sale = sell(scene, None, trial_settings={"end_behavior": {"missing_payment_method": "cancel"}})
    scene.tell(sale.subscription)


@story(
    "highlevel",
    "checkout",
    "api",
    outcome="failed_first",
    stage="lost",
    cause="canceled_for_nonpayment",
    share=2,
    days=(46, 110),
    retry_end="cancel",
)
def canceled_after_retries(scene: Scene) -> None:
    """Refused time after time, then canceled by the account's setting."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=1)
    scene.bank_now(sale.card, refusing(FUNDS, scene.good_card()))
    scene.tell(sale.subscription)
