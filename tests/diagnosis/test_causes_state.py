"""Rows 1 to 12: each with a case that has the cause and one that just misses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ghl_triage.model import ActionKind, Actor, Cause, Finding, Stage
from tests.diagnosis.build import (
    DAY,
    FINALIZED,
    HOUR,
    NOW,
    START,
    TRIAL_END,
    World,
    failing,
    first_payment,
    price,
    refused,
    trial,
)


def disputed(status: str = "needs_response", *, own: bool = True) -> World:
    world = refused("insufficient_funds")
    if own:
        paid = world.charge(world.intent(), created=START + DAY, payment_method="pm_visa")
    else:
        world.card("pm_old", created=START)
        paid = world.charge(created=START + DAY, payment_method="pm_old")
    world.dispute(paid["id"], status)
    return world


def duplicate(*, other: str = "trialing", own_card: bool = False, **changes: Any) -> World:
    world = refused("insufficient_funds")
    world.sub(other, "sub_2", created=START + DAY, latest_invoice=None, **changes)
    if own_card:
        world.card("pm_two", default="sub_2")
    return world


def expired_first() -> World:
    world = failing(status="incomplete_expired", ended_at=TRIAL_END)
    world.invoice(status="void")
    return world


def canceled(reason: str | None, **changes: Any) -> World:
    world = failing(status="canceled", cancellation_details={"reason": reason}, ended_at=NOW - DAY, **changes)
    world.invoice(status="uncollectible")
    return world


def paused(pause_type: str | None, *, card: bool = False) -> World:
    world = World()
    world.sub("paused", status_details={"paused": {"type": "subscription", "subscription": {"type": pause_type}}})
    if card:
        world.card(default="customer")
    return world


def processing(status: str = "processing") -> World:
    world = failing()
    world.card(default="customer")
    world.intent(status=status)
    return world


def mailed(method: str = "send_invoice") -> World:
    world = failing()
    world.invoice(collection_method=method, attempted=False, next_payment_attempt=None)
    return world


def draft(age: int = 3 * HOUR, status: str = "past_due", **changes: Any) -> World:
    world = World()
    world.sub(status)
    world.card(default="customer")
    world.invoice(status="draft", created=NOW - age, attempted=False, status_transitions={}, **changes)
    return world


def untried(age: int = HOUR) -> World:
    world = failing()
    world.card(default="customer")
    world.setup()
    world.invoice(attempted=False, status_transitions={"finalized_at": NOW - age}, created=NOW - age - HOUR)
    return world


def not_collected() -> World:
    world = untried(3 * HOUR)
    world.objects["invoices"]["in_1"]["auto_advance"] = False
    return world


CASES: list[tuple[str, Callable[[], World], Cause | None]] = [
    ("dispute open", disputed, Cause.DISPUTED),
    ("dispute under review on another card", lambda: disputed("under_review", own=False), Cause.DISPUTED),
    ("inquiry open", lambda: disputed("warning_needs_response"), Cause.DISPUTED),
    ("dispute lost on this subscription", lambda: disputed("lost"), Cause.DISPUTED),
    ("dispute lost on another card", lambda: disputed("lost", own=False), Cause.SOFT_DECLINE),
    ("dispute won", lambda: disputed("won"), Cause.SOFT_DECLINE),
    ("inquiry closed", lambda: disputed("warning_closed"), Cause.SOFT_DECLINE),
    ("another one active", lambda: duplicate(other="active"), Cause.DUPLICATE_SUBSCRIPTION),
    ("another one has a usable card", lambda: duplicate(own_card=True), Cause.DUPLICATE_SUBSCRIPTION),
    ("neither has a usable card", duplicate, Cause.DUPLICATE_SUBSCRIPTION),
    ("the other one is canceled", lambda: duplicate(other="canceled"), Cause.SOFT_DECLINE),
    ("the other trial ends by choice", lambda: duplicate(cancel_at_period_end=True), Cause.SOFT_DECLINE),
    (
        "another price",
        lambda: duplicate(items={"data": [{"id": "si", "quantity": 1, "price": price(5_000, "price_b")}]}),
        Cause.SOFT_DECLINE,
    ),
    ("first payment never made", expired_first, Cause.FIRST_PAYMENT_EXPIRED),
    ("canceled for nonpayment", lambda: canceled("payment_failed"), Cause.CANCELED_FOR_NONPAYMENT),
    (
        "canceled at the trial's end without a card",
        lambda: canceled(None, trial_end=NOW - DAY),
        Cause.CANCELED_FOR_NONPAYMENT,
    ),
    ("canceled on request", lambda: canceled("cancellation_requested", trial_end=NOW - DAY), None),
    ("canceled for a dispute", lambda: canceled("payment_disputed", trial_end=NOW - DAY), None),
    ("canceled long after the trial", lambda: canceled(None, trial_end=NOW - 4 * DAY), None),
    ("canceled before the trial's end", lambda: canceled(None, trial_end=NOW), None),
    ("collection paused", lambda: failing(pause_collection={"behavior": "void"}), Cause.COLLECTION_PAUSED),
    ("trial with collection paused", lambda: trial(pause_collection={"behavior": "void"}), Cause.COLLECTION_PAUSED),
    ("paused on request", lambda: paused("pause_requested"), Cause.COLLECTION_PAUSED),
    ("paused for a reason of tomorrow", lambda: paused("moon_phase"), Cause.COLLECTION_PAUSED),
    ("trial ended without a card", lambda: paused("trial_end_without_payment_method"), Cause.TRIAL_ENDED_WITHOUT_CARD),
    ("paused, no reason given", lambda: paused(None), Cause.TRIAL_ENDED_WITHOUT_CARD),
    ("paused after failed payments", lambda: paused("final_payment_failure"), Cause.NO_PAYMENT_METHOD),
    ("payment on its way", processing, Cause.PAYMENT_PROCESSING),
    ("payment not on its way", lambda: processing("requires_payment_method"), Cause.ALREADY_FIXED),
    ("invoice mailed", mailed, Cause.INVOICE_SENT_NOT_CHARGED),
    ("invoice charged", lambda: mailed("charge_automatically"), Cause.NO_PAYMENT_METHOD),
    ("old draft", draft, Cause.INVOICE_NOT_FINALIZED),
    ("young draft", lambda: draft(HOUR), Cause.UNKNOWN),
    ("draft that failed", lambda: draft(60, last_finalization_error={"code": "x"}), Cause.INVOICE_NOT_FINALIZED),
    ("drafts of an unpaid one", lambda: draft(status="unpaid"), Cause.UNKNOWN),
    ("automatic collection off", not_collected, Cause.INVOICE_NOT_FINALIZED),
    ("just finalised", untried, Cause.NOT_ATTEMPTED_YET),
    ("finalised three hours ago", lambda: untried(3 * HOUR), Cause.UNKNOWN),
    ("first payment open", first_payment, Cause.FIRST_PAYMENT_INCOMPLETE),
    ("first payment waits for the bank", lambda: first_payment("requires_action"), Cause.AUTHENTICATION_REQUIRED),
    (
        "first payment refused for authentication",
        lambda: first_payment(decline="authentication_required"),
        Cause.AUTHENTICATION_REQUIRED,
    ),
    ("first payment refused", lambda: first_payment(decline="insufficient_funds"), Cause.SOFT_DECLINE),
    ("first payment, card lost", lambda: first_payment(decline="lost_card"), Cause.HARD_DECLINE),
]


@pytest.mark.parametrize(("build", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_state_decides(build: Callable[[], World], cause: Cause | None) -> None:
    case = build().case()
    assert case.cause is cause
    assert case.pending is None
    if cause is not None:
        assert case.evidence


def test_a_disputed_charge_whose_dispute_is_not_known_holds_everything_back() -> None:
    # A restricted key without the right to read disputes: charges still say that they were disputed.
    world = refused("insufficient_funds")
    paid = world.charge(world.intent(), created=START + DAY, payment_method="pm_visa", disputed=True)
    case = world.case()
    assert (case.cause, case.pending) == (None, "disputes not read yet")
    assert "disputes not read yet" in case.blocked[ActionKind.RETRY]
    world.dispute(paid["id"], "won")
    case = world.case()
    assert (case.cause, case.pending) == (Cause.SOFT_DECLINE, None)
    assert ActionKind.RETRY not in case.blocked


def test_the_keeper_of_two_is_the_oldest_with_a_usable_card() -> None:
    world = trial(created=START)
    world.card(default="customer")
    world.setup()
    world.sub("trialing", "sub_2", created=START + DAY)
    kept, other = world.cases()
    assert kept.stage is Stage.HEALTHY
    assert (other.cause, other.recommended) == (Cause.DUPLICATE_SUBSCRIPTION, (ActionKind.CANCEL_DUPLICATE,))


def test_no_duplicate_is_called_by_cards_that_nobody_has_seen() -> None:
    world = duplicate(own_card=True).unread()
    assert world.case().cause is Cause.DUPLICATE_SUBSCRIPTION
    world.objects["subscriptions"]["sub_1"]["default_payment_method"] = "pm_unseen"
    case = world.case()
    assert (case.cause, case.pending) == (None, "cards not read yet")
    active = duplicate(other="active").unread()
    active.objects["subscriptions"]["sub_1"]["default_payment_method"] = "pm_unseen"
    assert active.case().cause is Cause.DUPLICATE_SUBSCRIPTION, "the active one stays, whatever the cards"


def test_a_namesakes_subscription_is_a_duplicate_too() -> None:
    other = World("cus_twin", "JANE@Acme.test")
    other.sub("active", "sub_twin")
    world = refused("insufficient_funds").namesake(other)
    assert world.case().cause is Cause.DUPLICATE_SUBSCRIPTION
    world = refused("insufficient_funds")
    other = World("cus_twin", "someone@else.test")
    other.sub("active", "sub_twin")
    assert world.namesake(other).case().cause is Cause.SOFT_DECLINE


def test_customers_without_an_address_are_no_namesakes() -> None:
    other = World("cus_twin", "")
    other.sub("active", "sub_twin")
    world = World("cus_jane", "")
    world.sub()
    world.invoice()
    world.intent()
    assert world.namesake(other).case().cause is Cause.NO_PAYMENT_METHOD


def test_two_active_ones_are_billed_twice() -> None:
    world = World()
    world.sub("active", "sub_1")
    world.sub("active", "sub_2")
    assert all(Finding.DOUBLE_BILLED in case.findings for case in world.cases())


def test_a_paused_trial_with_a_card_since_can_be_resumed() -> None:
    case = paused(None, card=True).case()
    assert (case.actor, case.recommended) == (Actor.CONSULTANT, (ActionKind.RESUME_SUBSCRIPTION,))
    assert ActionKind.RESUME_SUBSCRIPTION not in case.blocked
    without = paused(None).case()
    assert without.actor is Actor.CUSTOMER
    assert "no usable payment method" in without.blocked[ActionKind.RESUME_SUBSCRIPTION]


def test_a_paused_trial_is_not_resumed_on_a_card_that_nobody_has_seen() -> None:
    world = paused(None).unread()
    world.customer["invoice_settings"] = {"default_payment_method": "pm_unseen"}
    case = world.case()
    assert (case.pending, case.recommended) == ("cards not read yet", ())
    assert "cards not read yet" in case.blocked[ActionKind.RESUME_SUBSCRIPTION]


def test_past_due_with_a_settled_invoice_is_stale() -> None:
    for status in ("paid", "void", "uncollectible"):
        world = refused("insufficient_funds")
        world.objects["invoices"]["in_1"] |= {"status": status, "amount_remaining": 0}
        case = world.case()
        assert case.cause is Cause.UNKNOWN
        assert Finding.STALE in case.findings


def test_the_invoice_that_counts_is_the_newest_open_one_that_was_tried() -> None:
    world = failing(status="unpaid")
    world.card(default="customer")
    world.declined("pm_visa", "insufficient_funds")
    world.invoice("in_2", created=FINALIZED + DAY, attempted=False)
    world.invoice("in_3", created=FINALIZED + 2 * DAY, status="draft", attempted=False)
    case = world.case()
    assert (case.invoice, case.cause) == ("in_1", Cause.SOFT_DECLINE)
    assert Finding.UNPAID_OLDER_INVOICES in case.findings
    assert case.amount_at_risk == 2 * 9_700
