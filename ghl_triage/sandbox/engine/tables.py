"""Objects of one kind, with the indexes that the list endpoints filter by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.engine.order import SortedKeys

#: Creation time in the upper bits; below it numbers that keep the order within a second.
TIME_SHIFT = 64
SORT_MASK = (1 << TIME_SHIFT) - 1

Attribute: TypeAlias = Callable[[Obj], Any]


def _field(name: str) -> Attribute:
    return lambda obj: obj.get(name)


def _invoice_subscription(invoice: Obj) -> Any:
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def _session_email(session: Obj) -> Any:
    details = session["customer_details"]
    return details["email"] if details else None


def _folded_email(customer: Obj) -> Any:
    """The address as Stripe's search compares it: without regard to case."""
    email = customer.get("email")
    return email.lower() if email else None


def _named(*names: str, **others: Attribute) -> Mapping[str, Attribute]:
    return MappingProxyType({**{name: _field(name) for name in names}, **others})


#: By kind: what lists can be narrowed by, and how it is read from an object.
ATTRIBUTES: Mapping[str, Mapping[str, Attribute]] = {
    "card": _named("customer"),
    "charge": _named("customer", "payment_intent"),
    "checkout.session": _named(
        "customer", "status", "subscription", "payment_intent", "payment_link", email=_session_email
    ),
    "customer": _named("email", folded_email=_folded_email),
    "dispute": _named("charge", "payment_intent"),
    "event": _named("type"),
    "invoice": _named("customer", "status", "collection_method", subscription=_invoice_subscription),
    "invoice_payment": _named("invoice", "status", payment_intent=lambda obj: obj["payment"].get("payment_intent")),
    "payment_intent": _named("customer"),
    "payment_method": _named("customer", "type"),
    "price": _named("product"),
    "radar.early_fraud_warning": _named("charge", "payment_intent"),
    "refund": _named("charge", "payment_intent"),
    "setup_attempt": _named("setup_intent"),
    "setup_intent": _named("customer", "payment_method"),
    "subscription": _named("customer", "status", "collection_method"),
}
_NONE: Mapping[str, Attribute] = MappingProxyType({})


class Table:
    """One kind's objects by sort key, newest last, and an index for each attribute."""

    __slots__ = ("_indexes", "attributes", "everything", "keys", "objects")

    def __init__(self, kind: str) -> None:
        self.objects: dict[int, Obj] = {}
        self.keys: dict[str, int] = {}
        self.everything = SortedKeys()
        self.attributes = ATTRIBUTES.get(kind, _NONE)
        self._indexes: dict[tuple[str, Any], SortedKeys] = {}

    def find(self, object_id: str) -> Obj | None:
        """The object with this id."""
        key = self.keys.get(object_id)
        return None if key is None else self.objects[key]

    def insert(self, key: int, obj: Obj) -> None:
        """Adds a new object at a free sort key."""
        self.objects[key] = obj
        self.keys[obj["id"]] = key
        self.everything.add(key)
        for name, read in self.attributes.items():
            value = read(obj)
            if value is not None:
                self._index(name, value).add(key)

    def replace(self, obj: Obj) -> None:
        """Puts a new version in the place of the old one."""
        key = self.keys[obj["id"]]
        old = self.objects[key]
        self.objects[key] = obj
        for name, read in self.attributes.items():
            before, after = read(old), read(obj)
            if before != after:
                if before is not None:
                    self._index(name, before).discard(key)
                if after is not None:
                    self._index(name, after).add(key)

    def remove(self, object_id: str) -> None:
        """Takes an object out, if it is there."""
        key = self.keys.pop(object_id, None)
        if key is None:
            return
        obj = self.objects.pop(key)
        self.everything.discard(key)
        for name, read in self.attributes.items():
            value = read(obj)
            if value is not None:
                index = self._index(name, value)
                index.discard(key)
                if not index.size:
                    del self._indexes[name, value]

    def having(self, name: str, value: Any) -> SortedKeys:
        """The keys of the objects whose attribute has this value."""
        return self._indexes.get((name, value)) or SortedKeys()

    def _index(self, name: str, value: Any) -> SortedKeys:
        index = self._indexes.get((name, value))
        if index is None:
            index = self._indexes[name, value] = SortedKeys()
        return index
