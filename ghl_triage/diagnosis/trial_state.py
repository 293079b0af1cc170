"""Where a trial stands, and how its first charge ended: the six states of a cohort (docs/metrics.md).

Silence is never a failure: a trial that ended before the time from which its charges were read is `unread`, whatever
is known of it, so that no cohort is tilted towards those that were read for another reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ghl_triage.diagnosis import stage
from ghl_triage.diagnosis.facts import Invoice
from ghl_triage.diagnosis.first_charge import NOT_DUE, UNREAD, FirstTry, first_try, unused_card
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Coverage
from ghl_triage.trial import FirstCharge, TrialState

DAY = 86_400
BEFORE_CHARGE = 2 * 3_600
"""Within this time after a trial's end nothing has been charged yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A trial's state, its first try, the invoice that this was for, and the one that is paid: that or a later one."""

    state: TrialState
    tried: FirstTry
    first: Invoice | None = None
    paid: Invoice | None = None


def read_from(coverage: Coverage) -> int | None:
    """From which time on every first charge is known; None: from none."""
    charges, paid = coverage.charges_since, coverage.paid_payments_since
    if charges is None or paid is None or coverage.subscriptions_since is None or not coverage.invoice_payments_read:
        return None
    return max(charges, paid)


def standing(situation: Situation, end: int) -> Standing:
    """Where a trial stands that ends, or ended, at `end`."""
    over = end <= situation.now and situation.sub.status != "trialing"
    if over and not _read(situation, end):
        return Standing(TrialState.UNREAD, UNREAD)
    invoices = stage.invoices_since_trial(situation)
    first = next((one for one in invoices if one.amount_due > 0), None)
    tried = first_try(situation, first) if first is not None and over else NOT_DUE
    if _called_off(situation, end, tried):
        return Standing(TrialState.CANCELED, NOT_DUE)
    if not over:
        return Standing(TrialState.RUNNING, NOT_DUE)
    if first is None:
        return _without_invoice(situation, end, invoices)
    if first is invoices[0] and first.created > end + DAY:
        return _late(situation, end, first)
    return _standing(situation, first, tried)


def lacks_method(situation: Situation, at: int) -> bool:
    """Whether Stripe found, or would find, nothing to charge then: a card that is newer was not there."""
    card = situation.effective_card
    newer = card is not None and (card.created or 0) > at
    return situation.effective is None or newer or not situation.dossier.attached(situation.effective.id)


def _read(situation: Situation, end: int) -> bool:
    """Whether all that became of a trial that ended then is known."""
    coverage = situation.dossier.coverage
    since, subscriptions = read_from(coverage), coverage.subscriptions_since
    return since is not None and end >= since and subscriptions is not None and situation.sub.created >= subscriptions


def _called_off(situation: Situation, end: int, tried: FirstTry) -> bool:
    """Whether somebody ended it by choice before its first charge.

    `canceled_at` is when that was asked for, also where it took effect at the trial's end. Stripe's own cancellation
    for want of a method comes with the end itself, whatever reason it names.
    """
    sub = situation.sub
    if sub.status != "canceled" or sub.cancel_reason == "payment_failed":
        return sub.ends_before_charge
    if sub.canceled_at is not None and sub.canceled_at < end:
        return True
    ended = sub.ended_at or sub.canceled_at
    if ended is None or ended > end + BEFORE_CHARGE or tried.outcome is not FirstCharge.NOT_DUE:
        return False
    if sub.cancel_at_period_end or (sub.cancel_at is not None and sub.cancel_at <= ended):
        return True
    by_stripe = sub.missing_payment_method == "cancel" and lacks_method(situation, end)
    return sub.cancel_reason == "cancellation_requested" and not by_stripe


def _without_invoice(situation: Situation, end: int, invoices: list[Invoice]) -> Standing:
    """The trial is over, and no invoice with an amount is known."""
    sub = situation.sub
    if invoices or end > situation.now - DAY:
        return Standing(TrialState.RUNNING, NOT_DUE)
    if sub.status == "paused":
        if sub.pause_type in (None, "trial_end_without_payment_method"):
            return Standing(TrialState.NO_CARD, _nothing_to_charge(situation, end))
        return Standing(TrialState.RUNNING, NOT_DUE)
    ended = (sub.ended_at or sub.canceled_at) if sub.status == "canceled" else None
    if ended is not None and ended <= end + stage.AFTER_TRIAL and lacks_method(situation, end):
        return Standing(TrialState.NO_CARD, _nothing_to_charge(situation, end))
    return Standing(TrialState.UNREAD, UNREAD)


def _nothing_to_charge(situation: Situation, end: int) -> FirstTry:
    """Stripe paused or ended it at the trial's end: no invoice was made, let alone tried."""
    card_id, kind = unused_card(situation, end, [])
    return FirstTry(FirstCharge.NO_METHOD, end, card_id, kind=kind)


def _late(situation: Situation, end: int, first: Invoice) -> Standing:
    """The first invoice that is known came long after the trial's end.

    That is so where the trial was paused for want of a card, and went on when there was one. Else an earlier invoice is
    missing, and what became of it can't be told.
    """
    if situation.sub.missing_payment_method != "pause":
        return Standing(TrialState.UNREAD, UNREAD)
    resumed = _standing(situation, first, first_try(situation, first))
    tried = replace(_nothing_to_charge(situation, end), tries=resumed.tried.tries)
    state = TrialState.RECOVERED if resumed.state is TrialState.CONVERTED else resumed.state
    return replace(resumed, state=TrialState.NO_CARD if state is TrialState.RUNNING else state, tried=tried)


def _standing(situation: Situation, first: Invoice, tried: FirstTry) -> Standing:
    """Where a trial stands whose first invoice is known; a later invoice that is paid says that he pays again."""
    since = [one for one in stage.invoices_since_trial(situation) if one.created >= first.created]
    settled = [one for one in since if one.status == "paid" and one.amount_due > 0]
    paid = first if first in settled else next(iter(settled), None)
    if tried.outcome is FirstCharge.UNREAD:
        return Standing(TrialState.UNREAD, UNREAD)
    if paid is not None:
        at_once = paid is first and tried.outcome is FirstCharge.SUCCEEDED
        return Standing(TrialState.CONVERTED if at_once else TrialState.RECOVERED, tried, first, paid)
    return Standing(_unpaid(situation, first, tried), tried, first)


def _unpaid(situation: Situation, first: Invoice, tried: FirstTry) -> TrialState:
    if tried.outcome is FirstCharge.NO_METHOD and not tried.tries:
        return TrialState.NO_CARD
    if situation.sub.status == "canceled":
        return TrialState.LOST
    under_way = tried.at is not None or first.created > situation.now - DAY
    return TrialState.RUNNING if tried.outcome is FirstCharge.NOT_DUE and under_way else TrialState.OPEN
