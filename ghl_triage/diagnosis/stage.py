"""Where a subscription stands: the stage comes before the cause (design.md section 5)."""

from __future__ import annotations

from ghl_triage.diagnosis.duplicates import rivals
from ghl_triage.diagnosis.facts import Invoice
from ghl_triage.diagnosis.rules.rule import Phase
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Stage

BY_CHOICE = frozenset({"cancellation_requested", "payment_disputed"})
FAILING = frozenset({"past_due", "unpaid", "paused"})
KNOWN = frozenset({*FAILING, "incomplete", "incomplete_expired", "canceled", "trialing", "active"})
AFTER_TRIAL = 2 * 86_400
BY_HAND = frozenset({"manual", "automatic_pending_invoice_item_invoice", "quote_accept"})
"""`billing_reason` of invoices that the subscription's own periods did not make (domain/stripe.md 1.5)."""
RECOVERED_WITHIN = 60 * 86_400


def phase(situation: Situation) -> Phase | None:
    """Which rows are asked of a subscription; None where none is. At risk it is only if one of them holds."""
    sub = situation.sub
    if sub.status in FAILING:
        return Phase.FAILING
    if sub.status == "incomplete":
        return Phase.INCOMPLETE
    if sub.status in ("incomplete_expired", "canceled"):
        return Phase.LOST if lost(situation) and not replaced(situation) else None
    if sub.status not in KNOWN:
        latest = situation.reviving
        tried = latest is not None and latest.is_open and situation.attempted
        return Phase.FAILING if tried else None
    return Phase.AT_RISK if awaits_charge(situation) else None


def settled(situation: Situation) -> Stage:
    """The stage where no row is asked, or none holds."""
    sub = situation.sub
    if sub.status in ("incomplete_expired", "canceled") or sub.ends_before_charge:
        return Stage.ENDED
    return Stage.RECOVERED if sub.status == "active" and recovered(situation) else Stage.HEALTHY


def lost(situation: Situation) -> bool:
    """Whether it ended for want of a payment, not by choice."""
    sub = situation.sub
    if sub.status == "incomplete_expired" or sub.cancel_reason == "payment_failed":
        return True
    ended = sub.ended_at or sub.canceled_at
    if sub.cancel_reason in BY_CHOICE or ended is None or sub.trial_end is None:
        return False
    if not sub.trial_end <= ended <= sub.trial_end + AFTER_TRIAL:
        return False
    return situation.effective is None or not situation.dossier.attached(situation.effective.id)


def replaced(situation: Situation) -> bool:
    """Whether the customer, or his e-mail, has an open subscription of that price instead."""
    return bool(rivals(situation))


def awaits_charge(situation: Situation) -> bool:
    """Whether the first charge has yet to come by itself: not by mail, not of nothing, and not called off."""
    sub = situation.sub
    if sub.collection_method == "send_invoice" or is_free(situation):
        return False
    if sub.status == "trialing":
        return not sub.ends_before_charge
    if not situation.trial_just_ended:
        return False
    first = first_real_invoice(situation)
    return first is not None and (first.status == "draft" or (first.is_open and not situation.attempted))


def is_free(situation: Situation) -> bool:
    """Whether all its prices are known to be nothing."""
    items = situation.sub.items
    return bool(items) and all(item.unit_amount == 0 for item in items)


def first_real_invoice(situation: Situation) -> Invoice | None:
    """The first invoice with an amount since the trial's end, made by the subscription itself."""
    real = invoices_since_trial(situation)
    return next((one for one in real if one.amount_due > 0), None)


def invoices_since_trial(situation: Situation) -> list[Invoice]:
    """The invoices that the subscription made since its trial's end, those of nothing too, oldest first."""
    end = situation.sub.trial_end or 0
    return [
        one for one in reversed(situation.invoices) if one.created >= end - 3_600 and one.billing_reason not in BY_HAND
    ]


def recovered(situation: Situation) -> bool:
    """Whether an invoice of it was paid after a charge that failed in the last 60 days."""
    since = situation.now - RECOVERED_WITHIN
    return any(
        charge.failed and charge.created >= since
        for invoice in situation.invoices
        if invoice.status == "paid"
        for charge in situation.dossier.charges_of(invoice.id)
    )
