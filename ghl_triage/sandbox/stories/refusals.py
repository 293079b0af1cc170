"""Stories in which a card was charged and refused, each for a reason of its own."""

from __future__ import annotations

from ghl_triage.sandbox.engine.api import Decline
from ghl_triage.sandbox.stories.banks import (
    BLOCKED,
    DATA,
    DUPLICATE,
    EXPIRED,
    FUNDS,
    GENERIC,
    HARD,
    SILENT,
    SOFT,
    UNHEARD,
    refusing,
)
from ghl_triage.sandbox.stories.checkouts import Sale, attach_only, refused_later, sell
from ghl_triage.sandbox.stories.registry import failing, story
from ghl_triage.sandbox.stories.scene import Scene


@failing("api", "checkout", "highlevel", cause="soft_decline", share=5, days=(30.2, 43))
def no_money(scene: Scene) -> None:
    """Temporary: no funds, a limit, a bank that did not answer. Stripe goes on trying."""
    scene.tell(refused_later(scene, SOFT).subscription)


@failing("api", cause="soft_decline", share=0.7, days=(30.2, 43))
def attached_no_money(scene: Scene) -> None:
    """The same, of a card that was attached without a set-up: its bank asked for money, not for the customer."""
    scene.tell(_attached_and_refused(scene, SOFT).subscription)


@failing("api", cause="generic_decline", share=0.7, days=(30.2, 43))
def attached_no_reason(scene: Scene) -> None:
    """A card that was attached without a set-up, and refused without a reason."""
    scene.tell(_attached_and_refused(scene, GENERIC).subscription)


def _attached_and_refused(scene: Scene, declines: tuple[Decline, ...]) -> Sale:
    sale = attach_only(scene, scene.good_card())
    scene.wait(days=3)
    scene.bank_now(sale.card, refusing(declines[scene.setting.number % len(declines)], scene.good_card()))
    return sale


@failing("api", "checkout", cause="soft_decline", share=1, days=(46, 58))
def no_money_retries_over(scene: Scene) -> None:
    """The same, and the retries are over."""
    scene.tell(refused_later(scene, (FUNDS,)).subscription, "retries_exhausted")


@failing("checkout", "api", cause="soft_decline", share=0.6, days=(46, 58), retry_end="unpaid")
def unpaid_at_last(scene: Scene) -> None:
    """The retries are over, and the account's setting made the subscription unpaid."""
    scene.tell(refused_later(scene, (FUNDS,)).subscription, "retries_exhausted")


@failing("api", cause="soft_decline", share=0.5, days=(62, 72))
def two_months_owed(scene: Scene) -> None:
    """The second month was refused as well; the first is still open."""
    scene.tell(refused_later(scene, (FUNDS,)).subscription, "unpaid_older_invoices")


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


@failing("api", "checkout", "highlevel", cause="generic_decline", share=5, days=(30.2, 43))
def no_reason_given(scene: Scene) -> None:
    """The bank says no, and not why."""
    scene.tell(refused_later(scene, GENERIC).subscription)


@failing("api", "checkout", "unknown", cause="hard_decline", share=2, days=(30.2, 43))
def never_again(scene: Scene) -> None:
    """Lost, stolen, picked up, revoked: this card will never work again."""
    scene.tell(refused_later(scene, HARD).subscription)


@failing("api", "checkout", cause="card_data_wrong", share=1, days=(30.2, 43))
def wrong_data(scene: Scene) -> None:
    """The card's data are wrong."""
    scene.tell(refused_later(scene, DATA).subscription)


@failing("api", "checkout", cause="card_expired", share=0.7, days=(30.2, 43))
def bank_says_expired(scene: Scene) -> None:
    """The date printed on the card is to come; its bank has replaced it all the same."""
    scene.tell(refused_later(scene, (EXPIRED,)).subscription)


@failing("api", "checkout", cause="blocked_by_stripe", share=1.2, days=(30.2, 43))
def stopped_by_radar(scene: Scene) -> None:
    """Stripe itself stopped the charge; no bank was asked."""
    scene.tell(refused_later(scene, BLOCKED).subscription)


@failing("api", cause="check_first", share=1, days=(30.2, 43))
def just_charged(scene: Scene) -> None:
    """The bank has seen the same charge a moment ago: look first."""
    scene.tell(refused_later(scene, (DUPLICATE,)).subscription)


@failing("api", "checkout", cause="retries_exhausted", share=0.7, days=(46, 58))
def nothing_readable_left(scene: Scene) -> None:
    """Refused without any code, and the retries are over."""
    sale = refused_later(scene, (SILENT,))
    scene.tell(sale.subscription, "retries_exhausted")


@failing("api", "checkout", cause="unknown", share=0.7, days=(30.2, 43))
def unheard_of(scene: Scene) -> None:
    """A code that no table has, or one that speaks of the set-up of the account."""
    scene.tell(refused_later(scene, UNHEARD).subscription)
