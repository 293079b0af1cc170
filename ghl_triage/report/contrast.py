"""Are two rates really different? Derived from the numbers, and able to say that there are too few of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from ghl_triage.report.audit.tables import Comparison, Rate, compared, rate
from ghl_triage.report.statistics import needed

SIGNIFICANT = 0.05
WORTH_KNOWING = 0.05
"""A difference of five points: the width of the client's goal of 5 to 10 %. A smaller one changes no decision."""
MOST_TIMES = 1_000
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


def contrast(first: Rate, second: Rate) -> Contrast:
    """The first rate against the second.

    Really different: the interval of their difference does not hold 0, and Fisher's exact test gives p < 0.05. Alike:
    that interval lies within five points of 0. Everything else is too little data.
    """
    found = compared(first, second)
    answer = _answer(found)
    if answer is not Answer.NOT_ENOUGH_DATA:
        return Contrast(first, second, found, answer)
    return Contrast(first, second, found, answer, _missing(first, second))


def _answer(found: Comparison | None) -> Answer:
    if found is None:
        return Answer.NOT_ENOUGH_DATA
    low, high = found.difference.low, found.difference.high
    if found.p < SIGNIFICANT and (low > 0 or high < 0):
        return Answer.HIGHER if low > 0 else Answer.LOWER
    return Answer.ALIKE if low > -WORTH_KNOWING and high < WORTH_KNOWING else Answer.NOT_ENOUGH_DATA


def _missing(first: Rate, second: Rate) -> Missing | None:
    """By the smallest multiple of the data that has an answer; where one side is empty, by the power of a study."""
    if not first.of or not second.of:
        seen = first.share if first.of else second.share
        if seen is None:
            return None
        size = needed(seen, seen + WORTH_KNOWING if seen < 1 / 2 else seen - WORTH_KNOWING)
        return Missing(max(0, ceil(size) - first.of), max(0, ceil(size) - second.of))
    enough = 2.0
    while _times(first, second, enough) is Answer.NOT_ENOUGH_DATA:
        enough *= 2
        if enough > MOST_TIMES:
            return None
    too_little = enough / 2
    while enough - too_little > enough / 64:
        middle = (enough + too_little) / 2
        if _times(first, second, middle) is Answer.NOT_ENOUGH_DATA:
            too_little = middle
        else:
            enough = middle
    return Missing(ceil(first.of * (enough - 1)), ceil(second.of * (enough - 1)))


def _times(first: Rate, second: Rate, times: float) -> Answer:
    """The answer of so many times the data."""
    larger = (rate(round(each.count * times), round(each.of * times)) for each in (first, second))
    return _answer(compared(*larger))
