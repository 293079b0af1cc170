"""What is coming: trials that began without a usable card that was set up off-session (`Trial.ready_at_start`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo

from ghl_triage.model import Path
from ghl_triage.report.periods import all_weeks, week_of
from ghl_triage.report.rates import Rate, rate
from ghl_triage.report.rows import Money, grouped
from ghl_triage.trial import Trial, TrialState

RECENT_WEEKS = 12
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Started:
    """The trials of one week and path: how many of those that can be told were not ready; `untold` can't be told."""

    week: date
    not_ready: Rate
    untold: int


@dataclass(frozen=True, slots=True)
class PathReadiness:
    """One path: trials that run now, and those that began in the last weeks, whatever became of them.

    `money` is what the running ones that were not ready are to be charged, one period each.
    """

    path: Path
    running: Rate
    running_untold: int
    money: Money
    weeks: tuple[Started, ...]


def readiness(trials: Sequence[Trial], now: int, zone: tzinfo) -> tuple[PathReadiness, ...]:
    """All paths; `trials` are those that count (audit.py)."""
    trials = [_settled(trial, now) for trial in trials]
    first = week_of(now, zone) - timedelta(weeks=RECENT_WEEKS - 1)
    recent = [(week, trial) for trial in trials if (week := week_of(trial.created, zone)) >= first]
    weeks = all_weeks(week for week, _ in recent)
    by_week = grouped(recent, lambda item: (item[1].path, item[0]))
    running = grouped((t for t in trials if t.state is TrialState.RUNNING), lambda trial: trial.path)
    paths = {trial.path for _, trial in recent} | set(running)
    return tuple(
        PathReadiness(
            path,
            _not_ready(running.get(path, ())),
            _untold(running.get(path, ())),
            _money(trial for trial in running.get(path, ()) if trial.ready_at_start is False),
            tuple(_started(week, [trial for _, trial in by_week.get((path, week), ())]) for week in weeks),
        )
        for path in Path
        if path in paths
    )


def _settled(trial: Trial, now: int) -> Trial:
    """A trial that is younger than a day may yet be ready in time: until then it can't be told that it is not."""
    may_be_yet = trial.ready_at_start is False and trial.created > now - DAY
    return replace(trial, ready_at_start=None) if may_be_yet else trial


def _started(week: date, trials: Sequence[Trial]) -> Started:
    return Started(week, _not_ready(trials), _untold(trials))


def _not_ready(trials: Iterable[Trial]) -> Rate:
    told = [trial.ready_at_start for trial in trials if trial.ready_at_start is not None]
    return rate(told.count(False), len(told))


def _untold(trials: Iterable[Trial]) -> int:
    return sum(trial.ready_at_start is None for trial in trials)


def _money(trials: Iterable[Trial]) -> Money:
    total: defaultdict[str, int] = defaultdict(int)
    for trial in trials:
        total[trial.currency] += trial.amount
    return dict(sorted(total.items()))
