"""Lists, events, time, and customers that move between engines."""

from __future__ import annotations

import pickle
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import KINDS, Cell, Params, Request, StripeError, kind_of
from ghl_triage.sandbox.engine.order import SortedKeys
from tests.sandbox.shop import CHARGED, DAY, START, TRIAL, Shop


@given(st.lists(st.integers(0, 5_000), unique=True, max_size=3_000), st.integers(0, 5_000), st.integers(0, 5_000))
def test_sorted_keys_are_a_sorted_list(keys: list[int], edge: int, other: int) -> None:
    sorted_keys = SortedKeys()
    for key in keys:
        sorted_keys.add(key)
    for gone in keys[::3]:
        sorted_keys.discard(gone)
    sorted_keys.discard(9_999)
    left = sorted(set(keys) - set(keys[::3]))
    assert sorted_keys.size == len(left)
    assert list(sorted_keys.descending(edge, other)) == [key for key in reversed(left) if other <= key < edge]
    assert list(sorted_keys.ascending(edge, other)) == [key for key in left if edge < key < other]


def test_reading_goes_on_while_keys_come_and_go() -> None:
    keys = SortedKeys()
    for key in range(0, 4_000, 2):
        keys.add(key)
    seen = []
    for key in keys.descending(1 << 128, 0):
        seen.append(key)
        keys.discard(key)
        keys.add(key + 1)
    assert seen == list(range(3_998, -2, -2))


def customers(shop: Shop, count: int) -> list[str]:
    """Customers a minute apart, newest first."""
    made = []
    for number in range(count):
        made.append(shop.customer(f"c{number % 3}@acme.test"))
        shop.engine.clock.advance(60)
    return made[::-1]


def ids(found: Any) -> list[str]:
    """The ids of a list."""
    return [str(obj["id"]) for obj in found]


def test_lists_are_newest_first_and_take_cursors_and_windows() -> None:
    shop = Shop()
    made = customers(shop, 9)
    listed = shop.engine.list
    assert ids(listed("customer")) == made
    assert ids(listed("customer", starting_after=made[3])) == made[4:]
    assert ids(islice(listed("customer", ending_before=made[3]), 2)) == [made[2], made[1]], "nearest first"
    window = {"created": {"gte": str(START + 120), "lt": START + 240}}
    assert ids(listed("customer", window)) == [made[5], made[6]]
    assert ids(listed("customer", window, starting_after=made[5])) == [made[6]]
    assert ids(listed("customer", {"created": START + 60})) == [made[7]]
    assert ids(listed("customer", {"email": "c0@acme.test"})) == made[2::3]
    with pytest.raises(StripeError, match="No such customer"):
        listed("customer", starting_after="cus_gone")


def test_objects_of_one_second_keep_their_order() -> None:
    shop = Shop()
    made = [shop.customer() for _ in range(5)][::-1]
    assert ids(shop.engine.list("customer")) == made
    assert ids(shop.engine.list("customer", starting_after=made[1])) == made[2:]


def test_subscriptions_are_listed_by_status_without_the_canceled_ones() -> None:
    shop = Shop()
    kept, ended = shop.trial(), shop.trial()
    shop.engine.cancel_subscription(ended)
    listed = shop.engine.list
    assert ids(listed("subscription")) == [kept]
    assert ids(listed("subscription", {"status": "all"})) == [ended, kept]
    assert ids(listed("subscription", {"status": "ended"})) == [ended]
    assert ids(listed("subscription", {"status": "trialing", "price": shop.price})) == [kept]
    assert ids(listed("subscription", {"current_period_end": {"lte": START + TRIAL - 1}})) == []
    assert ids(listed("subscription", {"current_period_end": {"lte": START + TRIAL}})) == [kept]
    with pytest.raises(StripeError, match="Invalid status"):
        list(listed("subscription", {"status": "gone"}))


def test_ids_are_unique_and_look_like_stripes() -> None:
    shop = Shop()
    subscription = shop.subscription(shop.trial())
    shop.engine.clock.advance(CHARGED)
    seen = [obj["id"] for kind in KINDS for obj in shop.engine.list(kind)]
    assert len(seen) == len(set(seen))
    assert all(kind_of(obj["id"]) == kind for kind in KINDS for obj in shop.engine.list(kind))
    assert len(subscription["id"]) == len("sub_1MowQVLkdIwHu7ixeRlqHVzs")
    assert len(subscription["customer"]) == len("cus_NffrFeUfNV2Hib")


def test_an_update_moves_an_object_between_the_lists() -> None:
    shop = Shop()
    subscription = shop.trial("tok_chargeCustomerFail")
    shop.engine.clock.advance(CHARGED)
    listed = shop.engine.list
    assert ids(listed("subscription", {"status": "trialing"})) == []
    assert ids(listed("subscription", {"status": "past_due"})) == [subscription]
    invoice = shop.invoice(subscription)
    assert ids(listed("invoice", {"subscription": subscription, "status": "open"})) == [invoice["id"]]
    [payment] = listed("invoice_payment", {"status": "open", "invoice": invoice["id"]})
    intent = payment["payment"]["payment_intent"]
    by_intent = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    assert ids(listed("invoice_payment", by_intent)) == [payment["id"]]
    [charge] = listed("charge", {"payment_intent": intent})
    assert kind_of(charge["id"]) == "charge"


def test_events_tell_who_asked_and_what_was_before() -> None:
    shop = Shop()
    with shop.engine.request(Request("req_1", "key-1")):
        customer = shop.customer()
        shop.engine.update_customer(customer, {"name": "Jane Doe", "metadata": {"a": "1"}})
    [updated] = shop.events("customer.updated")
    assert updated["request"] == {"id": "req_1", "idempotency_key": "key-1"}
    assert updated["data"]["previous_attributes"]["name"] == "Jane Roe"
    assert updated["data"]["object"]["name"] == "Jane Doe"
    [created] = shop.events("customer.created")
    assert created["data"]["object"]["name"] == "Jane Roe", "an event keeps the object of its time"
    shop.engine.update_customer(customer, {"name": "Jane Doe"})
    assert len(shop.events("customer.updated")) == 1, "no change, no event"
    assert ids(shop.engine.list("event", {"types": ["customer.created", "customer.updated"]})) == [
        updated["id"],
        created["id"],
    ]


def test_events_are_gone_after_thirty_days() -> None:
    shop = Shop()
    shop.customer()
    [event] = shop.events("customer.created")
    shop.engine.clock.advance(30 * DAY)
    assert shop.engine.get("event", event["id"]) == event
    shop.engine.clock.advance(1)
    assert shop.events("customer.created") == []
    with pytest.raises(StripeError, match="No such event"):
        shop.engine.get("event", event["id"])


def test_the_same_seed_tells_the_same_story() -> None:
    def told() -> Cell:
        shop = Shop()
        child = shop.engine.child("one", START)
        child.create_customer({"email": "a@b.test"})
        return child.export_cell()

    assert told() == told()


def played(shop: Shop, seed: str, days: int) -> tuple[Cell, str]:
    """A trial with a card that works, begun some days ago."""
    child = shop.engine.child(seed, shop.engine.clock.now - days * DAY)
    customer = child.create_customer({"email": f"{seed}@acme.test"})["id"]
    params = {"customer": customer, "payment_method": "pm_card_visa", "confirm": True}
    method = child.create_setup_intent(params)["payment_method"]
    given = {"customer": customer, "items": [{"price": shop.price}], "trial_period_days": 30}
    subscription = child.create_subscription({**given, "default_payment_method": method})["id"]
    child.clock.advance_to(shop.engine.clock.now)
    return child.export_cell(), str(subscription)


def test_a_cell_is_adopted_with_its_work_and_its_order() -> None:
    shop = Shop()
    shop.engine.clock.advance(90 * DAY)
    older, first = played(shop, "older", 20)
    newer, second = played(shop, "newer", 10)
    shop.engine.adopt(pickle.loads(pickle.dumps(newer)))  # noqa: S301 - our own cell
    shop.engine.adopt(older)
    shop.engine.adopt(older)
    assert ids(shop.engine.list("subscription")) == [second, first]
    created = [event["created"] for event in shop.events()]
    assert created == sorted(created, reverse=True)
    shop.engine.clock.advance(11 * DAY)
    assert [shop.subscription(each)["status"] for each in (first, second)] == ["active", "trialing"]
    assert len(shop.taken()) == 1


def test_a_cell_is_released_only_while_nothing_has_changed() -> None:
    shop = Shop()
    cell, subscription = played(shop, "one", 10)
    shop.engine.adopt(cell)
    assert shop.engine.release(cell)
    assert list(shop.engine.list("subscription")) == []
    shop.engine.adopt(cell)
    shop.engine.update_subscription(subscription, {"metadata": {"seen": "yes"}})
    assert not shop.engine.release(cell)


class Drawer:
    """Hands cells out one by one, newest first."""

    def __init__(self, engine: Engine, cells: list[Cell]) -> None:
        self.engine, self.cells, self.given = engine, cells, 0

    def find(self, kind: str, object_id: str) -> None:  # noqa: ARG002 - looks through everything
        """Every cell is looked through."""
        for cell in self.cells:
            if any(obj["id"] == object_id for _, _, obj in cell.objects):
                self.engine.adopt(cell)

    def widen(self, kind: str, filters: Params, below: int | None) -> int | None:  # noqa: ARG002 - in turn
        """One more cell."""
        if self.given == len(self.cells):
            return None
        cell = self.cells[self.given]
        self.given += 1
        self.engine.adopt(cell)
        return next(int(obj["created"]) for made, _, obj in cell.objects if made == "subscription")

    def due(self, until: int) -> None:  # noqa: ARG002 - all of them
        """Everything has work."""
        for cell in self.cells:
            self.engine.adopt(cell)


def test_a_lazy_world_is_made_as_it_is_read() -> None:
    shop = Shop()
    shop.engine.clock.advance(90 * DAY)
    made = [played(shop, f"s{days}", days) for days in range(1, 9)]
    drawer = Drawer(shop.engine, [cell for cell, _ in made])
    shop.engine.source = drawer
    reading = shop.engine.list("subscription")
    assert ids(islice(reading, 2)) == [subscription for _, subscription in made[:2]]
    assert drawer.given == 2
    assert shop.engine.get("subscription", made[6][1])["status"] == "trialing"
    assert ids(reading) == [subscription for _, subscription in made[2:]]
    shop.engine.clock.advance(30 * DAY)
    assert {each["status"] for each in shop.engine.list("subscription")} == {"active"}


def test_locks_cover_the_owner_and_end() -> None:
    shop = Shop()
    subscription = shop.trial()
    invoice = shop.invoice(subscription)
    assert shop.engine.lock_targets(invoice["id"]) == (invoice["id"], subscription, invoice["customer"])
    shop.engine.lock(invoice["customer"], 5)
    assert shop.engine.locked(invoice["id"])
    shop.engine.clock.advance(5)
    assert not shop.engine.locked(invoice["id"])
