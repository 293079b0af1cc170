"""Where a trial stands: the six states of a cohort, what is in none, and what silence may not be taken for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl_triage.diagnosis.trials import trials
from ghl_triage.model import Records
from ghl_triage.trial import COHORT, FailureKind, FirstCharge, LeftOut, Trial, TrialState
from tests.diagnosis.build import (
    DAY,
    FINALIZED,
    HOUR,
    NOW,
    READ,
    START,
    TRIAL_END,
    World,
    failing,
    price,
    refused,
    trial,
)
from tests.diagnosis.test_properties import WORLDS, shuffled

PAID: dict[str, Any] = {"status": "paid", "amount_remaining": 0, "amount_paid": 9_700, "next_payment_attempt": None}


def paid(at: int = FINALIZED + 60, **invoice: Any) -> World:
    """A trial whose first invoice was paid by one charge."""
    world = World()
    world.sub("active", latest_invoice="in_1")
    world.card(default="customer")
    world.setup()
    settled = {"status_transitions": {"finalized_at": FINALIZED, "paid_at": at}}
    world.invoice(**PAID | settled | invoice)
    world.charge(world.intent(status="succeeded"), payment_method="pm_visa", created=at)
    return world


def over(**sub: Any) -> World:
    """A canceled subscription of which no invoice with an amount is known."""
    world = World()
    world.sub("canceled", **{"ended_at": TRIAL_END, "canceled_at": TRIAL_END} | sub)
    return world


def stands(found: Trial) -> tuple[TrialState, FirstCharge, LeftOut | None]:
    return found.state, found.first_charge, found.left_out


def test_paid_at_the_first_try() -> None:
    found = paid().counted()
    assert stands(found) == (TrialState.CONVERTED, FirstCharge.SUCCEEDED, None)
    assert (found.amount, found.amount_paid, found.currency, found.paid_at) == (9_700, 9_700, "usd", FINALIZED + 60)
    assert [(one.at, one.ok, one.ours) for one in found.tries] == [(FINALIZED + 60, True, False)]


def test_refused_and_still_to_be_paid() -> None:
    found = refused("insufficient_funds").counted()
    assert stands(found) == (TrialState.OPEN, FirstCharge.FAILED, None)
    assert (found.failure, found.code, found.amount_paid) == (FailureKind.DECLINED, "insufficient_funds", 0)


def test_refused_and_paid_by_a_later_try() -> None:
    world = refused("insufficient_funds")
    world.charge(world.intent_of("in_1"), payment_method="pm_visa", created=FINALIZED + 2 * DAY)
    world.invoice(**PAID | {"status_transitions": {"finalized_at": FINALIZED, "paid_at": FINALIZED + 2 * DAY}})
    world.sub("active")
    found = world.counted()
    assert stands(found) == (TrialState.RECOVERED, FirstCharge.FAILED, None)
    assert found.paid_at == FINALIZED + 2 * DAY
    assert [one.ok for one in found.tries] == [False, True]


@pytest.mark.parametrize("reason", ["payment_failed", "cancellation_requested", None])
def test_refused_and_over_is_lost_whoever_ended_it(reason: str | None) -> None:
    world = refused("insufficient_funds")
    world.sub("canceled", canceled_at=NOW - DAY, ended_at=NOW - DAY, cancellation_details={"reason": reason})
    assert world.counted().state is TrialState.LOST


def test_a_later_invoice_that_is_paid_says_that_he_pays_again() -> None:
    world = refused("insufficient_funds")
    world.sub("active")
    world.invoice(status="void", next_payment_attempt=None)
    world.invoice("in_2", **PAID | {"created": NOW - DAY})
    assert stands(world.counted())[:2] == (TrialState.RECOVERED, FirstCharge.FAILED)


@pytest.mark.parametrize(
    "sub",
    [
        {"canceled_at": TRIAL_END - 9 * DAY, "ended_at": TRIAL_END - 9 * DAY},
        {"canceled_at": TRIAL_END - 9 * DAY, "cancellation_details": {"reason": "cancellation_requested"}},
        {"cancel_at_period_end": True, "cancellation_details": {"reason": "cancellation_requested"}},
        {"canceled_at": None, "cancel_at": TRIAL_END, "cancellation_details": {"reason": None}},
        {
            "ended_at": TRIAL_END + HOUR,
            "canceled_at": TRIAL_END + HOUR,
            "cancellation_details": {"reason": "cancellation_requested"},
        },
    ],
    ids=["in the trial", "at its end, asked for before", "at its end", "at a date", "before the first charge"],
)
def test_called_off_by_choice(sub: dict[str, Any]) -> None:
    assert stands(over(**sub).counted()) == (TrialState.CANCELED, FirstCharge.NOT_DUE, None)


def test_a_trial_that_will_be_called_off_is_so_already() -> None:
    found = trial(cancel_at_period_end=True, canceled_at=NOW - DAY).counted()
    assert stands(found) == (TrialState.CANCELED, FirstCharge.NOT_DUE, None)


@pytest.mark.parametrize("reason", [None, "payment_failed", "cancellation_requested"])
def test_ended_by_stripe_for_want_of_a_card_is_no_choice(reason: str | None) -> None:
    settings = {"end_behavior": {"missing_payment_method": "cancel"}}
    world = over(trial_settings=settings, cancellation_details={"reason": reason})
    found = world.counted()
    assert stands(found) == (TrialState.NO_CARD, FirstCharge.NO_METHOD, None)
    assert (found.first_charge_at, found.failure) == (TRIAL_END, FailureKind.NO_CARD)
    world.card("pm_later", created=NOW - HOUR, default="customer")
    assert world.counted() == found, "a card that came after the end was not there"


def test_paused_by_stripe_for_want_of_a_card() -> None:
    world = World()
    world.sub("paused", trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    assert stands(world.counted()) == (TrialState.NO_CARD, FirstCharge.NO_METHOD, None)
    world.invoice(**PAID | {"created": NOW - HOUR, "status_transitions": {"finalized_at": NOW - HOUR, "paid_at": NOW}})
    world.sub("active", trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    world.charge(world.intent(status="succeeded"), created=NOW - HOUR)
    assert stands(world.counted()) == (TrialState.RECOVERED, FirstCharge.NO_METHOD, None)


def test_paused_on_wish_is_still_to_come() -> None:
    world = World()
    world.sub("paused", status_details={"paused": {"subscription": {"type": "pause_requested"}}})
    assert world.counted().state is TrialState.RUNNING


def test_tried_with_nothing_to_charge() -> None:
    found = failing().counted()
    assert stands(found) == (TrialState.NO_CARD, FirstCharge.NO_METHOD, None)
    assert (found.failure, found.first_charge_at) == (FailureKind.NO_CARD, FINALIZED)


def test_a_card_that_was_no_default() -> None:
    world = failing()
    world.card()
    assert world.counted().failure is FailureKind.NO_DEFAULT


@pytest.mark.parametrize(
    "card",
    [{"created": FINALIZED + DAY}, {"customer": None}, {"customer": "cus_other"}],
    ids=["came later", "taken away", "somebody else's"],
)
def test_a_card_that_was_not_there_then(card: dict[str, Any]) -> None:
    world = failing()
    world.card(default="customer", **card)
    assert world.counted().failure is FailureKind.NO_CARD


def test_a_card_that_was_taken_away_after_the_try_was_there() -> None:
    world = failing()
    world.card(attached=False)
    world.event("payment_method.detached", {"id": "pm_visa", "object": "payment_method"}, FINALIZED + DAY)
    assert world.counted().failure is FailureKind.NO_DEFAULT


def test_whether_a_card_lay_there_is_not_guessed() -> None:
    assert failing().unread().counted().failure is FailureKind.OTHER


@pytest.mark.parametrize(("born", "kind"), [(NOW - HOUR, FailureKind.NO_CARD), (START, FailureKind.NO_DEFAULT)])
def test_paid_days_later_with_a_card_is_recovered_from_nothing(born: int, kind: FailureKind) -> None:
    world = paid(at=NOW - HOUR)
    world.card(created=born)
    found = world.unread().counted()
    assert stands(found) == (TrialState.RECOVERED, FirstCharge.NO_METHOD, None)
    assert found.failure is kind


def test_the_bank_s_challenge_is_a_refusal_though_no_charge_was_made() -> None:
    world = failing()
    world.card(default="customer")
    world.setup()
    world.intent(status="requires_action", payment_method="pm_visa")
    found = world.counted()
    assert (found.state, found.first_charge, found.failure) == (
        TrialState.OPEN,
        FirstCharge.FAILED,
        FailureKind.AUTHENTICATION,
    )


def test_a_challenge_that_was_met_a_day_later_was_not_paid_at_the_first_try() -> None:
    world = paid(at=FINALIZED + DAY)
    world.event("invoice.payment_action_required", {"id": "in_1", "object": "invoice"}, FINALIZED)
    found = world.counted()
    assert stands(found) == (TrialState.RECOVERED, FirstCharge.FAILED, None)
    assert found.failure is FailureKind.AUTHENTICATION


def test_money_under_way_is_no_end() -> None:
    world = failing()
    world.charge(world.intent(), status="pending")
    assert stands(world.counted()) == (TrialState.RUNNING, FirstCharge.NOT_DUE, None)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (FINALIZED, (TrialState.CONVERTED, FirstCharge.SUCCEEDED)),
        (FINALIZED + DAY, (TrialState.RECOVERED, FirstCharge.NO_METHOD)),
    ],
)
def test_paid_without_a_charge(at: int, expected: tuple[TrialState, FirstCharge]) -> None:
    """From the customer's balance, or noted as paid by hand."""
    world = World()
    world.sub("active", latest_invoice="in_1")
    world.invoice(**PAID | {"status_transitions": {"finalized_at": FINALIZED, "paid_at": at}})
    assert stands(world.counted())[:2] == expected


@pytest.mark.parametrize(
    ("world", "state"),
    [
        (trial(), TrialState.RUNNING),
        (trial(trial_end=NOW - DAY), TrialState.RUNNING),
        (failing(trial_end=NOW - HOUR), TrialState.RUNNING),
    ],
    ids=["in trial", "Stripe is late", "its invoice is not read yet"],
)
def test_what_is_still_to_come(world: World, state: TrialState) -> None:
    world.objects.pop("invoices", None)
    assert stands(world.counted()) == (state, FirstCharge.NOT_DUE, None)


@pytest.mark.parametrize(("age", "state"), [(HOUR, TrialState.RUNNING), (3 * DAY, TrialState.OPEN)])
def test_an_untried_invoice_is_on_its_way_for_a_day_and_open_after_it(age: int, state: TrialState) -> None:
    world = World()
    world.sub("active", trial_end=NOW - age)
    world.invoice(status="draft", attempted=False, created=NOW - age, status_transitions={"finalized_at": None})
    assert stands(world.counted()) == (state, FirstCharge.NOT_DUE, None)


ENDED: dict[str, Callable[[], World]] = {
    "paid": paid,
    "refused": lambda: refused("insufficient_funds"),
    "nothing to charge": failing,
    "called off": lambda: over(canceled_at=TRIAL_END - DAY),
}


@pytest.mark.parametrize(
    "cover",
    [
        {"charges_since": None},
        {"charges_since": TRIAL_END + 1},
        {"paid_payments_since": None},
        {"paid_payments_since": TRIAL_END + 1},
        {"invoice_payments_read": False},
        {"subscriptions_since": None},
        {"subscriptions_since": START + 1},
    ],
)
@pytest.mark.parametrize("world", ENDED)
def test_silence_is_never_a_failure_nor_tilts_a_cohort(world: str, cover: dict[str, Any]) -> None:
    found = ENDED[world]().cover(**cover).counted()
    assert stands(found)[:2] == (TrialState.UNREAD, FirstCharge.UNREAD)
    assert found.tries == ()


def test_an_active_one_without_a_known_invoice_is_unread() -> None:
    world = World()
    world.sub("active")
    assert world.counted().state is TrialState.UNREAD


def test_a_paid_invoice_whose_charge_is_not_known_is_unread() -> None:
    world = paid()
    world.intent(status="succeeded", latest_charge="ch_unread")
    world.objects.pop("charges")
    assert world.counted().state is TrialState.UNREAD


def test_a_first_invoice_that_comes_weeks_late_is_not_taken_for_the_first() -> None:
    world = refused("insufficient_funds")
    world.invoice(created=TRIAL_END + 2 * DAY)
    assert world.counted().state is TrialState.UNREAD


def test_a_free_first_month_puts_the_first_charge_off() -> None:
    world = refused("insufficient_funds")
    world.invoice(created=TRIAL_END + 2 * DAY)
    world.invoice("in_0", **PAID | {"amount_due": 0, "amount_paid": 0})
    assert world.counted().state is TrialState.OPEN


def test_an_invoice_written_by_hand_is_not_the_first() -> None:
    world = paid()
    world.invoice("in_extra", created=TRIAL_END - 60, billing_reason="manual", amount_due=4_900)
    found = world.counted()
    assert (found.state, found.amount) == (TrialState.CONVERTED, 9_700)


def test_a_changed_plan_does_not_move_the_first_charge() -> None:
    world = refused("insufficient_funds")
    world.invoice("in_upgrade", **PAID | {"created": NOW - DAY, "billing_reason": "subscription_update"})
    found = world.counted()
    assert (found.first_charge, found.amount) == (FirstCharge.FAILED, 9_700)


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired"])
def test_a_trial_whose_sign_up_was_not_paid_never_began(status: str) -> None:
    world = World()
    world.sub(status)
    assert trials(world.records(), NOW, coverage=READ) == ()


def test_a_subscription_without_a_trial_is_none() -> None:
    world = World()
    world.sub("active", trial_start=None, trial_end=None)
    assert trials(world.records(), NOW, coverage=READ) == ()


@pytest.mark.parametrize(
    ("sub", "reason"),
    [
        ({"test_clock": "clock_1"}, LeftOut.TEST_CLOCK),
        ({"collection_method": "send_invoice"}, LeftOut.FREE),
        ({"items": {"data": [{"id": "si_1", "quantity": 1, "price": price(0)}]}}, LeftOut.FREE),
        ({"items": {"data": [{"id": "si_1", "quantity": 1, "price": price(None)}]}}, None),
    ],
)
def test_what_is_in_no_cohort(sub: dict[str, Any], reason: LeftOut | None) -> None:
    assert trial(**sub).counted().left_out is reason


def test_a_coupon_that_takes_all_leaves_nothing_to_charge() -> None:
    world = World()
    world.sub("active", latest_invoice="in_0")
    world.invoice("in_0", **PAID | {"amount_due": 0, "amount_paid": 0})
    assert world.counted().left_out is LeftOut.FREE


def test_a_trial_that_only_puts_a_later_payment_off() -> None:
    world = failing(created=START - 90 * DAY)
    world.invoice("in_old", **PAID | {"created": START - 90 * DAY})
    assert world.cover(subscriptions_since=START - 99 * DAY).counted().left_out is LeftOut.PAID_BEFORE
    world = failing()
    world.invoice("in_fee", **PAID | {"created": START})
    assert world.counted().left_out is None, "a fee at sign-up is no earlier payment"


def test_the_older_of_two_open_trials_counts() -> None:
    world = trial()
    world.sub("trialing", "sub_2", created=START + HOUR)
    assert (world.counted().left_out, world.counted("sub_2").left_out) == (None, LeftOut.DUPLICATE)


def test_a_second_subscription_that_was_ended_since_stays_out() -> None:
    world = paid()
    world.sub("canceled", "sub_2", created=START + HOUR, canceled_at=NOW - DAY, ended_at=NOW - DAY)
    world.invoice("in_2", "sub_2", status="void", next_payment_attempt=None)
    world.intent("in_2")
    assert (world.counted().left_out, world.counted("sub_2").left_out) == (None, LeftOut.DUPLICATE)


def test_a_new_try_after_the_end_of_the_first_counts_by_itself() -> None:
    world = refused("insufficient_funds")
    world.sub("canceled", canceled_at=NOW - DAY, ended_at=NOW - DAY)
    world.sub("trialing", "sub_2", created=NOW - HOUR, trial_start=NOW - HOUR)
    assert (world.counted().left_out, world.counted("sub_2").left_out) == (None, None)


def test_two_that_are_both_paid_both_count() -> None:
    world = paid()
    world.sub("active", "sub_2", created=START + HOUR, latest_invoice="in_2")
    assert (world.counted().left_out, world.counted("sub_2").left_out) == (None, None)


def test_another_customer_of_the_same_address_or_card_is_told() -> None:
    assert not trial().counted().duplicate_customer
    assert trial().namesake(World("cus_twin")).counted().duplicate_customer
    world = trial()
    world.extra["card_mates"] = (World("cus_other", "other@acme.test").records(),)
    assert world.counted().duplicate_customer


def test_who_signs_up_again_after_a_refusal_is_no_reason_for_it() -> None:
    twin = World("cus_twin")
    twin.customer["created"] = FINALIZED + DAY
    assert not refused("insufficient_funds").namesake(twin).counted().duplicate_customer
    twin.customer["created"] = FINALIZED - DAY
    assert refused("insufficient_funds").namesake(twin).counted().duplicate_customer


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(WORLDS)), seed=st.integers(0, 10_000), now=st.integers(NOW - 40 * DAY, NOW + 40 * DAY)
)
def test_no_order_of_the_same_objects_changes_a_trial(name: str, seed: int, now: int) -> None:
    records = WORLDS[name]().records()
    there = trials(records, now, coverage=READ)
    assert trials(shuffled(records, seed), now, coverage=READ) == there
    for each in there:
        first = {TrialState.CONVERTED: {FirstCharge.SUCCEEDED}, TrialState.NO_CARD: {FirstCharge.NO_METHOD}}
        assert each.first_charge in first.get(each.state, set(FirstCharge))
        assert (each.amount_paid > 0) == (each.state in (TrialState.CONVERTED, TrialState.RECOVERED))


def test_the_states_of_a_cohort_are_six() -> None:
    assert len(COHORT) == 6
    assert set(TrialState) - set(COHORT) == {TrialState.RUNNING, TrialState.UNREAD}


def test_a_stranger_s_objects_change_nothing() -> None:
    world = refused("insufficient_funds")
    before = world.counted()
    world.charge(world.intent(None), customer="cus_other", created=FINALIZED - 60)
    world.setup(customer="cus_other")
    assert world.counted() == before


def test_records_of_nobody_have_no_trials() -> None:
    assert trials(Records({"id": "cus_1", "object": "customer"}), NOW, coverage=READ) == ()
