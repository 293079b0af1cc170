"""When it began: first charges that did not come through by week of sign-up, path and price.

A deploy shows as a step: from some week of sign-up on, more of them fail. The step is looked for and tested:

- every week of a series (a path, or one price of a path) in which a step could lie is tried, with Fisher's exact test
  of all sign-ups from that week on against all before;
- p is multiplied by the number of weeks tried over all series (Bonferroni), for among many weeks one looks like a step
  by chance; only what stays below 0.05 then is stated;
- both sides need `LEAST_SIDE` first charges;
- within the two parts of a step the search goes on, so that a repair shows as well.

The search assumes a step. A slow slide shows as one as well: the weeks beside it tell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from ghl_triage.model import Path
from ghl_triage.report.audit.rivals import came_due
from ghl_triage.report.periods import all_weeks, week_of
from ghl_triage.report.rates import Rate, fisher, rate
from ghl_triage.trial import FirstCharge, Trial

SIGNIFICANT = 0.05
LEAST_SIDE = 10
DEPTH = 2
"""How often the search goes on within the parts of a step: at most three steps to a series."""


@dataclass(frozen=True, slots=True)
class Week:
    """The sign-ups of one week whose first charge has come due: how many were refused, or had nothing to charge."""

    week: date
    due: int
    refused: int
    nothing_to_charge: int

    @property
    def failed(self) -> int:
        """All that did not come through."""
        return self.refused + self.nothing_to_charge


@dataclass(frozen=True, slots=True)
class Step:
    """A change: of the sign-ups from `week` on (until the next step), `since` failed; `before`, from the step before.

    `p` is corrected for `tried` weeks.
    """

    week: date
    before: Rate
    since: Rate
    p: float
    tried: int

    @property
    def worse(self) -> bool:
        """Whether more fail since."""
        return (self.since.share or 0) > (self.before.share or 0)


@dataclass(frozen=True, slots=True)
class WeeklySeries:
    """One path, or one price of a path (`price` None: all), over all weeks; the steps in the order of their weeks.

    `amount` is what most first charges of the price ask for, in minor units of `currency`.
    """

    path: Path
    price: str | None
    amount: int | None
    currency: str | None
    weeks: tuple[Week, ...]
    steps: tuple[Step, ...]


def beginning(trials: Sequence[Trial], zone: tzinfo) -> tuple[WeeklySeries, ...]:
    """Every path, each followed by its prices where it has more than one; `trials` are those that count (audit.py)."""
    series = _series([trial for trial in trials if came_due(trial)], zone)
    tried = sum(len(_places(weeks)) for weeks in series.values())
    asks = _amounts(trials)
    return tuple(
        WeeklySeries(path, price, *asks.get(price, (None, None)), weeks, _steps(weeks, tried))
        for (path, price), weeks in series.items()
    )


def _amounts(trials: Sequence[Trial]) -> Mapping[str | None, tuple[int | None, str | None]]:
    """By price, what most of its first charges ask for."""
    counted: defaultdict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for trial in trials:
        counted[trial.price or ""][trial.amount, trial.currency] += 1
    return {price: amounts.most_common(1)[0][0] for price, amounts in counted.items()}


def _series(due: Sequence[Trial], zone: tzinfo) -> dict[tuple[Path, str | None], tuple[Week, ...]]:
    counted: defaultdict[tuple[Path, str | None], defaultdict[date, list[int]]]
    counted = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    seen = set()
    for trial in due:
        week = week_of(trial.created, zone)
        seen.add(week)
        for key in ((trial.path, None), (trial.path, trial.price or "")):
            cell = counted[key][week]
            cell[0] += 1
            cell[1] += trial.first_charge is FirstCharge.FAILED
            cell[2] += trial.first_charge is FirstCharge.NO_METHOD
    every = all_weeks(seen)
    found: dict[tuple[Path, str | None], tuple[Week, ...]] = {}
    for path in Path:
        prices = sorted(price for (where, price) in counted if where is path and price is not None)
        for price in (None, *(prices if len(prices) > 1 else ())):
            if (path, price) in counted:
                weeks = counted[path, price]
                found[path, price] = tuple(Week(week, *weeks.get(week, (0, 0, 0))) for week in every)
    return found


def _places(weeks: Sequence[Week]) -> list[int]:
    """Where a step could lie: before a week with sign-ups, with enough first charges on both sides."""
    total = sum(week.due for week in weeks)
    before = 0
    found = []
    for place, week in enumerate(weeks):
        if week.due and before >= LEAST_SIDE and total - before >= LEAST_SIDE:
            found.append(place)
        before += week.due
    return found


def _steps(weeks: Sequence[Week], tried: int) -> tuple[Step, ...]:
    """The steps that stand when each is held against its neighbours alone."""
    places = sorted(_cuts(weeks, tried, DEPTH))
    while places:
        edges = [0, *places, len(weeks)]
        steps = [_step(weeks, *ends, tried) for ends in zip(edges[:-2], places, edges[2:], strict=True)]
        weakest = max(range(len(steps)), key=lambda number: steps[number].p)
        if steps[weakest].p < SIGNIFICANT:
            return tuple(steps)
        del places[weakest]
    return ()


def _step(weeks: Sequence[Week], start: int, place: int, end: int, tried: int) -> Step:
    before, since = _rate(weeks[start:place]), _rate(weeks[place:end])
    return Step(weeks[place].week, before, since, _corrected(before, since, tried), tried)


def _cuts(weeks: Sequence[Week], tried: int, depth: int) -> list[int]:
    """The clearest step of these weeks, and those within its two parts."""
    found = [(_corrected(_rate(weeks[:place]), _rate(weeks[place:]), tried), place) for place in _places(weeks)]
    p, place = min(found, default=(1.0, 0))
    if p >= SIGNIFICANT or depth == 0:
        return []
    later = [place + further for further in _cuts(weeks[place:], tried, depth - 1)]
    return [*_cuts(weeks[:place], tried, depth - 1), place, *later]


def _corrected(before: Rate, since: Rate, tried: int) -> float:
    return min(1.0, tried * fisher(before, since))


def _rate(weeks: Sequence[Week]) -> Rate:
    return rate(sum(week.failed for week in weeks), sum(week.due for week in weeks))
