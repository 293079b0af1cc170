"""The hypothesis of the client's side, counted path by path; verdict.py says what the numbers mean.

What is counted: trials of a cohort (duplicates, test clocks and free ones are left out) whose first charge was made,
and whose card's set-up is known. A trial that had nothing to charge stands beside the table: where no charge exists, no
bank can have asked for authentication. Its explanation is a rival one (rivals.py). A set-up is known of cards younger
than the lists that were read; older cards were looked up only where they fail, and would tilt the comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ghl_triage.model import Path
from ghl_triage.report.audit.verdict import Answer, Judgement, TwoByTwo, judge
from ghl_triage.report.rates import Comparison, Rate, compared, rate
from ghl_triage.report.rows import grouped
from ghl_triage.trial import FailureKind, FirstCharge, SetUp, Trial

ON_TRIAL = Path.API
"""The path that the hypothesis is about: the client's custom checkout."""
_NOT_SET_UP = (SetUp.ON_SESSION, SetUp.ATTACHED_ONLY)
_CHARGED = (FirstCharge.SUCCEEDED, FirstCharge.FAILED)


@dataclass(frozen=True, slots=True)
class PathTest:
    """The test on one path. `ways` are the failure rates of each way in which a card was saved; `compared` holds those
    without a set-up against those with one (None: one of the two did not occur).

    `asked` is the share of failed first charges that wanted authentication: of all, and of each row of the table.
    What the table leaves out is counted: nothing to charge, the set-up or the charge not read, not due yet.
    """

    path: Path
    table: TwoByTwo
    without: Rate
    with_set_up: Rate
    ways: Mapping[SetUp, Rate]
    compared: Comparison | None
    asked: Rate
    asked_without: Rate
    asked_with: Rate
    nothing_to_charge: int
    set_up_unread: int
    charge_unread: int
    not_due: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The tests of all paths. `answer` is that of the path which the hypothesis is about."""

    path: Path
    answer: Answer
    judgement: Judgement
    paths: tuple[PathTest, ...]


def hypothesis(trials: Sequence[Trial]) -> Hypothesis:
    """Test each path by itself; `trials` are those that count (audit.py)."""
    groups = grouped(trials, lambda trial: trial.path)
    tests = tuple(_test(path, groups[path]) for path in Path if path in groups)
    judgement = next((test.judgement for test in tests if test.path is ON_TRIAL), None)
    judgement = judgement or judge(TwoByTwo(0, 0, 0, 0), 0)
    return Hypothesis(ON_TRIAL, judgement.answer, judgement, tests)


def not_set_up(trial: Trial) -> bool:
    """Whether its card was saved, and not set up for charges in the customer's absence."""
    return trial.set_up in _NOT_SET_UP


def _test(path: Path, trials: Sequence[Trial]) -> PathTest:
    charged = [trial for trial in trials if trial.first_charge in _CHARGED]
    without = [trial for trial in charged if not_set_up(trial)]
    with_set_up = [trial for trial in charged if trial.set_up is SetUp.OFF_SESSION]
    known = without + with_set_up
    bad, good = _failures(without), _failures(with_set_up)
    table = TwoByTwo(bad.count, bad.of - bad.count, good.count, good.of - good.count)
    ways = grouped(known, lambda trial: trial.set_up)
    counted = Counter(trial.first_charge for trial in trials)
    asked = _authentication(without)
    return PathTest(
        path=path,
        table=table,
        without=bad,
        with_set_up=good,
        ways={way: _failures(ways[way]) for way in SetUp if way in ways},
        compared=compared(bad, good),
        asked=_authentication(known),
        asked_without=asked,
        asked_with=_authentication(with_set_up),
        nothing_to_charge=counted[FirstCharge.NO_METHOD],
        set_up_unread=len(charged) - len(known),
        charge_unread=counted[FirstCharge.UNREAD],
        not_due=counted[FirstCharge.NOT_DUE],
        judgement=judge(table, asked.count),
    )


def _failures(trials: Sequence[Trial]) -> Rate:
    return rate(sum(trial.first_charge is FirstCharge.FAILED for trial in trials), len(trials))


def _authentication(trials: Sequence[Trial]) -> Rate:
    refused = [trial for trial in trials if trial.first_charge is FirstCharge.FAILED]
    return rate(sum(trial.failure is FailureKind.AUTHENTICATION for trial in refused), len(refused))
