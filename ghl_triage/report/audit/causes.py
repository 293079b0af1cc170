"""Why it fails: causes by path, ordered by the money at risk, each with cases that the client can look up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ghl_triage.model import QUEUE, Actor, Case, Cause, Path, Stage
from ghl_triage.report.audit.examples import Example, chosen, shown
from ghl_triage.report.audit.fixes import recoverable
from ghl_triage.report.rows import Money, ReportCase, by_money, currencies, grouped, money_of

CasesOf = Callable[[Sequence[str]], Iterable[Case]]
"""Reads cases whole, by subscription: the evidence of the examples."""


@dataclass(frozen=True, slots=True)
class CauseOnPath:
    """One cause on one path, in the queue (failing and at risk). `share` is of the cases in the queue, 0 to 1.

    `actors` counts who must act: a cause does not always fall to the same one. `recoverable` is the money of the cases
    to which the first step applies now (fixes.py says how that is reckoned).
    """

    cause: Cause
    path: Path
    cases: int
    failing: int
    at_risk: int
    share: float
    money: Money
    recoverable: Money
    actors: Mapping[Actor, int]
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class CauseInAll:
    """One cause over all paths. `due` is the money of the failing cases, `to_come` that of those at risk."""

    cause: Cause
    cases: int
    failing: int
    at_risk: int
    share: float
    money: Money
    due: Money
    to_come: Money
    recoverable: Money
    actors: Mapping[Actor, int]
    paths: tuple[CauseOnPath, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """Cases of the queue without a verdict yet, and what it waits for."""

    reason: str
    cases: int


def causes(queue: Sequence[ReportCase], cases_of: CasesOf, *, include_customers: bool) -> tuple[CauseInAll, ...]:
    """All causes in the queue, the one with most money first: the currency of most cases decides, then the next one."""
    order = currencies(queue)
    known = [case for case in queue if case.cause is not None]
    by_cause = grouped(known, lambda case: case.cause)
    example_cases = {
        (cause, path): chosen(rows)
        for cause, group in by_cause.items()
        for path, rows in grouped(group, lambda case: case.path).items()
    }
    wanted = [row.subscription for rows in example_cases.values() for row in rows]
    whole = {case.subscription: case for case in cases_of(wanted)}

    def on_path(cause: Cause, path: Path, rows: Sequence[ReportCase]) -> CauseOnPath:
        examples = (
            shown(row, whole.get(row.subscription), include_customers=include_customers)
            for row in example_cases[cause, path]
        )
        return CauseOnPath(
            cause,
            path,
            len(rows),
            sum(row.stage is Stage.FAILING for row in rows),
            sum(row.stage is Stage.AT_RISK for row in rows),
            len(rows) / len(queue),
            money_of(rows),
            money_of(row for row in rows if recoverable(row)),
            _actors(rows),
            tuple(examples),
        )

    def in_all(cause: Cause, rows: Sequence[ReportCase]) -> CauseInAll:
        paths = [on_path(cause, path, each) for path, each in grouped(rows, lambda row: row.path).items()]
        return CauseInAll(
            cause,
            len(rows),
            sum(each.failing for each in paths),
            sum(each.at_risk for each in paths),
            len(rows) / len(queue),
            money_of(rows),
            money_of(row for row in rows if row.stage is Stage.FAILING),
            money_of(row for row in rows if row.stage is Stage.AT_RISK),
            money_of(row for row in rows if recoverable(row)),
            _actors(rows),
            tuple(sorted(paths, key=lambda each: (by_money(each.money, order), -each.cases, each.path))),
        )

    found = [in_all(cause, rows) for cause, rows in by_cause.items() if cause is not None]
    return tuple(sorted(found, key=lambda each: (by_money(each.money, order), -each.cases, each.cause)))


def in_queue(cases: Iterable[ReportCase]) -> list[ReportCase]:
    """The cases that wait for somebody: failing and at risk."""
    return [case for case in cases if case.stage in QUEUE]


def pending(queue: Iterable[ReportCase]) -> tuple[Pending, ...]:
    """What verdicts still wait for, the most frequent first."""
    reasons = Counter(case.pending or "no rule was asked yet" for case in queue if case.cause is None)
    return tuple(Pending(reason, count) for reason, count in reasons.most_common())


def _actors(cases: Iterable[ReportCase]) -> Mapping[Actor, int]:
    return dict(Counter(case.actor for case in cases).most_common())
