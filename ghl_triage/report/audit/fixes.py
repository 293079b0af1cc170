"""What each fix would bring: the money of the cases to which it applies now.

The reckoning makes up no rates of success. A fix counts for a case where it is the first recommended step and nothing
refuses it now (design.md section 5, "Refusals"); its money is then what is at risk in that case. That is a ceiling: a
retry may be declined again, and a link may never be opened.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ghl_triage.model import ActionKind, Actor, Stage
from ghl_triage.report.rows import Money, ReportCase, by_money, currencies, grouped, money_of

_PARTICULARS = re.compile(r"( until .*)|(:.*)|( \d\d/\d{4})|( \(.*\))", re.DOTALL)
"""What differs from case to case in the reason of a refusal: times, expiries, ids, what to do first."""
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Refused:
    """A reason for which a fix is refused now, and how often."""

    reason: str
    cases: int


@dataclass(frozen=True, slots=True)
class Fix:
    """One first step and who must take it. `action` None: nothing that this program does; it is settled by hand.

    `due` is the money of failing cases to which it applies, `to_come` that of at-risk ones; `refused_money` is of the
    cases where it is refused now.
    """

    action: ActionKind | None
    actor: Actor
    cases: int
    applies: int
    due: Money
    to_come: Money
    refused: int
    refused_money: Money
    reasons: tuple[Refused, ...]


def applies(case: ReportCase) -> bool:
    """Whether the first recommended step can be taken now."""
    return case.first_action is not None and case.refused is None


def recoverable(case: ReportCase) -> bool:
    """Whether the first step can be taken now and brings money: canceling a duplicate brings none, it was never due."""
    return applies(case) and case.first_action is not ActionKind.CANCEL_DUPLICATE


def fixes(queue: Sequence[ReportCase]) -> tuple[Fix, ...]:
    """All first steps of the queue, the one that brings most money first."""
    order = currencies(queue)
    known = [case for case in queue if case.cause is not None]
    groups = grouped(known, lambda case: (case.first_action, case.actor))
    found = [_fix(action, actor, rows) for (action, actor), rows in groups.items()]
    return tuple(
        sorted(
            found,
            key=lambda fix: (
                fix.action is None,
                by_money(fix.due, order),
                by_money(fix.to_come, order),
                -fix.cases,
                fix.action or "",
                fix.actor,
            ),
        )
    )


def _fix(action: ActionKind | None, actor: Actor, rows: Sequence[ReportCase]) -> Fix:
    can = [row for row in rows if applies(row)]
    cannot = [row for row in rows if action is not None and not applies(row)]
    return Fix(
        action,
        actor,
        len(rows),
        len(can),
        money_of(row for row in can if row.stage is Stage.FAILING),
        money_of(row for row in can if row.stage is Stage.AT_RISK),
        len(cannot),
        money_of(cannot),
        _reasons(cannot),
    )


def _reasons(rows: Iterable[ReportCase]) -> tuple[Refused, ...]:
    counted = Counter(_PARTICULARS.sub("", row.refused or "") for row in rows)
    return tuple(Refused(reason, count) for reason, count in counted.most_common(MOST_REASONS))
