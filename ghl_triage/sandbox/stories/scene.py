"""Where a story is told: one engine, one customer, and the requests that the three checkouts send.

A scene writes no field of any object. It sends what the client's pages, HighLevel, the customer and the bank would
send, and lets the clock go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import CardSpec, Obj, Params, Request, StripeError
from ghl_triage.sandbox.stories.banks import GOOD_CARDS
from ghl_triage.sandbox.stories.highlevel import HighLevelLog

Stage: TypeAlias = Literal["failing", "at_risk", "healthy", "lost", "recovered", "ended"]
PathName: TypeAlias = Literal["highlevel", "checkout", "api", "unknown"]
HOUR = 3_600
DAY = 86_400
TRIAL_DAYS = 30
_NO_REDIRECTS: Params = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
"""Without it Stripe asks for a `return_url` where an intent is confirmed by the request that makes it."""


class Ids(Protocol):
    """Where a scene gets the identifiers that are no Stripe object's."""

    def characters(self, count: int) -> str: ...
    def hexadecimal(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Price:
    """A price of the client's catalogue; `amount` in minor units."""

    id: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a scene is given: the monthly price that is sold, others of that currency, the seller's marks, a number that
    turns the choice of cards, and the moment that the story must have reached when it ends."""

    price: Price
    other_price: Price
    weekly_price: Price
    highlevel_application: str
    foreign_application: str
    location: str
    number: int
    ends: int


@dataclass(frozen=True, slots=True)
class Customer:
    """How the customer calls himself; `shouted` is the same e-mail address in capitals."""

    name: str
    email: str
    shouted: str
    phone: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a story did to one subscription, in the words of the product; `findings` are those that are sure."""

    subscription: str
    path: PathName
    stage: Stage
    cause: str | None
    findings: tuple[str, ...]


@dataclass(slots=True)
class Scene:
    """See the module. `path`, `stage` and `cause` are the story's own; `application` is the Connect platform in whose
    name the next requests go out."""

    engine: Engine
    ids: Ids
    who: Customer
    setting: Setting
    path: PathName
    stage: Stage
    cause: str | None
    application: str | None = None
    labels: list[Label] = field(default_factory=list)
    highlevel: HighLevelLog = field(init=False)

    def __post_init__(self) -> None:
        self.highlevel = HighLevelLog(self.ids, self.setting.location)

    # Time ---------------------------------------------------------------------------------------------------------
    @property
    def now(self) -> int:
        """The scene's time."""
        return self.engine.clock.now

    def wait(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """The clock goes on."""
        self.engine.clock.advance(int(days * DAY + hours * HOUR + minutes * 60))

    def until_charged(self, subscription: str) -> None:
        """The clock goes on until the trial is over and its first charge was tried (an hour after its end)."""
        self.engine.clock.advance_to(int(self.subscription(subscription)["trial_end"]) + 2 * HOUR)

    def until_before_charge(self, subscription: str, *, days: float) -> None:
        """The clock goes on until some days before the end of the trial."""
        self.engine.clock.advance_to(int(self.subscription(subscription)["trial_end"]) - int(days * DAY))

    def until_end(self, *, days: float = 0, hours: float = 0) -> None:
        """The clock goes on until so long before the story's end."""
        self.engine.clock.advance_to(self.setting.ends - int(days * DAY + hours * HOUR))

    # Requests -----------------------------------------------------------------------------------------------------
    @contextmanager
    def asks(self) -> Iterator[Engine]:
        """One request to Stripe, in the name of the application that stands in the scene."""
        key = None if self.application else self.ids.hexadecimal()
        with self.engine.request(Request(f"req_{self.ids.characters(14)}", key, self.application)):
            yield self.engine

    def endpoint_fails(self) -> None:
        """From now on the client's webhook endpoint answers nothing: what happens reaches none of his code."""
        self.engine.set_endpoint(down=True)

    @contextmanager
    def acting_as(self, application: str | None) -> Iterator[None]:
        """Requests within go out in the name of a Connect platform."""
        before, self.application = self.application, application
        try:
            yield
        finally:
            self.application = before

    def customer(self, *, email: str | None = "", metadata: Mapping[str, str] | None = None, name: bool = True) -> str:
        """A customer is made; by default under the e-mail address that he always gives."""
        params: dict[str, Any] = {"email": self.who.email if email == "" else email, "metadata": dict(metadata or {})}
        if name:
            params |= {"name": self.who.name, "phone": self.who.phone}
        with self.asks() as stripe:
            return str(stripe.create_customer(params)["id"])

    def good_card(self, other: int = 0) -> CardSpec:
        """A card whose bank pays."""
        return GOOD_CARDS[(self.setting.number + other) % len(GOOD_CARDS)]

    def token(self, spec: CardSpec) -> str:
        """What a page's card field gives for this plastic."""
        return self.engine.issue_card(spec)

    def payment_method(self, token: str, kind: str = "card") -> str:
        """The page turns a token into a PaymentMethod of nobody yet."""
        with self.asks() as stripe:
            details = {"name": self.who.name, "email": self.who.email}
            params = {"type": kind, "card": {"token": token}, "billing_details": details}
            return str(stripe.create_payment_method(params)["id"])

    def attach(self, customer: str, spec: CardSpec, *, default: bool = False) -> str:
        """The code saves a card by attaching it, without any set-up."""
        card = self.payment_method(self.token(spec), spec.type)
        with self.asks() as stripe:
            stripe.attach_payment_method(card, {"customer": customer})
        if default:
            self.make_default(customer, card)
        return card

    def set_up(self, customer: str, spec: CardSpec, *, default: bool = False, metadata: Params | None = None) -> str:
        """The code saves a card as it should: a SetupIntent for off-session use, confirmed with the customer there."""
        card = self.payment_method(self.token(spec), spec.type)
        with self.asks() as stripe:
            params: dict[str, Any] = {"customer": customer, "payment_method": card, "usage": "off_session"}
            params |= {"confirm": True, "metadata": dict(metadata or {}), **_NO_REDIRECTS}
            intent = stripe.create_setup_intent(params)
        self.authenticate(intent)
        if default:
            self.make_default(customer, card)
        return card

    def authenticate(self, intent: Obj, outcome: Literal["pass", "fail", "abandon"] = "pass") -> None:
        """The customer meets the bank's challenge, where there is one."""
        if intent["status"] == "requires_action":
            self.engine.authenticate(str(intent["id"]), outcome)

    def make_default(self, customer: str, card: str) -> None:
        """A card becomes the customer's default."""
        with self.asks() as stripe:
            stripe.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})

    def subscribe(
        self, customer: str, *, trial: int | None = TRIAL_DAYS, price: Price | None = None, **params: Any
    ) -> str:
        """A subscription is made by the API."""
        params = {"customer": customer, "items": [{"price": (price or self.setting.price).id}], **params}
        if trial is not None:
            params["trial_period_days"] = trial
        with self.asks() as stripe:
            return str(stripe.create_subscription(params)["id"])

    def update(self, subscription: str, **params: Any) -> None:
        """A subscription is changed by the API or in the Dashboard."""
        with self.asks() as stripe:
            stripe.update_subscription(subscription, params)

    def cancel(self, subscription: str) -> None:
        """A subscription is canceled by the API or in the Dashboard."""
        with self.asks() as stripe:
            stripe.cancel_subscription(subscription, {})

    def detach(self, card: str) -> None:
        """A card is taken from its customer."""
        with self.asks() as stripe:
            stripe.detach_payment_method(card)

    def portal_card(self, customer: str, spec: CardSpec) -> str:
        """The customer changes his card in the portal: the customer's default, never the subscription's."""
        with self.asks() as stripe:
            session = stripe.create_portal_session(
                {"customer": customer, "return_url": "https://courses.example/account"}
            )
        changed = self.engine.portal_update_card(str(session["id"]), {"card": self.token(spec)})
        return str(changed["invoice_settings"]["default_payment_method"])

    def charge_once(self, customer: str, card: str, amount: int, **params: Any) -> Obj:
        """A payment of its own, that belongs to no subscription."""
        with self.asks() as stripe:
            given = {"amount": amount, "currency": self.setting.price.currency, "customer": customer}
            given |= {"payment_method": card, "confirm": True, **_NO_REDIRECTS, **params}
            return stripe.create_payment_intent(given)

    def pay(self, invoice: str, **params: Any) -> bool:
        """Somebody presses "charge" on an invoice; whether it was paid."""
        try:
            with self.asks() as stripe:
                return bool(stripe.pay_invoice(invoice, params)["status"] == "paid")
        except StripeError as refused:
            if refused.type != "card_error":
                raise
            return False

    def bank_now(self, card: str, spec: CardSpec) -> None:
        """The bank changes its mind about a card."""
        self.engine.set_bank(card, spec)

    # Looking ------------------------------------------------------------------------------------------------------
    def subscription(self, subscription: str) -> Obj:
        """The subscription as it stands."""
        return self.engine.get("subscription", subscription)

    def invoice(self, subscription: str) -> str:
        """The latest invoice of a subscription."""
        return str(self.subscription(subscription)["latest_invoice"])

    def charge(self, subscription: str) -> str:
        """The newest charge of a subscription's customer."""
        customer = self.subscription(subscription)["customer"]
        return str(next(self.engine.list("charge", {"customer": customer}))["id"])

    # Ending -------------------------------------------------------------------------------------------------------
    def tell(self, subscription: str, *findings: str) -> None:
        """This is the subscription that the story is about; the findings are sure."""
        self.labels.append(Label(subscription, self._visible(self.path), self.stage, self.cause, findings))

    def tell_other(
        self, subscription: str, path: PathName, stage: Stage, cause: str | None = None, *findings: str
    ) -> None:
        """The author's word on another subscription of the story."""
        self.labels.append(Label(subscription, self._visible(path), stage, cause, findings))

    def _visible(self, path: PathName) -> PathName:
        """Another platform's application is all that tells its sales from those of the client's own code: where Stripe
        does not show it, nothing does."""
        return "api" if path == "unknown" and not self.engine.beliefs.application_shown else path
