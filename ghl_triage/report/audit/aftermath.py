"""What is over: cases that were lost and cases that were recovered, counted apart from what waits for somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ghl_triage.model import Cause, Path, Stage
from ghl_triage.report.rows import Money, ReportCase
from ghl_triage.trial import Trial


@dataclass(frozen=True, slots=True)
class Lost:
    """Lost cases of one cause and path. `money` is one period each, of those whose trial was read (`priced`)."""

    cause: Cause
    path: Path
    cases: int
    priced: int
    money: Money


@dataclass(frozen=True, slots=True)
class Recovered:
    """Recovered cases of one path: a charge failed in the last 60 days, and the invoice was paid since. `money` is what
    their first invoices brought, of those whose trial was read."""

    path: Path
    cases: int
    priced: int
    money: Money


def lost(cases: Iterable[ReportCase], trials: Mapping[str, Trial]) -> tuple[Lost, ...]:
    """All lost cases, the most frequent first."""
    counted: Counter[tuple[Cause, Path]] = Counter()
    priced: Counter[tuple[Cause, Path]] = Counter()
    money: dict[tuple[Cause, Path], Counter[str]] = {}
    for case in cases:
        if case.stage is not Stage.LOST or case.cause is None:
            continue
        key = (case.cause, case.path)
        counted[key] += 1
        trial = trials.get(case.subscription)
        if trial is not None and trial.amount:
            priced[key] += 1
            money.setdefault(key, Counter())[trial.currency] += trial.amount
    return tuple(
        Lost(cause, path, count, priced[cause, path], dict(sorted(money.get((cause, path), {}).items())))
        for (cause, path), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    )


def recovered(cases: Iterable[ReportCase], trials: Mapping[str, Trial]) -> tuple[Recovered, ...]:
    """All recovered cases by path."""
    counted: Counter[Path] = Counter()
    priced: Counter[Path] = Counter()
    money: dict[Path, Counter[str]] = {}
    for case in cases:
        if case.stage is not Stage.RECOVERED:
            continue
        counted[case.path] += 1
        trial = trials.get(case.subscription)
        if trial is not None and trial.amount_paid:
            priced[case.path] += 1
            money.setdefault(case.path, Counter())[trial.currency] += trial.amount_paid
    return tuple(
        Recovered(path, counted[path], priced[path], dict(sorted(money.get(path, {}).items())))
        for path in Path
        if counted[path]
    )
