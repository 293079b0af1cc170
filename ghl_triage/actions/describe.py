"""A plan and its results in plain lines, for terminal and screens. What comes from outside is made safe here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from ghl_triage.actions.catalogue import action
from ghl_triage.actions.plan import Plan
from ghl_triage.model import Outcome, PlannedRequest, PlanStep, StepResult
from ghl_triage.text import amounts, clean, csv_cell, money, plural, printable

Money = Callable[[int, str], str]
_NONE = "does nothing"


def who(step: PlanStep) -> str:
    """The customer of a step as people name him."""
    return clean(step.email) or clean(step.name) or clean(step.case)


def step_line(step: PlanStep, money_of: Money = money) -> str:
    """One step in one line: who, how much, and what is sent or why not."""
    if step.skipped is not None:
        return f"{who(step)}  skipped: {clean(step.skipped)}"
    charge = f"  {money_of(step.amount, step.currency)}" if step.amount else ""
    sent = "; ".join(clean(request.summary) for request in step.requests) or _NONE
    return f"{who(step)}{charge}  {sent}"


def request_lines(step: PlanStep) -> list[str]:
    """Every request of a step as it would be sent, key included."""
    lines = []
    for request in step.requests:
        key = f"  [{clean(request.idempotency_key)}]" if request.idempotency_key else ""
        lines.append(request_line(request) + key)
    return lines


def request_line(request: PlannedRequest) -> str:
    """A request as it would be sent, in one line."""
    given = " ".join(f"{name}={value}" for name, value in _flat(request.params))
    return clean(f"{request.method} {request.path} {given}")


def skip_groups(steps: Iterable[PlanStep]) -> list[tuple[str, int]]:
    """The reasons for which cases are skipped, the commonest first."""
    counted = Counter(clean(step.skipped) for step in steps if step.skipped is not None)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def headline(plan: Plan, money_of: Money = money) -> str:
    """What the plan would do, in one line: how many, and how much of each currency."""
    entry = action(plan.action)
    count = len(plan.to_send)
    if not count:
        return f"{entry.label}: nothing to do for {plural(len(plan.steps) + len(plan.gone), 'case')}"
    sums = amounts(plan.totals, money_of)
    charge = f", {sums}" if sums else ""
    skipped = f", {len(plan.skipped)} skipped" if plan.skipped else ""
    return f"{entry.label}: {plural(count, 'case')}{charge}{skipped}"


def plan_lines(plan: Plan, money_of: Money = money, *, requests: bool = True) -> list[str]:
    """The whole plan: its headline, each step with its requests and notes, and the skipped cases by reason."""
    lines = [headline(plan, money_of)]
    for step in plan.to_send:
        lines.append(f"  {step_line(step, money_of)}")
        if requests:
            lines += [f"      {line}" for line in request_lines(step)]
        lines += [f"      note: {clean(note)}" for note in step.notes]
    for reason, count in skip_groups(plan.skipped):
        lines.append(f"  skipped {plural(count, 'case')}: {reason}")
        lines += [f"      {who(step)}" for step in plan.skipped if clean(step.skipped or "") == reason]
    return lines


def result_line(result: StepResult, money_of: Money = money) -> str:
    """How one step ended, in one line. The link is not part of it: who prints it must mean to."""
    step = result.step
    charge = f"  {money_of(step.amount, step.currency)}" if step.amount else ""
    why = result.error or result.detail or (step.skipped if result.outcome is Outcome.SKIPPED else None)
    request = f"  ({clean(result.request_id)})" if result.request_id else ""
    return f"{who(step)}  {result.outcome.value}{charge}{f': {clean(why)}' if why else ''}{request}"


def link_line(result: StepResult) -> str:
    """The customer and his link, a tab between them: one line, whatever he is called. It is a secret of his."""
    return f"{csv_cell(result.step.email or result.step.case)}\t{printable(result.link or '')}"


def outcome_counts(results: Iterable[StepResult]) -> Mapping[Outcome, int]:
    """How many steps ended in which way, only those that occur, in the order of `Outcome`."""
    counted = Counter(result.outcome for result in results)
    return {outcome: counted[outcome] for outcome in Outcome if counted[outcome]}


def result_headline(results: Iterable[StepResult], money_of: Money = money) -> str:
    """All results in one line: `12 done, 2 declined; $1,164.00 charged`. A debit may still be on its way."""
    known = list(results)
    parts = ", ".join(f"{count} {outcome.value}" for outcome, count in outcome_counts(known).items())
    charged: dict[str, int] = {}
    for result in known:
        if result.outcome is Outcome.DONE and result.step.amount:
            charged[result.step.currency] = charged.get(result.step.currency, 0) + result.step.amount
    return f"{parts or 'nothing was done'}{f'; {amounts(charged, money_of)} charged' if charged else ''}"


def _flat(params: Mapping[str, object], prefix: str = "") -> list[tuple[str, object]]:
    flat: list[tuple[str, object]] = []
    for key, value in params.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, Mapping):
            flat += _flat(value, name)
        elif isinstance(value, list | tuple):
            flat += _flat({str(index): item for index, item in enumerate(value)}, name)
        else:
            flat.append((name, str(value).lower() if isinstance(value, bool) else value))
    return flat
