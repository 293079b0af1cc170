"""The account, its products and prices, and the Connect platforms that act in its name."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine.api import Obj, Params
from ghl_triage.sandbox.engine.ids import ACCOUNT_ID
from ghl_triage.sandbox.engine.params import flag, group, integer, merged_metadata, required, taken, text
from ghl_triage.sandbox.engine.shapes import catalogue, pages
from ghl_triage.sandbox.engine.state import State


def open_account(state: State, name: str) -> None:
    """The account with its one portal configuration."""
    opened = state.now - 3 * 365 * 86_400
    state.add(catalogue.account(ACCOUNT_ID, opened, name))
    state.add(pages.portal_configuration(state.make_id("billing_portal.configuration"), opened))


def create_application(state: State, params: Params) -> Obj:
    """A Connect platform such as HighLevel."""
    application_id = text(params, "id") or state.ids.other("ca_", 32)
    return state.add(catalogue.application(application_id, required(params, "name")))


def create_product(state: State, params: Params) -> Obj:
    """A product."""
    fields = {"metadata": merged_metadata(None, params), **taken(params, ("description", "url"))}
    product_id = text(params, "id") or state.make_id("product")
    return state.add(
        catalogue.product(product_id, state.now, required(params, "name"), **fields), event="product.created"
    )


def create_price(state: State, params: Params) -> Obj:
    """A price, of an existing product or of one made with it (`product_data[name]`)."""
    product_id = text(params, "product")
    if product_id is None:
        product_id = create_product(state, group(params, "product_data"))["id"]
    state.get("product", product_id, "product")
    fields: dict[str, Any] = {"metadata": merged_metadata(None, params), **taken(params, ("nickname", "lookup_key"))}
    interval = group(params, "recurring")
    if interval:
        every = catalogue.recurring(required(interval, "interval"), integer(interval, "interval_count") or 1)
        fields |= {"recurring": every, "type": "recurring"}
    return state.add(
        catalogue.price(
            state.make_id("price"),
            state.now,
            product_id,
            integer(params, "unit_amount") or 0,
            required(params, "currency").lower(),
            **{**fields, "active": flag(params, "active", default=True)},
        ),
        event="price.created",
    )


def update_product(state: State, product_id: str, params: Params) -> Obj:
    """Archives a product, or renames it."""
    return _update(state, "product", product_id, params, ("name", "description"))


def update_price(state: State, price_id: str, params: Params) -> Obj:
    """Archives a price: no new subscription can have it."""
    return _update(state, "price", price_id, params, ("nickname",))


def _update(state: State, kind: str, object_id: str, params: Params, texts: tuple[str, ...]) -> Obj:
    found = state.get(kind, object_id)
    changes: dict[str, Any] = dict(taken(params, texts))
    if "active" in params:
        changes["active"] = flag(params, "active")
    if "metadata" in params:
        changes["metadata"] = merged_metadata(found["metadata"], params)
    return state.change(found, f"{kind}.updated", **changes)
