"""From trial to paid: counts the trials. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from ghl_triage.diagnosis.trial_state import read_from
from ghl_triage.model import Coverage, Path
from ghl_triage.report.contrast import contrast
from ghl_triage.report.conversion.figures import figures
from ghl_triage.report.conversion.numbers import (
    Against,
    BeforeAndAfter,
    Cohort,
    Conversion,
    Group,
    GroupedBy,
    SinceFix,
)
from ghl_triage.report.periods import Period, PeriodName, all_periods, period_of
from ghl_triage.trial import COHORT, Trial, TrialState

RETRY_WINDOW = 14 * 86_400
"""How long Stripe retries by default (Smart Retries: eight tries in two weeks): a cohort that is younger may yet
change, and is not mature."""


def conversion(
    trials: Iterable[Trial],
    *,
    now: int,
    coverage: Coverage,
    zone: tzinfo,
    by: GroupedBy = "path",
    period: PeriodName = "week",
    since_fix: int | None = None,
    retry_window: int = RETRY_WINDOW,
) -> Conversion:
    """Count the trials."""
    known = list(trials)
    counted = [trial for trial in known if trial.left_out is None]
    ended = [trial for trial in counted if trial.state in COHORT and trial.trial_end <= now]
    key_of = _KEYS[by]
    groups = tuple(_group(key, rows, now - retry_window) for key, rows in _ordered(ended, key_of, by))
    start = read_from(coverage)
    return Conversion(
        made_at=now,
        by=by,
        period=period,
        retry_window=retry_window,
        read_from=start,
        total=_group("total", ended, now - retry_window),
        groups=groups,
        against=_against(groups),
        cohorts=_cohorts(ended, key_of, _Reading(now, start, retry_window, period, zone), [one.key for one in groups]),
        since_fix=None if since_fix is None else _since(since_fix, counted, ended, key_of, by),
        running=sum(trial.state is TrialState.RUNNING for trial in counted),
        called_off=sum(trial.state is TrialState.CANCELED and trial.trial_end > now for trial in counted),
        unread=sum(trial.state is TrialState.UNREAD for trial in counted),
        left_out=dict(Counter(trial.left_out for trial in known if trial.left_out is not None)),
        prices=_prices(ended) if by == "price" else {},
    )


_KEYS: Mapping[GroupedBy, Callable[[Trial], str]] = {
    "path": lambda trial: trial.path.value,
    "price": lambda trial: trial.price or "",
    "total": lambda _: "total",
}


def _prices(trials: Iterable[Trial]) -> dict[str, tuple[int, str]]:
    asked: defaultdict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for trial in trials:
        asked[trial.price or ""][trial.amount, trial.currency] += 1
    return {price: amounts.most_common(1)[0][0] for price, amounts in asked.items()}


def _group(key: str, trials: Sequence[Trial], mature_before: int) -> Group:
    return Group(key, figures(trials), figures([trial for trial in trials if trial.trial_end <= mature_before]))


def _ordered(trials: Sequence[Trial], key_of: Callable[[Trial], str], by: GroupedBy) -> list[tuple[str, list[Trial]]]:
    """Paths in their own order, prices by the number of their trials."""
    found: defaultdict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        found[key_of(trial)].append(trial)
    if by == "path":
        return [(path.value, found[path.value]) for path in Path if path.value in found]
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))


def _against(groups: Sequence[Group]) -> tuple[Against, ...]:
    """Each group against HighLevel's own checkout; where there is none, against the best.

    The best is the one whose rate is the most surely low: of few trials nobody can say that.
    """
    able = [group for group in groups if group.all.due]
    if len(able) < 2:
        return ()
    named = next((group for group in able if group.key == Path.HIGHLEVEL), None)
    base = named or min(able, key=lambda group: (group.all.unpaid_at_first.high or 0.0, group.key))
    return tuple(
        Against(group.key, base.key, contrast(group.all.unpaid_at_first, base.all.unpaid_at_first))
        for group in able
        if group is not base
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """From when trials were read, and how they are cut into cohorts."""

    now: int
    start: int | None
    retry_window: int
    name: PeriodName
    zone: tzinfo

    def mature(self, period: Period, trials: Sequence[Trial]) -> bool:
        """Whether no more trials come, and the youngest of them is older than the retry window."""
        youngest = max((trial.trial_end for trial in trials), default=period.start)
        return period.end <= self.now and youngest + self.retry_window <= self.now


def _cohorts(
    trials: Sequence[Trial], key_of: Callable[[Trial], str], reading: _Reading, keys: Sequence[str]
) -> tuple[Cohort, ...]:
    if not trials:
        return ()
    rows: defaultdict[tuple[Period, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        rows[period_of(trial.trial_end, reading.name, reading.zone), key_of(trial)].append(trial)
    seen = [period for period, _ in rows]
    return tuple(
        Cohort(
            key,
            period,
            whole=reading.start is not None and period.start >= reading.start,
            over=period.end <= reading.now,
            mature=reading.mature(period, rows.get((period, key), ())),
            figures=figures(rows.get((period, key), ())),
        )
        for period in all_periods(min(seen), max(seen), reading.name, reading.zone)
        for key in keys
    )


def _since(
    at: int, counted: Sequence[Trial], ended: Sequence[Trial], key_of: Callable[[Trial], str], by: GroupedBy
) -> SinceFix:
    later = [trial for trial in counted if trial.created >= at]
    running = Counter(key_of(trial) for trial in later if trial.state is TrialState.RUNNING)
    rows = _ordered(ended, key_of, by)
    groups = [_before_and_after(key, trials, at, running[key]) for key, trials in rows]
    if by != "total":
        groups.append(_before_and_after("total", ended, at, running.total()))
    return SinceFix(at, min((trial.trial_end for trial in later), default=None), tuple(groups))


def _before_and_after(key: str, trials: Sequence[Trial], at: int, running: int) -> BeforeAndAfter:
    before = figures([trial for trial in trials if trial.created < at])
    after = figures([trial for trial in trials if trial.created >= at])
    return BeforeAndAfter(
        key, before, after, running, contrast(after.unpaid_at_first, before.unpaid_at_first, second_grows=False)
    )
