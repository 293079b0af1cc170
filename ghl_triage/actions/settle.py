"""After a crash: what became of the requests that left and have no answer.

The object is read first. Where it shows nothing, the stored key is sent again, as long as Stripe knows it; after that a
key would be new to Stripe, and sending it blindly could charge twice, so what left no trace counts as never executed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ghl_triage.actions.attempt import Tools, queue_finish
from ghl_triage.actions.bookkeeping import state_of
from ghl_triage.actions.facts import OVER, payable
from ghl_triage.actions.readback import read_back
from ghl_triage.actions.recheck import PAY_EXPAND
from ghl_triage.actions.sending import Answer, send
from ghl_triage.diagnosis import parse
from ghl_triage.diagnosis.read import mapping
from ghl_triage.errors import SourceError
from ghl_triage.model import Outcome, PlannedRequest
from ghl_triage.store.journal import JournalEntry

KEY_LIFE = 23 * 3_600
"""Seconds for which a key surely still means the same attempt; Stripe keeps keys for at least 24 hours."""
IN_FLIGHT = 600
"""Seconds after which no request of ours can still be on its way."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an entry. `link` is the page that it made, if any: shown once, never stored."""

    entry: JournalEntry
    outcome: Outcome
    error: str | None = None
    detail: str | None = None
    link: str | None = field(default=None, repr=False)


async def settle(entries: Iterable[JournalEntry], tools: Tools) -> AsyncGenerator[Settled]:
    """Settle entries one after the other; one that stays unknown is left as it is, for the next time."""
    for entry in entries:
        request = PlannedRequest(entry.method, entry.path, entry.params, entry.idempotency_key, entry.shown)
        answer = await _answer(request, entry, tools)
        if answer.outcome is Outcome.DONE:
            queue_finish(request, answer, tools, case=entry.case, plan=entry.plan, by=entry.by)
        tools.journal.settle(
            entry.id,
            state_of(answer.outcome),
            at=tools.clock.now(),
            request_id=answer.request_id,
            error=answer.error,
        )
        detail = await tools.verify(entry.case)
        said = "; ".join(part for part in (answer.detail, detail) if part)
        link = answer.data.get("url") if answer.outcome is Outcome.DONE else None
        yield Settled(entry, answer.outcome, answer.error, said or None, str(link) if link else None)


async def _answer(request: PlannedRequest, entry: JournalEntry, tools: Tools) -> Answer:
    sent_at = entry.sent_at or entry.created
    age = tools.clock.now() - sent_at
    unknown = Answer(Outcome.UNKNOWN, error=entry.error or "no answer came")
    try:
        found = await read_back(request, unknown, tools.reader, sent_at)
        if found.outcome is not Outcome.UNKNOWN:
            return found
        if age > KEY_LIFE:
            return replace(unknown, outcome=Outcome.FAILED, error="it left no trace at Stripe, whose key is forgotten")
        reason = await _unwanted(request, entry, tools)
        if reason is not None:
            return unknown if age <= IN_FLIGHT else replace(unknown, outcome=Outcome.FAILED, error=reason)
        answer = await send(tools.sender, request, tools.clock, unsure=True)
        if answer.outcome in (Outcome.UNKNOWN, Outcome.FAILED):
            answer = await read_back(request, answer, tools.reader, sent_at)
    except SourceError as error:
        return replace(unknown, error=error.message)
    return answer


async def _unwanted(request: PlannedRequest, entry: JournalEntry, tools: Tools) -> str | None:
    """Why what left no trace must not be sent again: what the yes was given for may be no more."""
    if request.method == "DELETE":
        return "it left no trace: the subscription is still open"
    parts = request.path.strip("/").split("/")
    if parts[-1] != "pay":
        return None
    raw = await tools.reader.get(f"/v1/invoices/{parts[2]}", {"expand": list(PAY_EXPAND)})
    invoice = parse.invoice(raw)
    if not payable(invoice):
        return f"it left no trace, and the invoice is {invoice.status} now"
    subscription = mapping(mapping(mapping(raw.get("parent")).get("subscription_details")).get("subscription"))
    status = subscription.get("status")
    if status in OVER:
        return f"it left no trace, and the subscription is {status} now"
    amount = _confirmed_amount(entry, tools)
    if amount is not None and amount != invoice.amount_remaining:
        return f"it left no trace, and the amount changed from {amount} to {invoice.amount_remaining}"
    return None


def _confirmed_amount(entry: JournalEntry, tools: Tools) -> int | None:
    """The amount that the plan showed for this request; None where its step charged several invoices."""
    plan = tools.journal.plan(entry.plan)
    steps: list[Mapping[str, Any]] = list(plan.shown.get("steps") or []) if plan else []
    for step in steps:
        if step.get("case") == entry.case and len(step.get("requests") or []) == 1:
            return int(step.get("amount") or 0)
    return None
