"""The first try to charge the first invoice after a trial: what it ended in, and with which card.

All of it is as of that try: a card, a default or a set-up that came later changes nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.card_then import attached_at, expired_at
from ghl_triage.diagnosis.declines import Category
from ghl_triage.diagnosis.facts import Charge, Invoice
from ghl_triage.diagnosis.failures import CHECK_DATA, Failure, failures
from ghl_triage.diagnosis.rules.method import INDIA, skipped
from ghl_triage.diagnosis.rules.refusal import active_mandate
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.trial import FailureKind, FirstCharge, Try

AT_ONCE = 2 * 3_600
"""Stripe tries an invoice when it finalises it, an hour after it was made. Its next own try is a day later at the
earliest: the first charge of an invoice that comes later than this was not the first try."""
OURS_WITHIN = 600
"""A retry of ours and the charge that it made lie no farther apart."""
_ACTION_REQUIRED = "invoice.payment_action_required"
_DECLINED = frozenset(
    {
        Category.RETRYABLE,
        Category.SOFT_FUNDS,
        Category.CUSTOMER_ISSUER,
        Category.CUSTOMER_NEW_METHOD,
        Category.CARD_PRESENT,
        Category.HARD,
        Category.HARD_HIDDEN,
    }
)


@dataclass(frozen=True, slots=True)
class FirstTry:
    """The first try: `at` is when it was made or due; `card` what was charged, or lay there unused."""

    outcome: FirstCharge
    at: int | None = None
    card: str | None = None
    charge: str | None = None
    kind: FailureKind | None = None
    code: str | None = None
    advice: str | None = None
    country: str | None = None
    tries: tuple[Try, ...] = ()


NOT_DUE = FirstTry(FirstCharge.NOT_DUE)
UNREAD = FirstTry(FirstCharge.UNREAD)


def first_try(situation: Situation, invoice: Invoice) -> FirstTry:
    """What became of the first try to charge `invoice`."""
    charges = situation.dossier.charges_of(invoice.id)
    due = invoice.finalized_at or invoice.created
    tries = _tries(situation, invoice, charges)
    first = charges[0] if charges and charges[0].created <= due + AT_ONCE else None
    if first is not None and not first.failed:
        outcome = FirstCharge.SUCCEEDED if first.status == "succeeded" else FirstCharge.NOT_DUE
        return FirstTry(outcome, first.created, first.payment_method, first.id, country=first.country, tries=tries)
    refusal = _refusal(situation, invoice, charges, first, due)
    if refusal is not None:
        return FirstTry(
            FirstCharge.FAILED,
            refusal.at,
            refusal.payment_method,
            refusal.charge,
            kind_of(situation, refusal),
            refusal.code,
            refusal.advice,
            refusal.country,
            tries,
        )
    return _without_charge(situation, invoice, charges, due, tries)


def _refusal(
    situation: Situation, invoice: Invoice, charges: list[Charge], first: Charge | None, due: int
) -> Failure | None:
    """The first refusal: the first charge's, or that of a try that made no charge."""
    cards, intents = situation.dossier.cards, situation.intents_of(invoice)
    found = failures(charges, intents, due, cards)
    if first is not None:
        return next((one for one in found if one.charge == first.id), None)
    if not charges:
        return found[0] if found else None
    asked = any(event.type == _ACTION_REQUIRED and event.object_id == invoice.id for event in situation.dossier.events)
    return _challenge(situation, charges[0], due) if asked else None


def _challenge(situation: Situation, later: Charge, due: int) -> Failure:
    """The bank's challenge to a try of which nothing but an event is left: the customer met it later."""
    card = situation.card(later.payment_method)
    return Failure(
        at=due,
        code="authentication_required",
        category=Category.CUSTOMER_AUTH,
        advice=None,
        reason=None,
        outcome_type=None,
        payment_method=card.id if card is not None and (card.created or 0) <= due else None,
        fingerprint=None,
        country=None,
        charge=None,
        payment_intent=later.payment_intent,
        waiting=True,
    )


def _without_charge(
    situation: Situation, invoice: Invoice, charges: list[Charge], due: int, tries: tuple[Try, ...]
) -> FirstTry:
    """No charge and no refusal when it was due."""
    if not situation.tries_known(invoice):
        return UNREAD
    if invoice.status == "paid" and not charges:
        # From the customer's balance, or noted as paid by hand.
        if invoice.paid_at is None:
            return UNREAD
        if invoice.paid_at <= due + AT_ONCE:
            return FirstTry(FirstCharge.SUCCEEDED, invoice.paid_at)
    elif not charges and not invoice.attempted:
        return NOT_DUE
    if situation.invoice is invoice and skipped(situation) and situation.effective is not None:
        card = situation.effective_card
        kind = FailureKind.MANDATE if card is not None and card.country == INDIA else FailureKind.OTHER
        return FirstTry(FirstCharge.FAILED, due, situation.effective.id, kind=kind, tries=tries)
    card_id, kind = unused_card(situation, due, charges)
    return FirstTry(FirstCharge.NO_METHOD, due, card_id, kind=kind, tries=tries)


def unused_card(situation: Situation, at: int, charges: list[Charge]) -> tuple[str | None, FailureKind]:
    """The card that lay there unused when nothing could be charged, and so the reason."""
    dossier = situation.dossier
    there = [card for card in dossier.cards.values() if attached_at(dossier, card, at)]
    if there:
        return max(there, key=lambda card: (card.created or 0, card.id)).id, FailureKind.NO_DEFAULT
    paid = situation.card(charges[0].payment_method) if charges else None
    newer = paid is not None and paid.created is not None and paid.created > at
    return None, FailureKind.NO_CARD if dossier.cards_read or newer else FailureKind.OTHER


def kind_of(situation: Situation, refusal: Failure) -> FailureKind:
    """The kind of a refusal, asked in the order of the causes (design.md section 5, rows 20 to 31)."""
    card = situation.card(refusal.payment_method)
    mandate = refusal.payment_method is not None and active_mandate(situation, refusal.payment_method, refusal.at)
    in_india = refusal.country == INDIA and (refusal.generic or refusal.authentication)
    wrong_data = refusal.category is Category.CUSTOMER_DATA or refusal.advice == CHECK_DATA
    asked = (
        (
            FailureKind.EXPIRED,
            refusal.expired or (refusal.generic and card is not None and expired_at(card, refusal.at)),
        ),
        (FailureKind.BLOCKED, refusal.blocked),
        (FailureKind.MANDATE, refusal.mandate or (in_india and not mandate)),
        (FailureKind.AUTHENTICATION, refusal.authentication),
        (FailureKind.DECLINED, refusal.hard),
        (FailureKind.CARD_DATA, wrong_data),
        (FailureKind.DECLINED, refusal.generic or refusal.category in _DECLINED),
    )
    return next((kind for kind, holds in asked if holds), FailureKind.OTHER)


def _tries(situation: Situation, invoice: Invoice, charges: list[Charge]) -> tuple[Try, ...]:
    """The charges that have an end, and which of them were ours; one of our retries made one charge at most."""
    settled = [charge for charge in charges if charge.status in ("succeeded", "failed")]
    ours: set[str] = set()
    for attempt in situation.dossier.records.own_attempts:
        near = [
            charge for charge in settled if charge.id not in ours and abs(charge.created - attempt.at) <= OURS_WITHIN
        ]
        if attempt.invoice == invoice.id and near:
            ours.add(min(near, key=lambda charge: abs(charge.created - attempt.at)).id)
    return tuple(Try(charge.created, charge.status == "succeeded", charge.id in ours) for charge in settled)
