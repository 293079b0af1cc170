"""Builds a world: the seller's account and catalogue, the plan, the stories played once each."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.stories.scene import DAY, Price
from ghl_triage.sandbox.world.api import WorldName
from ghl_triage.sandbox.world.cells import Cells
from ghl_triage.sandbox.world.highlevel import HighLevel
from ghl_triage.sandbox.world.highlevel_rows import Account
from ghl_triage.sandbox.world.plan import Plan, make_plan
from ghl_triage.sandbox.world.play import Stage, play

CATALOGUE: Mapping[str, tuple[int, ...]] = {
    "usd": (9700, 2900, 19700, 4700, 29700, 49700),
    "eur": (9700, 4900),
    "gbp": (7900, 19700),
    "jpy": (4980, 29800),
    "inr": (249900, 799900),
}
"""Monthly prices in minor units, by currency; yen have none."""
LOTS = ("usd", "usd", "usd", "eur", "usd", "gbp", "usd", "jpy", "usd", "usd", "usd", "eur")
"""In which currencies is sold, lot by lot. Rupees are for the stories that ask for them."""
_OPENED = 300 * DAY
"""How long before the world's start the account was opened: before every story."""
LOCATION_ID = "Kd3sandboxGhl7Seller"
_COMPANY = "Qx9sandboxGhl7Agency"
_CONNECTION = "612ca676b484b241fef9d962"


class World:
    """See the world's contract in api.py."""

    def __init__(self, engine: Engine, cells: Cells, highlevel: HighLevel, plan: Plan) -> None:
        self.engine = engine
        self.highlevel = highlevel
        self._cells = cells
        self._plan = plan

    @property
    def subscriptions(self) -> int:
        """How many subscriptions the stories made."""
        return self._plan.subscriptions

    def labels(self) -> Mapping[str, Mapping[str, Any]]:
        """What the stories' authors say of each subscription."""
        labels: dict[str, Mapping[str, Any]] = {}
        for number, variant in enumerate(self._plan.cells):
            name = self._plan.variants[variant].story.name
            for label in self._cells.labels(number):
                labels[label.subscription] = {
                    "path": label.path,
                    "stage": label.stage,
                    "cause": label.cause,
                    "findings": list(label.findings),
                    "story": name,
                }
        return labels


def build(
    seed: int, subscriptions: int, now: int, world: WorldName = "default", beliefs: Beliefs | None = None
) -> World:
    """A world of so many subscriptions, as it stands at `now` (epoch seconds); the same for the same arguments."""
    return build_plan(seed, make_plan(seed, subscriptions, world), now, beliefs)


def build_plan(seed: int, plan: Plan, now: int, beliefs: Beliefs | None = None) -> World:
    """The world of a plan."""
    engine = Engine(f"world-{seed}", now - _OPENED, beliefs)
    with _no_collection():
        stage = _stage(engine, now)
        told = [play(variant, stage) for variant in plan.variants]
    cells = Cells(seed, plan, told, engine)
    engine.source = cells
    account = Account(LOCATION_ID, _COMPANY, stage.highlevel_application, str(engine.account()["id"]), _CONNECTION)
    return World(engine, cells, HighLevel(cells, engine, account), plan)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Nearly all that a build makes is kept: looking for garbage in it would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _stage(engine: Engine, now: int) -> Stage:
    highlevel = engine.create_application({"name": "HighLevel"})
    foreign = engine.create_application({"name": "KartBuilder"})
    engine.create_portal_configuration({})
    product = engine.create_product({"name": "Course Creator 360"})
    prices: dict[str, tuple[Price, ...]] = {}
    weekly: dict[str, Price] = {}
    for currency, amounts in CATALOGUE.items():
        made = []
        for amount in amounts:
            made.append(_price(engine, product, amount, currency, "month"))
        prices[currency] = tuple(made)
        weekly[currency] = _price(engine, product, amounts[0] // 4, currency, "week")
    engine.clock.advance_to(now)
    return Stage(engine, prices, weekly, LOTS, str(highlevel["id"]), str(foreign["id"]), LOCATION_ID, now)


def _price(engine: Engine, product: Obj, amount: int, currency: str, interval: str) -> Price:
    params = {"product": product["id"], "unit_amount": amount, "currency": currency}
    made = engine.create_price({**params, "recurring": {"interval": interval}})
    return Price(str(made["id"]), amount, currency)
