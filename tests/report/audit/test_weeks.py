"""When it began, and what is coming: weeks, steps that numbers bear, trials that were not ready."""

from __future__ import annotations

from datetime import UTC, date
from random import Random
from zoneinfo import ZoneInfo

from ghl_triage.model import Path
from ghl_triage.report.audit.beginning import Step, beginning
from ghl_triage.report.audit.readiness import readiness
from ghl_triage.report.periods import all_weeks, week_of
from ghl_triage.report.rates import rate
from ghl_triage.trial import FailureKind, Trial
from tests.report.audit.given import DAY, NOW, WEEK, empty_handed, paid, refused, running

MONDAY = date(2026, 11, 23)


def week(number: int, bad: int, good: int, **changes: object) -> list[Trial]:
    """The trials that signed up so many weeks ago."""
    created = NOW - number * WEEK + 3 * DAY
    return [*refused(bad, FailureKind.DECLINED, created=created, **changes), *paid(good, created=created, **changes)]


def steps(trials: list[Trial], price: str | None = None) -> tuple[Step, ...]:
    return next(each.steps for each in beginning(trials, UTC) if each.price == price)


def test_a_week_begins_on_monday_where_the_workspace_is() -> None:
    assert week_of(NOW, UTC) == MONDAY
    assert week_of(NOW - 1, UTC) == date(2026, 11, 16)
    assert week_of(NOW, ZoneInfo("America/New_York")) == date(2026, 11, 16)
    assert all_weeks([date(2026, 11, 23), date(2026, 11, 2)]) == (
        date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23),
    )  # fmt: skip


def test_a_deploy_shows_in_the_week_in_which_it_was() -> None:
    trials = [each for number in range(5, 9) for each in week(number, 9, 21)]
    trials += [each for number in range(9, 15) for each in week(number, 1, 29)]
    (step,) = steps(trials)
    assert step.week == week_of(NOW - 8 * WEEK, UTC)
    assert (step.before, step.since) == (rate(6, 180), rate(36, 120))
    assert step.worse
    assert step.p < 0.0001


def test_a_repair_shows_as_well() -> None:
    trials = [each for number in range(11, 16) for each in week(number, 1, 29)]
    trials += [each for number in range(8, 11) for each in week(number, 12, 18)]
    trials += [each for number in range(5, 8) for each in week(number, 1, 29)]
    broke, mended = steps(trials)
    assert (broke.worse, mended.worse) == (True, False)
    assert (broke.week, mended.week) == (week_of(NOW - 10 * WEEK, UTC), week_of(NOW - 7 * WEEK, UTC))
    assert (broke.before, broke.since, mended.since) == (rate(5, 150), rate(36, 90), rate(3, 90))


def test_a_default_that_is_no_longer_set_is_a_failure_too() -> None:
    trials = [each for number in range(8, 14) for each in week(number, 1, 29)]
    trials += [each for number in range(5, 8) for each in week(number, 0, 20)]
    trials += [each for number in range(5, 8) for each in empty_handed(10, created=NOW - number * WEEK)]
    (step,) = steps(trials)
    assert step.since == rate(30, 90)


def test_among_many_weeks_chance_makes_no_step() -> None:
    """Twenty accounts of twenty weeks at one steady rate: with a correction, one of them at most may show a step."""
    dice = Random(7)  # noqa: S311  a repeatable world, not a secret
    found = 0
    for _ in range(20):
        trials = []
        for number in range(5, 25):
            bad = sum(dice.random() < 0.2 for _ in range(20))
            trials += week(number, bad, 20 - bad)
        found += bool(steps(trials))
    assert found <= 1


def test_one_price_can_break_alone() -> None:
    trials = [each for number in range(5, 15) for each in week(number, 2, 98, price="old")]
    trials += [each for number in range(5, 9) for each in week(number, 6, 4, price="new")]
    trials += [each for number in range(9, 15) for each in week(number, 0, 10, price="new")]
    assert not steps(trials, "old")
    assert [step.week for step in steps(trials, "new")] == [week_of(NOW - 8 * WEEK, UTC)]


def test_few_charges_bear_no_statement() -> None:
    assert steps([*week(6, 5, 0), *week(7, 0, 9)]) == ()


def test_a_path_with_one_price_is_told_once() -> None:
    trials = [*week(6, 1, 5), *week(6, 1, 5, path=Path.CHECKOUT), *week(8, 0, 1, path=Path.CHECKOUT, price="other")]
    told = [(each.path, each.price) for each in beginning(trials, UTC)]
    assert told == [
        (Path.CHECKOUT, None), (Path.CHECKOUT, "other"), (Path.CHECKOUT, "price_1"), (Path.API, None),
    ]  # fmt: skip
    assert [week.due for week in beginning(trials, UTC)[0].weeks] == [1, 0, 6]


def test_running_trials_that_were_not_ready_and_their_money() -> None:
    trials = [
        *running(3, ready_at_start=True),
        *running(2, ready_at_start=False, amount=9_700),
        *running(1, ready_at_start=False, amount=4_000, currency="jpy"),
        *running(4, ready_at_start=None),
        *paid(5, created=NOW - 20 * WEEK, ready_at_start=False),
    ]
    (found,) = readiness(trials, NOW, UTC)
    assert (found.running, found.running_untold) == (rate(3, 6), 4)
    assert found.money == {"jpy": 4_000, "usd": 19_400}
    assert [(each.not_ready, each.untold) for each in found.weeks] == [(rate(3, 6), 4)]


def test_a_trial_of_today_may_yet_be_ready_in_time() -> None:
    (found,) = readiness(
        [
            *running(1, created=NOW - DAY + 60, ready_at_start=False),
            *running(1, created=NOW - DAY + 60, ready_at_start=True),
            *running(1, created=NOW - DAY, ready_at_start=False),
        ],
        NOW,
        UTC,
    )
    assert (found.running, found.running_untold) == (rate(1, 2), 1)
