"""The history over four lanes."""

from __future__ import annotations

import pytest

from ghl_triage.diagnosis.timeline import timeline
from ghl_triage.model import Lane, TimelineEvent
from tests.diagnosis.build import DAY, FINALIZED, NOW, READ, START, TRIAL_END, World, failing, trial


def told(world: World, sub_id: str = "sub_1") -> tuple[TimelineEvent, ...]:
    return timeline(world.records(), sub_id, coverage=READ)


def lines(world: World) -> list[tuple[str, str]]:
    return [(event.lane.value, event.summary) for event in told(world)]


def custom_path() -> World:
    """Jane of design.md section 8, with a refused charge, a new default and a refund besides."""
    world = failing()
    world.card(created=START + 60)
    world.event("payment_method.attached", world.objects["payment_methods"]["pm_visa"], START + 60)
    charge = world.declined("pm_visa", "insufficient_funds", at=FINALIZED)
    world.event("charge.failed", charge, FINALIZED)
    before = {"invoice_settings": {"default_payment_method": None}}
    world.customer["invoice_settings"] = {"default_payment_method": "pm_visa"}
    world.event("customer.updated", world.customer, NOW - DAY, before)
    return world


def test_the_story_of_the_custom_path_reads_from_top_to_bottom() -> None:
    assert lines(custom_path()) == [
        ("api", "customer created by the API"),
        ("api", "subscription created by the API"),
        ("billing", "trial started, 30 days"),
        ("api", "Visa 4242 (exp 08/28) attached without a set-up"),
        ("billing", "trial ends"),
        ("billing", "invoice finalised"),
        ("billing", "Visa 4242 (exp 08/28) refused: insufficient_funds"),
        ("api", "the customer's default is now Visa 4242 (exp 08/28)"),
        ("billing", "Stripe's next attempt"),
    ]


def test_lines_come_oldest_first_and_carry_amount_and_result() -> None:
    events = told(custom_path())
    assert [event.at for event in events] == sorted(event.at for event in events)
    failed = next(event for event in events if event.kind == "charge_failed")
    assert (failed.amount, failed.currency, failed.ok) == (9_700, "usd", False)
    assert next(event for event in events if event.kind == "trial_started").amount == 9_700
    assert next(event for event in events if event.kind == "trial_ends").at == TRIAL_END


def test_an_event_and_its_object_make_one_line() -> None:
    world = custom_path()
    before = len(told(world))
    for twin in list(world.objects["events"].values()):
        world.event(twin["type"], twin["data"]["object"], twin["created"])
    assert len(told(world)) == before


def test_checkout_tells_its_sessions_and_set_ups() -> None:
    world = trial()
    world.card(default="sub_1", created=START)
    world.setup(id="seti_s", created=START)
    world.session(setup_intent="seti_s")
    world.session(None, mode="setup", status="expired", created=NOW - 2 * DAY, expires_at=NOW - DAY)
    rows = lines(world)
    assert ("checkout", "subscription Checkout opened") in rows
    assert ("checkout", "subscription Checkout completed") in rows
    assert ("checkout", "setup Checkout expired, not completed") in rows
    assert ("checkout", "Visa 4242 (exp 08/28) set up, off-session") in rows
    assert ("checkout", "Visa 4242 (exp 08/28) attached with a set-up") in rows
    assert ("checkout", "customer created by Checkout") in rows


def test_set_ups_that_failed_or_were_left() -> None:
    world = trial()
    world.setup(None, "requires_payment_method", last_setup_error={"code": "setup_intent_authentication_failure"})
    world.setup(None, "requires_action")
    world.setup("pm_x", usage="on_session")
    texts = [text for _, text in lines(world)]
    assert "set-up failed: setup_intent_authentication_failure" in texts
    assert "set-up not finished: requires_action" in texts
    assert "pm_x set up, on-session only" in texts


def test_an_attempt_with_nothing_to_charge_is_told() -> None:
    row = next(event for event in told(failing()) if event.kind == "not_charged")
    assert (row.summary, row.at, row.ok) == ("not tried: no default payment method", FINALIZED, False)


def test_refund_dispute_detachment_and_end() -> None:
    world = World()
    world.sub("canceled", ended_at=NOW - DAY, cancellation_details={"reason": "payment_failed"})
    world.card(attached=False)
    paid = world.charge(amount=100, amount_refunded=100, created=START, payment_method="pm_visa")
    world.event("charge.refunded", paid, START + DAY)
    world.dispute(paid["id"])
    gone = world.objects["payment_methods"]["pm_visa"]
    world.event("payment_method.detached", gone, START + 2 * DAY, {"customer": "cus_jane"}, by=None)
    rows = {event.kind: event for event in told(world)}
    assert (rows["refunded"].at, rows["refunded"].amount) == (START + DAY, 100)
    assert rows["dispute"].summary == "dispute opened: no reason given, now needs_response"
    assert (rows["card_detached"].lane, rows["card_detached"].at) == (Lane.BILLING, START + 2 * DAY)
    assert rows["ended"].summary == "subscription canceled: payment_failed"


def test_what_comes_after_the_sign_up_is_not_the_sellers() -> None:
    world = trial()
    world.session()
    world.card(created=START + 5 * DAY)
    world.setup(created=START + 5 * DAY)
    gone = {"id": "pm_gone", "object": "payment_method", "type": "card", "card": {"brand": "amex", "last4": "0005"}}
    world.event("payment_method.detached", gone, START + 6 * DAY, {"customer": "cus_jane"})
    rows = lines(world)
    assert ("api", "Visa 4242 (exp 08/28) set up, off-session") in rows
    assert ("api", "Visa 4242 (exp 08/28) attached with a set-up") in rows
    assert ("api", "Amex 0005 removed") in rows


def test_highlevel_is_heard_once() -> None:
    world = failing()
    world.listed("sub_1")
    charge = world.declined("pm_visa", "insufficient_funds")
    world.transaction(charge["id"], status="failed")
    world.transaction("in_1")
    world.transaction("ch_unknown", amount="12.50")
    rows = [event for event in told(world) if event.lane is Lane.HIGHLEVEL]
    assert [event.kind for event in rows if event.kind in ("listed", "transaction")] == ["listed", "transaction"]
    assert next(event for event in rows if event.kind == "transaction").amount == 1_250


def test_authentication_without_a_charge_is_told() -> None:
    world = failing()
    world.intent(status="requires_action", payment_method="pm_visa")
    assert ("billing", "pm_visa waits for the customer to authenticate") in lines(world)


def test_a_subscription_that_is_not_there_has_no_history() -> None:
    assert told(failing(), "sub_other") == ()


@pytest.mark.parametrize(("keys", "maker"), [(("locationId", "contactId"), "the API"), (("altId",), "HighLevel")])
def test_a_clients_own_code_writes_highlevels_ids_too(keys: tuple[str, ...], maker: str) -> None:
    world = failing()
    world.customer["metadata"] = dict.fromkeys(keys, "x")
    summaries = [event.summary for event in told(world)]
    assert f"customer created by {maker}" in summaries
