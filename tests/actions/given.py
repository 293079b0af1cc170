"""Cases and their facts as the tests of planning need them; each names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ghl_triage.actions.facts import Subject, facts_of
from ghl_triage.diagnosis.card_tries import card_tries
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.model import (
    ActionKind,
    Actor,
    CardView,
    Case,
    Cause,
    Confidence,
    Coverage,
    Level,
    LinkKind,
    OwnAttempt,
    Path,
    Records,
    Stage,
)

NOW = 1_795_000_000
DAY = 86_400
CARD = CardView("pm_good", "card", "visa", "4242", 8, 2030, off_session_proof=True)


def case(number: int = 1, **changes: Any) -> Case:
    """A failing case whose card is the default and can be charged."""
    usual = Case(
        subscription=f"sub_{number}",
        customer=f"cus_{number}",
        email=f"customer{number}@acme.test",
        name="Jane Roe",
        path=Path.API,
        path_confidence=Confidence.STRONG,
        path_evidence="",
        status="past_due",
        stage=Stage.FAILING,
        cause=Cause.SOFT_DECLINE,
        findings=(),
        actor=Actor.CONSULTANT,
        recommended=(ActionKind.RETRY,),
        blocked={},
        amount_at_risk=9_700,
        currency="usd",
        invoice=f"in_{number}",
        attempts=1,
        next_retry_at=None,
        effective_payment_method="pm_good",
        effective_level=Level.CUSTOMER,
        candidate_payment_method=None,
        decline_code="insufficient_funds",
        advice_code=None,
        trial_end=NOW - 3 * DAY,
        failed_at=NOW - 3 * DAY,
        created=NOW - 33 * DAY,
        livemode=False,
        link=LinkKind.HOSTED_INVOICE,
        payment_methods=(CARD,),
    )
    return replace(usual, **changes)


def without_default(number: int = 1, **changes: Any) -> Case:
    """A failing case with a card that is attached and not the default."""
    return case(
        number,
        **{
            "cause": Cause.CARD_NOT_DEFAULT,
            "effective_payment_method": None,
            "effective_level": None,
            "candidate_payment_method": "pm_good",
            "recommended": (ActionKind.FIX_DEFAULT, ActionKind.RETRY),
            **changes,
        },
    )


def invoice(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An open invoice as Stripe shows it."""
    return {
        "id": f"in_{number}",
        "object": "invoice",
        "status": "open",
        "customer": f"cus_{number}",
        "amount_due": 9_700,
        "amount_remaining": 9_700,
        "currency": "usd",
        "collection_method": "charge_automatically",
        "next_payment_attempt": None,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{number}"}},
        **changes,
    }


def subscription(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A subscription as Stripe shows it."""
    return {
        "id": f"sub_{number}",
        "object": "subscription",
        "status": "past_due",
        "customer": f"cus_{number}",
        "currency": "usd",
        "collection_method": "charge_automatically",
        "items": {"data": [{"id": f"si_{number}", "price": {"id": "price_1", "unit_amount": 9_700}, "quantity": 1}]},
        "latest_invoice": f"in_{number}",
        **changes,
    }


def customer(number: int = 1, default: str | None = None) -> dict[str, Any]:
    """A customer as Stripe shows him."""
    settings = {"default_payment_method": default}
    return {"id": f"cus_{number}", "object": "customer", "email": "", "invoice_settings": settings}


def subject(
    of: Case,
    *,
    number: int = 1,
    default: str | None = None,
    sub: dict[str, Any] | None = None,
    invoices: tuple[dict[str, Any], ...] | None = None,
    others: tuple[dict[str, Any], ...] = (),
    namesakes: tuple[Records, ...] = (),
    own_attempts: tuple[OwnAttempt, ...] = (),
    in_flight: str | None = None,
    named: tuple[str, str | None] | None = None,
    charges: tuple[dict[str, Any], ...] = (),
) -> Subject:
    """A case with the objects around it."""
    records = Records(
        customer=customer(number, default),
        subscriptions=(sub or subscription(number), *others),
        invoices=(invoice(number),) if invoices is None else invoices,
        namesakes=namesakes,
        own_attempts=own_attempts,
        charges=charges,
    )
    made = Subject(of, facts_of(of, records, in_flight=in_flight, named=named))
    tried = card_tries(Dossier(records, Coverage()), made.card, NOW) if made.card else []
    return replace(made, facts=replace(made.facts, card_tried=tuple(tried)))
