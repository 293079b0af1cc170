"""Shares with their 95 % intervals, two of them against each other, and the table of two by two of the hypothesis."""

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


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """First charges of one path: how the card had been saved, against what came of the charge."""

    not_set_up_failed: int
    not_set_up_paid: int
    set_up_failed: int
    set_up_paid: int

    @property
    def without(self) -> Rate:
        """How often cards saved without an off-session set-up failed."""
        return rate(self.not_set_up_failed, self.not_set_up_failed + self.not_set_up_paid)

    @property
    def with_set_up(self) -> Rate:
        """How often cards saved with one failed."""
        return rate(self.set_up_failed, self.set_up_failed + self.set_up_paid)
