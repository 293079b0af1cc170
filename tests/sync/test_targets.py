"""What an event asks to be read again, in whatever version it comes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.sync.events import OVERLAP, event_windows
from ghl_triage.sync.plan import DAY
from ghl_triage.sync.targets import Seen, Target, targets, targets_from_json, targets_to_json

NEW = {"object": "invoice", "id": "in_1", "parent": {"subscription_details": {"subscription": "sub_1"}}}
OLD = {"object": "invoice", "id": "in_1", "subscription": "sub_1", "payment_intent": "pi_1"}
CASES: list[tuple[dict[str, Any], set[Target]]] = [
    ({"object": "subscription", "id": "sub_1"}, {Target("subscription", "sub_1")}),
    (NEW, {Target("invoice", "in_1"), Target("subscription", "sub_1")}),
    (OLD, {Target("invoice", "in_1"), Target("subscription", "sub_1")}),
    ({**NEW, "id": None}, {Target("subscription", "sub_1")}),
    ({"object": "invoice", "id": "in_1"}, set()),
    ({"object": "invoice_payment", "id": "inpay_1", "invoice": "in_1"}, {Target("invoice", "in_1")}),
    ({"object": "payment_method", "id": "pm_1"}, {Target("payment_method", "pm_1")}),
    ({"object": "card", "id": "card_1", "customer": "cus_1"}, {Target("customer", "cus_1")}),
    ({"object": "radar.early_fraud_warning", "charge": {"id": "ch_1"}}, {Target("charge", "ch_1")}),
    ({"object": "something.new", "id": "x"}, set()),
]


@pytest.mark.parametrize(("obj", "wanted"), CASES)
def test_an_event_names_what_to_read_again(obj: dict[str, Any], wanted: set[Target]) -> None:
    assert targets({"data": {"object": obj}}) == wanted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["object", "id", "data", "invoice", "parent", "customer"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_shape_of_an_event_is_a_crash(value: Any) -> None:
    for obj in ({"object": "invoice", **value} if isinstance(value, dict) else value, value):
        targets({"data": {"object": obj}})
    targets({"data": value})


def test_what_is_expanded_counts_as_read() -> None:
    seen = Seen()
    seen.add(
        [
            {
                "object": "subscription",
                "id": "sub_1",
                "customer": {"object": "customer", "id": "cus_1", "invoice_settings": {"default_payment_method": None}},
                "items": {"object": "list", "data": [{"object": "subscription_item", "id": "si_1"}]},
                "metadata": {"id": "no object"},
            }
        ]
    )
    assert Target("subscription", "sub_1") in seen
    assert Target("customer", "cus_1") in seen
    assert Target("customer", "no object") not in seen


@pytest.mark.parametrize("invoice", ["in_1", {"object": "invoice", "id": "in_1"}])
def test_an_invoice_counts_as_read_when_its_payments_are(invoice: Any) -> None:
    seen = Seen()
    seen.add([{"object": "subscription", "id": "sub_1", "latest_invoice": {"object": "invoice", "id": "in_1"}}])
    assert Target("invoice", "in_1") not in seen
    seen.add([{"object": "invoice_payment", "id": "inpay_1", "invoice": invoice}])
    assert Target("invoice", "in_1") in seen


@given(st.sets(st.builds(Target, st.sampled_from(["invoice", "charge"]), st.text(max_size=5))))
def test_what_is_to_be_read_survives_the_store(wanted: set[Target]) -> None:
    assert targets_from_json(targets_to_json(wanted)) == wanted


@given(cursor=st.integers(10**9, 10**9 + 40 * DAY), away=st.integers(0, 35 * DAY))
def test_windows_leave_no_gap_and_none_is_longer_than_a_day(cursor: int, away: int) -> None:
    windows = list(event_windows(cursor, cursor + away))
    assert windows[0][0] == cursor - OVERLAP
    assert windows[-1][1] is None
    assert all(until == following for (_, until), (following, _) in pairwise(windows))
    assert cursor + away - windows[-1][0] <= DAY + OVERLAP
