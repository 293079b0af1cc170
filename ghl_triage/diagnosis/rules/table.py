"""The rows in their order, as data."""

from __future__ import annotations

from ghl_triage.diagnosis.rules import method, refusal, state
from ghl_triage.diagnosis.rules.rule import Hit, Phase, Rule, Undecided
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import ActionKind, Actor, Cause

_FAILING, _AT_RISK, _INCOMPLETE, _LOST = Phase.FAILING, Phase.AT_RISK, Phase.INCOMPLETE, Phase.LOST
_CHARGED = _FAILING | _INCOMPLETE
_WAITING = _FAILING | _AT_RISK
_ALL = _CHARGED | _AT_RISK
_CONSULTANT, _CUSTOMER, _NOBODY = Actor.CONSULTANT, Actor.CUSTOMER, Actor.NOBODY
_RETRY, _LINK, _DEFAULT = ActionKind.RETRY, ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT
_CANCEL = ActionKind.CANCEL_DUPLICATE

RULES: tuple[Rule, ...] = (
    Rule(Cause.DISPUTED, _ALL, state.disputed, _CONSULTANT),
    Rule(Cause.DUPLICATE_SUBSCRIPTION, _ALL, state.duplicate, _CONSULTANT, (_CANCEL,)),
    Rule(Cause.FIRST_PAYMENT_EXPIRED, _LOST, state.first_payment_expired, _CONSULTANT, (_LINK,)),
    Rule(Cause.CANCELED_FOR_NONPAYMENT, _LOST, state.canceled_for_nonpayment, _CONSULTANT, (_LINK,)),
    Rule(Cause.COLLECTION_PAUSED, _WAITING, state.collection_paused, _CONSULTANT),
    Rule(Cause.TRIAL_ENDED_WITHOUT_CARD, _FAILING, state.trial_ended_without_card, _CUSTOMER, (_LINK,)),
    Rule(Cause.UNKNOWN, _FAILING, state.stale, _CONSULTANT),
    Rule(Cause.PAYMENT_PROCESSING, _FAILING, state.processing, _NOBODY),
    Rule(Cause.INVOICE_SENT_NOT_CHARGED, _FAILING, state.invoice_sent, _CUSTOMER, (_LINK,)),
    Rule(Cause.INVOICE_NOT_FINALIZED, _FAILING, state.not_finalized, _CONSULTANT),
    Rule(Cause.NOT_ATTEMPTED_YET, _FAILING, state.not_attempted, _NOBODY),
    Rule(Cause.UNKNOWN, _INCOMPLETE, method.payments_unread, _CONSULTANT),
    Rule(Cause.FIRST_PAYMENT_INCOMPLETE, _INCOMPLETE, state.first_payment_incomplete, _CUSTOMER, (_LINK,)),
    Rule(Cause.AUTHENTICATION_REQUIRED, _INCOMPLETE, state.first_authentication, _CUSTOMER, (_LINK,)),
    Rule(Cause.ALREADY_FIXED, _FAILING, method.already_fixed, _CONSULTANT, (_RETRY,)),
    Rule(Cause.PAYMENT_METHOD_DETACHED, _WAITING, method.detached, _CUSTOMER, (_LINK,)),
    Rule(Cause.DEFAULT_SHADOWED, _WAITING, method.shadowed, _CONSULTANT, (_DEFAULT, _RETRY)),
    Rule(Cause.CARD_NOT_DEFAULT, _WAITING, method.card_not_default, _CONSULTANT, (_DEFAULT, _RETRY)),
    Rule(Cause.SETUP_NOT_COMPLETED, _WAITING, method.setup_not_completed, _CUSTOMER, (_LINK,)),
    Rule(Cause.CARD_ON_DUPLICATE_CUSTOMER, _WAITING, method.card_on_duplicate_customer, _CUSTOMER, (_LINK,)),
    Rule(Cause.NO_PAYMENT_METHOD, _WAITING, method.no_payment_method, _CUSTOMER, (_LINK,)),
    Rule(Cause.UNKNOWN, _FAILING, method.payments_unread, _CONSULTANT),
    Rule(Cause.CARD_EXPIRED, _ALL, method.card_expired, _CUSTOMER, (_LINK,)),
    Rule(Cause.BLOCKED_BY_STRIPE, _CHARGED, refusal.blocked, _CONSULTANT),
    Rule(Cause.MANDATE_MISSING, _ALL, refusal.mandate_missing, _CUSTOMER, (_LINK,)),
    Rule(Cause.NO_OFF_SESSION_SETUP, _ALL, refusal.no_off_session_setup, _CUSTOMER, (_LINK,)),
    Rule(Cause.AUTHENTICATION_REQUIRED, _CHARGED, refusal.authentication_required, _CUSTOMER, (_LINK,)),
    Rule(Cause.HARD_DECLINE, _CHARGED, refusal.hard_decline, _CUSTOMER, (_LINK,)),
    Rule(Cause.CARD_DATA_WRONG, _CHARGED, refusal.card_data_wrong, _CUSTOMER, (_LINK,)),
    Rule(Cause.SOFT_DECLINE, _CHARGED, refusal.soft_decline, _CONSULTANT, (_RETRY,)),
    Rule(Cause.GENERIC_DECLINE, _CHARGED, refusal.generic_decline, _CONSULTANT, (_RETRY, _LINK)),
    Rule(Cause.CHECK_FIRST, _CHARGED, refusal.check_first, _CONSULTANT),
    Rule(Cause.RETRIES_EXHAUSTED, _CHARGED, refusal.retries_exhausted, _CONSULTANT, (_LINK,)),
    Rule(Cause.UNKNOWN, _CHARGED, refusal.unknown, _CONSULTANT),
)
"""Rows without a cause of their own stand where they must hold back what follows; their `Cause` is UNKNOWN."""

_BY_PHASE = {phase: tuple(rule for rule in RULES if phase in rule.phases) for phase in Phase}


def first_that_holds(situation: Situation, phase: Phase) -> tuple[Rule, Hit] | Undecided | None:
    """The row that decides; Undecided where an earlier one still may; None where none holds (only while at risk)."""
    for rule in _BY_PHASE[phase]:
        verdict = rule.test(situation)
        if isinstance(verdict, Undecided):
            return verdict
        if verdict is not None:
            return rule, verdict
    return None
