"""Shares with their 95 % intervals, and two of them against each other."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.report import statistics
from ghl_triage.report.statistics import Difference, RiskRatio


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `of`, as a share with its Wilson interval; None where `of` is nothing."""

    count: int
    of: int
    share: float | None = None
    low: float | None = None
    high: float | None = None

    def above(self, share: float) -> bool:
        """Whether the whole interval lies above a share; never of nothing."""
        return self.low is not None and self.low > share

    def below(self, share: float) -> bool:
        """Whether the whole interval lies below a share; never of nothing."""
        return self.high is not None and self.high < share


def rate(count: int, of: int) -> Rate:
    """A share of what was seen."""
    if not of:
        return Rate(count, of)
    interval = statistics.wilson(count, of)
    return Rate(count, of, count / of, interval.low, interval.high)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rates against each other, the first over the second and less the second; `p` is of Fisher's exact test."""

    ratio: RiskRatio
    difference: Difference
    p: float


def compared(first: Rate, second: Rate) -> Comparison | None:
    """Two rates against each other; None where one of them is of nothing."""
    if not first.of or not second.of:
        return None
    counts = first.count, first.of, second.count, second.of
    return Comparison(statistics.risk_ratio(*counts), statistics.newcombe(*counts), fisher(first, second))


def fisher(first: Rate, second: Rate) -> float:
    """Fisher's exact p, two-sided, of two rates being one."""
    return statistics.fisher(first.count, first.of - first.count, second.count, second.of - second.count)
