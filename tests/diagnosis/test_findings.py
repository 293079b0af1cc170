"""Observations beside the cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ghl_triage.model import Finding
from tests.diagnosis.build import DAY, NOW, START, World, failing, refused, trial


def exhausted(status: str = "past_due") -> World:
    world = refused("insufficient_funds")
    world.objects["invoices"]["in_1"]["next_payment_attempt"] = None
    world.objects["subscriptions"]["sub_1"]["status"] = status
    return world


def paying_by_debit() -> World:
    """No next attempt, for a payment is on its way."""
    world = exhausted()
    intent = world.intent_of("in_1")
    assert intent is not None
    intent |= {"status": "processing", "last_payment_error": None}
    return world


def older_invoice() -> World:
    world = failing()
    world.invoice("in_old", created=START, amount_remaining=100)
    return world


def active(**changes: Any) -> World:
    world = World()
    world.sub("active", **changes)
    world.card(default="customer")
    return world


def disputed() -> World:
    world = active()
    world.dispute(world.charge(created=START)["id"])
    return world


def warned() -> World:
    world = active()
    charge = world.charge(created=START)
    world.event("radar.early_fraud_warning.created", {"id": "issfr_1", "charge": charge["id"]}, NOW - DAY)
    return world


def warned_long_ago() -> World:
    """Its event is gone; the warning itself is listed."""
    world = active()
    charge = world.charge(created=START)
    warning = {"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": charge["id"], "created": START}
    world.put("early_fraud_warnings", warning)
    return world


def ends(behavior: str, *, card: bool = False) -> World:
    world = trial(trial_settings={"end_behavior": {"missing_payment_method": behavior}})
    if card:
        world.card(default="customer")
    return world


def listed(sub_id: str = "sub_1", **changes: Any) -> World:
    world = failing()
    world.listed(sub_id, **changes)
    return world


def mapped(customer: str | None = "cus_jane", sub_id: str | None = "sub_1", **changes: Any) -> World:
    world = failing()
    world.location(customer, sub_id, **changes)
    return world


def mapped_old(status: str = "canceled") -> World:
    world = mapped(sub_id="sub_old")
    world.sub(status, "sub_old", created=START - DAY)
    return world


def mapped_twin(status: str = "active") -> World:
    """The location of this e-mail is mapped to another customer and his subscription."""
    other = World("cus_twin")
    other.sub(status, "sub_twin", items={"data": []})
    return mapped("cus_twin", "sub_twin").namesake(other)


def mapped_twice() -> World:
    """The same, and another location is mapped as it should be."""
    world = mapped_twin()
    world.location("cus_jane", "sub_1", locationId="loc_2")
    return world


def in_account(account: str | None, sub_id: str = "sub_1", **changes: Any) -> World:
    world = listed(sub_id, paymentProviderConnectedAccount="conn_1", **changes)
    return world.cover(account="acct_ours", highlevel_accounts={"conn_1": account} if account else {})


def contacts(*ids: str, read: bool = True) -> World:
    world = failing()
    world.extra |= {"highlevel_contacts": ids, "contacts_read_at": NOW if read else None}
    return world


CASES: list[tuple[Finding, Callable[[], World], Callable[[], World]]] = [
    (Finding.RETRIES_EXHAUSTED, exhausted, lambda: refused("insufficient_funds")),
    (Finding.RETRIES_EXHAUSTED, lambda: exhausted("unpaid"), lambda: exhausted("incomplete")),
    (Finding.RETRIES_EXHAUSTED, exhausted, paying_by_debit),
    (Finding.UNPAID_OLDER_INVOICES, older_invoice, failing),
    (Finding.CANCEL_SCHEDULED, lambda: failing(cancel_at=NOW + DAY), failing),
    (Finding.COLLECTION_PAUSED, lambda: active(pause_collection={"behavior": "void"}), active),
    (Finding.DISPUTED, disputed, active),
    (Finding.EARLY_FRAUD_WARNING, warned, active),
    (Finding.EARLY_FRAUD_WARNING, warned_long_ago, active),
    (Finding.TRIAL_WILL_BE_CANCELED, lambda: ends("cancel"), lambda: ends("cancel", card=True)),
    (Finding.TRIAL_WILL_BE_PAUSED, lambda: ends("pause"), lambda: ends("create_invoice")),
    (Finding.NOT_IN_HIGHLEVEL, failing, listed),
    (Finding.NOT_IN_HIGHLEVEL, failing, lambda: failing().cover(highlevel_subscriptions_read=False)),
    (Finding.NOT_IN_HIGHLEVEL, mapped, listed),
    (Finding.HIGHLEVEL_OTHER_CUSTOMER, lambda: listed(autoPayment={"customerId": "cus_x"}), listed),
    (Finding.HIGHLEVEL_OTHER_CUSTOMER, lambda: mapped("cus_x"), mapped),
    (Finding.HIGHLEVEL_OTHER_CUSTOMER, lambda: mapped("cus_x", None), lambda: mapped(None)),
    (Finding.HIGHLEVEL_OTHER_CUSTOMER, mapped_twin, mapped_twice),
    (
        Finding.HIGHLEVEL_OTHER_CUSTOMER,
        lambda: mapped("cus_x", "sub_x"),
        lambda: mapped("cus_x", "sub_x", email="x@y.z"),
    ),
    (Finding.HIGHLEVEL_STALE_SUBSCRIPTION, mapped_old, mapped),
    (Finding.HIGHLEVEL_STALE_SUBSCRIPTION, lambda: mapped_old("incomplete_expired"), lambda: mapped_old("active")),
    (Finding.HIGHLEVEL_STALE_SUBSCRIPTION, lambda: mapped(sub_id=None), lambda: mapped("cus_x", None, email="x@y.z")),
    (
        Finding.HIGHLEVEL_STALE_SUBSCRIPTION,
        lambda: mapped(sub_id="sub_lost", subscriptionInfo={"subscriptionStatus": "canceled"}),
        lambda: mapped(sub_id="sub_lost", subscriptionInfo={"subscriptionStatus": "active"}),
    ),
    (Finding.HIGHLEVEL_ACCOUNT_MISMATCH, lambda: in_account("acct_x"), lambda: in_account("acct_ours")),
    (Finding.HIGHLEVEL_ACCOUNT_MISMATCH, lambda: in_account("acct_x", "sub_x"), lambda: in_account(None, "sub_x")),
    (Finding.HIGHLEVEL_ACCOUNT_MISMATCH, lambda: listed("sub_x", liveMode=True), lambda: listed("sub_x")),
    (Finding.HIGHLEVEL_ACCOUNT_MISMATCH, lambda: listed(liveMode="true"), lambda: listed(liveMode="false")),
    (
        Finding.HIGHLEVEL_ACCOUNT_MISMATCH,
        lambda: mapped().cover(account="acct_ours", highlevel_company_account="acct_x"),
        lambda: mapped().cover(account="acct_ours", highlevel_company_account="acct_ours"),
    ),
    (
        Finding.HIGHLEVEL_ACCOUNT_MISMATCH,
        lambda: mapped().cover(account="acct_ours", highlevel_company_account="acct_x"),
        lambda: failing().cover(account="acct_ours", highlevel_company_account="acct_x"),
    ),
    (Finding.CONTACT_MISSING, contacts, lambda: contacts("c1")),
    (Finding.CONTACT_MISSING, contacts, lambda: contacts(read=False)),
    (Finding.CONTACT_AMBIGUOUS, lambda: contacts("c1", "c2"), lambda: contacts("c1", "c1")),
]


@pytest.mark.parametrize(("finding", "build", "miss"), CASES, ids=[case[0].value for case in CASES])
def test_a_finding_and_its_near_miss(finding: Finding, build: Callable[[], World], miss: Callable[[], World]) -> None:
    assert finding in build().case().findings
    assert finding not in miss().case().findings


def test_highlevels_own_word_stands_beside_stripes() -> None:
    case = listed(status="incomplete", _id="hl_1").case()
    assert (case.highlevel.subscription, case.highlevel.status, case.status) == ("hl_1", "incomplete", "past_due")
    assert case.highlevel.contact == "contact_1"


def test_a_finding_of_highlevels_shows_both_ids() -> None:
    proof = mapped("cus_x").case().finding_evidence[Finding.HIGHLEVEL_OTHER_CUSTOMER]
    assert [(each.object_id, each.value) for each in proof] == [("loc_1", "cus_x"), ("sub_1", "cus_jane")]
    proof = mapped_old().case().finding_evidence[Finding.HIGHLEVEL_STALE_SUBSCRIPTION]
    assert [(each.object_id, each.value) for each in proof] == [("loc_1", "sub_old (canceled)"), ("sub_1", "past_due")]
    proof = in_account("acct_x").case().finding_evidence[Finding.HIGHLEVEL_ACCOUNT_MISMATCH]
    assert [each.value for each in proof] == ["acct_x", "acct_ours test"]


def test_a_row_of_another_provider_says_nothing_of_the_stripe_account() -> None:
    case = listed("I-PAYPAL", paymentProviderType="paypal", liveMode=True).case()
    assert Finding.HIGHLEVEL_ACCOUNT_MISMATCH not in case.findings


def test_a_subscription_that_is_over_is_not_looked_for_in_the_mapping() -> None:
    world = mapped_old()
    world.location("cus_x", "sub_x", locationId="loc_2")
    assert not {*world.case("sub_old").findings} & {
        Finding.HIGHLEVEL_OTHER_CUSTOMER,
        Finding.HIGHLEVEL_STALE_SUBSCRIPTION,
    }


def test_the_location_stands_beside_the_case_with_what_it_is_mapped_to() -> None:
    view = mapped_old().case().highlevel
    assert (view.saas_location, view.saas_customer, view.saas_subscription) == ("loc_1", "cus_jane", "sub_old")
