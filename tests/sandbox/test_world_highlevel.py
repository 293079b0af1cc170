"""HighLevel's side of the world follows what the stories did, and Stripe's state of the moment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pytest

from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.world.api import Row
from ghl_triage.sandbox.world.build import build
from tests.sandbox.default_world import NOW, default_world, small_world


def epoch(row: Row) -> int:
    return int(datetime.fromisoformat(row["createdAt"]).timestamp())


def test_only_what_was_sold_through_highlevel_is_listed() -> None:
    labels = default_world().labels()
    rows = default_world().highlevel.rows("subscription")
    listed = {row["subscriptionId"] for row in rows if row["subscriptionId"] in labels}
    assert {labels[each]["path"] for each in listed} == {"highlevel"}
    sold = {each for each, label in labels.items() if label["path"] == "highlevel"}
    assert 0.8 < len(listed) / len(sold) < 1
    elsewhere = [row for row in rows if row["subscriptionId"] not in labels]
    assert {(row["paymentProviderType"], row["liveMode"]) for row in elsewhere} == {
        ("stripe", False),
        ("stripe", True),
        ("paypal", True),
    }


def test_what_highlevel_sold_carries_its_application_and_what_the_client_sold_does_not() -> None:
    world = default_world()
    applications: dict[str, set[str | None]] = {}
    for subscription_id, label in world.labels().items():
        seen = world.engine.get("subscription", subscription_id)["application"]
        applications.setdefault(label["path"], set()).add(seen)
    assert applications["highlevel"] == {world.highlevel.application}
    assert applications["api"] == applications["checkout"] == {None}
    assert not applications["unknown"] & {None, world.highlevel.application}


@pytest.mark.parametrize("word", ["incomplete", "past_due"])
def test_a_past_due_subscription_reads_as_the_world_believes(word: Literal["incomplete", "past_due"]) -> None:
    beliefs = Beliefs(highlevel_past_due=word)
    world = default_world() if beliefs == Beliefs() else build(7, 240, NOW, beliefs=beliefs)
    rows = {row["subscriptionId"]: row["status"] for row in world.highlevel.rows("subscription")}
    overdue = [each["id"] for each in world.engine.list("subscription", {"status": "past_due"}) if each["id"] in rows]
    assert overdue
    assert {rows[each] for each in overdue} == {word}
    assert "trialing" in rows.values()


def test_rows_are_newest_first_and_sliced_by_time() -> None:
    rows = small_world().highlevel.rows("subscription")
    created = [epoch(row) for row in rows]
    assert created == sorted(created, reverse=True)
    middle = created[len(created) // 2]
    newer = small_world().highlevel.rows("subscription", since=middle)
    assert [epoch(row) for row in newer] == [at for at in created if at >= middle]
    older = small_world().highlevel.rows("subscription", until=middle)
    assert [epoch(row) for row in older] == [at for at in created if at <= middle]
    assert [row["_id"] for row in rows[2:5]] == [row["_id"] for row in list(rows)[2:5]]


def test_transactions_name_stripes_payment_and_its_application() -> None:
    world = default_world()
    row = world.highlevel.rows("transaction")[0]
    intent = world.engine.get("payment_intent", row["chargeId"])
    assert row["chargeSnapshot"]["application"] == intent["application"] == world.highlevel.application
    assert row["amount"] * (1 if row["currency"] == "JPY" else 100) == intent["amount"]
    statuses = {each["status"] for each in world.highlevel.rows("transaction")}
    assert statuses == {"succeeded", "failed"}


def test_records_are_found_by_their_id_their_contact_and_the_address() -> None:
    highlevel = small_world().highlevel
    row = highlevel.rows("subscription")[0]
    single = highlevel.get("subscription", row["_id"])
    assert single is not None
    assert single["subscriptionSnapshot"]["id"] == row["subscriptionId"]
    order = highlevel.get("order", row["entityId"])
    assert order is not None
    assert order["contactSnapshot"]["stripeCustomerId"] == single["autoPayment"]["customerId"]
    assert [each["_id"] for each in highlevel.rows("subscription", contact=row["contactId"])] == [row["_id"]]
    assert [each["_id"] for each in highlevel.rows("subscription", subscription=row["subscriptionId"])] == [row["_id"]]
    shouted = highlevel.rows("contact", email=row["contactEmail"].upper())
    assert row["contactId"] in [each["id"] for each in shouted]
    assert highlevel.get("contact", "AAAAAAAAAAAAAAAAAAAA") is None
    assert highlevel.get("order", "nonsense") is None


def test_most_customers_are_contacts_some_are_not_and_some_are_twice() -> None:
    world = default_world()
    contacts: dict[str, int] = {}
    for row in world.highlevel.rows("contact"):
        contacts[row["email"].lower()] = contacts.get(row["email"].lower(), 0) + 1
    addresses = {each["email"].lower() for each in world.engine.list("customer") if each["email"]}
    known = sum(address in contacts for address in addresses) / len(addresses)
    assert 0.85 < known < 0.99
    assert any(count > 1 for count in contacts.values())


def test_the_status_follows_what_stripe_does_next() -> None:
    world = build(7, 48, NOW)
    row = next(each for each in world.highlevel.rows("subscription") if each["status"] == "trialing")
    world.engine.cancel_subscription(row["subscriptionId"], {})
    single = world.highlevel.get("subscription", row["_id"])
    assert single is not None
    assert single["status"] == "canceled"
    assert single["canceledAt"]


def test_locations_are_mapped_well_mapped_to_others_and_mapped_to_the_past() -> None:
    world = default_world()
    ended, others, waiting = 0, 0, 0
    rows = world.highlevel.saas_locations()
    for row in rows:
        if not row["subscriptionId"]:
            waiting += row["subscriptionInfo"]["subscriptionStatus"] == "on_hold"
            continue
        subscription = world.engine.get("subscription", row["subscriptionId"])
        ended += subscription["status"] == "canceled"
        whole = world.highlevel.get("saas_location", row["locationId"])
        assert whole is not None
        others += subscription["customer"] != whole["customerId"]
        assert row.get("customerId", whole["customerId"]) == whole["customerId"]
    assert ended
    assert others
    assert waiting
    assert len(rows) > ended + others + waiting
    assert any("customerId" not in row for row in rows), "the list leaves some mappings open"
