"""What of a case stands in columns, to be filtered and sorted by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from ghl_triage.currencies import exponent
from ghl_triage.diagnosis.possible import possible
from ghl_triage.model import Actor, Case, Stage

_STAGE_RANK = {
    Stage.FAILING: 0,
    Stage.AT_RISK: 10,
    Stage.LOST: 20,
    Stage.RECOVERED: 30,
    Stage.HEALTHY: 40,
    Stage.ENDED: 50,
}
_ACTOR_RANK = {Actor.CONSULTANT: 0, Actor.DEVELOPER: 1, Actor.CUSTOMER: 2, Actor.NOBODY: 3}

QUEUE_RANKS = 20
"""Cases of a lower rank are in the queue: failing and at risk."""


def rank(case: Case) -> tuple[int, int]:
    """Where a case stands in the default order, smaller first.

    Failing before at risk; in each first what the consultant can mend now, then what waits for others. Failing: the
    youngest failure first, for it is the likeliest to be paid, and news stands at the top. At risk: the next trial end
    first.
    """
    place = _STAGE_RANK[case.stage] + _ACTOR_RANK[case.actor]
    if case.stage is Stage.AT_RISK:
        return place, case.trial_end if case.trial_end is not None else case.created
    return place, -since(case)


def since(case: Case) -> int:
    """From when a case's age counts: its failure, else its creation."""
    return case.failed_at if case.failed_at is not None else case.created


def fold(text: str) -> str:
    """Text as it is searched: composed, case ignored."""
    return unicodedata.normalize("NFC", text).casefold()


def pack(slugs: Iterable[str]) -> str:
    """Several slugs in one column, each findable as ",slug,"; empty for none."""
    inner = ",".join(slugs)
    return f",{inner}," if inner else ""


def columns(case: Case) -> dict[str, Any]:
    """A case's row, without its number."""
    place, place_at = rank(case)
    card = case.card
    ids = (case.subscription, case.customer, case.invoice, case.highlevel.contact, case.highlevel.subscription)
    return {
        "subscription": case.subscription,
        "customer": case.customer,
        "rank": place,
        "rank_at": place_at,
        "path": case.path,
        "status": case.status,
        "stage": case.stage,
        "cause": case.cause or "",
        "pending": case.pending or "",
        "actor": case.actor,
        "findings": pack(case.findings),
        "amount": case.amount_at_risk,
        "amount_milli": case.amount_at_risk * 10 ** (3 - exponent(case.currency)),
        "currency": case.currency.lower(),
        "attempts": case.attempts,
        "next_retry_at": case.next_retry_at,
        "trial_end": case.trial_end,
        "failed_at": case.failed_at,
        "created": case.created,
        "since": since(case),
        "email": case.email,
        "name": case.name,
        "sort_name": fold(case.email or case.name or case.customer),
        "card": (card.last4 if card else None) or "",
        "brand": ((card.brand if card else None) or "").lower(),
        "funding": ((card.funding if card else None) or "").lower(),
        "country": ((card.country if card else None) or "").upper(),
        "price": case.price or "",
        "possible": pack(possible(case)),
        "code": (case.decline_code or "").lower(),
        "advice": (case.advice_code or "").lower(),
        "search": fold("\n".join((case.name, case.email, *(each for each in ids if each)))),
    }
