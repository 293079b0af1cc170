"""The trials of a customer as the reports count them: one for each subscription that had or has a trial.

The definitions are those of docs/metrics.md (domain/stripe.md 8). Silence is never a failure: a trial that ended before
the time from which its charges were read is `unread`, whatever is known of it, so that no cohort is tilted towards
those that are read for another reason.
"""

from __future__ import annotations

from ghl_triage.diagnosis import money
from ghl_triage.diagnosis.card_then import set_up_at
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.duplicate_customers import known_by
from ghl_triage.diagnosis.first_charge import FirstTry, unused_card
from ghl_triage.diagnosis.left_out import left_out
from ghl_triage.diagnosis.sign_up import checked_at_sign_up, ready_at_start
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.diagnosis.trial_state import lacks_method, standing
from ghl_triage.model import Coverage, Records
from ghl_triage.trial import FailureKind, FirstCharge, SetUp, Trial

NEVER_STARTED = frozenset({"incomplete", "incomplete_expired"})
"""A trial whose sign-up payment was not made never began."""


def trials(records: Records, now: int, *, coverage: Coverage) -> tuple[Trial, ...]:
    """The trials of `records.customer`, oldest first; `now` in epoch seconds."""
    dossier = Dossier(records, coverage)
    return tuple(
        found for sub in dossier.subscriptions if (found := trial_of(Situation(dossier, sub, now))) is not None
    )


def trial_of(situation: Situation) -> Trial | None:
    """The trial of one subscription; None where it has none."""
    sub = situation.sub
    if sub.trial_end is None or sub.status in NEVER_STARTED:
        return None
    stands = standing(situation, sub.trial_end)
    tried, first, paid = stands.tried, stands.first, stands.paid
    card_id, set_up = _set_up(situation, tried)
    card, path = situation.card(card_id), situation.path
    return Trial(
        subscription=sub.id,
        customer=situation.dossier.customer.id,
        path=path.path,
        confidence=path.confidence,
        price=next((item.price for item in sub.items if item.price), None),
        currency=money.currency(situation),
        amount=first.amount_due if first is not None else money.recurring(situation),
        created=sub.created,
        trial_start=sub.trial_start or sub.created,
        trial_end=sub.trial_end,
        status=sub.status,
        state=stands.state,
        first_charge=tried.outcome,
        set_up=set_up,
        left_out=left_out(situation, stands),
        first_charge_at=tried.at,
        failure=tried.kind,
        code=tried.code,
        advice=tried.advice,
        paid_at=paid.paid_at or paid.created if paid is not None else None,
        amount_paid=paid.amount_paid or paid.amount_due if paid is not None else 0,
        checked_at_sign_up=checked_at_sign_up(situation),
        ready_at_start=ready_at_start(situation),
        duplicate_customer=known_by(situation.dossier, situation.now if tried.at is None else tried.at),
        brand=card.brand if card else None,
        funding=card.funding if card else None,
        country=(card.country if card else None) or tried.country,
        tries=tried.tries,
    )


def _set_up(situation: Situation, tried: FirstTry) -> tuple[str | None, SetUp]:
    """The card that the first charge was, or would be, made with, and how it was saved by then."""
    dossier = situation.dossier
    if tried.at is not None:
        unknown = tried.outcome is FirstCharge.FAILED or tried.charge is not None or tried.kind is FailureKind.OTHER
        if tried.card is None and unknown:
            return None, SetUp.UNREAD
        return tried.card, set_up_at(dossier, tried.card, tried.at, but=tried.charge)
    if tried.outcome is FirstCharge.UNREAD:
        return None, SetUp.UNREAD
    at = min(situation.now, situation.sub.ended_at or situation.now)
    if situation.effective is not None and not lacks_method(situation, at):
        return situation.effective.id, set_up_at(dossier, situation.effective.id, at)
    card_id, _ = unused_card(situation, at, [])
    if card_id is None and not dossier.cards_read:
        return None, SetUp.UNREAD
    return card_id, set_up_at(dossier, card_id, at)
