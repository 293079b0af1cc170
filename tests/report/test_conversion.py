"""The conversion report's numbers on cohorts made by hand, with answers known beforehand (docs/metrics.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl_triage.model import Confidence, Coverage, Path
from ghl_triage.report.contrast import Answer, contrast
from ghl_triage.report.conversion.counting import conversion
from ghl_triage.report.conversion.figures import figures
from ghl_triage.report.conversion.numbers import Conversion
from ghl_triage.report.periods import period_of
from ghl_triage.report.rates import rate
from ghl_triage.trial import COHORT, FirstCharge, LeftOut, SetUp, Trial, TrialState

DAY, WEEK = 86_400, 7 * 86_400
NOW = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp())
"""A Wednesday."""
MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
READ_FROM = MONDAY - 8 * WEEK + 3 * DAY
READ = Coverage(
    charges_since=READ_FROM,
    paid_payments_since=READ_FROM - DAY,
    subscriptions_since=NOW - 120 * DAY,
    invoice_payments_read=True,
)
FIRST_CHARGES = {
    TrialState.CONVERTED: FirstCharge.SUCCEEDED,
    TrialState.RECOVERED: FirstCharge.FAILED,
    TrialState.OPEN: FirstCharge.FAILED,
    TrialState.LOST: FirstCharge.FAILED,
    TrialState.CANCELED: FirstCharge.NOT_DUE,
    TrialState.NO_CARD: FirstCharge.NO_METHOD,
    TrialState.RUNNING: FirstCharge.NOT_DUE,
    TrialState.UNREAD: FirstCharge.UNREAD,
}


def trial(state: TrialState = TrialState.CONVERTED, end: int = NOW - 20 * DAY, **changes: object) -> Trial:
    """A trial of $97.00 through the client's own code."""
    paid = state in (TrialState.CONVERTED, TrialState.RECOVERED)
    made = Trial(
        subscription="sub_1",
        customer="cus_1",
        path=Path.API,
        confidence=Confidence.STRONG,
        price="price_a",
        currency="usd",
        amount=9_700,
        created=end - 30 * DAY,
        trial_start=end - 30 * DAY,
        trial_end=end,
        status="active",
        state=state,
        first_charge=FIRST_CHARGES[state],
        set_up=SetUp.OFF_SESSION,
        amount_paid=9_700 if paid else 0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def many(counts: dict[TrialState, int], **changes: object) -> list[Trial]:
    return [trial(state, **changes) for state, count in counts.items() for _ in range(count)]  # type: ignore[arg-type]


def report(trials: list[Trial], **asked: object) -> Conversion:
    return conversion(trials, now=NOW, coverage=READ, zone=UTC, **asked)  # type: ignore[arg-type]


MIXED = {
    TrialState.CONVERTED: 60,
    TrialState.RECOVERED: 8,
    TrialState.OPEN: 6,
    TrialState.LOST: 2,
    TrialState.CANCELED: 20,
    TrialState.NO_CARD: 4,
}


def test_the_rates_of_a_cohort_of_a_hundred() -> None:
    found = figures(many(MIXED))
    assert found.states == MIXED
    assert sum(found.states.values()) == found.trials == 100
    assert found.due == 80
    assert (found.unpaid_at_first.count, found.unpaid_at_first.of) == (20, 80)
    assert (found.refused.count, found.refused.of) == (16, 76), "first charges that failed, of those that were made"
    assert (found.no_method.count, found.no_method.of) == (4, 80)
    assert (found.paid.count, found.paid.of) == (68, 80)
    assert (found.recovered.count, found.recovered.of) == (8, 20)
    assert (found.conversion.count, found.conversion.of) == (68, 100), "Stripe's: of all whose trial ended"
    assert (found.unpaid_at_first.low, found.unpaid_at_first.high) == pytest.approx((0.16812, 0.35483), abs=1e-4)


def test_money_stands_by_currency_and_state() -> None:
    found = figures(
        [
            *many({TrialState.CONVERTED: 2}, amount_paid=9_000),
            *many({TrialState.OPEN: 3}),
            *many({TrialState.OPEN: 1}, currency="jpy", amount=4_980),
        ]
    )
    assert found.money["usd"] == dict.fromkeys(COHORT, 0) | {TrialState.CONVERTED: 18_000, TrialState.OPEN: 29_100}
    assert found.money["jpy"] == dict.fromkeys(COHORT, 0) | {TrialState.OPEN: 4_980}


def test_nothing_to_count_has_no_rates() -> None:
    found = report([])
    assert found.total.all.unpaid_at_first.share is None
    assert (found.groups, found.cohorts, found.against, found.since_fix) == ((), (), (), None)


def test_what_is_in_no_cohort_is_counted_apart() -> None:
    found = report(
        [
            trial(),
            trial(TrialState.RUNNING, NOW + 3 * DAY),
            trial(TrialState.RUNNING, NOW - 3_600),
            trial(TrialState.CANCELED, NOW + 3 * DAY),
            trial(TrialState.UNREAD, NOW - 80 * DAY),
            trial(TrialState.OPEN, left_out=LeftOut.DUPLICATE),
            trial(TrialState.RUNNING, left_out=LeftOut.FREE),
            trial(TrialState.UNREAD, left_out=LeftOut.FREE),
        ]
    )
    assert found.total.all.trials == 1
    assert (found.running, found.called_off, found.unread) == (2, 1, 1)
    assert found.left_out == {LeftOut.DUPLICATE: 1, LeftOut.FREE: 2}


def test_a_trial_younger_than_the_retry_window_is_not_mature() -> None:
    found = report([trial(end=NOW - 14 * DAY), trial(TrialState.OPEN, NOW - 14 * DAY + 1)])
    assert (found.total.all.trials, found.total.mature.trials) == (2, 1)
    assert report([trial(end=NOW - 8 * DAY)], retry_window=7 * DAY).total.mature.trials == 1


def test_cohorts_are_weeks_of_the_trial_s_end_from_monday_to_monday() -> None:
    trials = [
        trial(end=MONDAY),
        trial(TrialState.OPEN, MONDAY - 1),
        trial(end=MONDAY - 3 * WEEK),
        trial(end=READ_FROM),
    ]
    cohorts = {one.period.day: one for one in report(trials).cohorts}
    assert cohorts[date(2026, 11, 23)].figures.trials == 1
    assert cohorts[date(2026, 11, 16)].figures.states[TrialState.OPEN] == 1
    assert len(cohorts) == 9, "weeks in which no trial ended are there too"
    told = {day: (one.whole, one.over, one.mature) for day, one in cohorts.items()}
    assert told[date(2026, 11, 23)] == (True, False, False), "this week"
    assert told[date(2026, 11, 16)] == (True, True, False)
    assert told[date(2026, 11, 2)] == (True, True, True)
    early = report([trial(end=MONDAY - 2 * WEEK)]).cohorts
    assert [one.mature for one in early] == [True], "its youngest trial is older than two weeks, if not the week's end"
    assert told[date(2026, 9, 28)] == (False, True, True), "begins before the charges that were read"
    assert told[date(2026, 10, 5)] == (True, True, True)


def test_a_cohort_belongs_to_the_day_of_the_workspace_s_time_zone() -> None:
    late = int(datetime(2026, 11, 2, 3, tzinfo=UTC).timestamp())
    assert period_of(late, "week", UTC).day == date(2026, 11, 2)
    assert period_of(late, "week", ZoneInfo("America/New_York")).day == date(2026, 10, 26)
    summer = period_of(late, "week", ZoneInfo("America/New_York"))
    assert summer.end - summer.start == WEEK + 3_600, "clocks were set back on November 1"


@pytest.mark.parametrize(("month", "days"), [(1, 31), (2, 28), (11, 30), (12, 31)])
def test_months_are_as_long_as_they_are(month: int, days: int) -> None:
    period = period_of(int(datetime(2026, month, 28, tzinfo=UTC).timestamp()), "month", UTC)
    assert (period.day, period.end - period.start) == (date(2026, month, 1), days * DAY)


def test_each_path_is_measured_by_highlevel() -> None:
    trials = [
        *many({TrialState.CONVERTED: 117, TrialState.OPEN: 3}, path=Path.HIGHLEVEL),
        *many({TrialState.CONVERTED: 75, TrialState.OPEN: 25}),
        *many({TrialState.CONVERTED: 20}, path=Path.CHECKOUT),
    ]
    found = report(trials)
    assert [group.key for group in found.groups] == ["highlevel", "checkout", "api"]
    api = next(one for one in found.against if one.key == "api")
    assert api.baseline == "highlevel"
    assert api.contrast.compared is not None
    assert api.contrast.compared.ratio.value == pytest.approx(10)
    assert api.contrast.answer is Answer.HIGHER
    checkout = next(one for one in found.against if one.key == "checkout")
    assert checkout.contrast.answer is Answer.NOT_ENOUGH_DATA
    assert checkout.contrast.missing is not None
    assert 20 < checkout.contrast.missing.first < checkout.contrast.missing.second


def test_without_highlevel_the_best_is_the_measure_and_one_lucky_trial_is_not_the_best() -> None:
    trials = [
        *many({TrialState.CONVERTED: 95, TrialState.OPEN: 5}, path=Path.CHECKOUT),
        *many({TrialState.CONVERTED: 75, TrialState.OPEN: 25}),
        trial(path=Path.UNKNOWN),
    ]
    assert {(one.key, one.baseline) for one in report(trials).against} == {("api", "checkout"), ("unknown", "checkout")}


def test_groups_by_price_and_in_total() -> None:
    trials = [trial(price="price_b"), trial(price="price_a"), trial(price="price_b"), trial(price=None)]
    assert [(one.key, one.all.trials) for one in report(trials, by="price").groups] == [
        ("price_b", 2), ("", 1), ("price_a", 1)
    ]  # fmt: skip
    assert [one.key for one in report(trials, by="total").groups] == ["total"]


def test_before_and_after_a_fix_go_by_sign_up() -> None:
    fix = NOW - 45 * DAY
    trials = [
        *many({TrialState.CONVERTED: 60, TrialState.OPEN: 20}, end=NOW - 16 * DAY),
        *many({TrialState.CONVERTED: 76, TrialState.OPEN: 4}, end=NOW - 14 * DAY),
        *many({TrialState.RUNNING: 5}, end=NOW + DAY),
    ]
    found = report(trials, since_fix=fix).since_fix
    assert found is not None
    api, total = found.groups
    assert (api.before.due, api.after.due, api.running) == (80, 80, 5)
    assert api.contrast.answer is Answer.LOWER
    assert (total.key, total.before.due) == ("total", 80)
    assert found.first_end == NOW - 14 * DAY


def test_before_and_after_without_a_trial_since() -> None:
    found = report([trial()], since_fix=NOW).since_fix
    assert found is not None
    assert found.first_end is None
    assert found.groups[0].contrast.answer is Answer.NOT_ENOUGH_DATA


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ((25, 100), (3, 120), Answer.HIGHER),
        ((3, 120), (25, 100), Answer.LOWER),
        ((200, 2_000), (210, 2_000), Answer.ALIKE),
        ((6, 20), (4, 20), Answer.NOT_ENOUGH_DATA),
        ((0, 4), (4, 4), Answer.LOWER),
        ((0, 0), (4, 40), Answer.NOT_ENOUGH_DATA),
        ((0, 0), (0, 0), Answer.NOT_ENOUGH_DATA),
    ],
)
def test_whether_two_rates_differ(first: tuple[int, int], second: tuple[int, int], answer: Answer) -> None:
    said = contrast(rate(*first), rate(*second))
    assert said.answer is answer
    if answer is not Answer.NOT_ENOUGH_DATA:
        assert said.missing is None


SHARES = st.integers(0, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@settings(max_examples=100, deadline=None)
@given(SHARES, SHARES)
def test_an_answer_turns_with_its_sides_and_what_is_missing_would_tell(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    said, turned = contrast(rate(*one), rate(*other)), contrast(rate(*other), rate(*one))
    mirrored = {Answer.HIGHER: Answer.LOWER, Answer.LOWER: Answer.HIGHER}
    assert turned.answer is mirrored.get(said.answer, said.answer)
    if said.missing is not None and one[1] and other[1]:
        # At whole multiples the rates stay as they are; a fifth more, for the figure is "about" so many.
        times = ceil(1.2 * (1 + max(said.missing.first / one[1], said.missing.second / other[1]))) + 1
        larger = contrast(*(rate(count * times, of * times) for count, of in (one, other)))
        assert larger.answer is not Answer.NOT_ENOUGH_DATA


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(TrialState)),
            st.integers(-100, 40),
            st.sampled_from(list(Path)),
            st.sampled_from(["usd", "jpy"]),
        ),
        max_size=60,
    ),
    st.sampled_from(["week", "month"]),
)
def test_groups_cohorts_and_the_total_count_the_same_trials(
    rows: list[tuple[TrialState, int, Path, str]], period: str
) -> None:
    trials = [trial(state, NOW + day * DAY, path=path, currency=currency) for state, day, path, currency in rows]
    found = report(trials, period=period, since_fix=NOW - 50 * DAY)
    whole = found.total.all
    assert whole.trials == sum(whole.states.values()) == sum(group.all.trials for group in found.groups)
    assert whole.trials == sum(cohort.figures.trials for cohort in found.cohorts)
    assert found.since_fix is not None
    total = found.since_fix.groups[-1]
    assert whole.trials == total.before.trials + total.after.trials
    asked = sum(amount for amounts in whole.money.values() for amount in amounts.values())
    assert asked == 9_700 * whole.trials
    ahead = [each for each in trials if each.trial_end > NOW and each.state in COHORT]
    told = whole.trials + found.running + found.unread + len(ahead)
    assert len(trials) == told
    assert found.called_off == sum(each.state is TrialState.CANCELED for each in ahead)
