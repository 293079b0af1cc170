"""Refused payments of an invoice: charges and PaymentIntent errors, joined where they tell of the same attempt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ghl_triage.diagnosis.declines import (
    BLOCK_REASONS,
    DECLINED,
    EXPIRED,
    HARD,
    WRONG_CVC_BLOCK,
    Category,
    category,
    listed,
    may_retry,
)
from ghl_triage.diagnosis.facts import Card, Charge, PaymentIntent

NEVER = "do_not_try_again"
LATER = "try_again_later"
CHECK_DATA = "confirm_card_data"
WAITING = "requires_action"


@dataclass(frozen=True, slots=True)
class Failure:
    """One refusal. `code` is the most telling code that Stripe gave, None for a bare `card_declined`.

    `waiting` marks a PaymentIntent at `requires_action`: nothing was refused, the customer must authenticate.
    """

    at: int
    code: str | None
    category: Category
    advice: str | None
    reason: str | None
    outcome_type: str | None
    payment_method: str | None
    fingerprint: str | None
    country: str | None
    charge: str | None
    payment_intent: str | None
    waiting: bool = False

    @property
    def generic(self) -> bool:
        """The issuer gave no reason."""
        return self.code is None or (self.category is Category.CUSTOMER_ISSUER and may_retry(self.code) == "later")

    @property
    def blocked(self) -> bool:
        """Stripe itself stopped it, the issuer was not asked (row 21)."""
        if self.reason == WRONG_CVC_BLOCK:
            return False
        return (
            self.outcome_type == "blocked"
            or self.reason in BLOCK_REASONS
            or self.code in BLOCK_REASONS
            or self.category is Category.RADAR
        )

    @property
    def hard(self) -> bool:
        """The issuer will not take this card (row 25)."""
        return (
            self.category in HARD
            or (self.category is Category.CUSTOMER_ISSUER and may_retry(self.code) == "no")
            or self.advice == NEVER
        )

    @property
    def authentication(self) -> bool:
        """The customer must authenticate."""
        return self.category is Category.CUSTOMER_AUTH

    @property
    def expired(self) -> bool:
        """The issuer says that the card is expired."""
        return self.code in EXPIRED

    @property
    def mandate(self) -> bool:
        """A mandate is missing or was withdrawn."""
        return self.code is not None and "mandate" in self.code

    @property
    def final(self) -> bool:
        """The same card must not be tried again."""
        return self.blocked or self.hard or may_retry(self.code) == "no" or self.waiting

    @property
    def follows_the_number(self) -> bool:
        """The refusal holds for the card's number, however often it is typed in. A renewed card keeps its number."""
        return (self.hard or self.blocked) and not self.expired

    def of_card(self, card_id: str, fingerprint: str | None) -> bool:
        """Whether it was this card that was refused; design.md section 5, "same card"."""
        if self.payment_method == card_id:
            return True
        return self.follows_the_number and fingerprint is not None and self.fingerprint == fingerprint


def telling_code(decline: str | None, code: str | None, reason: str | None) -> str | None:
    """The code that says most: the decline code, else a listed one of error code and outcome's reason."""
    if decline:
        return decline
    named = [name for name in (code, reason) if name and name != DECLINED]
    return next((name for name in named if listed(name)), named[0] if named else None)


def failure(charge: Charge | None, intent: PaymentIntent | None, at: int, cards: dict[str, Card]) -> Failure:
    """One refusal out of a failed charge, the PaymentIntent's error, or both where they tell of the same attempt."""
    error = intent.error if intent else None
    outcome_type = charge.outcome_type if charge else None
    reason = charge.reason if charge else None
    spoken = reason if outcome_type not in ("blocked", "authorized", "manual_review") else None
    code = telling_code(
        error.decline_code if error else None,
        (error.code if error else None) or (charge.code if charge else None),
        spoken,
    )
    method = (charge.payment_method if charge else None) or (error.payment_method if error else None)
    if method is None and intent is not None:
        method = intent.payment_method
    card = cards.get(method) if method else None
    return Failure(
        at=at,
        code=code,
        category=Category.CUSTOMER_DATA if reason == WRONG_CVC_BLOCK else category(code),
        advice=(error.advice_code if error else None) or (charge.advice if charge else None),
        reason=reason,
        outcome_type=outcome_type,
        payment_method=method,
        fingerprint=(charge.fingerprint if charge else None) or (card.fingerprint if card else None),
        country=(card.country if card else None) or (charge.country if charge else None),
        charge=charge.id if charge else (error.charge if error else None),
        payment_intent=intent.id if intent else (charge.payment_intent if charge else None),
    )


def _waiting(intent: PaymentIntent, at: int, cards: dict[str, Card]) -> Failure:
    method = intent.payment_method or (intent.error.payment_method if intent.error else None)
    card = cards.get(method) if method else None
    return Failure(
        at=at,
        code=None if intent.error is None else telling_code(intent.error.decline_code, intent.error.code, None),
        category=Category.CUSTOMER_AUTH,
        advice=None,
        reason=None,
        outcome_type=None,
        payment_method=method,
        fingerprint=card.fingerprint if card else None,
        country=card.country if card else None,
        charge=None,
        payment_intent=intent.id,
        waiting=True,
    )


def _joined(intent: PaymentIntent, charges: dict[str, Charge]) -> Charge | None:
    """The failed charge that the PaymentIntent's error tells of, where there was one."""
    if intent.error is None:
        return None
    if intent.error.charge:
        return charges.get(intent.error.charge)
    latest = charges.get(intent.latest_charge) if intent.latest_charge else None
    return latest if latest is not None and latest.code == intent.error.code else None


def failures(
    charges: Iterable[Charge], intents: Iterable[PaymentIntent], finalized: int, cards: dict[str, Card]
) -> tuple[Failure, ...]:
    """The refusals of one invoice, oldest first.

    A PaymentIntent error without a charge of its own has no time: it is the newest of its PaymentIntent, and not older
    than the invoice's finalisation.
    """
    failed = {charge.id: charge for charge in charges if charge.failed}
    found: list[tuple[int, int, str, Failure]] = []
    told: set[str] = set()
    for intent in intents:
        own = [charge.created for charge in failed.values() if charge.payment_intent == intent.id]
        newest = max([finalized, *own])
        if intent.status == WAITING:
            found.append((newest, 1, intent.id, _waiting(intent, newest, cards)))
        elif intent.error is not None and intent.status != "succeeded":
            charge = _joined(intent, failed)
            if charge is not None:
                told.add(charge.id)
            at = charge.created if charge else newest
            found.append((at, 1, intent.id, failure(charge, intent, at, cards)))
    for charge in failed.values():
        if charge.id not in told:
            found.append((charge.created, 0, charge.id, failure(charge, None, charge.created, cards)))
    return tuple(entry[3] for entry in sorted(found, key=lambda entry: entry[:3]))
