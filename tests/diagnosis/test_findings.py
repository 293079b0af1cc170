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


def listed_old() -> World:
    world = listed("sub_old")
    world.sub("canceled", "sub_old", created=START - DAY)
    return world


def listed_twin() -> World:
    other = World("cus_twin")
    other.sub("active", "sub_twin", items={"data": []})
    return listed("sub_twin").namesake(other)


def contacts(*ids: str) -> World:
    world = failing()
    world.extra["highlevel_contacts"] = ids
    return world


CASES: list[tuple[Finding, Callable[[], World], Callable[[], World]]] = [
    (Finding.RETRIES_EXHAUSTED, exhausted, lambda: refused("insufficient_funds")),
    (Finding.RETRIES_EXHAUSTED, lambda: exhausted("unpaid"), lambda: exhausted("incomplete")),
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
    (Finding.HIGHLEVEL_OTHER_CUSTOMER, lambda: listed(autoPayment={"customerId": "cus_x"}), listed),
    (Finding.HIGHLEVEL_OTHER_CUSTOMER, listed_twin, listed_old),
    (Finding.HIGHLEVEL_STALE_SUBSCRIPTION, listed_old, listed),
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
