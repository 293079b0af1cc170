"""The amount at risk; design.md section 5, "Amounts". Minor units of one currency."""

from __future__ import annotations

from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Cause, Stage


def recurring(situation: Situation) -> int:
    """Price times quantity, before tax and coupons; prices without one figure count nothing."""
    return sum((item.unit_amount or 0) * item.quantity for item in situation.sub.items)


def amount_at_risk(situation: Situation, stage: Stage, cause: Cause | None) -> int:
    """What is left on all open invoices while failing; the price while at risk or paused; else nothing."""
    if stage is Stage.AT_RISK or (stage is Stage.FAILING and situation.sub.status == "paused"):
        return recurring(situation)
    if stage is not Stage.FAILING:
        return 0
    left = sum(invoice.amount_remaining for invoice in situation.open_invoices)
    invoice = situation.invoice
    if cause is Cause.INVOICE_NOT_FINALIZED and invoice is not None and invoice.status == "draft":
        left += invoice.amount_due
    return left


def currency(situation: Situation) -> str:
    """The currency that it bills in."""
    return situation.sub.currency or (situation.invoice.currency if situation.invoice else "")
