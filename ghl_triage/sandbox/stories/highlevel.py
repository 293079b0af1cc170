"""What HighLevel notes down while a story is told: contacts, orders, subscriptions, transactions, locations of SaaS.

These are facts with their times. What HighLevel's API shows of them is made later, beside Stripe's state of that
moment (world/highlevel.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

RecordKind: TypeAlias = Literal["contact", "order", "subscription", "transaction", "saas_location"]


class Ids(Protocol):
    """Where the log gets HighLevel's identifiers."""

    def characters(self, count: int) -> str: ...
    def hexadecimal(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that HighLevel knows. Fields that a kind has no use for are empty.

    `id` is HighLevel's own; `stripe` the Stripe object that a transaction is about; `amount` in minor units; `source`
    turns the choice of funnel.
    """

    kind: RecordKind
    id: str
    created: int
    contact: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    customer: str = ""
    subscription: str = ""
    order: str = ""
    stripe: str = ""
    amount: int = 0
    currency: str = ""


@dataclass(slots=True)
class HighLevelLog:
    """The records of one story, in the order in which they were made."""

    ids: Ids
    location: str
    records: list[Record] = field(default_factory=list)

    def contact(self, now: int, name: str, email: str, phone: str) -> str:
        """A contact: made by a form, a purchase or an import; returns its id."""
        record = Record("contact", self.ids.characters(20), now, name=name, email=email, phone=phone)
        self.records.append(record)
        return record.id

    def marks(self, contact: str) -> dict[str, str]:
        """The metadata that HighLevel writes on what it makes in Stripe."""
        marks = {"altId": self.location, "altType": "location", "contactId": contact}
        return {**marks, "transactionId": self.ids.hexadecimal()}

    def sold(
        self,
        now: int,
        contact: str,
        customer: str,
        subscription: str,
        amount: int,
        currency: str,
        name: str,
        email: str,
    ) -> None:
        """An order form was filled in: an order and a subscription of HighLevel's own."""
        order = Record(
            "order",
            self.ids.hexadecimal(),
            now,
            contact,
            name,
            email,
            "",
            customer,
            subscription,
            "",
            "",
            amount,
            currency,
        )
        listed = Record(
            "subscription", self.ids.hexadecimal(), now, contact, name, email, "", customer, subscription, order.id, "",
            amount, currency,
        )  # fmt: skip
        self.records += [order, listed]

    def charged(self, charge: str, now: int, sale: Record, amount: int, currency: str) -> None:
        """A charge of something sold here, paid or refused."""
        self.records.append(
            Record(
                "transaction",
                self.ids.hexadecimal(),
                now,
                sale.contact,
                sale.name,
                sale.email,
                "",
                sale.customer,
                sale.subscription,
                sale.order,
                charge,
                amount,
                currency,
            )  # fmt: skip
        )

    def provisioned(self, now: int, name: str, email: str, customer: str, subscription: str) -> None:
        """The customer's own location, mapped to a customer and a subscription in Stripe."""
        record = Record("saas_location", self.ids.characters(20), now, "", name, email, "", customer, subscription)
        self.records.append(record)
