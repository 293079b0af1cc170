"""The shares of the default world and of the benchmarks' world, counted in the objects, not in the labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import get_args

import pytest

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.world.api import WorldName
from ghl_triage.sandbox.world.build import World, build
from ghl_triage.sandbox.world.plan import make_plan
from tests.sandbox.default_world import NOW, default_world


def first_real_invoices(world: World) -> dict[str, Obj]:
    """By subscription: the first invoice after its trial."""
    found: dict[str, Obj] = {}
    for invoice in world.engine.list("invoice"):  # newest first: the oldest one stays
        if invoice["billing_reason"] == "subscription_cycle":
            found[invoice["parent"]["subscription_details"]["subscription"]] = invoice
    return found


def failed_invoices(engine: Engine) -> set[str]:
    """Invoices for which a charge failed."""
    paid_for = {
        payment["payment"]["payment_intent"]: payment["invoice"]
        for payment in engine.list("invoice_payment")
        if payment["payment"]["type"] == "payment_intent"
    }
    return {paid_for.get(charge["payment_intent"], "") for charge in engine.list("charge") if charge["failure_code"]}


def first_charges(world: World) -> dict[str, Counter[str]]:
    """By path: how many first charges of trials were paid and failed, a missing card and a cancellation included."""
    labels, refused = world.labels(), failed_invoices(world.engine)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    invoices = first_real_invoices(world)
    for subscription in world.engine.list("subscription", {"status": "all"}):
        label = labels[subscription["id"]]
        invoice = invoices.get(subscription["id"])
        if invoice is None:
            if label["cause"] == "canceled_for_nonpayment":
                counts[label["path"]]["failed"] += 1
        elif invoice["id"] in refused or invoice["status"] not in {"paid", "draft"}:
            counts[label["path"]]["failed"] += 1
        elif invoice["status"] == "paid":
            counts[label["path"]]["paid"] += 1
    return counts


@pytest.mark.parametrize(
    ("path", "least", "most"), [("api", 0.21, 0.30), ("checkout", 0.18, 0.26), ("highlevel", 0.01, 0.045)]
)
def test_first_charges_fail_as_often_as_on_the_clients_paths(path: str, least: float, most: float) -> None:
    counts = first_charges(default_world())[path]
    assert least <= counts["failed"] / counts.total() <= most


def test_highlevel_fails_far_less_often_than_the_other_paths() -> None:
    counts = first_charges(default_world())
    rates = {path: each["failed"] / each.total() for path, each in counts.items()}
    assert rates["api"] > rates["checkout"] > 5 * rates["highlevel"]


def test_the_default_world_has_trials_and_several_currencies() -> None:
    subscriptions = list(default_world().engine.list("subscription", {"status": "all"}))
    assert 0.25 < sum(each["status"] == "trialing" for each in subscriptions) / len(subscriptions) < 0.40
    assert {each["currency"] for each in subscriptions} == {"usd", "eur", "gbp", "jpy", "inr"}
    assert NOW - min(each["created"] for each in subscriptions) > 110 * 86_400
    trials = {each["trial_end"] - each["trial_start"] for each in subscriptions if each["trial_end"]}
    assert min(trials) == 30 * 86_400


def test_the_benchmarks_world_is_a_quarter_failing_and_three_tenths_trialing() -> None:
    world = build(1, 200, NOW, "bench")
    statuses = Counter(each["status"] for each in world.engine.list("subscription", {"status": "all"}))
    failing = sum(statuses[status] for status in ("past_due", "unpaid", "incomplete", "paused"))
    assert 0.23 <= failing / 200 <= 0.27
    assert 0.28 <= statuses["trialing"] / 200 <= 0.33


@pytest.mark.parametrize("world", get_args(WorldName))
@pytest.mark.parametrize("wanted", [1, 7, 60, 250, 1_000, 1_201, 100_000])
def test_a_world_has_as_many_subscriptions_as_were_asked_for(wanted: int, world: WorldName) -> None:
    plan = make_plan(3, wanted, world)
    assert plan.subscriptions == wanted
    assert len(plan.variants) <= 1_600
