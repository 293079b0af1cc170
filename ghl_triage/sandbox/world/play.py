"""Plays a variant once and turns what came of it into templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ghl_triage.sandbox.engine.api import Cell, Obj
from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.engine.deliveries import pending
from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.stories import Story
from ghl_triage.sandbox.stories.highlevel import Record
from ghl_triage.sandbox.stories.scene import DAY, HOUR, Customer, Label, Price, Scene, Setting
from ghl_triage.sandbox.world import highlevel_labels
from ghl_triage.sandbox.world.ids import MarkedIds
from ghl_triage.sandbox.world.plan import Variant
from ghl_triage.sandbox.world.template import SHOUTED, STAND_IN, Filler, Template

UNDELIVERED = "event that may be undelivered"
"""Where the index keeps the events of a cell that are pending: few, so that their list wakes few cells."""
_TURN_BITS = 20
"""How many bits of a sort number are an object's turn in its cell; above them stands the cell's number."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the stories of a world have in common."""

    engine: Engine
    prices: Mapping[str, tuple[Price, ...]]
    """By currency, at least two of each."""
    weekly: Mapping[str, Price]
    currencies: tuple[str, ...]
    """One entry for each lot: the more often a currency stands here, the more often it is sold in."""
    highlevel_application: str
    foreign_application: str
    location: str
    now: int


class Told:
    """A variant that was played: call it for the cell, the records or the labels of a copy.

    `created` are the times of creation of each kind's objects, oldest first; `slack` is how many seconds a copy may be
    told earlier than the template without any work of Stripe's coming due.
    """

    __slots__ = ("_cell", "_kinds", "_labels", "_records", "created", "record_times", "slack", "work")

    def __init__(self, cell: Cell, records: Sequence[Record], labels: Sequence[Label], now: int, spread: int) -> None:
        objects = sorted(cell.objects, key=lambda item: (item[2].get("created", now), item[1]))
        self._kinds = tuple(kind for kind, _, _ in objects)
        self._cell = Template((tuple(obj for _, _, obj in objects), cell.jobs, cell.ledger, cell.private), now)
        self._records = Template(tuple(records), now)
        self._labels = Template(tuple(labels), now)
        self.created = _times(objects, now)
        self.record_times = tuple((record.kind, record.created) for record in records)
        self.work = min((job.at for job in cell.jobs), default=None)
        self.slack = spread if self.work is None else max(0, min(spread, self.work - now - 1))

    def cell(self, filler: Filler, now: int) -> Cell:
        """The cell of a copy, as it stands at the engine's time."""
        objects, jobs, ledger, private = self._cell.fill(filler)
        first = filler.cell << _TURN_BITS
        numbers = range(first, first + len(objects))
        return Cell(tuple(zip(self._kinds, numbers, objects, strict=True)), jobs, ledger, private, now)

    def records(self, filler: Filler) -> tuple[Record, ...]:
        """What HighLevel noted down of a copy."""
        return tuple(self._records.fill(filler))

    def labels(self, filler: Filler) -> tuple[Label, ...]:
        """What the author says of a copy's subscriptions."""
        return tuple(self._labels.fill(filler))


def play(variant: Variant, stage: Stage) -> Told:
    """Tells the story of a variant on an engine of its own."""
    story = variant.story
    begin = stage.now - int(variant.days * DAY)
    ids = MarkedIds()
    engine = stage.engine.child("story", begin, _beliefs(stage.engine.beliefs, story), ids)
    who = Customer(STAND_IN.name, STAND_IN.email, SHOUTED, STAND_IN.phone)
    scene = Scene(engine, ids, who, _setting(variant, stage), story.path, story.stage, story.cause)
    story.tell(scene)
    if engine.clock.now > stage.now:
        raise ValueError(f"{story.name} on {story.path} is longer than the {variant.days} days that it has")
    engine.clock.advance_to(stage.now)
    _note_charges(scene)
    sure = highlevel_labels.labels(scene)
    return Told(engine.export_cell(), scene.highlevel.records, sure, stage.now, int(story.spread * HOUR))


def _beliefs(world: Beliefs, story: Story) -> Beliefs:
    if story.retry_end is None:
        return world
    return replace(world, retry=replace(world.retry, end=story.retry_end))


def _setting(variant: Variant, stage: Stage) -> Setting:
    currency = variant.story.currency or stage.currencies[variant.number % len(stage.currencies)]
    prices = stage.prices[currency]
    lot = variant.number // len(stage.currencies)
    return Setting(
        price=prices[lot % len(prices)],
        other_price=prices[(lot + 1) % len(prices)],
        weekly_price=stage.weekly[currency],
        highlevel_application=stage.highlevel_application,
        foreign_application=stage.foreign_application,
        location=stage.location,
        number=variant.number,
        ends=stage.now,
    )


def _note_charges(scene: Scene) -> None:
    """HighLevel hears of each charge of what it sold."""
    for sale in scene.highlevel.sales():
        charges = list(scene.engine.list("charge", {"customer": sale.customer}))
        for charge in reversed(charges):
            if charge["amount"] == sale.amount:
                scene.highlevel.charged(sale, str(charge["id"]), int(charge["created"]), sale.amount)


def _times(objects: Sequence[tuple[str, int, Obj]], now: int) -> Mapping[str, tuple[tuple[int, Any], ...]]:
    """By kind: when its objects were made, and what a list is most often narrowed by (an event's type, a status)."""
    times: dict[str, list[tuple[int, Any]]] = {}
    for kind, _, obj in objects:
        narrow = obj["type"] if kind == "event" else obj.get("status")
        times.setdefault(kind, []).append((obj.get("created", now), narrow))
        if kind == "event" and pending(obj, now):
            times.setdefault(UNDELIVERED, []).append((obj["created"], narrow))
    return {kind: tuple(entries) for kind, entries in times.items()}
