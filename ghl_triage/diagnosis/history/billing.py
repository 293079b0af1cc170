"""What Stripe Billing did: the trial, invoices, charges, retries, the end."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Charge, Invoice
from ghl_triage.diagnosis.failures import failures
from ghl_triage.diagnosis.history.chapter import SELLERS, Chapter, line
from ghl_triage.diagnosis.money import currency, recurring
from ghl_triage.model import Lane, TimelineEvent

DAY = 86_400


def subscription(chapter: Chapter) -> list[TimelineEvent]:
    """Its start, its trial, and its end."""
    sub = chapter.situation.sub
    price = (recurring(chapter.situation), currency(chapter.situation))
    found = line(sub.created, chapter.lane, "created", f"subscription created by {SELLERS[chapter.lane]}", sub.id)
    if sub.trial_end is not None:
        start = sub.trial_start or sub.created
        days = max(0, round((sub.trial_end - start) / DAY))
        found += line(start, Lane.BILLING, "trial_started", f"trial started, {days} days", sub.id, money=price)
        found += line(sub.trial_end, Lane.BILLING, "trial_ends", "trial ends", sub.id)
    if sub.status in ("canceled", "incomplete_expired"):
        why = f": {sub.cancel_reason}" if sub.cancel_reason else ""
        what = "subscription canceled" if sub.status == "canceled" else "first payment not made in time"
        found += line(sub.ended_at or sub.canceled_at, Lane.BILLING, "ended", f"{what}{why}", sub.id, ok=False)
    elif sub.cancel_at is not None:
        found += line(sub.cancel_at, Lane.BILLING, "cancel_scheduled", "set to be canceled", sub.id)
    paused = chapter.when(sub.id, "customer.subscription.paused")
    return found + line(paused, Lane.BILLING, "paused", "subscription paused", sub.id, ok=False)


def invoices(chapter: Chapter) -> list[TimelineEvent]:
    """Each invoice with an amount: finalised, tried, paid; and Stripe's next attempt."""
    found: list[TimelineEvent] = []
    for invoice in chapter.situation.invoices:
        if invoice.amount_due <= 0:
            continue
        due = (invoice.amount_due, invoice.currency)
        found += line(
            invoice.finalized_at, Lane.BILLING, "invoice_finalized", "invoice finalised", invoice.id, money=due
        )
        found += _attempts(chapter, invoice)
        if invoice.is_open:
            at = invoice.next_payment_attempt
            found += line(at, Lane.BILLING, "retry_scheduled", "Stripe's next attempt", invoice.id, money=due)
        elif invoice.status == "void":
            found += line(
                chapter.when(invoice.id, "invoice.voided"), Lane.BILLING, "voided", "invoice voided", invoice.id
            )
    return found


def _attempts(chapter: Chapter, invoice: Invoice) -> list[TimelineEvent]:
    dossier = chapter.situation.dossier
    charges = dossier.charges_of(invoice.id)
    named = {payment.payment_intent for payment in dossier.payments_of(invoice.id) if payment.payment_intent}
    intents = [dossier.intents[name] for name in sorted(named) if name in dossier.intents]
    finalized = invoice.finalized_at or invoice.created
    told = failures(charges, intents, finalized, dossier.cards)
    codes = {one.charge: one.code for one in told if one.charge}
    found = [row for charge in charges for row in charged(chapter, charge, codes.get(charge.id))]
    due = (invoice.amount_due, invoice.currency)
    for one in told:
        if one.charge in dossier.charge_by_id or one.payment_intent is None:
            continue
        at = chapter.when(one.payment_intent, "payment_intent.payment_failed", "payment_intent.requires_action")
        what = "waits for the customer to authenticate" if one.waiting else f"refused: {one.code or 'no reason given'}"
        summary = f"{chapter.card(one.payment_method)} {what}"
        found += line(at or one.at, Lane.BILLING, "attempt_failed", summary, one.payment_intent, money=due, ok=False)
    if invoice.attempted and not charges and not told:
        if invoice.status == "paid":
            found += line(
                invoice.paid_at, Lane.BILLING, "paid", "paid without a charge", invoice.id, money=due, ok=True
            )
        elif invoice.status == "open":
            summary = "not tried: no default payment method"
            found += line(finalized, Lane.BILLING, "not_charged", summary, invoice.id, money=due, ok=False)
    return found


def charged(chapter: Chapter, charge: Charge, code: str | None) -> list[TimelineEvent]:
    """One attempt and what became of its money."""
    card, money = chapter.card(charge.payment_method), (charge.amount, charge.currency)
    if charge.failed:
        why = code or charge.reason or charge.code or "no reason given"
        return line(
            charge.created, Lane.BILLING, "charge_failed", f"{card} refused: {why}", charge.id, money=money, ok=False
        )
    ok = charge.status == "succeeded"
    found = line(
        charge.created,
        Lane.BILLING,
        "charge_succeeded" if ok else "charge",
        f"{card} charged" if ok else f"{card}: charge {charge.status}",
        charge.id,
        money=money,
        ok=True if ok else None,
    )
    if charge.refunded > 0:
        at = chapter.when(charge.id, "charge.refunded") or charge.created
        found += line(at, Lane.BILLING, "refunded", "refunded", charge.id, money=(charge.refunded, charge.currency))
    return found


def other_charges(chapter: Chapter) -> list[TimelineEvent]:
    """Charges of the customer that no subscription's invoice asked for: card checks, one-off payments."""
    dossier = chapter.situation.dossier
    invoiced = {charge.id for invoice in dossier.invoices for charge in dossier.charges_of(invoice)}
    free = [charge for charge in dossier.charges if charge.id not in invoiced]
    return [row for charge in free for row in charged(chapter, charge, None)]


def disputes(chapter: Chapter) -> list[TimelineEvent]:
    """Disputes of the customer's payments."""
    found: list[TimelineEvent] = []
    for one in chapter.situation.dossier.disputes:
        why = f"dispute opened: {one.reason or 'no reason given'}, now {one.status}"
        found += line(one.created, Lane.BILLING, "dispute", why, one.id, money=(one.amount, one.currency), ok=False)
    return found
