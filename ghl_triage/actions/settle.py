"""After a crash: what became of the requests that left and have no answer.

The object is read first. Where it shows nothing, the stored key is sent again, as long as Stripe knows it and the yes
still holds; after that a key would be new to Stripe, and sending it blindly could charge twice, so what left no trace
counts as never executed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field, replace

from ghl_triage.actions.attempt import Tools, queue_finish
from ghl_triage.actions.bookkeeping import state_of
from ghl_triage.actions.readback import DONE_MEANWHILE, PAID_MEANWHILE, read_back
from ghl_triage.actions.sending import Answer, send
from ghl_triage.actions.trace import traced
from ghl_triage.actions.wanted import NO_TRACE, Redraw, unwanted
from ghl_triage.errors import NotPermitted, SourceError
from ghl_triage.model import Outcome, PlannedRequest
from ghl_triage.store.journal import JournalEntry

KEY_LIFE = 23 * 3_600
"""Seconds for which a key surely still means the same attempt; Stripe keeps keys for at least 24 hours."""
FORGOTTEN = "its key is forgotten"
STORED_FAULT = "Stripe answers its key with a fault of its own, for good"
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


async def settle(entries: Iterable[JournalEntry], tools: Tools, redraw: Redraw) -> AsyncGenerator[Settled]:
    """Settle entries one after the other; one that stays unknown is left as it is, for the next time."""
    for entry in entries:
        request = PlannedRequest(entry.method, entry.path, entry.params, entry.idempotency_key, entry.shown)
        answer = await _answer(request, entry, tools, redraw)
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


async def _answer(request: PlannedRequest, entry: JournalEntry, tools: Tools, redraw: Redraw) -> Answer:
    sent_at = entry.sent_at or entry.created
    unknown = Answer(Outcome.UNKNOWN, error=entry.error or "no answer came")
    try:
        found = await read_back(request, unknown, tools.reader, sent_at)
        # Not before something was read: Stripe's first answer sets the clock right that tells a key's age.
        age = tools.clock.now() - sent_at
        if _is_over(request, found):
            asks = age <= KEY_LIFE
            return await (_whose(request, found, tools) if asks else _whose_by_events(request, found, tools, sent_at))
        if found.outcome is Outcome.DECLINED and await _traced(request, tools, sent_at) is Outcome.FAILED:
            found = unknown  # Stripe's own attempt was refused, not this one
        if found.outcome is not Outcome.UNKNOWN:
            return found
        if age > KEY_LIFE:
            return await _known_by_events(request, unknown, FORGOTTEN, tools, sent_at)
        reason = await unwanted(request, entry, tools.journal, tools.reader, redraw, tools.clock.now())
        if reason is None:
            return await _asked_again(request, unknown, tools, sent_at)
        known = await _known_by_events(request, unknown, reason, tools, sent_at)
    except SourceError as error:
        return replace(unknown, error=error.message)
    return known if known.outcome is not Outcome.FAILED or age > IN_FLIGHT else _may_come(unknown, reason, age)


async def _asked_again(request: PlannedRequest, unknown: Answer, tools: Tools, sent_at: int) -> Answer:
    """The answer to the stored key; where there is none, what the object shows."""
    await tools.pace.turn()
    age = tools.clock.now() - sent_at
    if age > KEY_LIFE:
        return await _known_by_events(request, unknown, FORGOTTEN, tools, sent_at)
    answer = await send(tools.sender, request, tools.clock, unsure=True)
    if answer.outcome in (Outcome.UNKNOWN, Outcome.FAILED):
        answer = await read_back(request, answer, tools.reader, sent_at)
    if answer.outcome is Outcome.UNKNOWN and answer.stored_fault and age > IN_FLIGHT:
        return await _known_by_events(request, unknown, STORED_FAULT, tools, sent_at)
    return answer


async def _known_by_events(request: PlannedRequest, unknown: Answer, why: str, tools: Tools, sent_at: int) -> Answer:
    """What Stripe's events say of the key, whose request is not sent again because of `why`."""
    told = await _traced(request, tools, sent_at)
    if told is Outcome.DECLINED:
        return replace(unknown, outcome=told, error="it was declined, as Stripe's events say")
    if told is Outcome.DONE:
        return replace(unknown, outcome=told, error=None, detail=f"Stripe's events say that it was done; now: {why}")
    return replace(unknown, outcome=Outcome.FAILED, error=f"{NO_TRACE}, and now: {why}")


async def _traced(request: PlannedRequest, tools: Tools, sent_at: int) -> Outcome | None:
    """As `trace.traced`; None where the events must not be read, or name no keys of such requests."""
    if request.method != "POST":
        return None
    try:
        return await traced(request.path, request.idempotency_key, tools.reader, sent_at, tools.clock.now())
    except NotPermitted:
        return None


def _may_come(unknown: Answer, reason: str, age: int) -> Answer:
    """No answer yet: the first try may still be on its way."""
    minutes = -(-(IN_FLIGHT - age) // 60) or 1
    return replace(unknown, error=f"it may still be on its way: settle it in {minutes} min; not sent again: {reason}")


def _is_over(request: PlannedRequest, found: Answer) -> bool:
    """Whether the object shows that the request cannot be carried out any more: it is paid, or not paused."""
    if found.outcome is not Outcome.DONE:
        return False
    return found.data.get("status") == "paid" or request.path.endswith("/resume")


async def _whose_by_events(request: PlannedRequest, found: Answer, tools: Tools, sent_at: int) -> Answer:
    """The same of a key that Stripe has forgotten: only its events can tell."""
    told = await _traced(request, tools, sent_at)
    if told is Outcome.DECLINED:
        return replace(found, outcome=told, error="it was declined, as Stripe's events say")
    return replace(found, outcome=told, error=_meanwhile(found)) if told is Outcome.FAILED else found


def _meanwhile(found: Answer) -> str:
    return PAID_MEANWHILE if found.data else DONE_MEANWHILE


async def _whose(request: PlannedRequest, found: Answer, tools: Tools) -> Answer:
    """Whether what the object shows was this request's doing.

    What is paid, or runs again, cannot be paid or resumed once more: so its key may be sent, and Stripe either repeats
    the answer of the first try, or refuses because it never knew it. Where it says nothing, what was read stands.
    """
    told = await send(tools.sender, request, tools.clock, unsure=True)
    if told.outcome in (Outcome.DONE, Outcome.DECLINED):
        return told
    if told.refused:
        return replace(told, outcome=Outcome.FAILED, error=_meanwhile(found))
    return found
