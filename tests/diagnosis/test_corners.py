"""Rarer shapes of the same facts."""

from __future__ import annotations

from typing import Any

from ghl_triage.diagnosis.texts import sentence
from ghl_triage.diagnosis.timeline import timeline
from ghl_triage.model import ActionKind, Cause, Finding, LinkKind, Stage
from ghl_triage.text import money
from tests.diagnosis.build import DAY, FINALIZED, HOUR, NOW, START, TRIAL_END, World, failing, price, refused, trial


def kinds(world: World) -> dict[str, str]:
    return {event.kind: event.summary for event in timeline(world.records(), "sub_1")}


def test_a_card_that_was_taken_since_is_not_hard_declined() -> None:
    world = refused("lost_card", at=FINALIZED)
    world.card("pm_low", default="customer", created=START)
    world.objects["subscriptions"]["sub_1"]["default_payment_method"] = "pm_visa"
    world.objects["invoices"]["in_1"]["next_payment_attempt"] = None
    assert "for good" in world.case().blocked[ActionKind.RETRY]
    world.charge(payment_method="pm_visa", created=NOW - DAY, amount=1)
    assert "for good" in world.case().blocked[ActionKind.RETRY], "it still failed last on this invoice"


def test_a_recovered_case_keeps_the_time_of_its_failure() -> None:
    world = refused("insufficient_funds", at=FINALIZED)
    world.objects["subscriptions"]["sub_1"]["status"] = "active"
    world.objects["invoices"]["in_1"].update(status="paid", amount_remaining=0)
    intent = world.intent_of("in_1")
    assert intent is not None
    intent.update(status="succeeded", last_payment_error=None)
    world.charge(intent, created=NOW - DAY)
    case = world.case()
    assert (case.stage, case.failed_at, case.cause) == (Stage.RECOVERED, FINALIZED, None)


def test_a_default_of_the_subscription_is_remembered_by_its_events() -> None:
    world = failing()
    world.card("pm_gone", attached=False)
    before = {"default_payment_method": "pm_gone"}
    world.event("customer.subscription.updated", world.objects["subscriptions"]["sub_1"], NOW - DAY, before)
    assert world.case().cause is Cause.PAYMENT_METHOD_DETACHED
    assert kinds(world)["default_changed"] == "the subscription's default was removed"


def test_the_silence_of_events_tells_of_an_indian_card_alone() -> None:
    world = failing()
    world.card(default="customer", country="IN")
    assert world.case().cause is Cause.ALREADY_FIXED
    world.event("setup_intent.succeeded", {"id": "seti_x", "object": "setup_intent", "customer": "cus_jane"}, START)
    assert world.case().cause is Cause.MANDATE_MISSING
    world.card(country="US")
    assert world.case().cause is Cause.ALREADY_FIXED, "the default may have been set a moment ago"


def test_an_invoice_paid_by_a_bare_charge_is_understood() -> None:
    world = World()
    world.sub()
    world.invoice()
    world.card(default="customer")
    charge = world.charge(status="failed", failure_code="insufficient_funds", payment_method="pm_visa")
    payment = {"id": "inpay_1", "invoice": "in_1", "payment": {"type": "charge", "charge": charge["id"]}}
    world.put("invoice_payments", payment)
    case = world.case()
    assert (case.cause, case.attempts) == (Cause.SOFT_DECLINE, 1)


def test_a_namesakes_default_counts_before_its_object_is_read() -> None:
    other = World("cus_twin").unread()
    other.customer["default_source"] = "card_old"
    assert failing().namesake(other).case().cause is Cause.CARD_ON_DUPLICATE_CUSTOMER


def test_a_lost_dispute_on_the_card_that_would_be_charged() -> None:
    world = refused("insufficient_funds")
    old = world.charge(created=START, payment_method="pm_before")
    old["payment_method_details"]["card"]["fingerprint"] = "fp_pm_visa"
    world.dispute(old["id"], "lost")
    case = world.case()
    assert case.cause is Cause.DISPUTED
    assert "a dispute was lost" in case.blocked[ActionKind.RETRY]


def test_a_dispute_that_names_the_payment_intent_alone() -> None:
    world = refused("insufficient_funds")
    intent = world.intent_of("in_1")
    assert intent is not None
    world.dispute("ch_unread", "lost")["payment_intent"] = intent["id"]
    assert world.case().cause is Cause.DISPUTED


def test_a_payment_method_of_a_type_that_is_not_taken_is_refused() -> None:
    world = failing(payment_settings={"payment_method_types": ["sepa_debit"]})
    world.card(default="customer")
    assert "takes no card payments" in world.case().blocked[ActionKind.RETRY]


def test_a_price_with_parts_of_a_cent_is_rounded() -> None:
    parts = price(None) | {"unit_amount_decimal": "1234.5"}
    assert trial(items={"data": [{"id": "si", "quantity": 1, "price": parts}]}).case().amount_at_risk == 1_234
    broken = price(None) | {"unit_amount_decimal": "a lot"}
    assert trial(items={"data": [{"id": "si", "quantity": 1, "price": broken}]}).case().amount_at_risk == 0


def test_sentences_of_the_other_actions() -> None:
    def next_step(world: World) -> str:
        return sentence(world.case(), money=money).next_step

    paused = World()
    paused.sub("paused")
    paused.card(default="customer")
    assert next_step(paused) == "P resumes the subscription."
    twice = refused("insufficient_funds")
    twice.sub("active", "sub_2")
    assert next_step(twice).startswith("X compares it with the subscription that stays")
    several = failing()
    several.card("pm_a")
    several.card("pm_b")
    assert "D makes the card that you choose the default" in next_step(several)
    assert "D is refused now: several cards" in next_step(several)
    disputed = refused("insufficient_funds")
    disputed.dispute(disputed.charge(created=START)["id"])
    assert next_step(disputed) == "Settle the dispute in the Dashboard first; charge nothing until then."
    lost = failing(status="canceled", cancellation_details={"reason": "payment_failed"}, ended_at=NOW - DAY)
    lost.invoice(status="void")
    assert (next_step(lost), lost.case().link) == (
        "L gives a new Checkout without a second trial.",
        LinkKind.NEW_CHECKOUT,
    )


def test_history_of_the_rarer_things() -> None:
    world = World()
    world.sub("paused", cancel_at=NOW + DAY)
    world.customer["metadata"] = {"locationId": "loc_1"}
    world.event("customer.subscription.paused", world.objects["subscriptions"]["sub_1"], TRIAL_END)
    world.invoice("in_void", status="void")
    world.event("invoice.voided", world.objects["invoices"]["in_void"], NOW - DAY)
    world.invoice("in_credit", status="paid", amount_remaining=0, status_transitions={"paid_at": NOW - HOUR})
    world.charge(status="pending", created=NOW - HOUR)
    told = kinds(world)
    assert told["customer_created"] == "customer created by the API"
    assert told["paused"] == "subscription paused"
    assert told["voided"] == "invoice voided"
    assert told["paid"] == "paid without a charge"
    assert told["charge"] == "no card: charge pending"
    assert told["cancel_scheduled"] == "set to be canceled"


def test_highlevels_times_and_amounts_come_in_many_forms() -> None:
    def found(**changes: Any) -> bool:
        world = refused("insufficient_funds")
        world.transaction("ch_elsewhere", **changes)
        return Finding.PAID_ELSEWHERE in world.case().findings

    assert found(createdAt=NOW - DAY)
    assert found(createdAt=(NOW - DAY) * 1_000)
    assert found(amount="97.00", contactEmail=None, chargeSnapshot={"customer": "cus_jane"})
    assert found(createdAt="2025-11-22T12:13:20")
    assert not found(createdAt="yesterday")
    assert not found(amount="a lot")
    assert not found(amount=True)
    assert not found(createdAt=(NOW - 30 * DAY) * 1_000)
