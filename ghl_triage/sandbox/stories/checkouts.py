"""The four ways in which a trial is sold, as the requests that each of them sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ghl_triage.sandbox.engine.api import CardSpec, Decline
from ghl_triage.sandbox.stories.banks import refusing
from ghl_triage.sandbox.stories.highlevel import Sold
from ghl_triage.sandbox.stories.scene import TRIAL_DAYS, PathName, Price, Scene

SUCCESS = "https://courses.example/welcome"
_CARD_CHECK = 100


@dataclass(frozen=True, slots=True)
class Sale:
    """What a checkout left behind in Stripe; `card` is empty where none was taken."""

    subscription: str
    customer: str
    card: str


def sell(
    scene: Scene,
    card: CardSpec | None,
    *,
    path: PathName | None = None,
    trial: int | None = TRIAL_DAYS,
    price: Price | None = None,
    **subscription: Any,
) -> Sale:
    """A trial as each path sells it when all goes well: the card saved for off-session use, to be charged later.

    `path` is the story's own where none is given. Without a `card` the customer got in without one. `subscription` goes
    into the request that makes the subscription.
    """
    path = path or scene.path
    if path == "highlevel":
        return _highlevel(scene, card, trial, price or scene.setting.price, subscription)
    if path == "checkout":
        return _checkout(scene, card, trial, price or scene.setting.price, subscription)
    if path == "unknown":
        with scene.acting_as(scene.setting.foreign_application):
            return _api(scene, card, trial, price, subscription)
    return _api(scene, card, trial, price, subscription)


def attach_only(scene: Scene, card: CardSpec, **subscription: Any) -> Sale:
    """The client's own code attaches the card and makes it the default: no set-up, so no off-session agreement."""
    application = scene.setting.foreign_application if scene.path == "unknown" else None
    with scene.acting_as(application):
        customer = scene.customer(metadata=_own_keys(scene))
        saved = scene.attach(customer, card, default=True)
        return Sale(scene.subscribe(customer, **subscription), customer, saved)


def refused_later(scene: Scene, declines: tuple[Decline, ...]) -> Sale:
    """A card that was good at sign-up, saved as it should be, and is refused from then on."""
    sale = sell(scene, scene.good_card())
    scene.wait(days=3)
    scene.bank_now(sale.card, refusing(declines[scene.setting.number % len(declines)], scene.good_card()))
    return sale


def meet(scene: Scene) -> str:
    """The customer fills in the client's form: HighLevel gets a contact, now and then none or two of one address."""
    lot = scene.setting.number % 12
    if lot == 5:
        return ""
    who = scene.who
    contact = scene.highlevel.contact(scene.now, who.name, who.email, who.phone).id
    if lot == 9:
        scene.highlevel.contact(scene.now + 40, who.name, who.shouted, who.phone)
    return contact


def _own_keys(scene: Scene) -> dict[str, str]:
    """The metadata of the client's code: it writes HighLevel's ids too, for its own use."""
    contact = meet(scene)
    if not contact or scene.setting.number % 3 == 0:
        return {"app_user": scene.ids.characters(14)}
    return {"locationId": scene.setting.location, "contactId": contact}


def _api(
    scene: Scene, card: CardSpec | None, trial: int | None, price: Price | None, subscription: dict[str, Any]
) -> Sale:
    customer = scene.customer(metadata=_own_keys(scene))
    if card is None:
        return Sale(scene.subscribe(customer, trial=trial, price=price, **subscription), customer, "")
    scene.wait(minutes=1)
    saved = scene.set_up(customer, card, default=True)
    return Sale(scene.subscribe(customer, trial=trial, price=price, **subscription), customer, saved)


def _checkout(
    scene: Scene, card: CardSpec | None, trial: int | None, price: Price, subscription: dict[str, Any]
) -> Sale:
    meet(scene)
    collection: Literal["always", "if_required"] = "always" if card else "if_required"
    data: dict[str, Any] = {"metadata": {"campaign": f"spring-{scene.setting.number % 4}"}, **subscription}
    if trial is not None:
        data["trial_period_days"] = trial
    with scene.asks() as stripe:
        session = stripe.create_checkout_session(
            {
                "mode": "subscription",
                "customer_email": scene.who.email,
                "line_items": [{"price": price.id, "quantity": 1}],
                "subscription_data": data,
                "payment_method_collection": collection,
                "success_url": SUCCESS,
            }
        )
    scene.wait(minutes=4)
    filled: dict[str, Any] = {"email": scene.who.email, "name": scene.who.name}
    if card:
        filled["card"] = scene.token(card)
    done = scene.engine.complete_checkout_session(str(session["id"]), filled)
    made = scene.subscription(str(done["subscription"]))
    return Sale(str(made["id"]), str(made["customer"]), str(made["default_payment_method"] or ""))


def _highlevel(
    scene: Scene, card: CardSpec | None, trial: int | None, price: Price, subscription: dict[str, Any]
) -> Sale:
    who = scene.who
    buyer = scene.highlevel.contact(scene.now, who.name, who.email, who.phone)
    marks = scene.highlevel.marks(buyer.id)
    scene.wait(minutes=2)
    with scene.acting_as(scene.setting.highlevel_application):
        customer = scene.customer()
        saved = ""
        if card is not None:
            saved = scene.set_up(customer, card, metadata=marks)
            _check_card(scene, customer, saved, marks)
            subscription = {"default_payment_method": saved, **subscription}
        sold = scene.subscribe(customer, trial=trial, price=price, metadata=marks, **subscription)
    if scene.setting.number % 9 != 4:  # now and then HighLevel's list has lost one: its application still tells
        scene.highlevel.sold(scene.now, buyer, Sold(customer, sold, price.amount, price.currency))
    return Sale(sold, customer, saved)


def _check_card(scene: Scene, customer: str, card: str, marks: dict[str, str]) -> None:
    """HighLevel's authorisation at sign-up: a small payment that is never captured, and let go at once."""
    held = scene.charge_once(customer, card, _CARD_CHECK, capture_method="manual", metadata=marks)
    scene.authenticate(held)
    with scene.asks() as stripe:
        stripe.cancel_payment_intent(str(held["id"]), {})
