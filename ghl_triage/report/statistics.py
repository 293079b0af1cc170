"""Proportions with their uncertainty: intervals of 95 %, ratios, differences, an exact test. Pure.

Own functions on the standard library: what is wanted are five textbook formulas, and the packages that hold them all
(scipy, statsmodels) weigh more than this whole program with everything that it leans on.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, inf, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
POWER = 0.8
"""How likely a study of the size that `needed` names finds the difference that it looks for."""
_TIE = 1 + 1e-7
"""Tables whose probabilities differ by less than this are equally likely: rounding must not split them."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of an interval of 95 %."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two shares, the first less the second, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RiskRatio:
    """The first share over the second, with its interval.

    `value` None: the second share is nothing; `high` None: the interval has no upper end. `corrected`: a cell was
    empty, so the interval was reckoned with half a case more in each of the four, and is a rough one.
    """

    value: float | None
    low: float
    high: float | None
    corrected: bool = False


def wilson(count: int, of: int) -> Interval:
    """The score interval of a share (Wilson 1927; method 3 of Newcombe 1998a). `of` is more than nothing."""
    _check(count, of)
    share = count / of
    middle = count + Z * Z / 2
    reach = Z * sqrt(Z * Z / 4 + count * (1 - share))
    low = 0.0 if count == 0 else (middle - reach) / (of + Z * Z)
    high = 1.0 if count == of else (middle + reach) / (of + Z * Z)
    return Interval(low, high)


def newcombe(first: int, first_of: int, second: int, second_of: int) -> Difference:
    """The first share less the second, with the interval made of both score intervals (method 10 of Newcombe 1998b)."""
    one, other = wilson(first, first_of), wilson(second, second_of)
    share, base = first / first_of, second / second_of
    below = sqrt((share - one.low) ** 2 + (other.high - base) ** 2)
    above = sqrt((one.high - share) ** 2 + (base - other.low) ** 2)
    value = share - base
    return Difference(value, max(-1.0, value - below), min(1.0, value + above))


def risk_ratio(first: int, first_of: int, second: int, second_of: int) -> RiskRatio:
    """The first share over the second, with the interval of its logarithm (Katz and others 1978).

    The logarithm wants all four cells: where one is empty, half a case is added to each (Haldane 1956), and the result
    says so. A share of none has no logarithm, and one of all would pass for exactly known: a single failure of one
    card would. An end that a count of none leaves open stays open.
    """
    _check(first, first_of)
    _check(second, second_of)
    corrected = first in (0, first_of) or second in (0, second_of)
    more = 0.5 if corrected else 0.0
    a, n, c, m = first + more, first_of + 2 * more, second + more, second_of + 2 * more
    middle = log(a / n) - log(c / m)
    reach = Z * sqrt(1 / a - 1 / n + 1 / c - 1 / m)
    value = (first / first_of) / (second / second_of) if second else None
    low = exp(middle - reach) if first else 0.0
    high = exp(middle + reach) if second else None
    if value is not None and high is not None:
        low, high = min(low, value), max(high, value)
    return RiskRatio(value, low, high, corrected)


def fisher(a: int, b: int, c: int, d: int) -> float:
    """How likely tables are that are at most as likely as [[a, b], [c, d]], were both rows alike: Fisher's exact test.

    Two-sided as R's fisher.test: the sum over all tables of the same margins.
    """
    if min(a, b, c, d) < 0:
        raise ValueError(f"no table: {a}, {b}, {c}, {d}")
    row, other, column = a + b, c + d, a + c
    lowest, highest = max(0, column - other), min(row, column)
    mode = min(highest, max(lowest, (row + 1) * (column + 1) // (row + other + 2)))
    # Weights against the likeliest table: nothing overflows, and what underflows adds nothing.
    weights = {mode: 1.0}
    for k in range(mode, highest):
        weights[k + 1] = weights[k] * (row - k) * (column - k) / ((k + 1) * (other - column + k + 1))
        if not weights[k + 1]:
            break
    for k in range(mode, lowest, -1):
        weights[k - 1] = weights[k] * k * (other - column + k) / ((row - k + 1) * (column - k + 1))
        if not weights[k - 1]:
            break
    seen = weights.get(a, 0.0) * _TIE
    whole = sum(sorted(weights.values()))
    return min(1.0, sum(sorted(weight for weight in weights.values() if weight <= seen)) / whole)


def needed(first: float, second: float, power: float = POWER) -> float:
    """How many cases each side needs to tell two shares apart at 95 % (Fleiss 1981, without continuity correction)."""
    if first == second:
        return inf
    mean = (first + second) / 2
    by_chance = Z * sqrt(2 * mean * (1 - mean))
    wanted = NormalDist().inv_cdf(power) * sqrt(first * (1 - first) + second * (1 - second))
    return ceil(((by_chance + wanted) / (first - second)) ** 2)


def _check(count: int, of: int) -> None:
    if not 0 <= count <= of or of == 0:
        raise ValueError(f"no share: {count} of {of}")
