"""Customers for every action that writes, each scene as often as it is asked for, in one town."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ghl_triage.model import ActionKind
from ghl_triage.sandbox.engine.api import CardSpec, Decline
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW


@dataclass(frozen=True, slots=True)
class Resident:
    """A customer with the subscription that is acted on; `card` is the one that a plan is to name, if any."""

    customer: str
    subscription: str
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of write. `writes` is the pattern of its requests; `before` are actions that come first, unharmed."""

    name: str
    kind: str
    writes: str
    before: tuple[str, ...] = ()
    two_requests: bool = False
    batch: bool = False
    charges: bool = False


EVE = NOW - DAY // 2
"""When the links of the scene "finish" are made: before the trials of their customers end."""
PAGES = ("link_portal", "link_setup", "link_checkout")
"""Scenes whose request makes a page: nothing shows afterwards that it was made."""
SCENES = (
    Scene("retry", ActionKind.RETRY, "POST /v1/invoices/", batch=True, charges=True),
    Scene("retry_declined", ActionKind.RETRY, "POST /v1/invoices/", charges=True),
    Scene("default_customer", ActionKind.FIX_DEFAULT, "POST /v1/customers/", batch=True),
    Scene("default_subscription", ActionKind.FIX_DEFAULT, "POST /v1/subscriptions/"),
    Scene("default_both", ActionKind.FIX_DEFAULT, "POST /v1/(subscriptions|customers)/", two_requests=True),
    Scene("link_portal", ActionKind.RESEND_LINK, "POST /v1/billing_portal/"),
    Scene("link_setup", ActionKind.RESEND_LINK, "POST /v1/checkout/"),
    Scene("link_checkout", ActionKind.RESEND_LINK, "POST /v1/checkout/"),
    Scene("resume_subscription", ActionKind.RESUME_SUBSCRIPTION, "POST /v1/subscriptions/", charges=True),
    Scene("cancel_duplicate", ActionKind.CANCEL_DUPLICATE, "DELETE /v1/subscriptions/"),
    Scene("undo_customer", ActionKind.UNDO, "POST /v1/customers/", before=(ActionKind.FIX_DEFAULT,)),
    Scene(
        "undo_both",
        ActionKind.UNDO,
        "POST /v1/(subscriptions|customers)/",
        before=(ActionKind.FIX_DEFAULT,),
        two_requests=True,
    ),
    Scene(
        "finish",
        "finish",
        "POST /v1/(subscriptions|customers|invoices)/",
        two_requests=True,
        charges=True,
    ),
)
BY_NAME: Mapping[str, Scene] = {scene.name: scene for scene in SCENES}


Later = Callable[[], Resident]
"""What happens an hour before NOW, when trials have ended."""


@dataclass
class Peopled:
    """A town whose residents wait for their scenes. Its clock stands at EVE until `arrive` lets it be NOW."""

    town: Town = field(default_factory=Town)
    residents: dict[str, list[Resident]] = field(default_factory=dict)
    later: dict[str, list[Later]] = field(default_factory=dict)

    def subscriptions(self, name: str) -> list[str]:
        """Those that a scene will be about, while it is EVE."""
        return [later().subscription for later in self.later[name]]

    def arrive(self) -> None:
        """An hour before NOW the customers do what the scenes want of them."""
        self.town.now(NOW - 3_600)
        self.residents = {name: [later() for later in laters] for name, laters in self.later.items()}
        self.town.now(NOW)

    def take(self, scene: Scene) -> Resident:
        """A resident whom nobody has acted on."""
        return self.residents[scene.name].pop()


def people(wanted: Mapping[str, int]) -> Peopled:
    """A town with so many residents for each of these scenes, at EVE."""
    peopled = Peopled()
    for name, each in wanted.items():
        peopled.later[name] = [_BEGINNINGS[name](peopled.town, f"{name}{number}") for number in range(each)]
    peopled.town.now(EVE)
    return peopled


def _failing(town: Town, name: str) -> Later:
    customer, subscription, _ = town.failing(name)
    return lambda: Resident(customer, subscription)


def _mended(town: Town, name: str) -> Later:
    customer, subscription, card = town.failing(name)

    def later() -> Resident:
        town.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})
        return Resident(customer, subscription)

    return later


def _declined(town: Town, name: str) -> Later:
    customer, subscription, card = town.failing(name)

    def later() -> Resident:
        town.card(customer, "tok_chargeCustomerFail", default=True)
        return Resident(customer, subscription)

    del card
    return later


def _own_default(town: Town, name: str) -> Later:
    """The subscription's own card is lost; the customer's default is a good one."""
    customer, _ = town.customer(name, card=None)
    bad = town.card(customer)
    subscription = town.trial(customer, default_payment_method=bad)
    town.engine.set_bank(bad, CardSpec(charge=Decline(decline_code="lost_card", advice_code="do_not_try_again")))

    def later() -> Resident:
        return Resident(customer, subscription)

    town.card(customer, town.engine.issue_card(CardSpec(last4="5555")), default=True)
    return later


def _both_levels(town: Town, name: str) -> Later:
    """The subscription's own card shadows the customer's, and the consultant chooses a third one."""
    later = _own_default(town, name)

    def chosen() -> Resident:
        resident = later()
        return replace(resident, card=town.card(resident.customer, town.engine.issue_card(CardSpec(last4="7777"))))

    return chosen


def _no_card(town: Town, name: str) -> Later:
    customer, _ = town.customer(name, card=None)

    def later() -> Resident:
        return Resident(customer, town.trial(customer, days=2))

    return later


def _own_card(town: Town, name: str) -> Later:
    customer, card = town.customer(name)

    def later() -> Resident:
        return Resident(customer, town.trial(customer, trial_end=NOW + DAY // 2, default_payment_method=card))

    return later


def _owes_after_link(town: Town, name: str) -> Later:
    """A trial whose own card will fail at its end: until then its link is a set-up page."""
    customer, card = town.customer(name)
    subscription = town.trial(customer, trial_end=NOW - 7_200, default_payment_method=card)
    town.engine.set_bank(str(card), CardSpec(charge=Decline(decline_code="lost_card", advice_code="do_not_try_again")))
    return lambda: Resident(customer, subscription)


def _lost(town: Town, name: str) -> Later:
    customer, _ = town.customer(name, card=None)
    made = town.engine.create_subscription(
        {"customer": customer, "items": [{"price": town.price}], "payment_behavior": "default_incomplete"}
    )
    return lambda: Resident(customer, str(made["id"]))


def _paused(town: Town, name: str) -> Later:
    customer, _ = town.customer(name, card=None)
    subscription = town.trial(customer, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})

    def later() -> Resident:
        town.card(customer, default=True)
        return Resident(customer, subscription)

    return later


def _twice(town: Town, name: str) -> Later:
    customer, _ = town.customer(name, default=True)
    town.trial(customer, days=20)
    other = str(town.engine.create_customer({"email": f"{name}@town.test", "name": name})["id"])
    subscription = town.trial(other, days=30)
    return lambda: Resident(other, subscription)


_BEGINNINGS: Mapping[str, Callable[[Town, str], Later]] = {
    "retry": _mended,
    "retry_declined": _declined,
    "default_customer": _failing,
    "default_subscription": _own_default,
    "default_both": _both_levels,
    "link_portal": _no_card,
    "link_setup": _own_card,
    "link_checkout": _lost,
    "resume_subscription": _paused,
    "cancel_duplicate": _twice,
    "undo_customer": _failing,
    "undo_both": _both_levels,
    "finish": _owes_after_link,
}
