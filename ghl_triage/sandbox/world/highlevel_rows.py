"""Rows of HighLevel's API, field by field: a record of a story and Stripe's objects of the moment make one.

Amounts are in major units, as HighLevel writes them; times are ISO 8601.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.stories.highlevel import Record

Peek: TypeAlias = Callable[[str], Obj | None]
_ZERO_DECIMALS = frozenset({"jpy", "krw", "vnd", "clp"})
STATUSES: Mapping[str, str] = {"incomplete_expired": "failed"}
"""Where HighLevel's word is not Stripe's: domain/highlevel.md 3.5. For past_due see `Account.past_due`."""
OTHER_ACCOUNT = "acct_1KzOtherSellerGhl7"
"""The Stripe account behind every connection but the seller's own."""
_FUNNELS = ("Spring Webinar", "Course Creator 360", "VIP Upsell", "Founders' Offer")


@dataclass(frozen=True, slots=True)
class Account:
    """The seller's side of HighLevel; `stripe_account` is the connected account, `connection` HighLevel's id of it.

    `past_due` is HighLevel's word for what Stripe calls so.
    """

    location: str
    company: str
    application: str
    stripe_account: str
    connection: str
    past_due: str = "incomplete"


Maker: TypeAlias = Callable[[Record, Peek, Account], dict[str, Any]]


def iso(epoch: int) -> str:
    """A moment as HighLevel writes it."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def major(amount: int, currency: str) -> float:
    """An amount in minor units of Stripe's as HighLevel's major units."""
    return amount if currency in _ZERO_DECIMALS else amount / 100


def _base(record: Record, account: Account) -> dict[str, Any]:
    return {
        "_id": record.id,
        "altId": account.location,
        "altType": "location",
        "contactId": record.contact,
        "contactName": record.name,
        "contactEmail": record.email,
        "currency": record.currency.upper(),
        "amount": major(record.amount, record.currency),
        "liveMode": record.livemode,
        "createdAt": iso(record.created),
        "updatedAt": iso(record.created),
    }


def _source(record: Record) -> dict[str, Any]:
    name = _FUNNELS[sum(map(ord, record.id)) % len(_FUNNELS)]
    return {
        "entitySourceType": "funnel",
        "entitySourceSubType": "two_step_order_form",
        "entitySourceName": name,
        "entitySourceId": record.order[:20] or record.id[:20],
        "entitySourceMeta": {"domain": "courses.example", "pageUrl": "/order", "pageId": record.contact},
    }


def _provider(record: Record, account: Account) -> dict[str, Any]:
    connection = record.connection or account.connection
    if record.provider != "stripe":
        return {"type": record.provider, "connectedAccount": {"_id": connection}}
    own = connection == account.connection
    charged_by = account.stripe_account if own else OTHER_ACCOUNT
    return {"type": "stripe", "connectedAccount": {"_id": connection, "accountId": charged_by}}


def subscription(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """A row of Payments > Subscriptions. Its status follows Stripe's, in HighLevel's words."""
    sold = peek(record.subscription)
    status = str(sold["status"]) if sold else record.status
    words = {**STATUSES, "past_due": account.past_due}
    row = _base(record, account) | _source(record)
    row |= {
        "status": words.get(status, status),
        "entityType": "order",
        "entityId": record.order,
        "subscriptionId": record.subscription,
        "paymentProviderType": record.provider,
        "paymentProviderConnectedAccount": record.connection or account.connection,
    }
    if sold and sold["trial_end"]:
        row["trialEndDate"] = iso(int(sold["trial_end"]))
    return row


def whole_subscription(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """What the single record has beyond the row."""
    sold = peek(record.subscription) or {}
    return {
        "subscriptionSnapshot": {name: sold.get(name) for name in ("id", "status", "customer", "application")},
        "paymentProvider": _provider(record, account),
        "autoPayment": {
            "customerId": record.customer,
            "paymentMethodId": sold.get("default_payment_method"),
        },
        "canceledAt": iso(int(sold["canceled_at"])) if sold.get("canceled_at") else None,
    }


def transaction(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """A row of Payments > Transactions; its snapshot holds the client secret, as HighLevel's own does."""
    charge = peek(record.stripe) or {}
    intent = peek(str(charge.get("payment_intent"))) or {}
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    paid = charge.get("status") == "succeeded"
    row = _base(record, account) | _source(record)
    row |= {
        "status": "succeeded" if paid else "failed",
        "entityType": "order",
        "entityId": record.order,
        "subscriptionId": record.subscription,
        "chargeId": intent.get("id", record.stripe),
        "chargeSnapshot": {**intent, "charges": {"object": "list", "data": [charge]}} if intent else dict(charge),
        "paymentProviderType": "stripe",
        "paymentProviderConnectedAccount": account.connection,
        "amountRefunded": major(int(charge.get("amount_refunded", 0)), record.currency),
        "paymentMethod": {"card": {"brand": card.get("brand"), "last4": card.get("last4")}},
        "fulfilledAt": iso(record.created),
    }
    return row


def whole_transaction(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """What the single record has beyond the row."""
    del peek
    return {"paymentProvider": _provider(record, account), "isParent": False}


def order(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """A row of Payments > Orders."""
    del peek
    source = _source(record)
    row = _base(record, account)
    row |= {name.replace("entityS", "s"): value for name, value in source.items()}
    row |= {
        "subtotal": row["amount"],
        "discount": 0,
        "status": "completed",
        "totalProducts": 1,
        "fulfillmentStatus": "unfulfilled",
        "onetimeProducts": 0,
        "recurringProducts": 1,
    }
    return row


def whole_order(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """What the single record has beyond the row: the bridge from the contact to Stripe's customer."""
    del peek, account
    first, _, last = record.name.partition(" ")
    snapshot = {"id": record.contact, "firstName": first, "lastName": last, "email": record.email}
    return {"contactSnapshot": {**snapshot, "stripeCustomerId": record.customer}, "items": []}


def contact(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """A contact as the search returns it."""
    del peek
    first, _, last = record.name.partition(" ")
    return {
        "id": record.id,
        "locationId": account.location,
        "contactName": record.name,
        "firstName": first,
        "lastName": last,
        "email": record.email,
        "phone": record.phone,
        "type": "lead",
        "source": "order form",
        "tags": [],
        "dnd": False,
        "dateAdded": iso(record.created),
        "dateUpdated": iso(record.created),
        "customFields": [],
    }


def whole_contact(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """What a contact read by its id has beyond the search's answer."""
    del peek, account
    return {"emailLowerCase": record.email.lower(), "dndSettings": {}}


MAKERS: Mapping[str, Maker] = {
    "subscription": subscription,
    "transaction": transaction,
    "order": order,
    "contact": contact,
}
WHOLE: Mapping[str, Maker] = {
    "subscription": whole_subscription,
    "transaction": whole_transaction,
    "order": whole_order,
    "contact": whole_contact,
}
