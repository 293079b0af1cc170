"""Which paths may be expanded. What they give is tested over HTTP."""

from __future__ import annotations

import pytest

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.http import expand
from ghl_triage.sandbox.http.included import Included

BULK_SUBSCRIPTIONS = [
    "data.customer.invoice_settings.default_payment_method",
    "data.default_payment_method",
    "data.latest_invoice.payments",
    "data.pending_setup_intent.latest_attempt",
    "data.application",
    "data.customer.sources",
    "data.default_source",
    "data.items.data.price",
]
BULK_PAYMENTS = [
    "data.invoice",
    "data.payment.payment_intent.latest_charge",
    "data.payment.payment_intent.payment_method",
]


def test_the_bulk_plan_is_allowed() -> None:
    tree = expand.plan(BULK_SUBSCRIPTIONS, "subscription", listed=True)
    assert tree["customer"] == {"invoice_settings": {"default_payment_method": {}}, "sources": {}}
    assert expand.plan(BULK_PAYMENTS, "invoice_payment", listed=True)["payment"]["payment_intent"].keys() == {
        "latest_charge",
        "payment_method",
    }


def test_a_fifth_level_is_refused_with_stripes_code() -> None:
    path = "data.latest_invoice.payments.data.payment.payment_intent"
    with pytest.raises(StripeError) as refused:
        expand.plan([path], "subscription", listed=True)
    assert refused.value.code == "property_expansion_max_depth"
    assert "You cannot expand more than 4 levels of a property" in refused.value.message


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("data.status", True),
        ("data.latest_invoice.payment_intent", True),
        ("data.invoice_settings", True),
        ("data.customer.cards", True),
        ("customer", True),
        ("data.customer", False),
        ("", False),
    ],
)
def test_what_is_not_expandable_is_refused_by_name(path: str, listed: bool) -> None:
    with pytest.raises(StripeError, match="This property cannot be expanded") as refused:
        expand.plan([path], "subscription", listed=listed)
    assert path in refused.value.message


def test_inline_lists_end_after_ten_entries() -> None:
    engine = Engine("cut", 1_795_392_000)
    customer = engine.create_customer({})["id"]
    product = engine.create_product({"name": "P"})["id"]
    monthly = {"product": product, "currency": "usd", "recurring": {"interval": "month"}}
    prices = [engine.create_price({**monthly, "unit_amount": amount})["id"] for amount in range(100, 112)]
    params = {"customer": customer, "items": [{"price": price} for price in prices], "trial_period_days": 5}
    made = engine.create_subscription(params)
    renderer = expand.Renderer(engine, Included(engine).field)
    items = renderer.render(made, {})["items"]
    assert (len(items["data"]), items["has_more"], items["url"]) == (10, True, made["items"]["url"])
    expanded = renderer.render(engine.get("customer", customer), {"subscriptions": {}})["subscriptions"]
    assert (len(expanded["data"]), expanded["has_more"]) == (1, False)
    event = next(engine.list("event", {"type": "customer.subscription.created"}))
    assert len(renderer.render(event, {})["data"]["object"]["items"]["data"]) == 10
