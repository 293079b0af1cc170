"""What HighLevel notes down while a story is told: contacts, orders, subscriptions, transactions, locations of SaaS.

These are facts with their times. What HighLevel's API shows of them is made later, beside Stripe's state of that
moment (world/highlevel.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

RecordKind: TypeAlias = Literal["contact", "order", "subscription", "transaction", "saas_location"]


class Ids(Protocol):
    """Where the log gets HighLevel's identifiers."""

    def characters(self, count: int) -> str: ...
    def hexadecimal(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that HighLevel knows. Fields that a kind has no use for are empty.

    `id` is HighLevel's own; `stripe` the Stripe object that a transaction is about; `amount` in minor units. `provider`
    and `connection` say who charges (empty: the seller's own connection to Stripe); `status` is HighLevel's word on a
    subscription that Stripe, as it is here, does not know.
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
    provider: str = "stripe"
    connection: str = ""
    livemode: bool = False
    status: str = "canceled"


@dataclass(frozen=True, slots=True)
class Charger:
    """Who charges a sale that is not charged by the Stripe account and mode of this world."""

    provider: str = "stripe"
    connection: str = ""
    livemode: bool = False


@dataclass(frozen=True, slots=True)
class Sold:
    """What an order form sold, in Stripe's terms; `amount` in minor units."""

    customer: str
    subscription: str
    amount: int
    currency: str


@dataclass(slots=True)
class HighLevelLog:
    """The records of one story, in the order in which they were made."""

    ids: Ids
    location: str
    records: list[Record] = field(default_factory=list)

    def contact(self, now: int, name: str, email: str, phone: str) -> Record:
        """A contact: made by a form, a purchase or an import."""
        record = Record("contact", self.ids.characters(20), now, name=name, email=email, phone=phone)
        self.records.append(record)
        return record

    def marks(self, contact: str) -> dict[str, str]:
        """The metadata that HighLevel writes on what it makes in Stripe."""
        marks = {"altId": self.location, "altType": "location", "contactId": contact}
        return {**marks, "transactionId": self.ids.hexadecimal()}

    def sold(self, now: int, buyer: Record, sale: Sold) -> None:
        """An order form was filled in: an order and a subscription of HighLevel's own."""
        about = replace(buyer, id="", created=now, contact=buyer.id, phone="", **asdict(sale))
        order = replace(about, kind="order", id=self.ids.hexadecimal())
        self.records += [order, replace(about, kind="subscription", id=self.ids.hexadecimal(), order=order.id)]

    def sold_elsewhere(self, now: int, buyer: Record, sale: Sold, charger: Charger) -> None:
        """An order form sold something that this world's Stripe knows nothing of; it is paid for."""
        about = replace(buyer, id=self.ids.hexadecimal(), created=now, contact=buyer.id, phone="", status="active")
        self.records.append(replace(about, kind="subscription", **asdict(sale), **asdict(charger)))

    def charged(self, sale: Record, charge: str, now: int, amount: int) -> None:
        """A charge of something sold here, paid or refused."""
        transaction = self.ids.hexadecimal()
        self.records.append(
            replace(sale, kind="transaction", id=transaction, created=now, stripe=charge, amount=amount)
        )

    def provisioned(
        self, now: int, name: str, email: str, customer: str, subscription: str, status: str = "canceled"
    ) -> None:
        """The customer's own location, mapped to a customer and a subscription in Stripe."""
        location = self.ids.characters(20)
        record = Record("saas_location", location, now, "", name, email, "", customer, subscription, status=status)
        self.records.append(record)

    def sales(self) -> tuple[Record, ...]:
        """The subscriptions that were sold here, and are charged by this world's Stripe."""
        own = [record for record in self.records if record.kind == "subscription" and record.customer]
        return tuple(record for record in own if not record.connection and record.provider == "stripe")
