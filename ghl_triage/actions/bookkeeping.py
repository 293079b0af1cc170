"""What the journal's entries mean: all requests of a plan are written down before the first one leaves.

An entry that is still `planned` after a crash was never sent; one that is `sent` or `unknown` has no definite answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ghl_triage.actions.as_json import plan_to_json
from ghl_triage.actions.describe import step_line
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.plan import Choices, Plan
from ghl_triage.model import ActionKind, Outcome, PlanStep
from ghl_triage.store.journal import EntryState, Journal, JournalEntry, PlanRecord
from ghl_triage.store.lock import WriteLock

ACTING = "a plan being carried out"
"""What the write lock says of whoever carries a plan out."""
NOT_SENT = "not sent"
"""How the error of an entry begins whose request never left."""
_STATES = {
    Outcome.DONE: EntryState.DONE,
    Outcome.DECLINED: EntryState.DECLINED,
    Outcome.FAILED: EntryState.FAILED,
    Outcome.SKIPPED: EntryState.FAILED,
    Outcome.UNKNOWN: EntryState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class CutOff:
    """A plan that did not come to its end: what has no answer, and what never left."""

    plan: str
    action: ActionKind
    unanswered: tuple[JournalEntry, ...]
    unsent: tuple[JournalEntry, ...]

    @property
    def rest(self) -> tuple[str, ...]:
        """The cases of which something was never sent, each once."""
        return tuple(dict.fromkeys(entry.case for entry in self.unsent))


def record(journal: Journal, plan: Plan, by: str, now: int, place: Mapping[str, str]) -> Mapping[str, int]:
    """Write a plan and all its requests down, in one commit; the number of each entry by its idempotency key.

    `place` names the workspace and the account in which somebody said yes.
    """
    known = PlanRecord(plan.id, plan.action.value, plan.livemode, _shown(plan, place), by, now)
    entries = [
        JournalEntry(
            plan=plan.id,
            case=step.case,
            action=step.action.value,
            method=request.method,
            path=request.path,
            params=request.params,
            idempotency_key=request.idempotency_key,
            shown=step_line(step),
            by=by,
            created=now,
            undo=request.undo,
            undoes=request.undoes,
            card=subject.card if step.amount else None,
        )
        for step, subject in zip(plan.steps, plan.subjects, strict=True)
        if step.skipped is None
        for request in step.requests
        if request.method != "GET"
    ]
    numbers = journal.intend_all(entries, plan=known)
    return {entry.idempotency_key: number for entry, number in zip(entries, numbers, strict=True)}


def _shown(plan: Plan, place: Mapping[str, str]) -> Mapping[str, Any]:
    """What was shown as a whole, with the card of each step: whoever sends again later must know which it was."""
    shown = plan_to_json(plan)
    steps = [{**step, "card": subject.card} for step, subject in zip(shown["steps"], plan.subjects, strict=False)]
    # The store keeps no key that is named like a link: what is no secret gets a name of its own.
    return {**place, **shown, "steps": steps, "returns_to": plan.choices.return_url}


def choices_of(record: PlanRecord) -> Choices:
    """What the consultant had decided for a plan, out of the journal: what is left of a batch stays a batch."""
    known = dict(record.shown.get("choices") or {})
    batch = len(record.shown.get("steps") or ()) > 1
    cautious = batch or bool(known.get("cautious"))
    return Choices.from_json({**known, "return_url": record.shown.get("returns_to"), "cautious": cautious})


def withheld(plan: Plan, journal: Journal) -> Plan:
    """The plan without what another ghl-triage took in hand since it was drawn; those steps say so."""
    entries = journal.open_entries()
    hanging = in_flight(entries, continues=plan.continues)
    owed = {entry.case for entry in entries if entry.plan == plan.continues and entry.state is EntryState.PLANNED}

    def kept(step: PlanStep, subject: Subject) -> PlanStep:
        rivalry = subject.facts.rivalry
        reason = hanging.get(step.case) or (hanging.get(rivalry.stays.subscription) if rivalry else None)
        if reason is None and plan.continues is not None and step.case not in owed:
            reason = "another ghl-triage went on with it meanwhile"
        if step.skipped is not None or reason is None:
            return step
        return replace(step, requests=(), amount=0, skipped=reason)

    steps = (kept(step, subject) for step, subject in zip(plan.steps, plan.subjects, strict=True))
    return replace(plan, steps=tuple(steps))


def state_of(outcome: Outcome) -> EntryState:
    """The state in which an outcome leaves an entry."""
    return _STATES[outcome]


def drop(journal: Journal, entries: Iterable[int], reason: str, now: int) -> None:
    """Settle entries whose requests never left and now never will."""
    for number in entries:
        entry = journal.entry(number)
        if entry is not None and entry.state is EntryState.PLANNED:
            journal.settle(number, EntryState.FAILED, at=now, error=f"{NOT_SENT}: {reason}")


def cut_off(journal: Journal) -> list[CutOff]:
    """The plans that hang, oldest first."""
    plans: dict[str, list[JournalEntry]] = {}
    for entry in journal.open_entries():
        plans.setdefault(entry.plan, []).append(entry)
    return [
        CutOff(
            plan,
            ActionKind(entries[0].action),
            tuple(entry for entry in entries if entry.state is not EntryState.PLANNED),
            tuple(entry for entry in entries if entry.state is EntryState.PLANNED),
        )
        for plan, entries in plans.items()
    ]


def hanging(database: Path) -> list[CutOff]:
    """The plans that hang in a workspace. A plan that somebody is carrying out now is none."""
    holder = WriteLock(database, "").holder()
    with Journal(database) as journal:
        return [] if holder and holder.startswith(ACTING) else cut_off(journal)


def in_flight(entries: Iterable[JournalEntry], *, continues: str | None = None) -> Mapping[str, str]:
    """By case, in words, what hangs on it. What was never sent of the plan that is being continued does not count."""
    hanging: dict[str, str] = {}
    for entry in entries:
        if entry.state is not EntryState.PLANNED:
            hanging[entry.case] = f"{entry.method} {entry.path} has no answer yet"
        elif entry.plan != continues:
            hanging.setdefault(entry.case, f"{entry.method} {entry.path} stands in another plan")
    return hanging
