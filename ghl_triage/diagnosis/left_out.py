"""Which trials are in no cohort: test clocks, what costs nothing, what was paid before, second subscriptions."""

from __future__ import annotations

from ghl_triage.diagnosis import stage
from ghl_triage.diagnosis.duplicates import keeper, rivals
from ghl_triage.diagnosis.facts import Subscription
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.diagnosis.trial_state import Standing
from ghl_triage.trial import LeftOut, TrialState

DAY = 86_400


def left_out(situation: Situation, stands: Standing) -> LeftOut | None:
    """Why it is in no cohort; None: it counts."""
    sub, first = situation.sub, stands.first
    if sub.test_clock is not None:
        return LeftOut.TEST_CLOCK
    mailed = (first.collection_method if first else None) or sub.collection_method
    if mailed == "send_invoice" or stage.is_free(situation) or _costs_nothing(situation, stands):
        return LeftOut.FREE
    if any(one.amount_paid > 0 and one.created < (sub.trial_start or sub.created) - DAY for one in situation.invoices):
        return LeftOut.PAID_BEFORE
    return LeftOut.DUPLICATE if _is_duplicate(situation, stands.state) else None


def _costs_nothing(situation: Situation, stands: Standing) -> bool:
    """Whether the trial is over and its invoices ask for nothing: a coupon takes all."""
    waits = stands.state is TrialState.RUNNING and stands.first is None and situation.sub.status != "trialing"
    return waits and bool(stage.invoices_since_trial(situation))


def _is_duplicate(situation: Situation, state: TrialState) -> bool:
    """Whether another subscription of that price is the one that stays; where none is, the oldest one counts."""
    sub, others = situation.sub, rivals(situation)
    if not others:
        return False
    if not sub.is_open:
        paid = state in (TrialState.CONVERTED, TrialState.RECOVERED)
        return not paid and any(_overlap(sub, other.sub) for other in others)
    stays = keeper(situation, others)
    if stays is None:
        return any((other.sub.created, other.sub.id) < (sub.created, sub.id) for other in others)
    return stays.sub.id != sub.id


def _overlap(ended: Subscription, other: Subscription) -> bool:
    """Whether both were there at the same time: one that was bought after the end of the other is a second try."""
    end = ended.ended_at or ended.canceled_at
    return end is None or other.created < end
