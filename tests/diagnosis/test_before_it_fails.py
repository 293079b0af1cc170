"""Trials that will fail are found a day after sign-up; then time goes on, and they fail for that very reason."""

from __future__ import annotations

from array import array

import pytest

from ghl_triage.model import Case, Cause, Finding, Stage
from ghl_triage.sandbox.stories import STORIES
from ghl_triage.sandbox.world.build import World, build_plan
from ghl_triage.sandbox.world.plan import Plan, Variant
from tests.sandbox.default_world import NOW
from tests.sandbox_records import verdicts

DAY = 86_400
FORETOLD = {
    "no_card_ever": Cause.NO_PAYMENT_METHOD,
    "saved_not_default": Cause.CARD_NOT_DEFAULT,
    "card_with_the_namesake": Cause.CARD_ON_DUPLICATE_CUSTOMER,
    "set_up_never_finished": Cause.SETUP_NOT_COMPLETED,
    "never_set_up": Cause.NO_OFF_SESSION_SETUP,
    "dollar_check": Cause.NO_OFF_SESSION_SETUP,
    "pending_set_up_ignored": Cause.NO_OFF_SESSION_SETUP,
    "expired_at_the_charge": Cause.CARD_EXPIRED,
    "indian_card_refused": Cause.MANDATE_MISSING,
    "canceled_without_card": Cause.NO_PAYMENT_METHOD,
    "paused_without_card": Cause.NO_PAYMENT_METHOD,
}
"""By story: the cause that is called a day after sign-up."""
AFTERWARDS = {
    "canceled_without_card": (Stage.LOST, Cause.CANCELED_FOR_NONPAYMENT),
    "paused_without_card": (Stage.FAILING, Cause.TRIAL_ENDED_WITHOUT_CARD),
}
"""What the end of the trial makes of it, where it is not failing of the same cause."""
TOLD_BESIDE = {
    "canceled_without_card": Finding.TRIAL_WILL_BE_CANCELED,
    "paused_without_card": Finding.TRIAL_WILL_BE_PAUSED,
}


def young_world(*names: str) -> World:
    """One customer of each story, who signed up a day ago."""
    stories = [next(story for story in STORIES if story.name == name) for name in names]
    variants = tuple(Variant(story, 1.0, number) for number, story in enumerate(stories))
    return build_plan(5, Plan(variants, array("H", range(len(variants))), len(variants)), NOW)


def by_story(world: World) -> dict[str, Case]:
    found = verdicts(world)
    return {str(label["story"]): found[subscription] for subscription, label in world.labels().items()}


@pytest.fixture(scope="module")
def early_and_late() -> tuple[dict[str, Case], dict[str, Case]]:
    """The verdicts of a day after sign-up, and those of after the first charge."""
    world = young_world(*FORETOLD, "good_trial")
    early = by_story(world)
    ends = [case.trial_end for case in early.values() if case.trial_end]
    world.engine.clock.advance_to(max(ends) + DAY)
    return early, by_story(world)


@pytest.mark.parametrize("name", FORETOLD)
def test_a_trial_that_will_fail_is_at_risk_a_day_after_sign_up_and_then_fails(
    early_and_late: tuple[dict[str, Case], dict[str, Case]], name: str
) -> None:
    early, late = (found[name] for found in early_and_late)
    assert (early.stage, early.cause) == (Stage.AT_RISK, FORETOLD[name])
    assert early.evidence
    assert early.trial_end is not None
    assert early.trial_end > NOW + 28 * DAY
    assert (late.stage, late.cause) == AFTERWARDS.get(name, (Stage.FAILING, FORETOLD[name]))
    if name in TOLD_BESIDE:
        assert TOLD_BESIDE[name] in early.findings


def test_between_the_trial_s_end_and_the_charge_it_is_still_no_failure() -> None:
    world = young_world("no_card_ever")
    (early,) = verdicts(world).values()
    assert early.trial_end is not None
    world.engine.clock.advance_to(early.trial_end + 1_800)
    (between,) = verdicts(world).values()
    assert (between.status, between.stage, between.cause) == ("active", Stage.AT_RISK, Cause.NO_PAYMENT_METHOD)
    world.engine.clock.advance(7_200)
    (late,) = verdicts(world).values()
    assert (late.status, late.stage, late.cause) == ("past_due", Stage.FAILING, Cause.NO_PAYMENT_METHOD)


def test_a_trial_with_a_good_card_is_no_alarm_and_is_paid(
    early_and_late: tuple[dict[str, Case], dict[str, Case]],
) -> None:
    early, late = (found["good_trial"] for found in early_and_late)
    assert (early.stage, late.stage, late.status) == (Stage.HEALTHY, Stage.HEALTHY, "active")
