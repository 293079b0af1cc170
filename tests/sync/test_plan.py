"""The bulk plan keeps to what Stripe takes."""

from __future__ import annotations

import pytest

from ghl_triage.sync.objects import EXPAND, SINGLE
from ghl_triage.sync.plan import EVENT_LISTS, HISTORY_TYPES, full_lists, status_lists
from ghl_triage.sync.targets import targets

NOW, DAY = 1_795_392_000, 86_400
LISTS = full_lists(NOW)


def test_no_expansion_has_more_than_four_levels() -> None:
    paths = [path for spec in LISTS for path in spec.expand]
    paths += [f"data.{path}" for expand in EXPAND.values() for path in expand]
    assert paths
    assert max(len(path.split(".")) for path in paths) == 4


@pytest.mark.parametrize("types", [*EVENT_LISTS, HISTORY_TYPES])
def test_no_list_of_types_is_longer_than_stripe_takes(types: tuple[str, ...]) -> None:
    assert len(types) <= 20
    assert len(set(types)) == len(types)


def test_the_history_names_nothing_that_a_tick_would_not() -> None:
    assert set(HISTORY_TYPES) <= {name for types in EVENT_LISTS for name in types}


def test_parts_have_names_of_their_own() -> None:
    names = [spec.part for spec in LISTS]
    assert len(set(names)) == len(names)


def test_what_fails_or_may_fail_is_read_whatever_its_age() -> None:
    ageless = {spec.params["status"] for spec in status_lists(0) if spec.since is None and "status" in spec.params}
    assert {"past_due", "unpaid", "incomplete", "paused", "trialing", "open"} <= ageless


def test_active_subscriptions_are_read_whatever_their_age_with_their_customers() -> None:
    (active,) = (spec for spec in LISTS if spec.part == "active")
    assert (active.since, active.expand) == (None, ("data.customer",))


def test_every_default_that_stripe_would_charge_comes_with_the_failing_and_the_trialing() -> None:
    for spec in LISTS:
        if spec.shows:
            assert {"data.default_source", "data.customer.default_source", "data.default_payment_method"} <= {
                *spec.expand
            }


@pytest.mark.parametrize(("days", "short", "long"), [(60, 60, 120), (120, 120, 180), (365, 365, 425)])
def test_the_history_that_is_set_is_read(days: int, short: int, long: int) -> None:
    since = {spec.part: (NOW - spec.since) // DAY for spec in full_lists(NOW, days) if spec.since is not None}
    assert {since[part] for part in ("charges", "set-ups", "canceled payments")} == {short}
    parts = ("checkouts", "customers", "canceled", "expired", "paid payments", "disputes", "fraud warnings")
    assert {since[part] for part in parts} == {long}
    assert since["events"] == 30


def test_every_kind_that_an_event_may_name_can_be_read() -> None:
    for kind in ("charge", "checkout.session", "customer", "dispute", "invoice", "mandate", "payment_intent"):
        obj = {"object": kind, "id": "x", "subscription": "sub_1"}
        assert {target.kind for target in targets({"data": {"object": obj}})} <= set(SINGLE)
