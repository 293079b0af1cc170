"""Stripe objects and cases as the store's tests need them; each names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ghl_triage.model import (
    ActionKind,
    Actor,
    CardView,
    Case,
    Cause,
    Confidence,
    Evidence,
    Finding,
    HighLevelView,
    Level,
    LinkKind,
    Path,
    Stage,
)
from ghl_triage.store.filters import DEFAULT_SORT, CompiledFilter
from ghl_triage.store.reader import Reader

NOW = 1_795_000_000
DAY = 86_400


def case(number: int = 1, **changes: Any) -> Case:
    """A failing case with something in every field."""
    card = CardView("pm_1", "card", "visa", "4242", 8, 2030, "credit", "US", "fp", NOW, True, True, (Level.CUSTOMER,))
    usual = Case(
        subscription=f"sub_{number}",
        customer=f"cus_{number}",
        email=f"user{number}@acme.test",
        name="Jane Roe",
        path=Path.API,
        path_confidence=Confidence.STRONG,
        path_evidence="no Checkout Session",
        status="past_due",
        stage=Stage.FAILING,
        cause=Cause.SOFT_DECLINE,
        findings=(Finding.SEVERAL_CARDS, Finding.NOT_IN_HIGHLEVEL),
        actor=Actor.CONSULTANT,
        recommended=(ActionKind.RETRY,),
        blocked={ActionKind.FIX_DEFAULT: "nothing to fix"},
        amount_at_risk=9_700,
        currency="usd",
        invoice=f"in_{number}",
        attempts=2,
        next_retry_at=NOW + DAY,
        effective_payment_method="pm_1",
        effective_level=Level.CUSTOMER,
        candidate_payment_method=None,
        decline_code="insufficient_funds",
        advice_code="try_again_later",
        trial_end=NOW - 3 * DAY,
        failed_at=NOW - 3 * DAY,
        created=NOW - 33 * DAY,
        livemode=False,
        link=LinkKind.PORTAL,
        card=card,
        price="price_Basic",
        reviving_invoice=f"in_{number}",
        evidence=(Evidence(f"in_{number}", "attempted", "true", NOW),),
        payment_methods=(card,),
        highlevel=HighLevelView(contact="ct1"),
    )
    return replace(usual, **changes)


def customer(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A customer without a default."""
    return {
        "id": f"cus_{number}",
        "object": "customer",
        "email": f"User{number}@Acme.test",
        "name": "Jane Roe",
        "created": NOW - 40 * DAY,
        "invoice_settings": {"default_payment_method": None},
        "default_source": None,
    } | changes


def payment_method(identity: str = "pm_1", owner: str | None = "cus_1", **changes: Any) -> dict[str, Any]:
    """An attached card."""
    card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}
    usual = {"id": identity, "object": "payment_method", "customer": owner, "type": "card", "card": card}
    return usual | {"created": NOW - 39 * DAY} | changes


def invoice(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An open invoice of the subscription of the same number."""
    return {
        "id": f"in_{number}",
        "object": "invoice",
        "customer": f"cus_{number}",
        "status": "open",
        "amount_remaining": 9_700,
        "created": NOW - 3 * DAY,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{number}"}},
    } | changes


def subscription(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A past-due subscription, unexpanded."""
    price = {"id": "price_Basic", "object": "price", "unit_amount": 9_700, "currency": "usd"}
    item = {"id": f"si_{number}", "object": "subscription_item", "price": price, "quantity": 1}
    return {
        "id": f"sub_{number}",
        "object": "subscription",
        "customer": f"cus_{number}",
        "status": "past_due",
        "created": NOW - 33 * DAY,
        "latest_invoice": f"in_{number}",
        "default_payment_method": None,
        "items": {"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"},
    } | changes


def expanded(number: int = 1) -> dict[str, Any]:
    """A subscription with all that the bulk plan expands (domain/stripe.md 1.2, E1)."""
    card = payment_method(f"pm_{number}", f"cus_{number}")
    payment = {
        "id": f"inpay_{number}",
        "object": "invoice_payment",
        "invoice": f"in_{number}",
        "payment": {"type": "payment_intent", "payment_intent": f"pi_{number}"},
        "status": "open",
        "created": NOW - 3 * DAY,
    }
    payments = {"object": "list", "data": [payment], "has_more": False, "url": "/v1/invoice_payments"}
    attempt = {
        "id": f"setatt_{number}",
        "object": "setup_attempt",
        "setup_intent": f"seti_{number}",
        "status": "failed",
        "setup_error": {"code": "card_declined", "payment_method": payment_method(f"pm_{number}", None)},
    }
    setup = {
        "id": f"seti_{number}",
        "object": "setup_intent",
        "customer": f"cus_{number}",
        "status": "requires_payment_method",
        "latest_attempt": attempt,
        "mandate": {"id": f"mandate_{number}", "object": "mandate", "payment_method": f"pm_{number}"},
    }
    return subscription(
        number,
        customer=customer(number, invoice_settings={"default_payment_method": card}),
        default_payment_method=card,
        latest_invoice=invoice(number, payments=payments),
        pending_setup_intent=setup,
        application={"id": "ca_1", "object": "application", "name": "HighLevel"},
    )


def open_payment(number: int = 1) -> dict[str, Any]:
    """An open invoice payment with its PaymentIntent and charge (domain/stripe.md 1.2, E2)."""
    charge = {
        "id": f"ch_{number}",
        "object": "charge",
        "customer": f"cus_{number}",
        "payment_intent": f"pi_{number}",
        "status": "failed",
        "created": NOW - 3 * DAY,
    }
    intent = {
        "id": f"pi_{number}",
        "object": "payment_intent",
        "customer": f"cus_{number}",
        "status": "requires_payment_method",
        "latest_charge": charge,
        "payment_method": None,
        "last_payment_error": {"code": "card_declined", "payment_method": payment_method(f"pm_{number}", None)},
        "created": NOW - 3 * DAY,
    }
    return {
        "id": f"inpay_{number}",
        "object": "invoice_payment",
        "invoice": f"in_{number}",
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status": "open",
        "created": NOW - 3 * DAY,
    }


def row_of(reader: Reader, subscription: str) -> int:
    """The number of a case's row."""
    (row,) = reader.ids(CompiledFilter("subscription = ?", (subscription,), frozenset({"subscription"})), DEFAULT_SORT)
    return row
