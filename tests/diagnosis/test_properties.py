"""What holds for every verdict, whatever the objects are."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghl_triage.diagnosis.case import diagnose
from ghl_triage.diagnosis.texts import sentence
from ghl_triage.diagnosis.timeline import timeline
from ghl_triage.model import Caps, Case, Coverage, Records, Stage
from ghl_triage.text import money
from tests.diagnosis.build import DAY, FINALIZED, NOW, READ, START, World, failing, refused, trial

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rich() -> World:
    """A customer with two subscriptions and something of everything."""
    world = failing(status="past_due")
    world.card("pm_a", default="sub_1")
    world.card("pm_b", default="customer", created=START + DAY, fingerprint="fp_pm_a")
    world.card("pm_c", attached=False)
    world.setup("pm_a")
    world.setup("pm_b", "requires_action")
    world.declined("pm_a", "insufficient_funds", at=FINALIZED + 60)
    world.declined("pm_a", "lost_card", at=FINALIZED + 60)
    world.declined("pm_b", "do_not_honor", at=FINALIZED + DAY)
    world.invoice("in_2", created=FINALIZED, attempted=False)
    world.intent("in_2", status="requires_action", payment_method="pm_b")
    world.sub("trialing", "sub_2", items={"data": []})
    world.session("sub_2")
    world.listed("sub_2")
    world.transaction("ch_elsewhere")
    world.charge(created=NOW - DAY)
    world.dispute(world.charge(created=START)["id"], "won")
    world.event("customer.updated", world.customer, NOW - DAY, {"invoice_settings": {"default_payment_method": "pm_c"}})
    world.event("customer.updated", world.customer, NOW - DAY, {"default_source": "card_x"})
    other = World("cus_twin")
    other.sub("active", "sub_twin", items={"data": []})
    other.card("pm_twin")
    return world.namesake(other).cover(charges_since=START)


WORLDS: dict[str, Callable[[], World]] = {
    "rich": rich,
    "soft": lambda: refused("insufficient_funds"),
    "auth": lambda: refused("authentication_required"),
    "none": failing,
    "trial": trial,
}


def verdict(records: Records, coverage: Coverage = READ) -> tuple[Case, ...]:
    return diagnose(records, NOW, coverage=coverage, caps=Caps())


def shuffled(records: Records, seed: int) -> Records:
    dice = random.Random(seed)  # noqa: S311
    mixed: dict[str, Any] = {}
    for one in fields(records):
        value = getattr(records, one.name)
        if isinstance(value, tuple):
            items = [shuffled(item, seed) if isinstance(item, Records) else item for item in value]
            dice.shuffle(items)
            mixed[one.name] = tuple(items)
    return replace(records, **mixed)


@pytest.mark.parametrize("name", WORLDS)
@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_objects_changes_nothing(name: str, seed: int) -> None:
    records = WORLDS[name]().records()
    mixed = shuffled(records, seed)
    assert verdict(mixed) == verdict(records)
    assert timeline(mixed, "sub_1") == timeline(records, "sub_1")


def stranger() -> Records:
    """All of another customer, with another address."""
    world = refused("lost_card")
    other = World("cus_stranger", "stranger@else.test")
    other.count = 500
    other.sub("active", "sub_s", latest_invoice="in_s")
    other.invoice("in_s", "sub_s")
    other.card("pm_s", default="customer", fingerprint="fp_s")
    other.declined("pm_s", "fraudulent", invoice_id="in_s")
    other.setup("pm_s", "requires_action")
    other.dispute(other.charge(created=NOW - DAY)["id"])
    other.session("sub_s")
    other.listed("sub_s")
    other.transaction("ch_s")
    other.event("customer.updated", other.customer, NOW - DAY, {"default_source": "card_s"})
    del world
    return other.records()


@pytest.mark.parametrize("name", WORLDS)
def test_objects_of_a_stranger_change_nothing(name: str) -> None:
    records, other = WORLDS[name]().records(), stranger()
    added: dict[str, Any] = {
        one.name: (*getattr(records, one.name), *getattr(other, one.name))
        for one in fields(Records)
        if isinstance(getattr(other, one.name), tuple)
    }
    assert verdict(replace(records, **added)) == verdict(records)
    for kind, together in added.items():
        alone: dict[str, Any] = {kind: together}
        assert verdict(replace(records, **alone)) == verdict(records)
    assert verdict(replace(records, namesakes=(*records.namesakes, other))) == verdict(records)


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["cus_jane", "sub_1", "in_1", "pm_a", "past_due", "open", "succeeded", 10**40, -1, "card_declined"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "object", "data", "customer", "type"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def leaves(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every place of a JSON value that can be replaced."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, inner in pairs:
        found.append((value, key))
        leaves(inner, found)
    return found


def shapes(world: World) -> list[tuple[Any, Any]]:
    """Every place of a world's objects, its customer's too."""
    return leaves([world.customer, *(raw for by_id in world.objects.values() for raw in by_id.values())], [])


@pytest.mark.parametrize("wrong", [[], {}], ids=["list", "object"])
def test_a_value_of_another_shape_never_crashes_wherever_it_stands(wrong: Any) -> None:
    world = rich()
    for holder, key in shapes(world):
        was, holder[key] = holder[key], wrong
        for case in verdict(world.records()):
            assert sentence(case, money=money).why
            timeline(world.records(), case.subscription)
        holder[key] = was


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_strange_values_never_crash(data: st.DataObject) -> None:
    world = rich()
    places = shapes(world)
    for _ in range(data.draw(st.integers(1, 8))):
        holder, key = data.draw(st.sampled_from(places))
        holder[key] = data.draw(JUNK)
    for case in verdict(world.records()):
        assert sentence(case, money=money).why
        timeline(world.records(), case.subscription)


@QUICK
@given(st.data())
def test_sequences_of_junk_never_crash(data: st.DataObject) -> None:
    kinds = [
        one.name
        for one in fields(Records)
        if one.default == () and one.name not in ("namesakes", "card_mates", "own_attempts")
    ]
    junk: dict[str, Any] = {kind: data.draw(st.lists(JUNK, max_size=3)) for kind in kinds}
    for case in verdict(Records(customer=data.draw(JUNK), **junk)):
        assert sentence(case, money=money).why


@pytest.mark.parametrize("name", WORLDS)
def test_failing_at_risk_and_lost_have_one_cause_or_await_it(name: str) -> None:
    for case in verdict(WORLDS[name]().records()):
        judged = case.stage in (Stage.FAILING, Stage.AT_RISK, Stage.LOST)
        assert judged == (case.cause is not None or case.pending is not None)


@pytest.mark.parametrize("name", WORLDS)
def test_verdicts_survive_a_store_that_read_nothing_yet(name: str) -> None:
    records = replace(WORLDS[name]().records(), cards_read_at=None)
    for case in verdict(records, Coverage()):
        assert case.stage is not Stage.LOST
