"""Collecting invoices: which card is charged, Stripe's own attempts and retries, and how they end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ghl_triage.sandbox.engine import cards, charges, customers, invoices, payment_methods, standing
from ghl_triage.sandbox.engine.api import Job, Obj
from ghl_triage.sandbox.engine.beliefs import RetryPolicy
from ghl_triage.sandbox.engine.charges import Attempt
from ghl_triage.sandbox.engine.clock import job
from ghl_triage.sandbox.engine.state import Dunning, State


def effective(invoice: Obj | None, subscription: Obj | None, customer: Obj) -> str | None:
    """What Stripe would charge: invoice, subscription, customer; a PaymentMethod before a legacy card on the first two.

    A card that is only attached is never charged.
    """
    for holder in (invoice, subscription):
        if holder is not None:
            named = holder["default_payment_method"] or holder["default_source"]
            if named:
                return str(named)
    settled: str | None = customer["invoice_settings"]["default_payment_method"] or customer["default_source"]
    return settled


def chargeable(state: State, invoice: Obj | None, subscription: Obj | None, customer: Obj) -> str | None:
    """The same, unless it was detached: then there is nothing to charge, whatever stands on a lower level."""
    named = effective(invoice, subscription, customer)
    return None if named in state.private.detached else named


def effective_for(state: State, invoice: Obj) -> str | None:
    """What would be charged for a stored invoice."""
    customer = customers.get(state, invoice["customer"])
    return chargeable(state, invoice, invoices.subscription_of(state, invoice), customer)


def collect(state: State, invoice: Obj) -> Obj:
    """Stripe's own attempt at an open invoice."""
    intent = invoices.intent_of(state, invoice)
    if intent is None or intent["status"] not in charges.PAYABLE:
        return invoice
    method_id = effective_for(state, invoice)
    if method_id is None:
        return _failed(state, invoice, None, automatic=True)
    method = payment_methods.find(state, method_id)
    if state.beliefs.indian_cards == "skipped" and _unmandated_indian(state, method_id):
        return _failed(state, invoice, None, automatic=True)
    return after(state, charges.attempt(state, intent, method, off_session=True), automatic=True)


def _indian(state: State, method_id: str) -> bool:
    spec = cards.bank(state, method_id)
    return spec.type == "card" and spec.country == "IN"


def _unmandated_indian(state: State, method_id: str) -> bool:
    mandate = state.find("mandate", state.private.mandates.get(method_id))
    return _indian(state, method_id) and (mandate is None or mandate["status"] != "active")


def after(state: State, tried: Attempt, *, automatic: bool, by_api: bool = False) -> Obj:
    """What an attempt means for the invoice that its PaymentIntent pays. `by_api`: asked for with `pay`."""
    invoice = state.get("invoice", state.private.payers[tried.intent["id"]])
    status = tried.intent["status"]
    if status == "succeeded":
        return _paid(state, invoice, tried, automatic=automatic, by_api=by_api)
    if tried.decline is not None or (status == "requires_action" and automatic):
        return _failed(state, invoice, tried, automatic=automatic)
    if status == "requires_action":
        waiting = state.change(invoice, "invoice.updated", attempted=True)
        state.emit("invoice.payment_action_required", waiting)
        return waiting
    if status == "processing":
        started = _counted(state, invoice, automatic=automatic, next_payment_attempt=None)
        subscription = invoices.subscription_of(state, invoice)
        if subscription is not None and subscription["status"] == "incomplete":
            state.change(subscription, "customer.subscription.updated", status="active")
        return started
    return invoice


def _paid(state: State, invoice: Obj, tried: Attempt, *, automatic: bool, by_api: bool) -> Obj:
    if by_api and invoice["attempt_count"] == 0:
        invoice = state.change(invoice, attempt_count=1)
    done = invoices.paid(state, invoice, tried.intent["amount"], automatic=automatic)
    subscription = invoices.subscription_of(state, done)
    if subscription is not None:
        standing.paid(state, subscription, done, tried.method)
    return done


def _counted(state: State, invoice: Obj, *, automatic: bool, **changes: Any) -> Obj:
    """Any first attempt counts; after it only Stripe's own do."""
    count = invoice["attempt_count"] + 1 if automatic else max(1, invoice["attempt_count"])
    return state.change(invoice, "invoice.updated", attempt_count=count, attempted=True, **changes)


def _failed(state: State, invoice: Obj, tried: Attempt | None, *, automatic: bool) -> Obj:
    """An attempt failed, or (tried is None) could not be made. Starts the retries if this was the first."""
    subscription = invoices.subscription_of(state, invoice)
    changes: dict[str, Any] = {}
    known = state.private.dunning.get(invoice["id"])
    if known is not None:
        state.private.dunning[invoice["id"]] = _with_failure(known, tried)
    elif _retried(invoice, subscription):
        policy = state.beliefs.retry
        changes["next_payment_attempt"] = None
        record = Dunning(state.now, 0, None, hard=False, policy=policy)
        state.private.dunning[invoice["id"]] = _with_failure(record, tried)
        if policy.offsets:
            due = state.now + policy.offsets[0]
            state.schedule(due, "retry_invoice", invoice["id"], 0)
            shown = tried is not None or state.beliefs.retry_without_method
            changes["next_payment_attempt"] = due if shown else None
    failed = _counted(state, invoice, automatic=automatic, **changes)
    state.emit("invoice.payment_failed", failed)
    if tried is not None and (tried.decline is None or tried.decline.code == "authentication_required"):
        state.emit("invoice.payment_action_required", failed)
    if subscription is not None:
        standing.failed(state, subscription)
    if known is None and not state.beliefs.retry.offsets and _retried(invoice, subscription):
        _give_up(state, failed, state.beliefs.retry)
    return failed


def _retried(invoice: Obj, subscription: Obj | None) -> bool:
    return (
        invoice["status"] == "open"
        and invoice["auto_advance"]
        and invoice["collection_method"] == "charge_automatically"
        and invoice["billing_reason"] not in {"subscription_create", "subscription_update"}
        and (subscription is None or subscription["status"] not in {"canceled", "paused"})
    )


def _with_failure(record: Dunning, tried: Attempt | None) -> Dunning:
    if tried is None:
        return record
    if tried.decline is None:  # the bank's challenge waits for the customer: no retry of the same card can meet it
        return replace(record, failed_with=tried.method, hard=True)
    codes = {tried.decline.code, tried.decline.decline_code, tried.decline.reason}
    return replace(record, failed_with=tried.method, hard=bool(codes & cards.HARD_CODES))


@job("retry_invoice", "invoice")
def _retry(state: State, invoice: Obj, planned: Job) -> None:
    """One of Stripe's retries. After a hard code it waits for another card; Indian cards are not retried at all."""
    record = state.private.dunning.get(invoice["id"])
    step = planned.args[0]
    subscription = invoices.subscription_of(state, invoice)
    if record is None or record.step != step or not _retried(invoice, subscription):
        return
    if subscription is not None and subscription["pause_collection"]:
        return
    record = state.private.dunning[invoice["id"]] = replace(record, step=step + 1)
    method_id = effective_for(state, invoice)
    intent = invoices.intent_of(state, invoice)
    waits = method_id is None or (record.hard and method_id == record.failed_with) or _indian(state, method_id)
    if method_id is not None and not waits and intent is not None and intent["status"] in charges.PAYABLE:
        method = payment_methods.find(state, method_id)
        after(state, charges.attempt(state, intent, method, off_session=True), automatic=True)
    invoice = state.get("invoice", invoice["id"])
    intent = invoices.intent_of(state, invoice)
    if invoice["status"] != "open" or (intent is not None and intent["status"] == "processing"):
        return
    policy = record.policy
    if step + 1 < len(policy.offsets):
        due = record.first_failed + policy.offsets[step + 1]
        state.schedule(due, "retry_invoice", invoice["id"], step + 1)
        shown = method_id is not None or state.beliefs.retry_without_method
        state.change(invoice, "invoice.updated", next_payment_attempt=due if shown else None)
    else:
        _give_up(state, invoice, policy)


def _give_up(state: State, invoice: Obj, policy: RetryPolicy) -> None:
    """The retries are over: what the account's settings say happens to the subscription."""
    advances = invoice["auto_advance"] and state.beliefs.auto_advance_after_retries
    invoice = state.change(invoice, "invoice.updated", auto_advance=advances, next_payment_attempt=None)
    subscription = invoices.subscription_of(state, invoice)
    if subscription is None or subscription["ended_at"] is not None:
        return
    if policy.end == "cancel":
        standing.end(state, subscription, "payment_failed")
    elif policy.end == "unpaid":
        state.change(subscription, "customer.subscription.updated", status="unpaid")


@job("settle_debit", "payment_intent")
def _settle_debit(state: State, intent: Obj, planned: Job) -> None:
    settled = charges.debit_settled(state, intent, planned)
    if settled is None or intent["id"] not in state.private.payers:
        return
    invoice = after(state, settled, automatic=False)
    record = state.private.dunning.get(invoice["id"])
    if settled.decline is None or record is None or record.step == 0:
        return
    if record.step < len(record.policy.offsets):
        due = max(state.now + 3_600, record.first_failed + record.policy.offsets[record.step])
        state.schedule(due, "retry_invoice", invoice["id"], record.step)
        state.change(invoice, "invoice.updated", next_payment_attempt=due)
    else:
        _give_up(state, invoice, record.policy)


@job("finalize_invoice", "invoice")
def _finalize_on_time(state: State, invoice: Obj, _planned: Job) -> None:
    if invoice["status"] == "draft" and invoice["auto_advance"]:
        advance(state, invoice)


@job("collect_invoice", "invoice")
def _collect_on_time(state: State, invoice: Obj, _planned: Job) -> None:
    if invoice["status"] == "open" and invoice["auto_advance"] and not invoice["attempted"]:
        collect(state, invoice)


@job("overdue_invoice", "invoice")
def _overdue(state: State, invoice: Obj, _planned: Job) -> None:
    if invoice["status"] != "open":
        return
    state.emit("invoice.overdue", invoice)
    subscription = invoices.subscription_of(state, invoice)
    if subscription is not None:
        standing.failed(state, subscription)


def advance(state: State, invoice: Obj) -> Obj:
    """Finalises a draft and goes on with it: charges it, sends it, or does what a pause of collection says."""
    opened = invoices.finalize(state, invoice)
    if opened["status"] != "open":
        return opened
    subscription = invoices.subscription_of(state, opened)
    paused = subscription["pause_collection"] if subscription else None
    if paused and paused["behavior"] == "void":
        return invoices.void(state, opened)
    if paused and paused["behavior"] == "mark_uncollectible":
        return invoices.mark_uncollectible(state, opened)
    if opened["collection_method"] == "send_invoice":
        state.emit("invoice.sent", opened)
        state.schedule(opened["due_date"], "overdue_invoice", opened["id"])
        return opened
    return collect(state, opened)
