"""Stripe's JSON into facts: the boundary where strange content is taken for missing content.

Shapes are those of API version 2026-10-28.endive, unexpanded. Each function takes an object that has an id. What was
charged, and with what, is read in parse_payments.py.
"""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Customer, Event, Invoice, InvoicePayment, Item, LogLine, Session, Subscription
from ghl_triage.diagnosis.read import Json, amount, currency, mapping, moment, number, object_id, ref, rows, text, texts


def customer(raw: Json) -> Customer:
    """A customer."""
    settings = mapping(raw.get("invoice_settings"))
    return Customer(
        id=object_id(raw),
        email=(text(raw.get("email")) or "").strip(),
        name=text(raw.get("name")) or "",
        created=moment(raw.get("created")),
        livemode=raw.get("livemode") is True,
        default_payment_method=ref(settings.get("default_payment_method")),
        default_source=ref(raw.get("default_source")),
        metadata=mapping(raw.get("metadata")),
        legacy=tuple(rows(raw.get("sources"))),
    )


def _unit_amount(price: Json) -> int | None:
    whole = number(price.get("unit_amount"))
    if whole is not None:
        return whole
    exact = text(price.get("unit_amount_decimal"))
    try:
        return None if exact is None else number(round(float(exact)))
    except (ValueError, OverflowError):
        return None


def _item(raw: Json) -> Item:
    price = mapping(raw.get("price"))
    quantity = number(raw.get("quantity"))
    return Item(
        price=ref(raw.get("price")),
        unit_amount=_unit_amount(price),
        quantity=1 if quantity is None else quantity,
        interval=text(mapping(price.get("recurring")).get("interval")),
        trial_end=moment(mapping(raw.get("current_trial")).get("end_date")),
    )


def subscription(raw: Json) -> Subscription:
    """A subscription; its trial is its own, or the offer that one of its items runs on."""
    items = tuple(_item(row) for row in rows(raw.get("items")))
    offers = [item.trial_end for item in items if item.trial_end]
    paused = mapping(mapping(mapping(raw.get("status_details")).get("paused")).get("subscription"))
    pause = raw.get("pause_collection")
    settings = mapping(raw.get("payment_settings"))
    return Subscription(
        id=object_id(raw),
        customer=ref(raw.get("customer")),
        status=text(raw.get("status")) or "",
        created=moment(raw.get("created")) or 0,
        livemode=raw.get("livemode") is True,
        currency=currency(raw),
        items=items,
        trial_start=moment(raw.get("trial_start")),
        trial_end=moment(raw.get("trial_end")) or (min(offers) if offers else None),
        cancel_at=moment(raw.get("cancel_at")),
        cancel_at_period_end=raw.get("cancel_at_period_end") is True,
        canceled_at=moment(raw.get("canceled_at")),
        ended_at=moment(raw.get("ended_at")),
        cancel_reason=text(mapping(raw.get("cancellation_details")).get("reason")),
        collection_method=text(raw.get("collection_method")) or "charge_automatically",
        default_payment_method=ref(raw.get("default_payment_method")),
        default_source=ref(raw.get("default_source")),
        latest_invoice=ref(raw.get("latest_invoice")),
        pending_setup_intent=ref(raw.get("pending_setup_intent")),
        collection_paused=isinstance(pause, dict),
        resumes_at=moment(mapping(pause).get("resumes_at")),
        pause_type=text(paused.get("type")),
        missing_payment_method=text(
            mapping(mapping(raw.get("trial_settings")).get("end_behavior")).get("missing_payment_method")
        ),
        allowed_types=texts(settings.get("payment_method_types")),
        application=ref(raw.get("application")),
        metadata=mapping(raw.get("metadata")),
        description=text(raw.get("description")),
        test_clock=ref(raw.get("test_clock")),
    )


def invoice_payment(raw: Json) -> InvoicePayment:
    """The link from an invoice to a PaymentIntent or charge."""
    payment = mapping(raw.get("payment"))
    return InvoicePayment(
        id=object_id(raw),
        invoice=ref(raw.get("invoice")),
        payment_intent=ref(payment.get("payment_intent")),
        charge=ref(payment.get("charge")),
    )


def invoice(raw: Json) -> Invoice:
    """An invoice; its subscription stands under `parent` since 2025-03-31.basil."""
    transitions = mapping(raw.get("status_transitions"))
    details = mapping(mapping(raw.get("parent")).get("subscription_details"))
    payments = raw.get("payments")
    automatic = raw.get("auto_advance")
    error = raw.get("last_finalization_error")
    return Invoice(
        id=object_id(raw),
        subscription=ref(details.get("subscription")),
        status=text(raw.get("status")) or "",
        created=moment(raw.get("created")) or 0,
        currency=currency(raw),
        attempted=raw.get("attempted") is True,
        next_payment_attempt=moment(raw.get("next_payment_attempt")),
        auto_advance=automatic if isinstance(automatic, bool) else None,
        amount_due=amount(raw.get("amount_due")),
        amount_remaining=amount(raw.get("amount_remaining")),
        collection_method=text(raw.get("collection_method")),
        default_payment_method=ref(raw.get("default_payment_method")),
        default_source=ref(raw.get("default_source")),
        finalization_error=(text(error.get("code")) or "unknown") if isinstance(error, dict) else None,
        finalized_at=moment(transitions.get("finalized_at")),
        paid_at=moment(transitions.get("paid_at")),
        application=ref(raw.get("application")),
        payments=tuple(invoice_payment(row) for row in rows(payments)) if isinstance(payments, dict) else None,
        billing_reason=text(raw.get("billing_reason")),
        amount_paid=amount(raw.get("amount_paid")),
    )


def session(raw: Json) -> Session:
    """A Checkout Session."""
    return Session(
        id=object_id(raw),
        subscription=ref(raw.get("subscription")),
        customer=ref(raw.get("customer")),
        mode=text(raw.get("mode")),
        status=text(raw.get("status")),
        created=moment(raw.get("created")) or 0,
        expires_at=moment(raw.get("expires_at")),
        setup_intent=ref(raw.get("setup_intent")),
        payment_intent=ref(raw.get("payment_intent")),
        payment_link=ref(raw.get("payment_link")),
    )


def event(raw: Json) -> Event:
    """An event, in whatever version its body was written."""
    data = mapping(raw.get("data"))
    body = mapping(data.get("object"))
    return Event(
        id=object_id(raw),
        type=text(raw.get("type")) or "",
        created=moment(raw.get("created")) or 0,
        object_id=text(body.get("id")),
        kind=text(body.get("object")),
        by_request=text(mapping(raw.get("request")).get("id")) is not None,
        body=body,
        previous=mapping(data.get("previous_attributes")),
    )


def log_line(raw: Json) -> LogLine:
    """A line of the client's own log, as sources/logfile stored it."""
    return LogLine(
        id=object_id(raw),
        at=moment(raw.get("at")) or 0,
        place=f"{text(raw.get('file')) or 'log'}:{number(raw.get('line')) or 0}",
        text=text(raw.get("text")) or "",
        failed=raw.get("failed") is True,
        null_secret=raw.get("secret_was_null") is True,
        subscriptions=frozenset(name for name in texts(raw.get("ids")) if name.startswith("sub_")),
    )
