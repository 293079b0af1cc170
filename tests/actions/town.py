"""A sandbox whose few customers a test makes itself, so that it knows each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from starlette.types import ASGIApp

from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.server import SandboxOptions, app_of
from ghl_triage.sandbox.world.api import World
from tests.sandbox_server import NOW, SandboxServer

DAY = 86_400
VISA = "tok_visa"


@dataclass
class Town:
    """Customers of one seller; `engine` is Stripe itself. Its clock begins 60 days before NOW."""

    engine: Engine = field(default_factory=lambda: Engine("town", NOW - 60 * DAY))
    price: str = ""

    def __post_init__(self) -> None:
        product = self.engine.create_product({"name": "Academy"})
        self.engine.create_portal_configuration({})
        self.price = self.new_price(9_700, "usd", product["id"])

    def new_price(self, amount: int, currency: str, product: str = "") -> str:
        """A monthly price."""
        product = product or self.engine.create_product({"name": "Other"})["id"]
        made = self.engine.create_price(
            {"product": product, "unit_amount": amount, "currency": currency, "recurring": {"interval": "month"}}
        )
        return str(made["id"])

    def customer(self, name: str, *, card: str | None = VISA, default: bool = False) -> tuple[str, str | None]:
        """A customer, and his card, set up for later charges; it is his default only if asked for."""
        made = str(self.engine.create_customer({"email": f"{name}@town.test", "name": name})["id"])
        return made, self.card(made, card, default=default) if card else None

    def card(self, customer: str, token: str = VISA, *, default: bool = False) -> str:
        """Another card for a customer."""
        card = str(self.engine.create_payment_method({"type": "card", "card": {"token": token}})["id"])
        self.engine.create_setup_intent(
            {"customer": customer, "payment_method": card, "usage": "off_session", "confirm": True}
        )
        if default:
            self.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})
        return card

    def trial(self, customer: str, *, days: int = 30, price: str | None = None, **params: Any) -> str:
        """A subscription in its trial."""
        items = [{"price": price or self.price}]
        length = {} if "trial_end" in params else {"trial_period_days": days}
        made = self.engine.create_subscription({"customer": customer, "items": items, **length, **params})
        return str(made["id"])

    def failing(self, name: str, **params: Any) -> tuple[str, str, str]:
        """A customer whose card was never made the default: customer, subscription, card. Fails 30 days from now."""
        customer, card = self.customer(name)
        return customer, self.trial(customer, **params), str(card)

    def mended(self, *names: str) -> None:
        """Customers who failed for want of a default, and whose card became it an hour before NOW."""
        failed = [self.failing(name) for name in names]
        self.now(NOW - 3_600)
        for customer, _, card in failed:
            self.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})

    def now(self, at: int = NOW) -> Town:
        """Let time pass, with all that falls due."""
        self.engine.clock.advance_to(at)
        return self

    def served(self, before: Callable[[ASGIApp], ASGIApp] | None = None, **options: Any) -> SandboxServer:
        """A server over this town, not started yet; `before` stands before all of it."""
        highlevel = SimpleNamespace(location_id="x" * 20, company_id="y" * 20)
        world = SimpleNamespace(engine=self.engine, highlevel=highlevel, subscriptions=0, labels=_nothing)
        chosen = SandboxOptions(now=NOW, rate_limit=False, **options)
        app = app_of(cast(World, world), chosen)
        if before is not None:
            app.add_middleware(before)
        return SandboxServer(chosen, app)


def _nothing() -> Mapping[str, Any]:
    return {}
