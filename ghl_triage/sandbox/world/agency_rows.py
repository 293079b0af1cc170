"""What HighLevel's API shows of the agency: customers' own locations, its record, the seller's, the workflows."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.stories.highlevel import Record
from ghl_triage.sandbox.world.highlevel_rows import Account, Peek, iso

_LEFT_OUT = 4
"""One row in so many says nothing of the customer: the documents require the subscription alone."""
_MADE = 1_735_689_600
"""1 January 2025."""
_WORKFLOWS = (
    ("Payment failed: mail and text", "published"),
    ("Trial ends in three days", "published"),
    ("Old reminder, 2024", "draft"),
)


def saas_location(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """A customer's own location, as the list of the mapping has it; now and then it leaves the customer out."""
    whole = whole_saas_location(record, peek, account)
    told = ("locationId", "companyId", "saasMode", "subscriptionId", "customerId", "isSaaSV2")
    row = {name: whole[name] for name in told if name in whole}
    if sum(map(ord, record.id)) % _LEFT_OUT == 0:
        row.pop("customerId", None)
    row |= {"name": record.name, "email": record.email, "providerLocationId": account.location}
    row["subscriptionInfo"] = {
        "priceId": whole.get("priceId"),
        "stripeProductId": whole.get("productId"),
        "subscriptionStatus": whole.get("subscriptionStatus"),
    }
    return row


def whole_saas_location(record: Record, peek: Peek, account: Account) -> dict[str, Any]:
    """A location's own record of its mapping."""
    sold = peek(record.subscription) or {}
    price = sold["items"]["data"][0]["price"] if sold else {}
    found = {
        "locationId": record.id,
        "companyId": account.company,
        "isSaaSV2": True,
        "saasMode": "saasV2",
        "subscriptionId": record.subscription,
        "customerId": record.customer or None,
        "productId": price.get("product"),
        "priceId": price.get("id"),
        "subscriptionStatus": sold.get("status", record.status),
    }
    return {name: value for name, value in found.items() if value is not None}


def company(account: Account, stripe_account: str) -> dict[str, Any]:
    """The agency's record."""
    return {"id": account.company, "name": "Course Creator 360", "plan": 1, "stripeConnectId": stripe_account}


def location(account: Account) -> dict[str, Any]:
    """The record of the location that sells."""
    return {"id": account.location, "companyId": account.company, "name": "Course Creator 360", "timezone": "UTC"}


def workflows(account: Account) -> list[dict[str, Any]]:
    """The workflows of the location that sells: names and states, never what they do."""
    made = {"version": 2, "locationId": account.location, "createdAt": iso(_MADE), "updatedAt": iso(_MADE)}
    return [
        {"id": f"00000000-0000-4000-8000-{number:012x}", "name": name, "status": status, **made}
        for number, (name, status) in enumerate(_WORKFLOWS, start=1)
    ]
