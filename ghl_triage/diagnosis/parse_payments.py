"""Stripe's JSON into facts, as in parse.py: attempts to charge, set-ups, cards, disputes."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Card, Charge, Dispute, Mandate, PaymentError, PaymentIntent, SetupIntent
from ghl_triage.diagnosis.read import Json, amount, currency, mapping, moment, number, object_id, ref, text


def _payment_error(raw: Json) -> PaymentError:
    return PaymentError(
        code=text(raw.get("code")),
        decline_code=text(raw.get("decline_code")),
        advice_code=text(raw.get("advice_code")),
        charge=ref(raw.get("charge")),
        payment_method=ref(raw.get("payment_method")) or ref(raw.get("source")),
    )


def payment_intent(raw: Json) -> PaymentIntent:
    """A PaymentIntent."""
    error = raw.get("last_payment_error")
    return PaymentIntent(
        id=object_id(raw),
        status=text(raw.get("status")) or "",
        created=moment(raw.get("created")) or 0,
        customer=ref(raw.get("customer")),
        payment_method=ref(raw.get("payment_method")) or ref(raw.get("source")),
        setup_future_usage=text(raw.get("setup_future_usage")),
        latest_charge=ref(raw.get("latest_charge")),
        application=ref(raw.get("application")),
        error=_payment_error(error) if isinstance(error, dict) and error else None,
        metadata=mapping(raw.get("metadata")),
        description=text(raw.get("description")),
    )


def charge(raw: Json) -> Charge:
    """A charge; what it was made with stands in `payment_method`, in old ones in `source`."""
    outcome = mapping(raw.get("outcome"))
    details = mapping(raw.get("payment_method_details"))
    method = mapping(details.get(text(details.get("type")) or "card"))
    return Charge(
        id=object_id(raw),
        status=text(raw.get("status")) or "",
        created=moment(raw.get("created")) or 0,
        amount=amount(raw.get("amount")),
        refunded=amount(raw.get("amount_refunded")),
        currency=currency(raw),
        customer=ref(raw.get("customer")),
        payment_intent=ref(raw.get("payment_intent")),
        payment_method=ref(raw.get("payment_method")) or ref(raw.get("source")),
        code=text(raw.get("failure_code")),
        outcome_type=text(outcome.get("type")),
        reason=text(outcome.get("reason")),
        advice=text(outcome.get("advice_code")),
        fingerprint=text(method.get("fingerprint")),
        country=text(method.get("country")),
        application=ref(raw.get("application")),
        metadata=mapping(raw.get("metadata")),
        description=text(raw.get("description")),
        disputed=raw.get("disputed") is True,
    )


def setup_intent(raw: Json) -> SetupIntent:
    """A SetupIntent."""
    error = mapping(raw.get("last_setup_error"))
    return SetupIntent(
        id=object_id(raw),
        status=text(raw.get("status")) or "",
        usage=text(raw.get("usage")),
        created=moment(raw.get("created")) or 0,
        customer=ref(raw.get("customer")),
        payment_method=ref(raw.get("payment_method")),
        failed_method=ref(error.get("payment_method")),
        error=text(error.get("decline_code")) or text(error.get("code")),
        mandate=ref(raw.get("mandate")),
        latest_attempt=ref(raw.get("latest_attempt")),
        application=ref(raw.get("application")),
        metadata=mapping(raw.get("metadata")),
        description=text(raw.get("description")),
    )


_BRANDS = {"american express": "amex", "diners club": "diners", "eftpos australia": "eftpos_au"}
"""Brands that an old card names by other words than a PaymentMethod."""


def _brand(said: str | None) -> str | None:
    """One word for one brand: an old card comes in both shapes, by the list of its customer's methods and without."""
    if said is None:
        return None
    return _BRANDS.get(said.lower(), said.lower().replace(" ", "_"))


def card(raw: Json) -> Card:
    """A payment method: a PaymentMethod, an old card (fields at the top), or a source (fields under its type)."""
    kind = text(raw.get("object"))
    method = (text(raw.get("type")) or "card") if kind != "card" else "card"
    details = raw if kind == "card" else mapping(raw.get(method))
    return Card(
        id=object_id(raw),
        type=method,
        customer=ref(raw.get("customer")),
        created=moment(raw.get("created")),
        brand=_brand(text(details.get("brand"))),
        last4=text(details.get("last4")),
        exp_month=number(details.get("exp_month")),
        exp_year=number(details.get("exp_year")),
        funding=text(details.get("funding")),
        country=text(details.get("country")),
        fingerprint=text(details.get("fingerprint")),
        spent=kind == "source" and raw.get("status") in ("canceled", "consumed", "failed"),
    )


def dispute(raw: Json) -> Dispute:
    """A dispute."""
    return Dispute(
        id=object_id(raw),
        status=text(raw.get("status")) or "",
        charge=ref(raw.get("charge")),
        payment_intent=ref(raw.get("payment_intent")),
        created=moment(raw.get("created")) or 0,
        amount=amount(raw.get("amount")),
        currency=currency(raw),
        reason=text(raw.get("reason")),
    )


def mandate(raw: Json) -> Mandate:
    """A mandate."""
    return Mandate(
        id=object_id(raw), status=text(raw.get("status")) or "", payment_method=ref(raw.get("payment_method"))
    )
