"""Rows 1 to 12: what the subscription and its invoice are, before any card is looked at."""

from __future__ import annotations

from ghl_triage.diagnosis.duplicates import keeper, rivals
from ghl_triage.diagnosis.facts import Dispute
from ghl_triage.diagnosis.rules.rule import CARDS, DISPUTES, Hit, Undecided, Verdict, seen
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import ActionKind, Actor

OPEN_DISPUTES = frozenset({"needs_response", "under_review", "warning_needs_response", "warning_under_review"})
PAUSED_BY_FAILURE = frozenset({"first_payment_failure", "final_payment_failure"})
PAUSED_WITHOUT_METHOD = "trial_end_without_payment_method"
SETTLED = frozenset({"paid", "void", "uncollectible"})
FINALIZED_WITHIN = 2 * 3_600


def guarding_dispute(situation: Situation) -> Dispute | None:
    """A dispute that forbids charging: an open one of this customer, or a lost one on this subscription or card."""
    for dispute in situation.dossier.disputes:
        if dispute.status in OPEN_DISPUTES or (dispute.status == "lost" and _touches(situation, dispute)):
            return dispute
    return None


def _touches(situation: Situation, dispute: Dispute) -> bool:
    charge = situation.dossier.charge_by_id.get(dispute.charge) if dispute.charge else None
    if charge is None:
        return any(dispute.payment_intent == one.payment_intent for one in situation.own_charges)
    if any(charge.id == one.id for one in situation.own_charges):
        return True
    if situation.effective is None:
        return False
    card = situation.effective_card
    same_number = card is not None and card.fingerprint is not None and card.fingerprint == charge.fingerprint
    return charge.payment_method == situation.effective.id or same_number


def disputed(situation: Situation) -> Verdict:
    """Row 1."""
    dispute = guarding_dispute(situation)
    if dispute is not None:
        return Hit((seen(dispute.id, "status", dispute.status, dispute.created),))
    return Undecided(DISPUTES) if _dispute_unread(situation) else None


def _dispute_unread(situation: Situation) -> bool:
    """A charge says that it was disputed, and how that stands is not known: the key may not read disputes, say."""
    disputes = situation.dossier.disputes
    known = {one.charge for one in disputes} | {one.payment_intent for one in disputes}
    return any(
        charge.disputed and charge.id not in known and (charge.payment_intent or charge.id) not in known
        for charge in situation.dossier.charges
    )


def duplicate(situation: Situation) -> Verdict:
    """Row 2."""
    others = rivals(situation)
    if not others:
        return None
    kept = keeper(situation, others)
    if kept is situation:
        return None
    # Without an active one the cards decide which stays: with those that nobody has seen it may be the other way round.
    unseen = any(one.effective is not None and not one.effective_seen for one in (situation, *others))
    if unseen and (kept is None or kept.sub.status != "active"):
        return Undecided(CARDS)
    shown = kept or others[0]
    role = "kept" if kept else "also without a usable method"
    return Hit((seen(shown.sub.id, "status", f"{shown.sub.status}, {role}", shown.sub.created),))


def first_payment_expired(situation: Situation) -> Verdict:
    """Row 3."""
    sub = situation.sub
    return Hit((seen(sub.id, "status", sub.status, sub.ended_at),)) if sub.status == "incomplete_expired" else None


def canceled_for_nonpayment(situation: Situation) -> Verdict:
    """Row 4: the other lost ones."""
    sub = situation.sub
    return Hit((seen(sub.id, "cancellation_details.reason", sub.cancel_reason, sub.ended_at or sub.canceled_at),))


def collection_paused(situation: Situation) -> Verdict:
    """Row 5."""
    sub = situation.sub
    if sub.collection_paused:
        until = seen(sub.id, "pause_collection.resumes_at", sub.resumes_at)
        return Hit((seen(sub.id, "pause_collection", "set"), until))
    if sub.status == "paused" and sub.pause_type not in (None, PAUSED_WITHOUT_METHOD, *PAUSED_BY_FAILURE):
        return Hit((seen(sub.id, "status_details.paused.subscription.type", sub.pause_type),))
    return None


def trial_ended_without_card(situation: Situation) -> Verdict:
    """Row 6."""
    sub = situation.sub
    if sub.status != "paused" or sub.pause_type not in (None, PAUSED_WITHOUT_METHOD):
        return None
    paused = seen(sub.id, "status_details.paused.subscription.type", sub.pause_type, sub.trial_end)
    if not situation.effective_usable or situation.effective is None:
        return Hit((paused,))
    if not situation.effective_seen:
        return Undecided(CARDS)
    since = seen(situation.effective.id, f"default of the {situation.effective.level.value}", "usable now")
    return Hit((paused, since), actor=Actor.CONSULTANT, actions=(ActionKind.RESUME_SUBSCRIPTION,))


def is_stale(situation: Situation) -> bool:
    """Past due, although the invoice that decides is settled: read again before anything is believed."""
    latest = situation.reviving
    return situation.sub.status == "past_due" and latest is not None and latest.status in SETTLED


def stale(situation: Situation) -> Verdict:
    """No row of its own: `unknown`, with the finding `stale`, before anything is read out of a settled invoice."""
    if not is_stale(situation) or situation.reviving is None:
        return None
    return Hit((seen(situation.reviving.id, "status", situation.reviving.status, situation.reviving.paid_at),))


def processing(situation: Situation) -> Verdict:
    """Row 7."""
    intent = next((one for one in situation.intents if one.status == "processing"), None)
    return Hit((seen(intent.id, "status", intent.status, intent.created),)) if intent else None


def invoice_sent(situation: Situation) -> Verdict:
    """Row 8."""
    invoice = situation.invoice
    if invoice is None or not invoice.is_open or not situation.sent:
        return None
    return Hit((seen(invoice.id, "collection_method", "send_invoice", situation.finalized_at),))


def not_finalized(situation: Situation) -> Verdict:
    """Row 9."""
    invoice = situation.invoice
    if invoice is None or situation.sub.status == "unpaid":
        return None
    if invoice.status == "draft":
        if invoice.finalization_error:
            return Hit((seen(invoice.id, "last_finalization_error.code", invoice.finalization_error, invoice.created),))
        if situation.now - invoice.created > FINALIZED_WITHIN:
            return Hit((seen(invoice.id, "status", "draft", invoice.created),))
        return None
    if invoice.is_open and invoice.auto_advance is False and not situation.attempted:
        return Hit((seen(invoice.id, "auto_advance", "false", situation.finalized_at),))
    return None


def not_attempted(situation: Situation) -> Verdict:
    """Row 10."""
    invoice = situation.invoice
    if invoice is None or not invoice.is_open or situation.attempted:
        return None
    if situation.now - situation.finalized_at >= FINALIZED_WITHIN:
        return None
    return Hit((seen(invoice.id, "attempted", "false", situation.finalized_at),))


def first_payment_incomplete(situation: Situation) -> Verdict:
    """Row 11."""
    if situation.sub.status != "incomplete" or situation.failure is not None:
        return None
    intent = next(iter(situation.intents), None)
    shown = seen(intent.id, "status", intent.status, intent.created) if intent else None
    return Hit((shown or seen(situation.sub.id, "status", "incomplete", situation.sub.created),))


def first_authentication(situation: Situation) -> Verdict:
    """Row 12."""
    failure = situation.failure
    if situation.sub.status != "incomplete" or failure is None or not failure.authentication:
        return None
    field, value = ("status", "requires_action") if failure.waiting else ("last_payment_error", failure.code)
    return Hit((seen(failure.payment_intent or situation.sub.id, field, value, failure.at),))
