"""Are two rates really different? Derived from the numbers, and able to say that there are too few of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from ghl_triage.report.enough import smallest_multiple
from ghl_triage.report.rates import Comparison, Rate, compared, fisher, rate
from ghl_triage.report.statistics import needed, newcombe

SIGNIFICANT = 0.05
WORTH_KNOWING = 0.05
"""A difference of five points: the width of the client's goal of 5 to 10 %. A smaller one changes no decision."""
MOST_TIMES = 100
"""Where so many times the data would not tell, nobody is helped by a figure."""


class Answer(StrEnum):
    """What the numbers say of the first rate against the second."""

    HIGHER = "higher"
    LOWER = "lower"
    ALIKE = "alike"
    """Any difference is smaller than is worth knowing."""
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True, slots=True)
class Missing:
    """About how many more trials on each side would tell, if the rates stay as they are."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two rates against each other. `compared` is None where one of them is of nothing; `missing` None where there is
    an answer, or where it can't be reckoned."""

    first: Rate
    second: Rate
    compared: Comparison | None
    answer: Answer
    missing: Missing | None = None


def contrast(first: Rate, second: Rate, *, second_grows: bool = True) -> Contrast:
    """The first rate against the second. Without `second_grows` only the first can get more data: what lies before a
    fix stays as it is.

    Really different: the interval of their difference does not hold 0, and Fisher's exact test gives p < 0.05. Alike:
    that interval lies within five points of 0. Everything else is too little data.
    """
    answer = _answer(first, second)
    missing = _missing(first, second, second_grows) if answer is Answer.NOT_ENOUGH_DATA else None
    return Contrast(first, second, compared(first, second), answer, missing)


def _answer(first: Rate, second: Rate) -> Answer:
    if not first.of or not second.of:
        return Answer.NOT_ENOUGH_DATA
    between = newcombe(first.count, first.of, second.count, second.of)
    if (between.low > 0 or between.high < 0) and fisher(first, second) < SIGNIFICANT:
        return Answer.HIGHER if between.low > 0 else Answer.LOWER
    alike = between.low > -WORTH_KNOWING and between.high < WORTH_KNOWING
    return Answer.ALIKE if alike else Answer.NOT_ENOUGH_DATA


def _missing(first: Rate, second: Rate, second_grows: bool) -> Missing | None:
    """By the smallest multiple of the data that has an answer; where one side is empty, by the power of a study, which
    takes both sides as large as is needed: no figure where one of them stays as it is."""
    if not first.of or not second.of:
        seen = first.share if first.of else second.share
        if seen is None or not second_grows:
            return None
        size = needed(seen, seen + WORTH_KNOWING if seen < 1 / 2 else seen - WORTH_KNOWING)
        return Missing(max(0, ceil(size) - first.of), max(0, ceil(size) - second.of))

    def answered(times: float) -> bool:
        other = _times(second, times) if second_grows else second
        return _answer(_times(first, times), other) is not Answer.NOT_ENOUGH_DATA

    enough = smallest_multiple(answered, MOST_TIMES)
    if enough is None:
        return None
    return Missing(ceil(first.of * (enough - 1)), ceil(second.of * (enough - 1)) if second_grows else 0)


def _times(seen: Rate, times: float) -> Rate:
    """So many times the data at the same rate."""
    return rate(round(seen.count * times), round(seen.of * times))
