"""How the card of a first charge was saved, why it was refused, and how the trial began: all as of then."""

from __future__ import annotations

from typing import Any

import pytest

from ghl_triage.model import OwnAttempt
from ghl_triage.trial import FailureKind, FirstCharge, SetUp
from tests.diagnosis.build import DAY, FINALIZED, HOUR, NOW, START, TRIAL_END, World, failing, refused, trial
from tests.diagnosis.test_trials import PAID


def charged(**card: Any) -> World:
    """The default card was refused at the first charge; it was attached, nothing more."""
    world = failing()
    world.card(default="customer", **card)
    world.declined("pm_visa", "insufficient_funds")
    return world


def test_set_up_for_off_session_use() -> None:
    assert refused("insufficient_funds").counted().set_up is SetUp.OFF_SESSION


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        ({"usage": "on_session"}, SetUp.ON_SESSION),
        ({"status": "requires_action"}, SetUp.ATTACHED_ONLY),
        ({"card_id": "pm_other"}, SetUp.ATTACHED_ONLY),
        ({"created": FINALIZED + DAY}, SetUp.ATTACHED_ONLY),
    ],
    ids=["for the wrong use", "not finished", "of another card", "in the recovery"],
)
def test_what_is_no_off_session_set_up(setup: dict[str, Any], expected: SetUp) -> None:
    world = charged()
    world.setup(**setup)
    assert world.counted().set_up is expected


def test_a_set_up_that_waited_until_after_the_charge_did_not_help_it() -> None:
    world = charged()
    intent = world.setup(latest_attempt="setatt_1")
    world.put("setup_attempts", {"id": "setatt_1", "created": FINALIZED + DAY, "customer": "cus_jane"})
    assert intent["created"] < FINALIZED
    assert world.counted().set_up is SetUp.ATTACHED_ONLY


def test_a_recovered_trial_is_told_by_the_card_that_was_refused_first() -> None:
    world = charged()
    world.card("pm_new", created=FINALIZED + DAY, default="customer")
    world.setup("pm_new", created=FINALIZED + DAY)
    world.charge(world.intent_of("in_1"), payment_method="pm_new", created=FINALIZED + DAY)
    world.invoice(**PAID)
    assert world.counted().set_up is SetUp.ATTACHED_ONLY


def test_a_payment_before_may_have_set_the_card_up_but_never_the_charge_itself() -> None:
    world = charged()
    world.charge(world.intent(None, setup_future_usage="off_session"), payment_method="pm_visa", created=START)
    assert world.counted().set_up is SetUp.OFF_SESSION
    world = failing()
    world.card(default="customer")
    world.charge(world.intent(setup_future_usage="off_session"), payment_method="pm_visa")
    found = world.counted()
    assert (found.first_charge, found.set_up) == (FirstCharge.SUCCEEDED, SetUp.ATTACHED_ONLY)


def test_a_card_older_than_the_lists_is_not_told_whatever_a_look_up_found() -> None:
    """Failing cases are looked up, paid ones are not: told of the ones alone, a comparison would be tilted."""
    world = charged(created=NOW - 70 * DAY)
    world.setup(created=NOW - 70 * DAY)
    world.extra["proof_read_for"] = frozenset({"pm_visa"})
    assert world.counted().set_up is SetUp.UNREAD


def test_a_dateless_card_is_no_older_than_its_customer() -> None:
    world = failing()
    world.customer["default_source"] = "card_1"
    world.charge(world.intent(), status="failed", payment_method="card_1")
    assert world.counted().set_up is SetUp.ATTACHED_ONLY
    world.customer["created"] = NOW - 70 * DAY
    assert world.counted().set_up is SetUp.UNREAD


def test_a_running_trial_is_told_as_of_now() -> None:
    world = trial()
    assert world.counted().set_up is SetUp.NO_CARD
    world.card(default="customer")
    assert world.counted().set_up is SetUp.ATTACHED_ONLY
    world.setup(created=NOW - HOUR)
    assert world.counted().set_up is SetUp.OFF_SESSION
    assert trial().unread().counted().set_up is SetUp.UNREAD


@pytest.mark.parametrize(
    ("decline", "details", "kind"),
    [
        ("authentication_required", {}, FailureKind.AUTHENTICATION),
        ("insufficient_funds", {}, FailureKind.DECLINED),
        ("generic_decline", {}, FailureKind.DECLINED),
        (None, {}, FailureKind.DECLINED),
        ("stolen_card", {}, FailureKind.DECLINED),
        ("incorrect_number", {}, FailureKind.CARD_DATA),
        ("generic_decline", {"advice": "confirm_card_data"}, FailureKind.CARD_DATA),
        ("expired_card", {"code": "expired_card"}, FailureKind.EXPIRED),
        ("fraudulent", {"outcome": "blocked", "reason": "highest_risk_level"}, FailureKind.BLOCKED),
        (None, {"code": "payment_intent_mandate_invalid"}, FailureKind.MANDATE),
        ("duplicate_transaction", {}, FailureKind.OTHER),
        ("issuer_policy_refusal_v3", {}, FailureKind.OTHER),
    ],
)
def test_why_a_first_charge_was_refused(decline: str | None, details: dict[str, Any], kind: FailureKind) -> None:
    assert refused(decline, **details).counted().failure is kind


def test_an_expired_card_that_its_bank_declines_without_a_reason() -> None:
    world = failing()
    world.card(default="customer", exp_year=2025, exp_month=10)
    world.declined("pm_visa", "generic_decline")
    assert world.counted().failure is FailureKind.EXPIRED


@pytest.mark.parametrize(
    ("status", "kind"), [("active", FailureKind.AUTHENTICATION), ("inactive", FailureKind.MANDATE)]
)
def test_an_indian_card_without_a_mandate(status: str, kind: FailureKind) -> None:
    world = failing()
    world.card(default="customer", country="IN")
    world.declined("pm_visa", "authentication_required")
    world.put("mandates", {"id": "mandate_1", "object": "mandate", "status": status, "payment_method": "pm_visa"})
    assert world.counted().failure is kind


def test_a_mandate_that_a_later_set_up_gave_was_not_there() -> None:
    world = failing()
    world.card(default="customer", country="IN")
    world.declined("pm_visa", "authentication_required")
    world.put("mandates", {"id": "mandate_1", "object": "mandate", "status": "active", "payment_method": "pm_visa"})
    world.setup(created=FINALIZED + DAY, mandate="mandate_1")
    assert world.counted().failure is FailureKind.MANDATE
    world.setup(created=START, mandate="mandate_1")
    assert world.counted().failure is FailureKind.AUTHENTICATION, "an earlier one gave it already"


def test_what_is_told_of_the_card() -> None:
    found = refused("insufficient_funds", advice="try_again_later").counted()
    assert (found.brand, found.funding, found.country) == ("visa", "credit", "US")
    assert (found.code, found.advice) == ("insufficient_funds", "try_again_later")


def test_retries_of_ours_are_told_from_stripe_s() -> None:
    world = refused("insufficient_funds")
    world.declined("pm_visa", "insufficient_funds", at=FINALIZED + 2 * DAY)
    world.declined("pm_visa", "insufficient_funds", at=FINALIZED + 2 * DAY + HOUR)
    world.tried(
        OwnAttempt("in_1", "pm_visa", FINALIZED + 2 * DAY + HOUR - 2),
        OwnAttempt("in_other", "pm_visa", FINALIZED + 60),
    )
    assert [one.ours for one in world.counted().tries] == [False, False, True]


def checked(**charge: Any) -> World:
    """A dollar was authorised at sign-up and let go."""
    world = trial()
    given = {"amount": 100, "amount_refunded": 100, "created": START - 60, "payment_method": "pm_visa"}
    world.charge(world.intent(None), **given | charge)
    return world


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ({}, True),
        ({"created": START + 2 * HOUR}, False),
        ({"amount_refunded": 0}, False),
        ({"status": "failed"}, False),
        ({"amount": 9_700, "amount_refunded": 9_700}, False),
    ],
    ids=["checked", "too late", "kept", "refused", "a whole price is no check"],
)
def test_a_card_check_at_sign_up(charge: dict[str, Any], expected: bool) -> None:
    assert checked(**charge).counted().checked_at_sign_up is expected


def test_a_held_payment_that_was_given_up_is_a_check() -> None:
    world = trial()
    world.charge(world.intent(None, status="canceled"), amount=100, created=START)
    assert world.counted().checked_at_sign_up


def test_whether_a_card_was_checked_before_the_charges_read_can_not_be_told() -> None:
    assert checked().cover(charges_since=START).counted().checked_at_sign_up is None


def test_ready_at_the_start() -> None:
    world = trial()
    assert world.counted().ready_at_start is False
    world.card()
    world.setup()
    assert world.counted().ready_at_start is True
    assert world.cover(setup_intents_since=START).counted().ready_at_start is None


@pytest.mark.parametrize(
    ("card", "setup"),
    [
        ({"created": START + 2 * DAY}, {"created": START + 2 * DAY}),
        ({}, {"created": START + 2 * DAY}),
        ({"exp_year": 2025, "exp_month": 10}, {}),
        ({"attached": False}, {}),
    ],
    ids=["two days late", "set up two days late", "ends before the trial", "taken away"],
)
def test_what_was_not_ready_at_the_start(card: dict[str, Any], setup: dict[str, Any]) -> None:
    world = trial(trial_end=TRIAL_END + 7 * DAY)
    world.card(**card)
    world.setup(**setup)
    assert world.counted().ready_at_start is False
