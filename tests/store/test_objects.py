"""API objects go in expanded and come out as records of their customer, the newest reading of each."""

from __future__ import annotations

from typing import Any

import pytest

from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import (
    DAY,
    NOW,
    customer,
    expanded,
    invoice,
    open_payment,
    payment_method,
    subscription,
)


def ids(sequence: Any) -> list[str]:
    return [obj["id"] for obj in sequence]


def test_an_expanded_subscription_becomes_rows_and_references_become_ids(writer: Writer, reader: Reader) -> None:
    result = writer.write_objects([expanded()], fetched_at=NOW)
    assert result.customers == {"cus_1"}
    assert result.objects == 9, "subscription, customer, card, invoice, payment, set-up, attempt, mandate, application"
    records = reader.records("cus_1")
    stored = records.subscriptions[0]
    assert stored["customer"] == "cus_1"
    assert stored["default_payment_method"] == "pm_1"
    assert stored["latest_invoice"] == "in_1"
    assert stored["pending_setup_intent"] == "seti_1"
    assert stored["application"] == "ca_1"
    assert records.customer["invoice_settings"]["default_payment_method"] == "pm_1"
    assert ids(records.invoices) == ["in_1"]
    assert "payments" not in records.invoices[0], "a list that comes on request only is no field of the invoice"
    assert ids(records.invoice_payments) == ["inpay_1"]
    assert records.setup_intents[0]["latest_attempt"] == "setatt_1"
    assert ids(records.setup_attempts) == ["setatt_1"]
    assert ids(records.mandates) == ["mandate_1"]
    assert [application["name"] for application in records.applications] == ["HighLevel"]


def test_what_stripe_always_writes_out_stays_where_it_is(writer: Writer, reader: Reader) -> None:
    writer.write_objects([expanded()], fetched_at=NOW)
    item = reader.records("cus_1").subscriptions[0]["items"]["data"][0]
    assert item["price"]["unit_amount"] == 9_700


def test_a_card_as_it_was_in_an_error_never_replaces_the_card_as_it_is(writer: Writer, reader: Reader) -> None:
    writer.write_objects([payment_method("pm_1", "cus_1")], fetched_at=NOW)
    writer.write_objects([open_payment()], fetched_at=NOW + 60)
    records = reader.records("cus_1")
    assert records.payment_intents[0]["last_payment_error"]["payment_method"] == "pm_1"
    assert records.payment_methods[0]["customer"] == "cus_1", "the copy inside the error says detached"


def test_a_card_known_from_an_error_alone_is_kept(writer: Writer, reader: Reader) -> None:
    writer.write_objects([open_payment()], fetched_at=NOW)
    assert ids(reader.records("cus_1").payment_methods) == ["pm_1"]


def test_rows_without_a_customer_find_him_whatever_comes_first(writer: Writer, reader: Reader) -> None:
    bare_payment = open_payment()
    bare_payment["payment"]["payment_intent"] = "pi_1"
    dispute = {"id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1", "status": "lost"}
    assert writer.write_objects([dispute, bare_payment], fetched_at=NOW).customers == set()
    assert not reader.records("cus_1").disputes
    charge = {"id": "ch_1", "object": "charge", "customer": None, "payment_intent": "pi_1", "invoice": None}
    writer.write_objects([charge], fetched_at=NOW)
    intent = {"id": "pi_1", "object": "payment_intent", "customer": "cus_1"}
    assert writer.write_objects([intent], fetched_at=NOW).customers == {"cus_1"}
    records = reader.records("cus_1")
    assert ids(records.charges) == ["ch_1"]
    assert ids(records.disputes) == ["dp_1"], "found through a charge that itself was found later"
    writer.write_objects([invoice()], fetched_at=NOW)
    assert ids(reader.records("cus_1").invoice_payments) == ["inpay_1"]


def test_an_older_reading_never_overwrites_a_newer_one(writer: Writer, reader: Reader) -> None:
    writer.write_objects([subscription(status="active")], fetched_at=NOW)
    writer.write_objects([subscription(status="past_due")], fetched_at=NOW - 1)
    assert reader.records("cus_1").subscriptions[0]["status"] == "active"
    writer.write_objects([subscription(status="unpaid")], fetched_at=NOW)
    assert reader.records("cus_1").subscriptions[0]["status"] == "unpaid", "of the same second the later call counts"


def test_a_copy_fills_gaps_alone(writer: Writer, reader: Reader) -> None:
    writer.write_objects([subscription(status="past_due")], fetched_at=NOW, authoritative=False)
    writer.write_objects([subscription(status="active")], fetched_at=NOW)
    writer.write_objects([subscription(status="past_due")], fetched_at=NOW + 9, authoritative=False)
    assert reader.records("cus_1").subscriptions[0]["status"] == "active"


def test_a_deleted_customer_keeps_what_was_known_of_him(writer: Writer, reader: Reader) -> None:
    writer.write_objects([customer(), subscription()], fetched_at=NOW)
    gone = {"id": "cus_1", "object": "customer", "deleted": True}
    writer.write_objects([subscription(customer=gone)], fetched_at=NOW + 1)
    stored = reader.records("cus_1").customer
    assert stored["deleted"] is True
    assert stored["email"] == "User1@Acme.test"


def test_what_its_source_no_longer_knows_leaves_the_records(writer: Writer, reader: Reader) -> None:
    writer.write_objects([customer(), subscription()], fetched_at=NOW)
    assert writer.mark_deleted("subscription", ["sub_1", "sub_none"]) == {"cus_1"}
    assert not reader.records("cus_1").subscriptions
    raw = reader.raw("sub_1")
    assert raw is not None
    assert raw["deleted"] is True


def test_a_detached_card_stays_with_the_customer_who_had_it(writer: Writer, reader: Reader) -> None:
    writer.write_objects([payment_method("pm_1", "cus_1")], fetched_at=NOW)
    writer.write_objects([payment_method("pm_1", None)], fetched_at=NOW + 1)
    cards = reader.records("cus_1").payment_methods
    assert [card["customer"] for card in cards] == [None]


def test_cards_missing_from_a_whole_list_are_detached(writer: Writer, reader: Reader) -> None:
    writer.write_objects([payment_method("pm_1"), payment_method("pm_2")], fetched_at=NOW)
    writer.mark_cards_read("cus_1", NOW + 5, attached=["pm_2"])
    records = reader.records("cus_1")
    assert {card["id"]: card["customer"] for card in records.payment_methods} == {"pm_1": None, "pm_2": "cus_1"}
    assert records.cards_read_at == NOW + 5


def test_look_ups_are_remembered_with_their_customer(writer: Writer, reader: Reader) -> None:
    writer.write_objects([subscription(), payment_method()], fetched_at=NOW)
    writer.mark_proof_read("pm_1")
    writer.mark_sessions_read("sub_1")
    writer.mark_sessions_read("sub_other")
    records = reader.records("cus_1")
    assert records.proof_read_for == {"pm_1"}
    assert records.sessions_read_for == {"sub_1"}
    assert records.cards_read_at is None


def test_unknown_objects_are_kept_raw(writer: Writer, reader: Reader) -> None:
    strange = {"id": "new_1", "object": "brand_new_thing", "customer": "cus_1", "shape": {"x": [1, {"y": None}]}}
    writer.write_objects([strange], fetched_at=NOW)
    assert reader.raw("new_1") == strange


def test_an_object_without_id_is_refused_and_nothing_of_its_batch_is_stored(writer: Writer, reader: Reader) -> None:
    with pytest.raises(ValueError, match="no id"):
        writer.write_objects([customer(), {"object": "list"}], fetched_at=NOW)
    assert reader.raw("cus_1") is None


def test_namesakes_share_an_email_whatever_its_case(writer: Writer, reader: Reader) -> None:
    others = [customer(2, email=" USER1@acme.TEST"), customer(3, email=""), customer(4, email=None)]
    writer.write_objects([customer(1), *others, subscription(2, customer="cus_2")], fetched_at=NOW)
    records = reader.records("cus_1")
    assert [each.customer["id"] for each in records.namesakes] == ["cus_2"]
    assert ids(records.namesakes[0].subscriptions) == ["sub_2"]
    assert records.namesakes[0].namesakes == (), "one level deep"
    assert reader.records("cus_3").namesakes == (), "an empty e-mail is nobody's"


def test_events_are_kept_once_with_the_customer_they_name(writer: Writer, reader: Reader) -> None:
    card = payment_method("pm_1", None)
    detached = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_method.detached",
        "created": NOW,
        "data": {"object": card, "previous_attributes": {"customer": "cus_1"}},
    }
    assert writer.write_events([detached, detached], fetched_at=NOW).customers == {"cus_1"}
    again = writer.write_events([detached | {"type": "changed"}], fetched_at=NOW + 1)
    assert again.objects == 0
    events = reader.records("cus_1").events
    assert [event["type"] for event in events] == ["payment_method.detached"]
    assert events[0]["data"]["object"]["id"] == "pm_1", "an event tells what was, in one piece"
    assert reader.known_ids(["evt_1", "evt_2"]) == {"evt_1"}


def test_highlevel_rows_belong_to_whoever_they_name(writer: Writer, reader: Reader) -> None:
    writer.write_objects([customer(1), subscription(1), customer(2, email="other@acme.test")], fetched_at=NOW)
    row = {"_id": "65a", "subscriptionId": "sub_1", "contactEmail": "other@acme.test", "contactId": "ct9"}
    result = writer.write_highlevel("subscription", [row], fetched_at=NOW)
    assert result.customers == {"cus_1", "cus_2"}
    assert reader.records("cus_1").highlevel_subscriptions == (row,)
    other = reader.records("cus_2")
    assert other.highlevel_subscriptions == (row,)
    assert other.highlevel_contacts == ("ct9",)
    writer.write_highlevel("contact", [{"id": "ct8", "email": "Other@acme.test"}], fetched_at=NOW)
    assert reader.records("cus_2").highlevel_contacts == ("ct8", "ct9")


def test_a_reconcile_learns_what_is_believed_open(writer: Writer, reader: Reader) -> None:
    paid = invoice(2, status="paid")
    writer.write_objects([subscription(), subscription(2, status="active"), invoice(), paid], fetched_at=NOW)
    assert reader.open_ids() == {"subscription": {"sub_1"}, "invoice": {"in_1"}}


def test_raw_objects_of_a_case_leave_out_those_of_other_cases(writer: Writer, reader: Reader) -> None:
    from tests.store.given import case

    other = subscription(2, customer="cus_1")
    writer.write_objects([expanded(), open_payment(), other, invoice(2, customer="cus_1")], fetched_at=NOW)
    writer.save_cases([case()])
    kinds = [raw["object"] for raw in reader.raw_of_case("sub_1")]
    assert kinds[0] == "subscription"
    wanted = "customer payment_method invoice invoice_payment payment_intent charge setup_intent setup_attempt mandate"
    assert sorted(kinds[1:]) == sorted(wanted.split())


def test_rows_are_found_again_after_many_batches(writer: Writer, reader: Reader) -> None:
    result = writer.write_objects((subscription(number) for number in range(1_200)), fetched_at=NOW - DAY)
    assert result.objects == 1_200
    records = reader.records_of([f"cus_{number}" for number in range(1_200)])
    assert all(len(each.subscriptions) == 1 for each in records.values())
