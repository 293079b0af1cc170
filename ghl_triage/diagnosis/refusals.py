"""What is refused, and until when: shown on the case before any key is pressed (design.md section 5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ghl_triage.diagnosis.candidate import Candidate
from ghl_triage.diagnosis.card_history import last_refusal
from ghl_triage.diagnosis.card_tries import MONTH, card_tries
from ghl_triage.diagnosis.declines import Category
from ghl_triage.diagnosis.elsewhere import paid_elsewhere
from ghl_triage.diagnosis.failures import Failure
from ghl_triage.diagnosis.rivalry import compare
from ghl_triage.diagnosis.rules.state import guarding_dispute
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import ActionKind, Caps, Cause, Stage

HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was found of a case, on which the refusals rest."""

    stage: Stage
    cause: Cause | None
    pending: str | None
    candidate: Candidate


def refusals(situation: Situation, verdicts: Verdicts, caps: Caps) -> Mapping[ActionKind, str]:
    """The actions that are refused now, each with its reason."""
    found = {
        ActionKind.RETRY: retry(situation, verdicts, caps),
        ActionKind.RESEND_LINK: resend_link(situation, verdicts),
        ActionKind.FIX_DEFAULT: fix_default(situation, verdicts),
        ActionKind.RESUME_SUBSCRIPTION: resume(situation, verdicts),
        ActionKind.CANCEL_DUPLICATE: cancel_duplicate(situation, verdicts),
    }
    return {action: reason for action, reason in found.items() if reason}


def until(at: int) -> str:
    """A time in words, in UTC."""
    return time.strftime("until %b %d %H:%M UTC", time.gmtime(at))


def retry(situation: Situation, verdicts: Verdicts, caps: Caps) -> str | None:
    """Why the invoice must not be paid now."""
    checks: tuple[Callable[[], str | None], ...] = (
        lambda: _over(situation),
        lambda: _guarded(situation, verdicts),
        lambda: _not_payable(situation),
        lambda: _to_come(verdicts.pending) if verdicts.pending else None,
        lambda: _charges_unseen(situation),
        lambda: _in_doubt(situation),
        lambda: _no_card(situation, verdicts.candidate),
        lambda: _card_refused(situation),
        lambda: _stripe_is_next(situation),
        lambda: _capped(situation, caps),
        lambda: _already_paid(situation),
    )
    return next((reason for check in checks if (reason := check())), None)


def _to_come(pending: str) -> str:
    return f"{pending}: the verdict is still to come"


def _over(situation: Situation) -> str | None:
    status = situation.sub.status
    return f"the subscription is {status}" if status in ("canceled", "incomplete_expired") else None


def _guarded(situation: Situation, verdicts: Verdicts) -> str | None:
    dispute = guarding_dispute(situation)
    if dispute is not None:
        if dispute.status == "lost":
            return "a dispute was lost: ask the customer before anything is charged"
        return f"a payment is disputed ({dispute.status}): settle the dispute first"
    if verdicts.cause is Cause.DUPLICATE_SUBSCRIPTION:
        return "another subscription of this price exists: cancel the duplicate first"
    if situation.sub.collection_paused or verdicts.cause is Cause.COLLECTION_PAUSED:
        resumes = situation.sub.resumes_at
        return f"collection is paused {until(resumes)}" if resumes else "collection is paused"
    return None


def _not_payable(situation: Situation) -> str | None:
    invoice = situation.invoice
    if situation.sub.status == "trialing" and (invoice is None or not invoice.is_open):
        return "nothing is due before the trial ends"
    if invoice is None:
        return "there is no invoice to pay"
    if invoice.status not in ("open", "uncollectible"):
        return f"the invoice is {invoice.status or 'in no known state'}"
    return None if invoice.amount_remaining > 0 else "nothing is left to pay on the invoice"


def _charges_unseen(situation: Situation) -> str | None:
    """Disputes lead to their customer by charges alone; attempts with a card and payments elsewhere are charges."""
    unseen = situation.dossier.coverage.charges_since is None
    return "charges were not read: a dispute, or a payment made elsewhere, would not be seen" if unseen else None


def _in_doubt(situation: Situation) -> str | None:
    if any(intent.status == "processing" for intent in situation.intents):
        return "a payment is processing: wait for its result"
    if situation.failure is not None and situation.failure.category is Category.CHECK_FIRST:
        return f"{situation.failure.code}: look for the payment that was made first"
    return None


def _no_card(situation: Situation, candidate: Candidate) -> str | None:
    effective = situation.effective
    mend = "fix_default first" if candidate.card else "send a link first"
    if candidate.several:
        mend = "choose one of the cards first"
    if effective is None:
        return f"no effective payment method: {mend}"
    if not situation.dossier.attached(effective.id):
        return f"the default payment method was detached: {mend}"
    card = situation.effective_card
    if card is not None and situation.expired(card):
        return f"the card that would be charged expired {card.exp_month:02d}/{card.exp_year}: {mend}"
    if not situation.chargeable(card):
        return f"the subscription takes no {card.type if card else 'such'} payments: {mend}"
    return None


def _card_refused(situation: Situation) -> str | None:
    effective = situation.effective
    refusal = last_refusal(situation, effective.id) if effective else None
    if refusal is None and effective is not None and situation.failed_last(effective.id):
        refusal = situation.failure
    if effective is None or refusal is None or not refusal.final or _set_up_since(situation, effective.id, refusal):
        return None
    if refusal.authentication:
        return "the bank wants the customer to authenticate: send a link"
    if refusal.blocked:
        return f"Stripe blocked this card ({refusal.reason or refusal.code}): another card is needed"
    return f"this card was last refused for good ({refusal.code or refusal.advice}): another card is needed"


def _set_up_since(situation: Situation, card_id: str, refusal: Failure) -> bool:
    return refusal.authentication and any(
        intent.status == "succeeded" and intent.created > refusal.at
        for intent in situation.dossier.setups_of.get(card_id, ())
    )


def _stripe_is_next(situation: Situation) -> str | None:
    at = situation.invoice.next_payment_attempt if situation.invoice else None
    if at is None or not situation.now - HOUR < at <= situation.now + HOUR:
        return None
    return f"Stripe tries by itself within the hour: wait {until(at)}"


def _capped(situation: Situation, caps: Caps) -> str | None:
    invoice = situation.invoice
    ours = sorted(one.at for one in situation.dossier.records.own_attempts if invoice and one.invoice == invoice.id)
    if len(ours) >= caps.retries_per_invoice:
        return f"{len(ours)} retries of ours were made for this invoice: that is the limit, as long as it is open"
    if ours and ours[-1] + caps.hours_between_retries * HOUR > situation.now:
        again = until(ours[-1] + caps.hours_between_retries * HOUR)
        return f"our last retry is less than {caps.hours_between_retries} hours ago: wait {again}"
    tried = card_tries(situation.dossier, situation.effective.id, situation.now) if situation.effective else []
    cap = caps.attempts_per_card_30_days
    if cap <= 0 or len(tried) < cap:
        return None if cap > 0 else "no attempts are allowed with a card"
    return f"{len(tried)} attempts with this card in 30 days, the limit is {cap}: wait {until(tried[-cap] + MONTH)}"


def _already_paid(situation: Situation) -> str | None:
    found = paid_elsewhere(situation)
    return f"the same amount was paid elsewhere ({found.object_id}): look at it first" if found else None


def resend_link(situation: Situation, verdicts: Verdicts) -> str | None:
    """Why no page must be sent now."""
    if verdicts.stage is Stage.ENDED:
        return "the subscription ended by choice, or was replaced"
    if verdicts.stage is Stage.LOST:
        return "the old invoice is still payable: settle or void it first" if situation.open_invoices else None
    if verdicts.cause is Cause.DUPLICATE_SUBSCRIPTION:
        return "another subscription of this price exists: cancel the duplicate first"
    if any(intent.status == "processing" for intent in situation.intents):
        return "a payment is processing: wait for its result"
    return None


def fix_default(situation: Situation, verdicts: Verdicts) -> str | None:
    """Why no default can be set now."""
    over = _over(situation)
    if over or verdicts.candidate.card is not None:
        return over
    if verdicts.candidate.several:
        return "several cards without off-session proof: one must be chosen"
    if situation.effective_usable:
        return "the default can be charged as it is"
    if not situation.dossier.cards_read:
        return None  # the plan's own check reads them, and says what it found
    return "no other usable card is attached" if situation.effective else "no usable card is attached"


def resume(situation: Situation, verdicts: Verdicts) -> str | None:
    """Why a paused subscription can't be resumed; nothing is said of others."""
    if situation.sub.status != "paused":
        return None
    if verdicts.pending:
        return _to_come(verdicts.pending)
    if situation.effective_usable:
        return None
    return "no usable payment method: it would be paused again"


def cancel_duplicate(situation: Situation, verdicts: Verdicts) -> str | None:
    """Why a duplicate can't be canceled; nothing is said of others."""
    if verdicts.cause is not Cause.DUPLICATE_SUBSCRIPTION:
        return None
    if any(intent.status == "processing" for intent in situation.intents):
        return "a payment is processing: wait for its result"
    found = compare(situation)
    if found is None or found.own_is_kept:
        return "none of the duplicates can be charged: this is the oldest one, which stays"
    if found.paid_more:
        return f"more was paid on it than on {found.stays.subscription}, which would stay: decide in the Dashboard"
    return None
