"""HighLevel's rows in the store: whose they are, when they are news, and those that are nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from ghl_triage.highlevel import RowKind, Strangeness
from ghl_triage.model import Coverage
from ghl_triage.store.reader import Reader
from ghl_triage.store.state import Account
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, customer, subscription

DAY = 86_400


def location(**changes: Any) -> dict[str, Any]:
    row = {
        "locationId": "loc1",
        "saasMode": "saasV2",
        "customerId": "cus_1",
        "subscriptionId": "sub_1",
        "email": "a@b.c",
    }
    return row | changes


def listed(identity: str, subscription_id: str | None, **changes: Any) -> dict[str, Any]:
    row = {"_id": identity, "subscriptionId": subscription_id, "contactEmail": "far@away.test", "status": "active"}
    return (
        row | {"amount": "97.50", "currency": "USD", "liveMode": False, "createdAt": "2026-11-20T00:00:00Z"} | changes
    )


@pytest.fixture
def town(writer: Writer) -> Writer:
    """Three customers, each with a subscription."""
    people = [customer(1), customer(2, email="two@acme.test"), customer(3, email="three@acme.test")]
    subscriptions = [subscription(number, customer=f"cus_{number}") for number in (1, 2, 3)]
    writer.write_objects([*people, *subscriptions], fetched_at=NOW)
    return writer


def test_a_location_is_everybodys_whom_it_names_by_customer_subscription_or_email(town: Writer, reader: Reader) -> None:
    row = location(customerId="cus_1", subscriptionId="sub_2", email="THREE@acme.test")
    assert town.write_highlevel("saas_location", [row], fetched_at=NOW).customers == {"cus_1", "cus_2", "cus_3"}
    for name in ("cus_1", "cus_2", "cus_3"):
        assert reader.records(name).highlevel_saas_locations == (row,)


def test_a_location_that_is_mapped_anew_leaves_whom_it_named(town: Writer, reader: Reader) -> None:
    town.write_highlevel("saas_location", [location()], fetched_at=NOW)
    moved = location(customerId="cus_2", subscriptionId="sub_2")
    assert town.write_highlevel("saas_location", [moved], fetched_at=NOW + 1).customers == {"cus_1", "cus_2"}
    assert reader.records("cus_1").highlevel_saas_locations == ()
    assert reader.records("cus_2").highlevel_saas_locations == (moved,)


def test_rows_that_came_before_are_no_news(town: Writer) -> None:
    row = listed("r1", "sub_1")
    assert town.write_highlevel("subscription", [row], fetched_at=NOW).customers == {"cus_1"}
    again = town.write_highlevel("subscription", [row], fetched_at=NOW + 60)
    assert (again.objects, again.customers) == (1, set())
    assert town.write_highlevel("subscription", [row | {"status": "x"}], fetched_at=NOW + 90).customers == {"cus_1"}


def test_what_a_whole_list_lacks_is_gone_and_its_customers_are_told(town: Writer, reader: Reader) -> None:
    town.write_highlevel("saas_location", [location(), location(locationId="loc2")], fetched_at=NOW)
    assert town.keep_only_highlevel("saas_location", {"loc2"}) == {"cus_1"}
    assert [row["locationId"] for row in reader.records("cus_1").highlevel_saas_locations] == ["loc2"]
    town.write_highlevel("saas_location", [location()], fetched_at=NOW + 1)
    assert len(reader.records("cus_1").highlevel_saas_locations) == 2


def test_that_contacts_were_asked_for_is_kept_and_one_that_is_gone_goes(town: Writer, reader: Reader) -> None:
    assert reader.records("cus_2").contacts_read_at is None
    contact = {"id": "ct1", "email": "Two@acme.test"}
    town.write_highlevel("contact", [contact], fetched_at=NOW)
    assert town.mark_contacts_read(["two@acme.test", "three@acme.test"], {"ct1"}, NOW) == {"cus_2", "cus_3"}
    assert town.mark_contacts_read(["two@acme.test"], {"ct1"}, NOW + 60) == set(), "asked again, the same answer"
    records = reader.records("cus_2")
    assert (records.contacts_read_at, records.highlevel_contacts) == (NOW + 60, ("ct1",))
    assert town.mark_contacts_read(["two@acme.test"], set(), NOW + 90) == {"cus_2"}
    assert reader.records("cus_2").highlevel_contacts == ()


def test_a_contact_that_was_merged_into_another_is_not_a_second_one(town: Writer, reader: Reader) -> None:
    old = {"_id": "t1", "contactId": "ct1", "contactEmail": "two@acme.test"}
    new = {"_id": "t2", "contactId": "ct2", "contactEmail": "two@acme.test", "mergedFromContactId": "ct1"}
    town.write_highlevel("transaction", [old, new], fetched_at=NOW)
    assert reader.records("cus_2").highlevel_contacts == ("ct2",)


def test_strangers_are_rows_of_the_other_mode_another_provider_or_unknown_here(town: Writer, reader: Reader) -> None:
    town.set_account(Account("acct_1", "Acme", livemode=False))
    town.save_coverage(Coverage(subscriptions_since=NOW - 120 * DAY))
    old = {"createdAt": "2024-01-01T00:00:00Z"}
    rows = [
        listed("known", "sub_1"),
        listed("live", "sub_x", liveMode=True),
        listed("paypal", "I-123", paymentProviderType="paypal"),
        listed("gone", "sub_x"),
        listed("settled long ago", "sub_y", **old),
        listed("failing for long", "sub_z", status="incomplete", **old),
    ]
    town.write_highlevel("subscription", rows, fetched_at=NOW)
    info = {"subscriptionInfo": {"subscriptionStatus": "past_due"}}
    places = [
        location(locationId="far", customerId="cus_x", subscriptionId="sub_x", **info),
        location(locationId="near", subscriptionId="sub_x", **info),
    ]
    town.write_highlevel("saas_location", places, fetched_at=NOW)
    found = {row.id: row.why for row in reader.highlevel_strangers()}
    assert found == {
        "live": Strangeness.OTHER_MODE,
        "paypal": Strangeness.OTHER_PROVIDER,
        "gone": Strangeness.UNKNOWN_HERE,
        "failing for long": Strangeness.UNKNOWN_HERE,
        "far": Strangeness.UNKNOWN_HERE,
    }
    row = next(row for row in reader.highlevel_strangers() if row.id == "gone")
    assert (row.kind, row.amount, row.currency, row.email) == (RowKind.SUBSCRIPTION, 9750, "usd", "far@away.test")


def test_nobody_is_unknown_before_stripes_lists_were_read(town: Writer, reader: Reader) -> None:
    town.set_account(Account("acct_1", "Acme", livemode=False))
    town.write_highlevel("subscription", [listed("gone", "sub_x")], fetched_at=NOW)
    assert reader.highlevel_strangers() == []


def test_workflows_that_act_come_first(writer: Writer, reader: Reader) -> None:
    rows = [
        {"id": "w1", "name": "Asleep", "status": "draft", "updatedAt": "2026-01-02T00:00:00.000Z"},
        {"id": "w2", "name": "Dunning", "status": "published"},
    ]
    assert writer.write_highlevel("workflow", rows, fetched_at=NOW).customers == set()
    assert [(flow.name, flow.published) for flow in reader.highlevel_workflows()] == [
        ("Dunning", True),
        ("Asleep", False),
    ]
