"""Customers and their legacy cards."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import cards, payment_methods
from ghl_triage.sandbox.engine.api import Obj, Params, StripeError
from ghl_triage.sandbox.engine.params import group, merged_metadata, required, taken, text
from ghl_triage.sandbox.engine.shapes import customer as shapes
from ghl_triage.sandbox.engine.state import State, missing

_TEXTS = ("email", "name", "phone", "description")


def get(state: State, customer_id: str, param: str = "customer") -> Obj:
    """A customer that is not deleted."""
    found = state.find("customer", customer_id)
    if found is None:
        raise missing("customer", customer_id, param)
    return found


def create(state: State, params: Params) -> Obj:
    """A customer, with a first card when `payment_method` or `source` names one."""
    fields: dict[str, Any] = {**taken(params, _TEXTS), "metadata": merged_metadata(None, params)}
    if group(params, "address"):
        fields["address"] = _address(params)
    customer = state.add(
        shapes.customer(state.make_id("customer"), state.now, state.ids.characters(8).upper(), **fields),
        event="customer.created",
    )
    method_id = text(params, "payment_method")
    if method_id is not None:
        method = payment_methods.attach(state, method_id, {"customer": customer["id"]})
        if text(group(params, "invoice_settings"), "default_payment_method") == method_id:
            params = {**params, "invoice_settings": {"default_payment_method": method["id"]}}
    if text(params, "source"):
        create_source(state, customer["id"], params)
    if group(params, "invoice_settings"):
        return update(state, customer["id"], {"invoice_settings": params["invoice_settings"]})
    return get(state, customer["id"])


def _address(params: Params) -> Obj:
    given = group(params, "address")
    return {**shapes.NO_ADDRESS, **{name: text(given, name) for name in shapes.NO_ADDRESS if name in given}}


def update(state: State, customer_id: str, params: Params) -> Obj:
    """Changes contact data, defaults and metadata."""
    customer = get(state, customer_id, "id")
    changes: dict[str, Any] = dict(taken(params, _TEXTS))
    if "metadata" in params:
        changes["metadata"] = merged_metadata(customer["metadata"], params)
    if "address" in params:
        changes["address"] = _address(params) if group(params, "address") else None
    settings = group(params, "invoice_settings")
    if "default_payment_method" in settings:
        method_id = text(settings, "default_payment_method")
        if method_id is not None:
            payment_methods.owned(state, method_id, customer_id, "invoice_settings[default_payment_method]")
        changes["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": method_id}
    if "default_source" in params:
        source = text(params, "default_source")
        if source is not None and state.get("card", source, "default_source")["customer"] != customer_id:
            raise missing("source", source, "default_source")
        changes["default_source"] = source
    if text(params, "source"):
        changes["default_source"] = create_source(state, customer_id, params)["id"]
    return state.change(get(state, customer_id), "customer.updated", **changes)


def delete(state: State, customer_id: str) -> Obj:
    """Removes the customer's record; his cards are detached. Subscriptions end before this is called."""
    customer = get(state, customer_id, "id")
    methods = state.table("payment_method")
    for key in list(methods.having("customer", customer_id).ascending(-1, 1 << 128)):
        payment_methods.detach(state, methods.objects[key]["id"])
    state.emit("customer.deleted", customer)
    state.table("customer").remove(customer_id)
    stub = state.private.deleted[customer_id] = shapes.deleted_customer(customer_id)
    return stub


def create_source(state: State, customer_id: str, params: Params) -> Obj:
    """A legacy card; the first becomes the default source."""
    customer = get(state, customer_id)
    fingerprint = cards.plastic(state, {"token": required(params, "source")})
    spec = state.private.banks[fingerprint]
    if spec.attach is not None:
        raise payment_methods.declined(spec.attach)
    card = state.add(
        shapes.legacy_card(state.make_id("card"), customer_id, fingerprint, spec), event="customer.source.created"
    )
    state.private.plastics[card["id"]] = fingerprint
    state.private.saved[card["id"]] = state.now
    if customer["default_source"] is None:
        state.change(customer, "customer.updated", default_source=card["id"])
    return card


def delete_source(state: State, customer_id: str, source: str) -> Obj:
    """Deletes a legacy card; the default moves to another one."""
    card = state.get("card", source, "source")
    if card["customer"] != customer_id:
        raise missing("source", source, "source")
    sources = state.table("card")
    sources.remove(source)
    state.emit("customer.source.deleted", card)
    customer = get(state, customer_id)
    if customer["default_source"] == source:
        left = next(iter(sources.having("customer", customer_id).descending(1 << 128, 0)), None)
        heir = None if left is None else sources.objects[left]["id"]
        state.change(customer, "customer.updated", default_source=heir)
    return {"id": source, "object": "card", "deleted": True}


def with_currency(state: State, customer: Obj, currency: str) -> Obj:
    """The customer once billed in this currency, which is his from then on."""
    if customer["currency"] is None:
        return state.change(customer, currency=currency)
    if customer["currency"] != currency:
        raise StripeError(
            "You cannot combine currencies on a single customer. This customer has an active"
            f" subscription, or has had one, in {customer['currency']}."
        )
    return customer
