"""Stripe's retry policy as the tries show it: no field of the API tells it (domain/stripe.md 5.6, "Smart Retries").

Only first invoices of trials are looked at, and only those whose first refusal is of a code that Stripe retries: after
the others retries are scheduled, but run only once there is another card. Our own tries are left out, and where
somebody ended the subscription the retries were cut short: neither their number nor the end is Stripe's setting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TypeVar

from ghl_triage.diagnosis.declines import may_retry
from ghl_triage.trial import Trial, TrialState

HOUR, DAY = 3_600, 86_400
SAME_TIME = 6 * HOUR
"""Retries of one number that lie so close together, counted from the first refusal, follow a fixed schedule."""
SETTLED = 2 * DAY
"""After so long without a next attempt in sight a last try is taken for the last."""
ENOUGH, MANY = 5, 20
"""Invoices from which on something is said at all, and from which on it is said firmly."""
CLEAR, FIRM = 0.6, 0.8
"""The share that the most frequent answer must have for the same."""
Answer = TypeVar("Answer", int, str)


class Schedule(StrEnum):
    """How retries come."""

    FIXED = "fixed"
    """At the same distances from the first refusal: a custom schedule."""
    VARYING = "varying"
    """At distances that differ: Smart Retries choose the time."""
    NONE = "none"
    """No retry was seen where there should have been one."""
    UNKNOWN = "unknown"


class Sureness(StrEnum):
    """How much the tries that were seen allow to say."""

    FIRM = "firm"
    LIKELY = "likely"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Retry:
    """The `number`-th retry, 1 for the first: how many were seen, and seconds after the first refusal.

    `early` and `late` are the tenth and ninetieth percentile.
    """

    number: int
    seen: int
    early: int
    middle: int
    late: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What the tries show. `invoices` were refused at first with a code that Stripe retries; `over` of them are done
    with. `tries` counts those by the number of retries, `ends` by Stripe's status now. `scheduled` still have a next
    attempt, the latest of them `longest_wait` seconds from its last try. `passed_over` were refused with a code that
    Stripe does not retry without another card.
    """

    schedule: Schedule
    schedule_sure: Sureness
    invoices: int
    over: int
    retries: tuple[Retry, ...]
    tries: Mapping[int, int]
    usual: int | None
    usual_sure: Sureness
    ends: Mapping[str, int]
    end: str | None
    end_sure: Sureness
    scheduled: int
    longest_wait: int | None
    passed_over: int


@dataclass(frozen=True, slots=True)
class _Course:
    """The failed automatic tries of one invoice, and when its next one is due."""

    trial: Trial
    times: tuple[int, ...]
    next_at: int | None
    cut_short: bool

    def over(self, now: int) -> bool:
        """Whether nothing more will come by itself, and nobody cut it short."""
        if self.cut_short:
            return False
        if self.trial.state is TrialState.LOST:
            return True
        unpaid = self.trial.state is TrialState.OPEN and self.next_at is None
        return unpaid and now - self.times[-1] > SETTLED


def policy(
    trials: Iterable[Trial], next_retries: Mapping[str, int | None], now: int, *, by_choice: Collection[str] = ()
) -> Policy:
    """The policy that the tries show. `next_retries` has the next attempt of open cases, by subscription; `by_choice`
    are the subscriptions that somebody ended."""
    courses, passed_over = _courses(trials, next_retries, by_choice)
    over = [course for course in courses if course.over(now)]
    counts = Counter(len(course.times) - 1 for course in over)
    ends = Counter(course.trial.status for course in over)
    waits = [course.next_at - course.times[-1] for course in courses if course.next_at is not None]
    retries = _retries(courses)
    schedule, schedule_sure = _schedule(retries, len(over))
    usual, usual_sure = _usual(counts)
    end, end_sure = _usual(ends)
    return Policy(
        schedule=schedule,
        schedule_sure=schedule_sure,
        invoices=len(courses),
        over=len(over),
        retries=retries,
        tries=dict(sorted(counts.items())),
        usual=usual,
        usual_sure=usual_sure,
        ends=dict(ends.most_common()),
        end=end,
        end_sure=end_sure,
        scheduled=len(waits),
        longest_wait=max(waits, default=None),
        passed_over=passed_over,
    )


def _courses(
    trials: Iterable[Trial], next_retries: Mapping[str, int | None], by_choice: Collection[str]
) -> tuple[list[_Course], int]:
    courses, passed_over = [], 0
    for trial in trials:
        times = tuple(sorted(one.at for one in trial.tries if not one.ok and not one.ours))
        if trial.left_out is not None or not times:
            continue
        if may_retry(trial.code) == "no":
            passed_over += 1
        else:
            name = trial.subscription
            courses.append(_Course(trial, times, next_retries.get(name), name in by_choice))
    return courses, passed_over


def _retries(courses: Sequence[_Course]) -> tuple[Retry, ...]:
    most = max((len(course.times) for course in courses), default=0)
    found = []
    for number in range(1, most):
        after = sorted(course.times[number] - course.times[0] for course in courses if len(course.times) > number)
        last = len(after) - 1
        found.append(Retry(number, len(after), after[last // 10], int(median(after)), after[last - last // 10]))
    return tuple(found)


def _schedule(retries: Sequence[Retry], over: int) -> tuple[Schedule, Sureness]:
    if not retries:
        return (Schedule.NONE, _by_number(over)) if over >= ENOUGH else (Schedule.UNKNOWN, Sureness.TOO_FEW)
    first = retries[0]
    if first.seen < ENOUGH:
        return Schedule.UNKNOWN, Sureness.TOO_FEW
    told = [retry for retry in retries if retry.seen >= ENOUGH]
    same = all(retry.late - retry.early <= SAME_TIME for retry in told)
    return Schedule.FIXED if same else Schedule.VARYING, _by_number(first.seen)


def _by_number(seen: int) -> Sureness:
    return Sureness.FIRM if seen >= MANY else Sureness.LIKELY


def _usual(counts: Mapping[Answer, int]) -> tuple[Answer | None, Sureness]:
    """The most frequent answer where it is clear, and how sure it is."""
    total = sum(counts.values())
    if total < ENOUGH:
        return None, Sureness.TOO_FEW
    answer, count = max(counts.items(), key=lambda item: item[1])
    if count / total < CLEAR:
        return None, Sureness.LIKELY
    return answer, Sureness.FIRM if total >= MANY and count / total >= FIRM else Sureness.LIKELY
