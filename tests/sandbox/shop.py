"""A small seller on an engine of its own: what the engine's tests begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import CardSpec, Obj
from ghl_triage.sandbox.engine.beliefs import Beliefs

START = 1_763_600_000
HOUR = 3_600
DAY = 86_400
TRIAL = 30 * DAY
#: The first charge of a trial: its end, and an hour for the draft.
CHARGED = TRIAL + HOUR
PAGE = {"success_url": "https://example.test/done"}


class Shop:
    """Sells one course for 97 dollars a month."""

    def __init__(self, beliefs: Beliefs | None = None) -> None:
        self.engine = Engine("shop", START, beliefs)
        product = self.engine.create_product({"name": "Course"})
        params = {"product": product["id"], "unit_amount": 9700, "currency": "usd", "nickname": "Course"}
        self.price = str(self.engine.create_price({**params, "recurring": {"interval": "month"}})["id"])

    def customer(self, email: str = "jane@acme.test") -> str:
        """A customer without a card."""
        return str(self.engine.create_customer({"email": email, "name": "Jane Roe"})["id"])

    def card(self, card: str | CardSpec = "tok_visa") -> str:
        """A PaymentMethod of nobody."""
        token = card if isinstance(card, str) else self.engine.issue_card(card)
        kind = "card" if isinstance(card, str) else card.type
        return str(self.engine.create_payment_method({"type": kind, "card": {"token": token}})["id"])

    def attach(self, customer: str, card: str | CardSpec = "tok_visa", *, default: bool = True) -> str:
        """A card attached without a set-up."""
        method = self.card(card)
        self.engine.attach_payment_method(method, {"customer": customer})
        if default:
            self.make_default(customer, method)
        return method

    def set_up(self, customer: str, card: str | CardSpec = "tok_visa", *, default: bool = True) -> str:
        """A card set up for off-session use, its challenge met."""
        params = {"customer": customer, "payment_method": self.card(card), "confirm": True, "authenticate": "pass"}
        method = str(self.engine.create_setup_intent(params)["payment_method"])
        if default:
            self.make_default(customer, method)
        return method

    def make_default(self, customer: str, method: str) -> None:
        """A card becomes the customer's default."""
        self.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": method}})

    def subscribe(self, customer: str, *, trial: int | None = 30, **params: Any) -> str:
        """A subscription, by default with a month's trial."""
        given: dict[str, Any] = {"customer": customer, "items": [{"price": self.price}], **params}
        if trial is not None:
            given["trial_period_days"] = trial
        return str(self.engine.create_subscription(given)["id"])

    def trial(self, card: str | CardSpec = "tok_visa", *, set_up: bool = False, **params: Any) -> str:
        """A customer with this card in a trial."""
        customer = self.customer()
        (self.set_up if set_up else self.attach)(customer, card)
        return self.subscribe(customer, off_session=True, **params)

    def checkout(self, mode: str, **params: Any) -> str:
        """An open page."""
        lines = {} if mode == "setup" else {"line_items": [{"price": self.price, "quantity": 1}]}
        return str(self.engine.create_checkout_session({"mode": mode, **lines, **PAGE, **params})["id"])

    def subscription(self, subscription: str) -> Obj:
        """As it stands."""
        return self.engine.get("subscription", subscription)

    def invoice(self, subscription: str) -> Obj:
        """Its latest invoice, as it stands."""
        return self.engine.get("invoice", self.subscription(subscription)["latest_invoice"])

    def failures(self, subscription: str) -> list[str | None]:
        """The codes of its customer's failed charges, newest first."""
        charges = self.engine.list("charge", {"customer": self.subscription(subscription)["customer"]})
        return [_code(charge) for charge in charges if charge["status"] == "failed"]

    def events(self, kind: str | None = None) -> list[Obj]:
        """What was written of a type, newest first."""
        return list(self.engine.list("event", {"type": kind} if kind else {}))

    def taken(self) -> list[tuple[str | None, int]]:
        """The invoices that money was taken for, and how much."""
        return [(entry.invoice, entry.amount) for entry in self.engine.ledger()]


def _code(charge: Mapping[str, Any]) -> str | None:
    reason: str | None = charge["outcome"]["reason"]
    return reason
