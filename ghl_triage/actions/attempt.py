"""One step of a plan, from the last look to the settled entry.

The entry with its key is committed before anything is sent; it is marked as sent before the request leaves, and settled
when the answer is known. A program that dies in between leaves an entry that says how far it came.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from ghl_triage.actions.bookkeeping import NOT_SENT, drop, state_of
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.pace import Pace
from ghl_triage.actions.plan import Plan
from ghl_triage.actions.readback import PROCESSING, read_back
from ghl_triage.actions.recheck import Getter, changed
from ghl_triage.actions.sending import Answer, Sender, send, will_repeat
from ghl_triage.clock import Clock
from ghl_triage.errors import SourceError
from ghl_triage.model import ActionKind, Outcome, PlannedRequest, PlanStep, Raw, StepResult
from ghl_triage.store.journal import Finish, Journal


@dataclass(frozen=True, slots=True)
class Tools:
    """What carrying out needs of the outside.

    `keep` is given every object that a write gave back; `verify` reads a case again and says in words how it stands.
    """

    reader: Getter
    sender: Sender
    journal: Journal
    clock: Clock
    pace: Pace
    keep: Callable[[Raw], Awaitable[None]]
    verify: Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended, and what that means for the rest of the batch."""

    result: StepResult
    kind: str = ""
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """Carries out the steps of one recorded plan; `entries` are the journal's numbers by idempotency key."""

    plan: Plan
    by: str
    entries: Mapping[str, int]
    tools: Tools

    async def carry_out(self, step: PlanStep, subject: Subject) -> Ended:
        """Carry out one step. Raises StoreError where the journal cannot be written: then nothing more may be sent."""
        done: list[str] = []
        answer = Answer(Outcome.SKIPPED, error="there is nothing to send")
        for request in step.requests:
            answer = await self._one(request, step, subject)
            if answer.outcome is not Outcome.DONE:
                break
            done.append(request.summary)
        if answer.outcome is not Outcome.DONE:
            self.leave(step, "what stood before it did not come through")
        result = _result(step, answer, done)
        if done or answer.outcome in (Outcome.DECLINED, Outcome.UNKNOWN) or answer.refused:
            result = await self._verified(result, answer)
        return Ended(result, answer.kind, answer.fatal)

    def leave(self, step: PlanStep, reason: str) -> None:
        """Settle what of a step never left and now never will."""
        numbers = [self.entries[r.idempotency_key] for r in step.requests if r.idempotency_key in self.entries]
        drop(self.tools.journal, numbers, reason, self.tools.clock.now())

    async def _one(self, request: PlannedRequest, step: PlanStep, subject: Subject) -> Answer:
        if request.method == "GET":
            return await self._read(request)
        try:
            reason = self._tried_meanwhile(request, subject) or await changed(
                request, step, subject, self.tools.reader, self.tools.clock.now()
            )
        except SourceError as error:
            failed = _unread(error, f"{NOT_SENT}: {error.message}")
            self._settle(request, failed)
            return failed
        if reason is not None:
            self._settle(request, Answer(Outcome.SKIPPED, error=f"{NOT_SENT}: {reason}"))
            return Answer(Outcome.SKIPPED, error=reason)
        if step.amount:
            await self.tools.pace.turn()
        return await self._write(request, step)

    async def _write(self, request: PlannedRequest, step: PlanStep) -> Answer:
        tools = self.tools
        sent_at = tools.clock.now()
        tools.journal.sent(self.entries[request.idempotency_key], sent_at)
        answer = await send(tools.sender, request, tools.clock)
        if answer.outcome in (Outcome.UNKNOWN, Outcome.FAILED):
            with suppress(SourceError):
                answer = await read_back(request, answer, tools.reader, sent_at)
        if answer.outcome is Outcome.DONE:
            answer = _in_full(request, answer)
            queue_finish(request, answer, tools, case=step.case, plan=self.plan.id, by=self.by)
        self._settle(request, answer)
        if answer.outcome is Outcome.DONE and answer.data.get("id"):
            await tools.keep(answer.data)
        return answer

    async def _read(self, request: PlannedRequest) -> Answer:
        """The link of a hosted invoice: read, handed on, never written down."""
        try:
            invoice = await self.tools.reader.get(request.path)
        except SourceError as error:
            return _unread(error, error.message)
        if invoice.get("status") != "open":
            return Answer(Outcome.SKIPPED, error=f"the invoice is {invoice.get('status')} now")
        return Answer(Outcome.DONE, invoice)

    def _tried_meanwhile(self, request: PlannedRequest, subject: Subject) -> str | None:
        """Another ghl-triage on this workspace may have tried since the plan was made."""
        parts = request.path.split("/")
        if parts[-1] != "pay":
            return None
        planned = sum(one.invoice == parts[-2] and one.journaled for one in subject.facts.own_attempts)
        return "it was tried meanwhile" if len(self.tools.journal.own_attempts(parts[-2])) > planned else None

    def _settle(self, request: PlannedRequest, answer: Answer) -> None:
        self.tools.journal.settle(
            self.entries[request.idempotency_key],
            state_of(answer.outcome),
            at=self.tools.clock.now(),
            request_id=answer.request_id,
            error=answer.error,
        )

    async def _verified(self, result: StepResult, answer: Answer) -> StepResult:
        standing = await self.tools.verify(result.step.case)
        said = "; ".join(part for part in (answer.detail, standing) if part)
        return replace(result, detail=said or result.detail)


def _unread(error: SourceError, text: str) -> Answer:
    """What was to be read first could not be read."""
    return Answer(
        Outcome.FAILED,
        request_id=error.request_id,
        error=text,
        kind=type(error).__name__,
        fatal=will_repeat(error),
    )


def _in_full(request: PlannedRequest, answer: Answer) -> Answer:
    """Says so where Stripe took a payment on whose money is still to come: a debit takes days."""
    status = answer.data.get("status")
    if not request.path.endswith("/pay") or status in (None, "paid") or answer.detail:
        return answer
    return replace(answer, detail=PROCESSING)


def queue_finish(request: PlannedRequest, answer: Answer, tools: Tools, *, case: str, plan: str, by: str) -> None:
    """After a set-up page was made: remember to make its card the default, and to charge what is owed."""
    session = answer.data.get("id")
    if request.params.get("mode") != "setup" or not session:
        return
    customer, now = str(request.params.get("customer") or ""), tools.clock.now()
    tools.journal.queue_finish(Finish(case, customer, str(session), plan, by, True, now))


def _result(step: PlanStep, answer: Answer, done: list[str]) -> StepResult:
    """The step's result; where a later request did not come through, what was done before it is said."""
    outcome, error = answer.outcome, answer.error
    if done and outcome is not Outcome.DONE:
        outcome = Outcome.FAILED if outcome is Outcome.SKIPPED else outcome
        error = f"{error or outcome.value} (done before: {'; '.join(done)})"
    return StepResult(step, outcome, answer.request_id, error, answer.detail, _link(step, answer))


def _link(step: PlanStep, answer: Answer) -> str | None:
    """The address of the page that the step was to get."""
    if answer.outcome is not Outcome.DONE or step.action is not ActionKind.RESEND_LINK:
        return None
    address = answer.data.get("hosted_invoice_url") or answer.data.get("url")
    return str(address) if address else None
