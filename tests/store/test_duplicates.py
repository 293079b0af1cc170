"""Customers who share a card, look-ups that cases want, events that were not delivered."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from ghl_triage.diagnosis.cards_wanted import Want
from ghl_triage.model import Caps, Coverage
from ghl_triage.store.fingerprints import MOST_OWNERS
from ghl_triage.store.migrations.objects import FINGERPRINT
from ghl_triage.store.reader import Reader
from ghl_triage.store.wants import read_wants, write_wants
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, case

READ = Coverage(NOW - 9_000_000, NOW - 9_000_000, NOW - 9_000_000, invoice_payments_read=True)


def customer(number: int, email: str | None = None) -> dict[str, Any]:
    address = f"user{number}@acme.test" if email is None else email
    return {"id": f"cus_{number}", "object": "customer", "email": address, "created": NOW - 100 + number}


def card(name: str, owner: int, fingerprint: str) -> dict[str, Any]:
    details = {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2040, "fingerprint": fingerprint}
    return {"id": name, "object": "payment_method", "type": "card", "customer": f"cus_{owner}", "card": details}


def subscription(number: int) -> dict[str, Any]:
    items = {
        "object": "list",
        "data": [{"id": f"si_{number}", "object": "subscription_item", "price": {"id": "price_1"}}],
    }
    return {"id": f"sub_{number}", "object": "subscription", "customer": f"cus_{number}", "status": "trialing",
            "created": NOW - 50, "trial_end": NOW + 9_000, "items": items}  # fmt: skip


def put(writer: Writer, *objects: dict[str, Any]) -> set[str]:
    return writer.write_objects(objects, fetched_at=NOW).customers


def mates(reader: Reader, number: int) -> list[str]:
    return [str(each.customer["id"]) for each in reader.records(f"cus_{number}").card_mates]


def test_customers_with_the_same_card_find_each_other(writer: Writer, reader: Reader) -> None:
    put(
        writer,
        customer(1),
        customer(2),
        customer(3),
        card("pm_1", 1, "fp"),
        card("pm_2", 2, "fp"),
        card("pm_3", 3, "x"),
    )
    legacy = {"id": "card_4", "object": "card", "customer": "cus_4", "fingerprint": "fp", "last4": "4242"}
    put(writer, customer(4), legacy)
    assert mates(reader, 1) == ["cus_2", "cus_4"]
    assert mates(reader, 3) == []
    assert [each["id"] for each in reader.records("cus_1").card_mates[0].payment_methods] == ["pm_2"]
    writer.mark_deleted("customer", ["cus_2"])
    assert mates(reader, 1) == ["cus_4"]


def test_a_card_that_everybody_has_makes_nobody_alike(writer: Writer, reader: Reader) -> None:
    for number in range(MOST_OWNERS + 1):
        put(writer, customer(number), card(f"pm_{number}", number, "fp"))
    assert mates(reader, 0) == []


def test_a_new_card_changes_the_view_of_the_others_too(writer: Writer, reader: Reader) -> None:
    put(writer, customer(1), customer(2), card("pm_1", 1, "fp"), subscription(1), subscription(2))
    writer.save_coverage(READ)
    writer.rediagnose(None, NOW, Caps())
    before = reader.case("sub_1")
    assert before is not None
    assert before.duplicates == ()
    writer.rediagnose(put(writer, card("pm_2", 2, "fp")), NOW, Caps())
    after = reader.case("sub_1")
    assert after is not None
    assert [(other.id, other.alike) for other in after.duplicates] == [("cus_2", ("card",))]
    assert after.own_customer is not None
    assert after.own_customer.id == "cus_1"


def test_what_a_case_wants_is_known_without_looking_at_it(writer: Writer, reader: Reader) -> None:
    put(writer, customer(1), subscription(1))
    writer.save_coverage(READ)
    writer.rediagnose(None, NOW, Caps())
    assert [(each.want, each.customer) for each in reader.wants(10)] == [(Want("cards", "cus_1"), "cus_1")]
    writer.mark_cards_read("cus_1", NOW, attached=[])
    writer.rediagnose(["cus_1"], NOW, Caps())
    assert [each.want for each in reader.wants(10)] == [Want("namesakes", "user1@acme.test")]
    writer.mark_namesakes_read(["user1@acme.test"], NOW)
    writer.rediagnose(["cus_1"], NOW, Caps())
    assert reader.wants(10) == []


def test_wants_come_in_the_order_of_the_queue_each_once(path: Path, writer: Writer) -> None:
    connection = sqlite3.connect(path)
    shared = Want("namesakes", "one@acme.test")
    later, sooner = case(1, failed_at=NOW - 500), case(2, failed_at=NOW - 5)
    write_wants(connection, ["cus_1", "cus_2"], [(later, [shared]), (sooner, [Want("cards", "cus_2"), shared])])
    assert [each.want for each in read_wants(connection, 9)] == [Want("cards", "cus_2"), shared]
    assert [each.want for each in read_wants(connection, 1)] == [Want("cards", "cus_2"), shared]
    write_wants(connection, ["cus_2"], [(sooner, [])])
    assert [(each.want, each.customer) for each in read_wants(connection, 9)] == [(shared, "cus_1")]
    before = connection.total_changes
    write_wants(connection, ["cus_1"], [(later, [shared])])
    assert connection.total_changes == before
    connection.close()


def event(name: str, owner: int, at: int) -> dict[str, Any]:
    body = {"id": f"sub_{owner}", "object": "subscription", "customer": f"cus_{owner}"}
    return {
        "id": name,
        "object": "event",
        "type": "customer.subscription.created",
        "created": at,
        "data": {"object": body},
    }


def test_an_event_stands_undelivered_until_a_list_of_its_time_leaves_it_out(writer: Writer, reader: Reader) -> None:
    put(writer, customer(1), customer(2))
    young, old = event("evt_1", 1, NOW - 10), event("evt_2", 2, NOW - 1_000)
    writer.write_events([young, old], fetched_at=NOW)
    assert writer.mark_undelivered([young, old], NOW, since=0) == {"cus_1", "cus_2"}
    assert writer.mark_undelivered([young, old], NOW, since=0) == set()
    assert reader.records("cus_2").undelivered == {"evt_2"}
    # A list that ended before the old one's time says nothing of it.
    assert writer.mark_undelivered([], NOW, since=NOW - 100) == {"cus_1"}
    assert reader.records("cus_1").undelivered == frozenset()
    assert reader.records("cus_2").undelivered == {"evt_2"}
    assert writer.mark_undelivered([], NOW, since=0) == {"cus_2"}


def test_the_index_of_fingerprints_is_what_finds_them(path: Path, writer: Writer) -> None:
    connection = sqlite3.connect(path)
    plan = connection.execute(
        f"""EXPLAIN QUERY PLAN SELECT DISTINCT customer FROM objects INDEXED BY cards_by_fingerprint
            WHERE {FINGERPRINT} = 'fp' AND kind IN ('payment_method', 'card') AND customer IS NOT NULL"""  # noqa: S608
    ).fetchall()
    assert "SEARCH" in plan[0][3]
    connection.close()
