"""Names for the objects of a story that both sides share: ids differ, what made an object does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ghl_triage.sandbox.engine.api import Obj, kind_of
from ghl_triage.sandbox.verify.reading import Left

_WORDS = {
    "charge": "charge",
    "customer": "customer",
    "invoice": "invoice",
    "invoice_payment": "payment",
    "payment_intent": "PaymentIntent",
    "payment_method": "card",
    "card": "source",
    "setup_intent": "SetupIntent",
    "subscription": "subscription",
}


def names(left: Left, named: Sequence[str], ids: Mapping[str, str] | None = None) -> dict[str, str]:
    """The name of every object by its id.

    `named` are the sandbox's ids that the story itself came to know, in order; `ids` what this side calls them, where
    this side is not the sandbox.
    """
    found: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for object_id in named:
        word = _WORDS.get(kind_of(object_id) or "", "object")
        if word != "invoice":
            counts[word] += 1
            found[object_id if ids is None else ids.get(object_id, "")] = f"{word} {counts[word]}"
    for object_id, place in _derived(left, found):
        if object_id not in found:
            counts[place] += 1
            found[object_id] = place if counts[place] == 1 else f"{place} ({counts[place]})"
    return found


def _derived(left: Left, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for subscription in left["subscription"]:
        owner = _of(subscription, "customer", found)
        yield subscription["id"], f"subscription of {owner}"
        if subscription["pending_setup_intent"]:
            yield subscription["pending_setup_intent"], f"pending SetupIntent of {_name(subscription['id'], found)}"
    turns: Counter[str] = Counter()
    for invoice in left["invoice"]:
        parent = (invoice["parent"] or {}).get("subscription_details") or {}
        owner = _name(parent.get("subscription"), found)
        turns[owner] += 1
        yield invoice["id"], f"invoice {turns[owner]} of {owner}"
    for payment in left["invoice_payment"]:
        owner = _name(payment["invoice"], found)
        yield payment["id"], f"payment of {owner}"
        if payment["payment"].get("payment_intent"):
            yield payment["payment"]["payment_intent"], f"PaymentIntent of {owner}"
    for kind, owned_by in (
        ("payment_intent", "customer"),
        ("charge", "payment_intent"),
        ("setup_intent", "customer"),
        ("payment_method", "customer"),
    ):
        for obj in left[kind]:
            yield obj["id"], f"{_WORDS[kind]} of {_of(obj, owned_by, found)}"


def _of(obj: Obj, field: str, found: Mapping[str, str]) -> str:
    return _name(obj.get(field), found)


def _name(object_id: str | None, found: Mapping[str, str]) -> str:
    return found.get(object_id or "", "nobody")
