"""What an attempt did, read from the object itself: the last word where no answer told it."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.actions.facts import OVER
from ghl_triage.actions.recheck import TRIES_EXPAND, Getter, intents
from ghl_triage.actions.sending import Answer
from ghl_triage.diagnosis import parse, parse_payments
from ghl_triage.diagnosis.read import mapping
from ghl_triage.errors import NotFound
from ghl_triage.model import Outcome, PlannedRequest

SLACK = 120
"""Seconds by which Stripe's clock may lie before ours: a charge of this attempt is not younger than that."""
PROCESSING = "the bank is still processing it"
PAID_MEANWHILE = "it was paid meanwhile, not by this request"
DONE_MEANWHILE = "it was done meanwhile, not by this request"


async def read_back(request: PlannedRequest, answer: Answer, reader: Getter, sent_at: int) -> Answer:
    """The answer made definite where the object shows what the request did; else the answer as it was.

    `sent_at` is when the first try of this key left (UTC epoch seconds). What Stripe itself refused, and left no trace,
    was never carried out. Raises SourceError where nothing can be read.
    """
    try:
        found = await _read(request, answer, reader, sent_at)
    except NotFound as error:
        return replace(answer, outcome=Outcome.FAILED, error=error.message)
    return replace(found, outcome=Outcome.FAILED) if found.outcome is Outcome.UNKNOWN and found.refused else found


async def _read(request: PlannedRequest, answer: Answer, reader: Getter, sent_at: int) -> Answer:
    parts = request.path.strip("/").split("/")
    if parts[-1] == "pay":
        return await _read_payment(parts[2], answer, reader, sent_at)
    if parts[1] == "customers":
        customer = parse.customer(await reader.get(f"/v1/customers/{parts[2]}"))
        wanted = mapping(request.params.get("invoice_settings")).get("default_payment_method")
        return _done_if(customer.default_payment_method == (wanted or None), answer)
    if parts[1] == "subscriptions":
        subscription = parse.subscription(await reader.get(f"/v1/subscriptions/{parts[2]}"))
        if request.method == "DELETE":
            return _done_if(subscription.status == "canceled", answer, keyed=False)
        if parts[-1] == "resume":
            return _done_if(subscription.status not in ("paused", *OVER), answer)
        wanted = request.params.get("default_payment_method") or None
        return _done_if(subscription.default_payment_method == wanted, answer)
    return answer


async def _read_payment(invoice_id: str, answer: Answer, reader: Getter, sent_at: int) -> Answer:
    invoice = await reader.get(f"/v1/invoices/{invoice_id}", {"expand": [TRIES_EXPAND]})
    if invoice.get("status") == "paid":
        if answer.refused or answer.outcome is Outcome.FAILED:
            return replace(answer, outcome=Outcome.SKIPPED, error=PAID_MEANWHILE)
        return replace(answer, outcome=Outcome.DONE, data=invoice, error=None, detail="read back: it is paid")
    if answer.outcome is not Outcome.UNKNOWN:
        return answer
    tried = intents(invoice)
    if any(intent.get("status") == "processing" for intent in tried):
        return replace(answer, outcome=Outcome.DONE, data=invoice, error=None, detail=PROCESSING)
    for intent in tried:
        refusal = await _refusal(str(intent.get("id")), reader, sent_at)
        if refusal is not None:
            return replace(answer, outcome=Outcome.DECLINED, error=refusal)
    return answer


async def _refusal(intent: str, reader: Getter, sent_at: int) -> str | None:
    """The refusal of a charge that this attempt made; None where it made none."""
    params = {"payment_intent": intent, "created": {"gte": sent_at - SLACK}, "limit": 10}
    listed = (await reader.get("/v1/charges", params)).get("data") or []
    for raw in listed:
        charge = parse_payments.charge(raw)
        if charge.failed:
            said = str(raw.get("failure_message") or "declined")
            return f"{charge.code}: {said}" if charge.code else said
    return None


def _done_if(holds: bool, answer: Answer, *, keyed: bool = True) -> Answer:
    """Done where the object is as it was to be; unless Stripe refused this very request: then somebody else did it.

    Without a key (`keyed` False) a refusal after a silence may be the second answer to what the first try did.
    """
    if not holds:
        return answer
    if answer.outcome is Outcome.FAILED or (answer.refused and keyed):
        return replace(answer, outcome=Outcome.SKIPPED, error=DONE_MEANWHILE)
    return replace(answer, outcome=Outcome.DONE, error=None, detail="read back")
