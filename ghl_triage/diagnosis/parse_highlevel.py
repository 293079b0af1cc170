"""HighLevel's rows into facts. Its amounts are in major units, its times ISO 8601 text (domain/highlevel.md 3.3)."""

from __future__ import annotations

from decimal import Decimal

from ghl_triage.currencies import to_minor
from ghl_triage.diagnosis.facts import ListedSubscription, ListedTransaction
from ghl_triage.diagnosis.read import Json, decimal, iso_moment, mapping, ref, text


def _email(raw: Json) -> str:
    inner = mapping(raw.get("contactSnapshot")) or mapping(raw.get("contact"))
    found = text(raw.get("contactEmail")) or text(raw.get("email")) or text(inner.get("email")) or ""
    return found.strip().casefold()


def _minor(value: Decimal | None, currency: str) -> int | None:
    return None if value is None else to_minor(value, currency)


def listed_subscription(raw: Json) -> ListedSubscription:
    """A row of the Payments list, of the single record, or of the SaaS mapping."""
    currency = (text(raw.get("currency")) or "").lower()
    saas = "saasMode" in raw or "isSaaSV2" in raw
    return ListedSubscription(
        id=text(raw.get("_id")),
        subscription=text(raw.get("subscriptionId")),
        status=text(raw.get("status")) or text(raw.get("subscriptionStatus")),
        contact=text(raw.get("contactId")),
        email=_email(raw),
        customer=text(raw.get("customerId")) or text(mapping(raw.get("autoPayment")).get("customerId")),
        saas_location=text(raw.get("locationId")) if saas else None,
        created=iso_moment(raw.get("createdAt")),
        amount=_minor(decimal(raw.get("amount")), currency),
        currency=currency,
    )


def listed_transaction(raw: Json) -> ListedTransaction:
    """A row of the transactions list."""
    currency = (text(raw.get("currency")) or "").lower()
    live = raw.get("liveMode")
    return ListedTransaction(
        id=text(raw.get("_id")),
        charge=text(raw.get("chargeId")),
        subscription=text(raw.get("subscriptionId")),
        customer=ref(mapping(raw.get("chargeSnapshot")).get("customer")),
        status=text(raw.get("status")),
        contact=text(raw.get("contactId")),
        email=_email(raw),
        created=iso_moment(raw.get("createdAt")),
        amount=_minor(decimal(raw.get("amount")), currency),
        refunded=_minor(decimal(raw.get("amountRefunded")), currency) or 0,
        currency=currency,
        livemode=live if isinstance(live, bool) else None,
    )
