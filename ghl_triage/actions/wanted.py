"""Whether a request that left no trace is still what somebody said yes to: only then may its key be sent again.

A default is compared with what stood there before. All else is planned anew from objects that were just read: the same
plan today must hold the same request, for the same amount, with the same card. So every guardrail holds here too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ghl_triage.actions.bookkeeping import choices_of
from ghl_triage.actions.facts import OVER, Subject
from ghl_triage.actions.plan import Choices
from ghl_triage.actions.recheck import Getter, changed
from ghl_triage.actions.requests import default_in
from ghl_triage.diagnosis import parse
from ghl_triage.errors import UsageError
from ghl_triage.model import PlannedRequest, PlanStep
from ghl_triage.store.journal import Journal, JournalEntry

NO_TRACE = "it left no trace at Stripe"
Redraw = Callable[[JournalEntry, Choices], Awaitable[tuple[PlanStep, Subject]]]
"""Reads the case of an entry again and plans the entry's action for it, as if this entry had never been. May raise
SourceError, and UsageError where there is no such case any more."""


async def unwanted(
    request: PlannedRequest, entry: JournalEntry, journal: Journal, reader: Getter, redraw: Redraw, now: int
) -> str | None:
    """Why the request of this entry must not be sent again; None where it may.

    `now` is in UTC epoch seconds. Raises SourceError where nothing can be read.
    """
    if sets_default(entry):
        return await _default_changed(entry, journal, reader)
    plan = journal.plan(entry.plan)
    try:
        step, subject = await redraw(entry, choices_of(plan) if plan else Choices())
    except UsageError as gone:
        return gone.message
    shown = plan.shown.get("steps") or () if plan else ()
    known: Mapping[str, Any] = next((each for each in shown if each.get("case") == entry.case), {})
    # The plan read what belongs to this customer; the last look also reads the other one of a duplicate.
    return _difference(entry, known, step, subject) or await changed(request, step, subject, reader, now)


def sets_default(entry: JournalEntry) -> bool:
    """Whether the entry changes a default, or takes such a change back."""
    return entry.undo is not None or entry.undoes is not None


async def _default_changed(entry: JournalEntry, journal: Journal, reader: Getter) -> str | None:
    changed = journal.entry(entry.undoes) if entry.undoes is not None else None
    former = default_in(changed.params if changed else entry.undo or {})
    raw = await reader.get(entry.path)
    if entry.path.startswith("/v1/customers/"):
        if raw.get("deleted"):
            return "the customer was deleted"
        stands = parse.customer(raw).default_payment_method
    else:
        subscription = parse.subscription(raw)
        if subscription.status in OVER:
            return f"the subscription is {subscription.status} now"
        stands = subscription.default_payment_method
    return None if (stands or "") == former else "another default was set since"


def _difference(entry: JournalEntry, shown: Mapping[str, Any], step: PlanStep, subject: Subject) -> str | None:
    """What is not any more as it was shown."""
    if step.skipped is not None:
        return step.skipped
    wanted = (entry.method, entry.path, entry.params)
    if wanted not in [(request.method, request.path, request.params) for request in step.requests]:
        return "what would be done now is something else"
    if "card" in shown and shown["card"] != subject.card:
        return "another card would be charged now"
    amount = int(shown.get("amount") or 0)
    # The amount is the step's: of two payments, the one that is left is less.
    if len(shown.get("requests") or []) == 1 and amount != step.amount:
        return f"the amount changed from {amount} to {step.amount}"
    return None
