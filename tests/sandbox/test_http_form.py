"""Stripe's form encoding and the table of parameters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.http import form, parameters
from ghl_triage.sandbox.http.endpoints import ENDPOINTS


def test_brackets_nest_and_both_list_forms_are_lists() -> None:
    pairs = [
        ("created[gte]", "5"),
        ("types[]", "a"),
        ("types[]", "b"),
        ("expand[0]", "x"),
        ("expand[1]", "y"),
        ("m", ""),
    ]
    decoded = {"created": {"gte": "5"}, "types": ["a", "b"], "expand": ["x", "y"], "m": ""}
    assert form.decode(pairs) == decoded


def test_lists_of_hashes_keep_their_order() -> None:
    pairs = [("line_items[1][price]", "p2"), ("line_items[0][price]", "p1"), ("line_items[0][quantity]", "1")]
    assert form.decode(pairs) == {"line_items": [{"price": "p1", "quantity": "1"}, {"price": "p2"}]}


names = st.text("abcxyz_", min_size=1, max_size=5)
nested = st.recursive(
    st.text(max_size=5),
    lambda below: st.lists(below, min_size=1, max_size=3) | st.dictionaries(names, below, min_size=1, max_size=3),
    max_leaves=8,
)


def encode(value: Any, at: str) -> list[tuple[str, str]]:
    """The way Stripe's SDK writes nested parameters."""
    if isinstance(value, dict):
        return [pair for name, below in value.items() for pair in encode(below, f"{at}[{name}]" if at else name)]
    if isinstance(value, list):
        return [pair for number, below in enumerate(value) for pair in encode(below, f"{at}[{number}]")]
    return [(at, value)]


@given(st.dictionaries(names, nested, max_size=4))
def test_what_the_sdk_encodes_is_decoded_as_it_was(params: dict[str, Any]) -> None:
    assert form.decode(encode(params, "")) == params


def test_every_endpoint_has_its_table() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS} == set(parameters.table())


@pytest.mark.parametrize(
    ("params", "code", "param", "message"),
    [
        ({"statuss": "open"}, "parameter_unknown", "statuss", "Received unknown parameter: statuss"),
        ({"a": "1", "b": "2"}, "parameter_unknown", "a", "Received unknown parameters: a, b"),
        ({"created": {"ge": "1"}}, "parameter_unknown", "created[ge]", "Received unknown parameter: created[ge]"),
        ({"limit": "ten"}, "parameter_invalid_integer", "limit", "Invalid integer: ten"),
        ({"customer": ""}, "parameter_invalid_empty", "customer", None),
        (
            {"status": "opened"},
            None,
            "status",
            "Invalid status: must be one of draft, open, paid, uncollectible, or void",
        ),
        ({"expand": "customer"}, None, "expand", "Invalid array"),
    ],
)
def test_what_stripe_would_refuse_is_refused(
    params: dict[str, Any], code: str | None, param: str, message: str | None
) -> None:
    with pytest.raises(StripeError) as refused:
        parameters.check("GET /v1/invoices", params)
    assert (refused.value.status, refused.value.code, refused.value.param) == (400, code, param)
    assert message is None or refused.value.message == message


def test_types_are_put_right() -> None:
    asked = {"limit": "5", "created": {"gte": "7"}, "delivery_success": "false", "types": ["invoice.paid"]}
    read = {"limit": 5, "created": {"gte": 7}, "delivery_success": False, "types": ["invoice.paid"]}
    assert parameters.check("GET /v1/events", asked) == read
    assert parameters.check("GET /v1/events", {"created": "7"}) == {"created": 7}


def test_an_empty_text_unsets_in_a_write() -> None:
    params = {"default_payment_method": "", "metadata": {"a": ""}}
    assert parameters.check("POST /v1/subscriptions/{id}", params) == params
