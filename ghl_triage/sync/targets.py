"""Which objects an event asks to be read again; pure.

Events are hints: their own copies of objects may be old in time and in shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ghl_triage.model import Raw

_BY_ID = {
    "charge",
    "checkout.session",
    "customer",
    "dispute",
    "mandate",
    "payment_intent",
    "payment_method",
    "setup_intent",
    "subscription",
}
"""Objects that are read by their own id."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """An object to read again."""

    kind: str
    id: str


def targets(event: Raw) -> set[Target]:
    """What to read again after `event`, of whatever API version; nothing for what we do not know."""
    data = event.get("data")
    obj = data.get("object") if isinstance(data, Mapping) else None
    if not isinstance(obj, Mapping):
        return set()
    kind = obj.get("object")
    if not isinstance(kind, str):
        return set()
    found = [_of_object(kind, obj)]
    if kind == "invoice":
        found.append(_target("subscription", _subscription_of(obj)))
        # An invoice without subscription is no case; its charge tells enough.
        found[0] = found[0] if found[1] else None
    return {target for target in found if target}


def _of_object(kind: str, obj: Raw) -> Target | None:
    if kind in _BY_ID or kind == "invoice":
        return _target(kind, obj.get("id"))
    if kind == "invoice_payment":
        return _target("invoice", obj.get("invoice"))
    if kind in ("card", "source", "bank_account"):
        return _target("customer", obj.get("customer"))
    if kind == "radar.early_fraud_warning":
        return _target("charge", obj.get("charge"))
    return None


def _subscription_of(invoice: Raw) -> Any:
    parent = invoice.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, Mapping) else None
    if isinstance(details, Mapping) and details.get("subscription"):
        return details["subscription"]
    # Shapes before 2025-03-31.
    return invoice.get("subscription")


def _target(kind: str, identity: Any) -> Target | None:
    if isinstance(identity, Mapping):
        identity = identity.get("id")
    return Target(kind, identity) if isinstance(identity, str) and identity else None


class Seen:
    """What was read, with all that was expanded inside it."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._settled: set[str] = set()

    def add(self, objects: Iterable[Raw]) -> None:
        """These objects were read."""
        stack: list[Any] = list(objects)
        while stack:
            value = stack.pop()
            if isinstance(value, Mapping):
                self._note(value)
                stack.extend(value.values())
            elif isinstance(value, list | tuple):
                stack.extend(value)

    def __contains__(self, target: Target) -> bool:
        """Whether this was read. An invoice without its payments was not: they hold what became of each try."""
        return target.id in (self._settled if target.kind == "invoice" else self._ids)

    def _note(self, value: Mapping[str, Any]) -> None:
        if "object" not in value or not isinstance(value.get("id"), str):
            return
        self._ids.add(value["id"])
        if value["object"] == "invoice_payment":
            invoice = _target("invoice", value.get("invoice"))
            self._settled.update([invoice.id] if invoice else [])


def targets_to_json(wanted: Iterable[Target]) -> str:
    """For the store: what is still to be read."""
    return orjson.dumps(sorted((target.kind, target.id) for target in wanted)).decode()


def targets_from_json(text: str | None) -> set[Target]:
    """What `targets_to_json` wrote; nothing where there is none."""
    return {Target(kind, identity) for kind, identity in orjson.loads(text)} if text else set()
