"""The last look before a write: one GET of the object that it changes, and why to leave it alone if it changed."""

from __future__ import annotations

from typing import Protocol

from ghl_triage.actions.draft import stripe_is_near
from ghl_triage.actions.facts import OVER, Subject, own_method, payable
from ghl_triage.diagnosis import parse
from ghl_triage.diagnosis.effective import effective
from ghl_triage.diagnosis.facts import Customer, Invoice, Subscription
from ghl_triage.diagnosis.read import mapping, ref, rows
from ghl_triage.errors import NotPermitted
from ghl_triage.model import PlannedRequest, PlanStep, Raw
from ghl_triage.sources.stripe_ids import object_path

PAY_EXPAND = ("customer", "parent.subscription_details.subscription")
"""With these one GET of an invoice shows all that decides what a payment would charge."""
TRIES_EXPAND = "payments.data.payment.payment_intent"
"""With this it also shows the last charge that was tried."""
UNSEEN = "Stripe did not show all that decides what would be charged"


class Getter(Protocol):
    """Whoever can read one object; `sources.stripe.StripeReader` does."""

    async def get(self, path: str, params: Raw | None = None) -> Raw: ...


async def changed(request: PlannedRequest, step: PlanStep, subject: Subject, reader: Getter, now: int) -> str | None:
    """Why the request must not be sent any more; None where all is as it was planned."""
    parts = request.path.strip("/").split("/")
    if request.method == "DELETE":
        return await _no_duplicate_any_more(subject, reader)
    if parts[-1] == "pay":
        return invoice_changed(await _invoice(parts[2], reader), request, subject, now)
    if parts[1] == "customers":
        return customer_changed(await reader.get(f"/v1/customers/{parts[2]}"), request, subject)
    if parts[1] == "subscriptions":
        raw = await reader.get(f"/v1/subscriptions/{parts[2]}", {"expand": ["customer"]})
        return (
            _resume_changed(raw, request, subject)
            if parts[-1] == "resume"
            else subscription_changed(raw, request, subject)
        )
    if request.params.get("mode") == "subscription":
        return await _sold_meanwhile(step, subject, reader)
    customer = await reader.get(object_path("/v1/customers", subject.case.customer))
    return "the customer was deleted meanwhile" if customer.get("deleted") else None


async def _invoice(invoice: str, reader: Getter) -> Raw:
    """An invoice with its tries, where the key may read PaymentIntents."""
    path = f"/v1/invoices/{invoice}"
    try:
        return await reader.get(path, {"expand": [*PAY_EXPAND, TRIES_EXPAND]})
    except NotPermitted:
        return await reader.get(path, {"expand": list(PAY_EXPAND)})


def intents(invoice: Raw) -> list[Raw]:
    """The PaymentIntents that an invoice was read with."""
    found = [mapping(payment.get("payment")).get("payment_intent") for payment in rows(invoice.get("payments"))]
    return [intent for intent in found if isinstance(intent, dict) and ref(intent)]


def invoice_changed(raw: Raw, request: PlannedRequest, subject: Subject, now: int) -> str | None:
    """Whether a payment would not do what the plan said: this invoice, this amount, this card, nobody in between."""
    invoice = parse.invoice(raw)
    details = mapping(mapping(raw.get("parent")).get("subscription_details"))
    subscription, customer = _expanded_subscription(details), _expanded_customer(raw)
    reason = _state_changed(invoice, subject)
    if reason is not None:
        return reason
    if subscription is None or customer is None:
        return UNSEEN
    return (
        _ended(subscription)
        or _tried(raw, subject)
        or _card_changed(invoice, subscription, customer, request, subject)
        or _stripe_is_near(invoice, now)
    )


def _state_changed(invoice: Invoice, subject: Subject) -> str | None:
    if invoice.status == "paid":
        return "it was paid meanwhile"
    if not payable(invoice):
        return f"the invoice is {invoice.status or 'gone'} now"
    planned = _planned_invoice(subject, invoice.id)
    if planned is None:
        return UNSEEN
    if invoice.amount_remaining != planned.amount_remaining:
        return f"the amount changed from {planned.amount_remaining} to {invoice.amount_remaining} {invoice.currency}"
    return None


def _tried(raw: Raw, subject: Subject) -> str | None:
    """Whether Stripe, or a ghl-triage with a store of its own, tried the invoice since the plan read it."""
    last = {ref(intent.get("latest_charge")) for intent in intents(raw)} - {None}
    return None if last <= subject.facts.charges else "it was tried meanwhile"


def _ended(subscription: Subscription) -> str | None:
    if subscription.status in OVER:
        return f"the subscription is {subscription.status} now"
    return "collection was paused meanwhile" if subscription.collection_paused else None


def _card_changed(
    invoice: Invoice | None, subscription: Subscription, customer: Customer, request: PlannedRequest, subject: Subject
) -> str | None:
    if "payment_method" in request.params:
        return None
    found = effective(invoice, subscription, customer)
    same = (found.id if found else None) == subject.case.effective_payment_method
    return None if same else "the card that would be charged changed meanwhile"


def _stripe_is_near(invoice: Invoice, now: int) -> str | None:
    due = invoice.next_payment_attempt
    return "Stripe itself tries within the hour" if due is not None and stripe_is_near(due, now) else None


def customer_changed(raw: Raw, request: PlannedRequest, subject: Subject) -> str | None:
    """Whether somebody else set another default meanwhile."""
    if raw.get("deleted"):
        return "the customer was deleted meanwhile"
    wanted = mapping(request.params.get("invoice_settings")).get("default_payment_method")
    return _default_changed(parse.customer(raw).default_payment_method, subject.facts.customer_default, wanted)


def subscription_changed(raw: Raw, request: PlannedRequest, subject: Subject) -> str | None:
    """Whether the subscription ended, or got another default, meanwhile."""
    subscription = parse.subscription(raw)
    if subscription.status in OVER:
        return f"the subscription is {subscription.status} now"
    planned = subject.facts.subscription
    wanted = request.params.get("default_payment_method")
    return _default_changed(own_method(subscription), own_method(planned) if planned else None, wanted)


def _default_changed(now: str | None, planned: str | None, wanted: object) -> str | None:
    if now is not None and now == wanted:
        return "it was set meanwhile"
    return None if now == planned else "the default was changed meanwhile"


def _resume_changed(raw: Raw, request: PlannedRequest, subject: Subject) -> str | None:
    subscription, customer, planned = parse.subscription(raw), _expanded_customer(raw), subject.facts.subscription
    if subscription.status != "paused":
        return f"the subscription is {subscription.status} now"
    if customer is None or planned is None:
        return UNSEEN
    if subscription.items != planned.items:
        return "what the subscription bills changed meanwhile"
    return _card_changed(None, subscription, customer, request, subject)


async def _sold_meanwhile(step: PlanStep, subject: Subject, reader: Getter) -> str | None:
    """Whether the customer bought the same again, or can still pay the old invoice: a new checkout would bill twice."""
    params = {"customer": subject.case.customer, "limit": 100, "expand": ["data.latest_invoice"]}
    listed = (await reader.get("/v1/subscriptions", {**params, "status": "all"})).get("data") or []
    planned = subject.facts.subscription
    prices = planned.prices if planned else frozenset()
    for raw in listed:
        subscription = parse.subscription(raw)
        if subscription.id == step.case:
            latest = raw.get("latest_invoice")
            if isinstance(latest, dict) and parse.invoice(latest).is_open:
                return "the old invoice can still be paid"
        elif subscription.is_open and subscription.prices & prices:
            return f"{subscription.id} bills the same price now"
    return None


async def _no_duplicate_any_more(subject: Subject, reader: Getter) -> str | None:
    """Whether the subscription, or the one that stays instead, is not what the plan showed."""
    rivalry, planned = subject.facts.rivalry, subject.facts.subscription
    if rivalry is None or planned is None:
        return "the other subscription of its price is gone"
    own = parse.subscription(await reader.get(object_path("/v1/subscriptions", rivalry.own.subscription)))
    stays = parse.subscription(await reader.get(object_path("/v1/subscriptions", rivalry.stays.subscription)))
    if own.status in OVER:
        return f"the subscription is {own.status} now"
    if own.status != planned.status:
        return f"the subscription is {own.status} now, it was {planned.status}"
    if not stays.is_open or stays.ends_before_charge or not own.prices & stays.prices:
        return f"{stays.id}, which was to stay, is {stays.status} now or bills another price"
    if stays.status != rivalry.stays.status:
        return f"{stays.id}, which stays, is {stays.status} now, it was {rivalry.stays.status}"
    return None


def _planned_invoice(subject: Subject, invoice: str) -> Invoice | None:
    known = (subject.facts.invoice, subject.facts.reviving)
    return next((each for each in known if each is not None and each.id == invoice), None)


def _expanded_customer(raw: Raw) -> Customer | None:
    value = raw.get("customer")
    return parse.customer(value) if isinstance(value, dict) else None


def _expanded_subscription(details: Raw) -> Subscription | None:
    value = details.get("subscription")
    return parse.subscription(value) if isinstance(value, dict) else None
