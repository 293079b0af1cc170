"""The verdict on the hypothesis: one pure function from the numbers of one path to an answer.

The hypothesis: "This path saves cards without an off-session set-up, so the first charge is refused with
authentication_required" (domain/stripe.md 3.2). It is supported where both of its halves are seen in the path itself:

- cards without a set-up fail more often: the 95 % interval of the risk ratio lies above 1, and Fisher's exact test
  gives p < 0.05;
- authentication is why: among the failed first charges of cards without a set-up, the 95 % interval of the share that
  wanted authentication lies above `SUBSTANTIAL`.

It is not supported where the numbers rule one of them out: that interval lies below `SUBSTANTIAL`; or few of the failed
charges were on such cards; or such cards hardly fail; or the ratio's interval reaches down to 1 and stays below
`MEANINGFUL_RATIO`. Everything else is too little data. Paths are never pooled: one that sets up its cards may differ
from one that does not in much else, and a comparison over both would take that for the effect of the set-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf

from ghl_triage.report.enough import smallest_multiple
from ghl_triage.report.rates import Rate, compared, rate
from ghl_triage.report.statistics import needed

SUBSTANTIAL = 1 / 3
"""A share from which on something is called a main reason: one failure in three."""
MEANINGFUL_RATIO = 2.0
"""Twice as many failures: less would not explain what the client sees (one in four against one in forty)."""
RARE = 0.05
"""A failure rate that needs no explanation: the lower end of the client's goal of 5 to 10 %."""
SIGNIFICANT = 0.05
CLAIMED_RATE = 0.25
"""The client's own figure, one first charge in four; used for planning alone, while nothing was observed."""
MOST_TIMES = 1_000
"""A multiple of what was seen beyond which more of the same is called of no use."""


class Answer(StrEnum):
    """What the numbers say of the hypothesis."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not_supported"
    NOT_ENOUGH_DATA = "not_enough_data"


class Ground(StrEnum):
    """On what an answer rests."""

    BOTH_HALVES = "both_halves"
    """Such cards fail more often, and authentication is why."""
    OTHER_REASONS = "other_reasons"
    """What fails on cards without a set-up is, for the most part, not authentication."""
    FEW_SUCH_CARDS = "few_such_cards"
    """Most failed charges were on cards that had been set up."""
    SELDOM_FAILS = "seldom_fails"
    """Cards without a set-up hardly fail."""
    NO_DIFFERENCE = "no_difference"
    """Cards without a set-up do not fail more often, or not much."""
    NO_COMPARISON = "no_comparison"
    """All cards of this path were saved in the same way: there is nothing to compare."""
    TOO_FEW = "too_few"
    """The intervals are too wide for either answer."""


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


@dataclass(frozen=True, slots=True)
class Missing:
    """About how many more first charges would decide it, of each kind of card, if the rates stay as they are."""

    not_set_up: int
    set_up: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer, its ground, and what is missing where there is no answer yet (None: it can't be reckoned)."""

    answer: Answer
    ground: Ground
    missing: Missing | None = None


def judge(table: TwoByTwo, authentication: int) -> Judgement:
    """The verdict on one path. `authentication` counts, of `table.not_set_up_failed`, those that asked for it."""
    answer, ground = _decide(table, authentication)
    if answer is not Answer.NOT_ENOUGH_DATA:
        return Judgement(answer, ground)
    return Judgement(answer, ground, _missing(table, authentication))


def _decide(table: TwoByTwo, authentication: int) -> tuple[Answer, Ground]:
    failed = table.not_set_up_failed
    asked = rate(authentication, failed)
    found = compared(table.without, table.with_set_up)
    low, p = (found.ratio.low, found.p) if found else (0.0, 1.0)
    high = found.ratio.high if found and found.ratio.high is not None else inf
    if low > 1 and p < SIGNIFICANT and asked.above(SUBSTANTIAL):
        return Answer.SUPPORTED, Ground.BOTH_HALVES
    ruled_out = {
        Ground.OTHER_REASONS: asked.below(SUBSTANTIAL),
        Ground.FEW_SUCH_CARDS: rate(failed, failed + table.set_up_failed).below(SUBSTANTIAL),
        Ground.SELDOM_FAILS: table.without.below(RARE),
        Ground.NO_DIFFERENCE: low <= 1 and high < MEANINGFUL_RATIO,
    }
    ground = next((each for each, holds in ruled_out.items() if holds), None)
    if ground is not None:
        return Answer.NOT_SUPPORTED, ground
    return Answer.NOT_ENOUGH_DATA, Ground.TOO_FEW if found else Ground.NO_COMPARISON


def _missing(table: TwoByTwo, authentication: int) -> Missing | None:
    """By the smallest multiple of the table that has an answer; for an empty row, by the power of a study."""
    without, with_set_up = table.without.of, table.with_set_up.of
    if not without or not with_set_up:
        each = _for_power(table)
        return Missing(max(0, each - without), max(0, each - with_set_up))
    enough = smallest_multiple(lambda times: _answered(table, authentication, times), MOST_TIMES)
    if enough is None:
        return None
    return Missing(ceil(without * (enough - 1)), ceil(with_set_up * (enough - 1)))


def _answered(table: TwoByTwo, authentication: int, times: float) -> bool:
    larger = TwoByTwo(
        round(table.not_set_up_failed * times),
        round(table.not_set_up_paid * times),
        round(table.set_up_failed * times),
        round(table.set_up_paid * times),
    )
    answer, _ = _decide(larger, min(round(authentication * times), larger.not_set_up_failed))
    return answer is not Answer.NOT_ENOUGH_DATA


def _for_power(table: TwoByTwo) -> int:
    """First charges of each kind by which twice the failures would show: against the rate seen in the row that is
    there, or the client's own figure."""
    seen = table.without if table.without.of else table.with_set_up
    high = seen.share or CLAIMED_RATE
    return ceil(needed(high, high / MEANINGFUL_RATIO))
