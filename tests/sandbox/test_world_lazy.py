"""A world makes its objects when they are wanted: whichever way they are reached, they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import pytest

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.world import cells
from ghl_triage.sandbox.world.build import World, build
from ghl_triage.sandbox.world.ids import MARK
from tests.sandbox.default_world import NOW, small_world

KINDS = (
    "customer", "subscription", "invoice", "invoice_payment", "payment_intent", "charge", "setup_intent", "event",
    "payment_method", "checkout.session", "dispute",
)  # fmt: skip
SIZE = 48


def everything(world: World) -> dict[str, list[Obj]]:
    return {kind: list(world.engine.list(kind, whole(kind))) for kind in KINDS}


@cache
def reference() -> dict[str, list[Obj]]:
    return everything(small_world())


def whole(kind: str) -> dict[str, Any]:
    return {"status": "all"} if kind == "subscription" else {}


def paged(engine: Engine, kind: str, size: int) -> Iterator[Obj]:
    """A list as a client reads it: page by page, each from the last object of the one before."""
    last: str | None = None
    while True:
        page = list(islice(engine.list(kind, whole(kind), starting_after=last), size))
        yield from page
        if len(page) < size:
            return
        last = page[-1]["id"]


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    again, other = build(7, SIZE, NOW), build(8, SIZE, NOW)
    assert everything(again) == reference()
    assert again.labels() == small_world().labels()
    assert not {each["id"] for each in everything(other)["customer"]} & {
        each["id"] for each in everything(again)["customer"]
    }


def test_pages_give_the_whole_list_in_its_order() -> None:
    world = build(7, SIZE, NOW)
    for size in (7, 1, 10, 100):
        assert list(paged(world.engine, "subscription", size)) == reference()["subscription"]


def test_cells_let_go_and_made_again_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "KEPT", 5)
    monkeypatch.setattr(cells, "STEP", 3)
    world = build(7, SIZE, NOW)
    for kind in ("subscription", "charge", "customer", "event"):
        assert list(paged(world.engine, kind, 20)) == reference()[kind], kind


def test_lists_are_newest_first_and_hold_each_object_once() -> None:
    for kind, objects in reference().items():
        created = [each["created"] for each in objects]
        assert created == sorted(created, reverse=True), kind
        assert len({each["id"] for each in objects}) == len(objects), kind


def test_an_object_reached_by_its_id_is_the_one_in_the_list() -> None:
    untouched = build(7, SIZE, NOW)
    for kind, objects in reference().items():
        for each in objects[::9]:
            assert untouched.engine.get(kind, each["id"]) == each


def test_a_list_by_status_finds_what_the_whole_list_has() -> None:
    untouched = build(7, SIZE, NOW)
    for status in ("past_due", "trialing", "incomplete", "ended", "active", "canceled"):
        statuses = {"canceled", "incomplete_expired"} if status == "ended" else {status}
        wanted = [each for each in reference()["subscription"] if each["status"] in statuses]
        assert list(untouched.engine.list("subscription", {"status": status})) == wanted


@pytest.mark.parametrize("bounds", [{"gte": 20}, {"lt": 20}, {"gt": 60, "lte": 9}, {"gte": 2_000}])
def test_a_list_by_time_finds_what_the_whole_list_has(bounds: dict[str, int]) -> None:
    created = {name: NOW - days * 86_400 for name, days in bounds.items()}
    tests = {
        "gte": lambda at: at >= created["gte"],
        "gt": lambda at: at > created["gt"],
        "lt": lambda at: at < created["lt"],
        "lte": lambda at: at <= created["lte"],
    }
    untouched = build(7, SIZE, NOW)
    for kind in ("charge", "customer", "event"):
        wanted = [each for each in reference()[kind] if all(tests[name](each["created"]) for name in bounds)]
        assert list(untouched.engine.list(kind, {"created": created})) == wanted


def test_events_of_some_types_and_the_objects_of_one_customer() -> None:
    untouched = build(7, SIZE, NOW)
    types = ["invoice.payment_failed", "customer.subscription.created"]
    events = [each for each in reference()["event"] if each["type"] in types]
    assert events
    assert list(untouched.engine.list("event", {"types": types})) == events
    whose = reference()["charge"][0]["customer"]
    charges = [each for each in reference()["charge"] if each["customer"] == whose]
    assert list(build(7, SIZE, NOW).engine.list("charge", {"customer": whose})) == charges


def test_customers_are_found_by_their_address() -> None:
    untouched = build(7, SIZE, NOW)
    for each in reference()["customer"][::11]:
        found = untouched.engine.list("customer", {"email": each["email"]})
        assert each["id"] in {customer["id"] for customer in found}


def test_nothing_of_the_template_is_left_in_a_copy() -> None:
    text = repr(reference()) + repr([list(small_world().highlevel.rows("contact"))])
    assert MARK.search(text) is None
    assert "zz-" not in text.lower()


def test_an_invented_id_is_nobodys() -> None:
    engine = small_world().engine
    assert engine.peek("sub_1AbCdEfGh7TrIaGe00000000") is None
    assert engine.peek("cus_AAAAAAAAAAAAAA") is None
    assert list(engine.list("charge", {"customer": "cus_AAAAAAAAAAAAAA"})) == []
    assert list(engine.list("customer", {"email": "nobody.zzzzzz@acme.test"})) == []


def test_what_was_changed_stays_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "KEPT", 3)
    monkeypatch.setattr(cells, "STEP", 2)
    world = build(7, SIZE, NOW)
    first = next(world.engine.list("customer"))
    world.engine.update_customer(first["id"], {"description": "wrote to him on Monday"})
    list(world.engine.list("invoice"))
    assert world.engine.get("customer", first["id"])["description"] == "wrote to him on Monday"
    assert next(world.engine.list("customer"))["description"] == "wrote to him on Monday"


def test_time_goes_on_alike_for_cells_that_were_read_and_cells_that_were_not() -> None:
    read, untouched = build(7, SIZE, NOW), build(7, SIZE, NOW)
    everything(read)
    for world in (read, untouched):
        for _ in range(4):
            world.engine.clock.advance(2 * 86_400)
    assert described(read) == described(untouched)
    assert read.engine.double_paid() == ()
    assert described(read) != described(small_world())


def described(world: World) -> list[tuple[Any, ...]]:
    """Subscriptions with what the time changes in them; ids that are made later are each engine's own."""
    return [
        (each["id"], each["status"], each["ended_at"], each["items"]["data"][0]["current_period_end"])
        for each in world.engine.list("subscription", {"status": "all"})
    ]


@pytest.mark.slow
def test_a_large_world_serves_its_first_pages_without_making_the_rest() -> None:
    world = build(1, 100_000, NOW)
    page = list(islice(world.engine.list("subscription", {"status": "past_due"}), 100))
    assert len({each["id"] for each in page}) == 100
    deep = page[-1]["id"]
    following = list(islice(world.engine.list("subscription", {"status": "past_due"}, starting_after=deep), 100))
    assert page[-1]["created"] >= following[0]["created"]
    assert world.engine.get("customer", following[-1]["customer"])["id"] == following[-1]["customer"]
    assert len(world.highlevel.rows("subscription")) > 15_000
