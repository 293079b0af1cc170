"""Takes expanded API objects apart: each object a row of its own, references become ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ghl_triage.store.redact import TREATMENTS, drops, looks_secret, scrub_texts, strip

_INLINE = frozenset(
    {"coupon", "discount", "item", "line_item", "list", "plan", "price", "refund", "subscription_item", "tax_id"}
)
"""Objects that Stripe always writes out inside another one: they stay there (an item's price gives the amount)."""

_SNAPSHOT_KEYS = frozenset({"last_payment_error", "last_setup_error", "setup_error", "last_finalization_error"})
"""Errors carry whole objects as they were when it happened: such a copy is stored only where nothing better is."""

_TAKEN_LISTS = frozenset({"payments", "sources", "subscriptions", "charges"})
"""Lists that Stripe returns on request only: their entries become rows, and the list goes."""

MAPPING = "highlevel_saas_location"
"""The kind of a location of HighLevel's SaaS mapping."""

OLD = 0
"""`fetched_at` of a snapshot: anything that was really read is newer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object as the `objects` table holds it; `customer` may still be unknown."""

    id: str
    kind: str
    customer: str | None
    parent: str | None
    subscription: str | None
    invoice: str | None
    payment_intent: str | None
    payment_method: str | None
    email: str | None
    status: str | None
    created: int | None
    fetched_at: int
    deleted: bool
    json: str


class Splitter:
    """Gathers the rows of a batch, by id. What was read wins over a snapshot, the later reading over the earlier."""

    def __init__(self, fetched_at: int) -> None:
        self._fetched_at = fetched_at
        self._found: list[_Part] = []
        self._parts: dict[str, _Part] = {}
        self._events: dict[str, Row] = {}

    def add(self, obj: Mapping[str, Any]) -> None:
        """Take apart one object as an API returned it. Raises `ValueError` where it has no id or no type."""
        if not isinstance(obj.get("id"), str) or not isinstance(obj.get("object"), str):
            raise ValueError("not an API object: no id or no type")
        if obj["object"] == "event":
            self._events[obj["id"]] = event_row(obj, self._fetched_at)
            return
        self._found = []
        whole = self._walk(obj, snapshot=False)
        self._found.append(_Part(whole, self._fetched_at))
        owners = {owner for part in self._found if (owner := _customer_of(part.obj))}
        owner = _customer_of(whole) or (owners.pop() if len(owners) == 1 else None)
        for part in self._found:
            part.owner = owner
            known = self._parts.get(part.obj["id"])
            if known is None or known.fetched_at <= part.fetched_at:
                self._parts[part.obj["id"]] = part

    def rows(self) -> dict[str, Row]:
        """What came together so far, by id."""
        rows = {identity: make_row(part.obj, part.fetched_at, part.owner) for identity, part in self._parts.items()}
        return rows | self._events

    def _walk(self, obj: Mapping[str, Any], *, snapshot: bool) -> dict[str, Any]:
        """One dictionary, cleaned, with the objects inside it put aside and their ids left behind.

        Copies only what changes: most dictionaries of an object stay as they are.
        """
        copy: dict[str, Any] | None = None
        for key, value in obj.items():
            changed = value
            if TREATMENTS[key] and drops(key, value):
                changed = _GONE
            elif isinstance(value, dict):
                if key in _TAKEN_LISTS and value.get("object") == "list":
                    self._list(value.get("data") or [], snapshot)
                    changed = _GONE
                else:
                    changed = self._part(value, snapshot or key in _SNAPSHOT_KEYS)
            elif isinstance(value, list):
                changed = self._list(value, snapshot)
            if changed is not value:
                copy = dict(obj) if copy is None else copy
                if changed is _GONE:
                    del copy[key]
                else:
                    copy[key] = changed
        if copy is None:
            return obj if isinstance(obj, dict) else dict(obj)
        return copy

    def _list(self, values: list[Any], snapshot: bool) -> list[Any]:
        changed = [self._part(value, snapshot) if isinstance(value, dict) else value for value in values]
        return changed if any(new is not old for new, old in zip(changed, values, strict=True)) else values

    def _part(self, value: dict[str, Any], snapshot: bool) -> Any:
        clean = self._walk(value, snapshot=snapshot)
        kind = clean.get("object")
        if kind is not None and kind not in _INLINE and isinstance(clean.get("id"), str):
            self._found.append(_Part(clean, OLD if snapshot else self._fetched_at))
            return clean["id"]
        return clean


_GONE = object()
"""Stands for a key that is left out."""


@dataclass(slots=True)
class _Part:
    """An object that was put aside, with the customer of the one that held it."""

    obj: dict[str, Any]
    fetched_at: int
    owner: str | None = None


def _customer_of(obj: Mapping[str, Any]) -> str | None:
    if obj.get("object") == "customer":
        return str(obj["id"])
    customer = obj.get("customer")
    return customer if isinstance(customer, str) else None


_NO_OWNER = frozenset({"application", "product", "price", "account", "test_helpers.test_clock", "tax_rate"})
"""Objects that are nobody's: never linked to the customer beside whom they were read."""


def make_row(obj: dict[str, Any], fetched_at: int, owner: str | None = None) -> Row:
    """The row of one unexpanded object; `owner` is the customer of the object that held it, where it names none."""
    obj, encoded = _clean(obj)
    kind = obj["object"]
    email = obj.get("email") if kind == "customer" else _payer(obj) if kind == "charge" else None
    subscription, invoice, intent = _links(obj, kind)
    created = obj.get("created")
    return Row(
        id=obj["id"],
        kind=kind,
        customer=_customer_of(obj) or (None if kind in _NO_OWNER else owner),
        parent=_parent(obj, kind, subscription, invoice, intent),
        subscription=subscription,
        invoice=invoice,
        payment_intent=intent,
        payment_method=_text(obj.get("payment_method")),
        email=fold_email(email),
        status=_text(obj.get("status")),
        created=created if isinstance(created, int) else None,
        fetched_at=fetched_at,
        deleted=obj.get("deleted") is True,
        json=encoded,
    )


def _payer(charge: Mapping[str, Any]) -> Any:
    """The e-mail of a guest, who is no customer: by it alone his payment is found beside what somebody owes."""
    if charge.get("customer"):
        return None
    return _inside(charge, "billing_details", "email") or charge.get("receipt_email")


def _clean(obj: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """An object without secrets in its texts, and as JSON: what goes into columns comes from it, too."""
    encoded = orjson.dumps(obj)
    if looks_secret(encoded):
        obj = scrub_texts(obj)
        encoded = orjson.dumps(obj)
    return obj, encoded.decode()


def _links(obj: Mapping[str, Any], kind: str) -> tuple[str | None, str | None, str | None]:
    if kind == "invoice":
        return _text(_inside(obj, "parent", "subscription_details", "subscription")), None, None
    if kind == "invoice_payment":
        return None, _text(obj.get("invoice")), _text(_inside(obj, "payment", "payment_intent"))
    return _text(obj.get("subscription")), _text(obj.get("invoice")), _text(obj.get("payment_intent"))


def _parent(
    obj: Mapping[str, Any], kind: str, subscription: str | None, invoice: str | None, intent: str | None
) -> str | None:
    if kind in {"dispute", "radar.early_fraud_warning", "refund"}:
        return _text(obj.get("charge")) or intent
    if kind == "event":
        # A dispute or a fraud warning names no customer, and may itself never be read: its charge leads to him.
        told = _inside(obj, "data", "object", "object")
        key = "charge" if told in {"dispute", "radar.early_fraud_warning"} else "id"
        return _text(_inside(obj, "data", "object", key))
    return (
        invoice
        or intent
        or _text(obj.get("setup_intent"))
        or subscription
        or (_text(obj.get("payment_method")) if kind in {"mandate", "setup_intent"} else None)
    )


def event_row(event: Mapping[str, Any], fetched_at: int) -> Row:
    """An event's row. What it tells of is an old shape: it stays inside, and is linked to the customer that it names.

    A detached payment method names him in `previous_attributes` alone.
    """
    clean = strip(event)
    data = clean.get("data") if isinstance(clean.get("data"), dict) else {}
    owner = None
    for part in (data.get("object"), data.get("previous_attributes")):
        if isinstance(part, dict) and owner is None:
            customer = part.get("customer")
            if isinstance(customer, dict):
                customer = customer.get("id")
            owner = part.get("id") if part.get("object") == "customer" else customer
    return make_row(clean, fetched_at, _text(owner))


def highlevel_row(kind: str, obj: Mapping[str, Any], fetched_at: int) -> Row:
    """The row of a HighLevel object; `kind` is `highlevel_` and what `Writer.write_highlevel` names.

    A location of the SaaS mapping is nobody's: it may name one customer and the subscription of another.
    """
    clean, encoded = _clean(strip(obj))
    mapped = kind == MAPPING
    identity = _text(clean.get("_id")) or _text(clean.get("id")) or (_text(clean.get("locationId")) if mapped else None)
    if identity is None:
        raise ValueError(f"a {kind} without an id")
    subscription = _text(clean.get("subscriptionId"))
    charge = _text(clean.get("chargeId")) or _text(clean.get("invoiceId"))
    email = clean.get("contactEmail") or clean.get("email") or _inside(clean, "contactSnapshot", "email")
    return Row(
        id=identity,
        kind=kind,
        customer=None,
        parent=None if mapped else subscription or charge,
        subscription=subscription,
        invoice=charge if charge and charge.startswith("in_") else None,
        payment_intent=charge if charge and charge.startswith("pi_") else None,
        payment_method=None,
        email=fold_email(email),
        status=_text(clean.get("status")),
        created=None,
        fetched_at=fetched_at,
        deleted=False,
        json=encoded,
    )


def fold_email(email: Any) -> str | None:
    """An e-mail address as it is compared: case and blanks around it ignored, the empty one is none."""
    if not isinstance(email, str):
        return None
    return email.strip().casefold() or None


def _inside(obj: Mapping[str, Any], *keys: str) -> Any:
    value: Any = obj
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
