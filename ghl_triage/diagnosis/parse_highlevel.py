"""HighLevel's rows into facts. Its amounts are in major units, its times ISO 8601 text (domain/highlevel.md 3.3)."""

from __future__ import annotations

from decimal import Decimal

from ghl_triage.currencies import to_minor
from ghl_triage.diagnosis.facts_highlevel import ListedSubscription, ListedTransaction, MappedLocation
from ghl_triage.diagnosis.read import Json, decimal, iso_moment, mapping, ref, text


def _email(raw: Json) -> str:
    inner = mapping(raw.get("contactSnapshot")) or mapping(raw.get("contact"))
    found = text(raw.get("contactEmail")) or text(raw.get("email")) or text(inner.get("email")) or ""
    return found.strip().casefold()


def _minor(value: Decimal | None, currency: str) -> int | None:
    return None if value is None else to_minor(value, currency)


def _flag(value: object) -> bool | None:
    """HighLevel's documents write some flags as text."""
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).casefold())


def _connected(raw: Json) -> tuple[str | None, str | None]:
    """HighLevel's id of the connection to the provider, and the Stripe account behind it where the row says so."""
    connected = mapping(mapping(raw.get("paymentProvider")).get("connectedAccount"))
    connection = text(raw.get("paymentProviderConnectedAccount")) or text(connected.get("_id"))
    return connection, text(connected.get("accountId"))


def is_mapped(raw: Json) -> bool:
    """Whether a row is of the SaaS mapping."""
    return "saasMode" in raw or "isSaaSV2" in raw


def listed_subscription(raw: Json) -> ListedSubscription:
    """A row of the Payments list, or of the single record."""
    currency = (text(raw.get("currency")) or "").lower()
    connection, account = _connected(raw)
    return ListedSubscription(
        id=text(raw.get("_id")),
        subscription=text(raw.get("subscriptionId")),
        status=text(raw.get("status")) or text(raw.get("subscriptionStatus")),
        contact=text(raw.get("contactId")),
        email=_email(raw),
        customer=text(raw.get("customerId")) or text(mapping(raw.get("autoPayment")).get("customerId")),
        created=iso_moment(raw.get("createdAt")),
        amount=_minor(decimal(raw.get("amount")), currency),
        currency=currency,
        livemode=_flag(raw.get("liveMode")),
        provider=text(raw.get("paymentProviderType")) or text(mapping(raw.get("paymentProvider")).get("type")),
        connection=connection,
        account=account,
    )


def mapped_location(raw: Json) -> MappedLocation:
    """A row of the SaaS mapping, or a location's own record of it."""
    told = mapping(raw.get("subscriptionInfo"))
    return MappedLocation(
        location=text(raw.get("locationId")) or "",
        customer=text(raw.get("customerId")),
        subscription=text(raw.get("subscriptionId")),
        status=text(raw.get("subscriptionStatus")) or text(told.get("subscriptionStatus")),
        email=_email(raw),
        contact=text(raw.get("contactId")),
    )


def listed_transaction(raw: Json) -> ListedTransaction:
    """A row of the transactions list."""
    currency = (text(raw.get("currency")) or "").lower()
    connection, account = _connected(raw)
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
        livemode=_flag(raw.get("liveMode")),
        connection=connection,
        account=account,
    )
