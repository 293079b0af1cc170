"""Rows 21 to 31: why the charge was refused."""

from __future__ import annotations

from ghl_triage.diagnosis.card_then import finished_at
from ghl_triage.diagnosis.declines import NEW_CARD_REASONS, Category
from ghl_triage.diagnosis.failures import CHECK_DATA, LATER, Failure
from ghl_triage.diagnosis.proof import absence_tells
from ghl_triage.diagnosis.rules.method import INDIA, skipped
from ghl_triage.diagnosis.rules.rule import SETUPS, Hit, Undecided, Verdict, seen
from ghl_triage.diagnosis.situation import CARD_TYPES, Situation
from ghl_triage.model import ActionKind, Actor, Evidence, Path


def told(situation: Situation, failure: Failure) -> tuple[Evidence, ...]:
    """What shows a refusal: the code, and the advice and outcome where they say more."""
    where = failure.charge or failure.payment_intent or situation.sub.id
    if failure.waiting:
        return (seen(failure.payment_intent or where, "status", "requires_action", failure.at),)
    found = [seen(where, "decline code", failure.code or "card_declined", failure.at)]
    if failure.advice:
        found.append(seen(where, "outcome.advice_code", failure.advice, failure.at))
    if failure.outcome_type and failure.outcome_type != "issuer_declined":
        found.append(seen(where, "outcome", f"{failure.outcome_type}: {failure.reason}", failure.at))
    return tuple(found)


def blocked(situation: Situation) -> Verdict:
    """Row 21; where Stripe itself wants another card, the customer acts."""
    failure = situation.failure
    if failure is None or not failure.blocked:
        return None
    if failure.reason in NEW_CARD_REASONS or failure.code in NEW_CARD_REASONS:
        return Hit(told(situation, failure), actor=Actor.CUSTOMER, actions=(ActionKind.RESEND_LINK,))
    return Hit(told(situation, failure))


def mandate_missing(situation: Situation) -> Verdict:
    """Row 22."""
    failure = situation.failure
    if failure is not None and failure.mandate:
        return Hit(told(situation, failure))
    if failure is None:
        first = situation.before_first_charge or skipped(situation)
        card_id = situation.effective.id if first and situation.effective else None
    else:
        card_id = failure.payment_method if failure.generic or failure.authentication else None
    if card_id is None or _country(situation, card_id) != INDIA or active_mandate(situation, card_id):
        return None
    if not absence_tells(situation.dossier, card_id):
        return Undecided(SETUPS)
    return Hit((seen(card_id, "card.country", INDIA), seen(card_id, "active mandate", "none")))


def _country(situation: Situation, card_id: str) -> str | None:
    card = situation.card(card_id)
    if card is not None and card.country:
        return card.country
    return situation.failure.country if situation.failure else None


def active_mandate(situation: Situation, card_id: str, by: int | None = None) -> bool:
    """Whether a mandate in force stands behind a card, as far as is known; `by` leaves out what a later set-up gave."""
    dossier = situation.dossier
    setups = [intent for intent in dossier.setups_of.get(card_id, ()) if intent.status == "succeeded"]
    given = {intent.mandate for intent in setups if by is None or finished_at(dossier, intent) <= by}
    later = {intent.mandate for intent in setups} - given
    by_id = {mandate.id: mandate for mandate in dossier.mandates if mandate.id not in later}
    if any(one.payment_method == card_id and one.status == "active" for one in by_id.values()):
        return True
    named = [intent.mandate for intent in setups if intent.mandate not in later]
    return any(name and (name not in by_id or by_id[name].status == "active") for name in named)


def no_off_session_setup(situation: Situation) -> Verdict:
    """Row 23."""
    if situation.before_first_charge:
        return _will_ask(situation)
    failure = situation.failure
    if failure is None or not failure.authentication:
        return None
    asked = _asked_for(situation, failure)
    proof = situation.proven(asked) if asked else False
    if proof is None:
        return Undecided(SETUPS)
    if proof:
        return None
    card = asked or situation.sub.id
    return Hit((*told(situation, failure), seen(card, "succeeded set-up for off-session use", "none")))


def _asked_for(situation: Situation, failure: Failure) -> str | None:
    """The card whose bank asks; a refusal that names none is the effective one's."""
    return failure.payment_method or (situation.effective.id if situation.effective else None)


def _will_ask(situation: Situation) -> Verdict:
    effective, waiting = situation.effective, situation.waiting_setup
    if effective is None:
        return None
    if waiting is not None and effective.id in (waiting.payment_method, waiting.failed_method):
        return Hit((seen(waiting.id, "status", waiting.status, waiting.created),))
    card = situation.effective_card
    if situation.path.path not in (Path.API, Path.UNKNOWN) or (card is not None and card.type not in CARD_TYPES):
        return None
    proof = situation.proven(effective.id)
    if proof is None:
        return Undecided(SETUPS)
    if proof:
        return None
    at = card.created if card else None
    return Hit((seen(effective.id, "succeeded set-up for off-session use", "none", at),))


def authentication_required(situation: Situation) -> Verdict:
    """Row 24: the card was set up, and its issuer asks all the same."""
    failure = situation.failure
    if failure is None or not failure.authentication:
        return None
    setups = situation.dossier.setups_of.get(_asked_for(situation, failure) or "", ())
    proof = tuple(seen(one.id, "usage", one.usage, one.created) for one in setups if one.status == "succeeded")
    return Hit((*told(situation, failure), *proof[-1:]))


def _when(situation: Situation, holds: bool, actor: Actor | None = None) -> Verdict:
    failure = situation.failure
    return Hit(told(situation, failure), actor=actor) if failure is not None and holds else None


def hard_decline(situation: Situation) -> Verdict:
    """Row 25."""
    failure = situation.failure
    return _when(situation, failure is not None and failure.hard)


def card_data_wrong(situation: Situation) -> Verdict:
    """Row 26."""
    failure = situation.failure
    wrong = failure is not None and (failure.category is Category.CUSTOMER_DATA or failure.advice == CHECK_DATA)
    return _when(situation, wrong)


def soft_decline(situation: Situation) -> Verdict:
    """Row 27."""
    failure = situation.failure
    soft = failure is not None and (
        failure.category in (Category.RETRYABLE, Category.SOFT_FUNDS)
        or (failure.generic and failure.code is not None and failure.advice == LATER)
    )
    return _when(situation, soft, Actor.NOBODY if situation.retry_scheduled else None)


def generic_decline(situation: Situation) -> Verdict:
    """Row 28; a bare `card_declined` too, as long as Stripe goes on trying."""
    failure = situation.failure
    generic = failure is not None and failure.generic and (failure.code is not None or not situation.retries_over)
    return _when(situation, generic)


def check_first(situation: Situation) -> Verdict:
    """Row 29."""
    failure = situation.failure
    return _when(situation, failure is not None and failure.category is Category.CHECK_FIRST)


def retries_exhausted(situation: Situation) -> Verdict:
    """Row 30."""
    failure, invoice = situation.failure, situation.invoice
    if invoice is None or not situation.retries_over or skipped(situation):
        return None
    if failure is not None and failure.code is not None:
        return None
    return Hit((seen(invoice.id, "next_payment_attempt", None, situation.finalized_at),))


def unknown(situation: Situation) -> Verdict:
    """Row 31."""
    if situation.failure is not None:
        return Hit(told(situation, situation.failure))
    if skipped(situation) and situation.effective is not None and situation.invoice is not None:
        return Hit((seen(situation.invoice.id, "tried without charging the default", situation.effective.id),))
    return Hit((seen(situation.sub.id, "status", situation.sub.status),))
