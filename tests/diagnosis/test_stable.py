"""Every story's verdict stays what it is in any order, beside strangers, asked twice; strange values are read."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghl_triage.diagnosis.case import diagnose
from ghl_triage.diagnosis.texts import sentence
from ghl_triage.diagnosis.timeline import timeline
from ghl_triage.model import Caps, Case, Cause, Coverage, Records, Stage
from ghl_triage.sandbox.world.build import World, build_plan
from ghl_triage.sandbox.world.plan import each_story
from ghl_triage.text import money
from tests import sandbox_records
from tests.diagnosis.build import World as Made
from tests.diagnosis.build import failing, refused
from tests.sandbox.default_world import NOW

SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SPOKEN = frozenset(
    {
        "status", "reason", "type", "code", "decline_code", "advice_code", "failure_code", "network_status", "usage",
        "collection_method", "missing_payment_method", "billing_reason", "mode", "setup_future_usage", "funding",
        "brand", "country", "object", "behavior", "interval", "payment_status", "cancellation_reason",
    }
)  # fmt: skip
"""Fields whose values come from a list that Stripe may lengthen any day."""


@cache
def world() -> World:
    """Every story once."""
    return build_plan(4, each_story(), NOW)


@cache
def known() -> tuple[Coverage, tuple[Records, ...]]:
    """How far it was read, and the records of all its customers."""
    return sandbox_records.coverage(world()), tuple(sandbox_records.records(world()).values())


def verdict(records: Records) -> tuple[Case, ...]:
    return diagnose(records, NOW, coverage=known()[0], caps=Caps())


def sequences(records: Records) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for one in fields(records):
        value = getattr(records, one.name)
        if isinstance(value, tuple):
            yield one.name, value


def shuffled(records: Records, dice: random.Random) -> Records:
    """Each list in another order, and now and then an object that came on two pages."""
    mixed: dict[str, Any] = {}
    for name, values in sequences(records):
        items = [shuffled(item, dice) if isinstance(item, Records) else item for item in values]
        if items and not isinstance(items[0], Records):
            items += dice.sample(items, dice.randrange(len(items)))
        dice.shuffle(items)
        mixed[name] = tuple(items)
    return replace(records, **mixed)


def test_no_verdict_depends_on_the_order_of_objects_nor_on_seeing_one_twice() -> None:
    dice = random.Random(1)  # noqa: S311
    moved = [before for each in known()[1] for before in [verdict(each)] if verdict(shuffled(each, dice)) != before]
    assert moved == []


def test_asking_twice_says_the_same_and_changes_nothing() -> None:
    for each in known()[1]:
        kept = copy.deepcopy(each)
        assert verdict(each) == verdict(each)
        assert each == kept


@SOME
@given(st.data())
def test_the_objects_of_other_customers_change_nothing(data: st.DataObject) -> None:
    _, everybody = known()
    mine, other = data.draw(st.sampled_from(everybody)), data.draw(st.sampled_from(everybody))
    if _same_address(mine, other) or mine.customer["id"] == other.customer["id"]:
        return
    theirs = dict(sequences(other))
    added: dict[str, Any] = {
        name: (*values, *theirs[name])
        for name, values in sequences(mine)
        if name not in {"namesakes", "card_mates", "highlevel_contacts", "applications", "log_lines"}
        and not name.startswith("highlevel_")
    }
    assert verdict(replace(mine, **added)) == verdict(mine)
    assert verdict(replace(mine, namesakes=(*mine.namesakes, other))) == verdict(mine)


def _same_address(one: Records, other: Records) -> bool:
    emails = [each.customer["email"] for each in (one, other)]
    return None in emails or emails[0].casefold() == emails[1].casefold()


@SOME
@given(st.data())
def test_objects_of_a_future_kind_change_nothing(data: st.DataObject) -> None:
    mine = data.draw(st.sampled_from(known()[1]))
    future = {"id": "orb_1", "object": "crystal.orb", "customer": mine.customer["id"], "created": NOW, "status": "lit"}
    nobody = {**future, "id": "orb_2", "customer": None}
    kinds = ("invoice_payments", "charges", "setup_attempts", "mandates", "disputes", "events", "payment_intents")
    added: dict[str, Any] = {name: (*values, future, nobody) for name, values in sequences(mine) if name in kinds}
    assert verdict(replace(mine, **added)) == verdict(mine)


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every place of a JSON value that could hold something else."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        found.append((value, key))
        places(inner, found)
    return found


def all_places(records: Records) -> list[tuple[Any, Any]]:
    found = places(records.customer, [])
    for _, values in sequences(records):
        for value in values:
            found += all_places(value) if isinstance(value, Records) else places(value, [])
    return found


def readable(records: Records) -> None:
    for case in verdict(records):
        judged = case.stage in (Stage.FAILING, Stage.AT_RISK, Stage.LOST)
        assert judged or case.cause is None
        assert not judged or case.cause is not None or case.pending is not None
        assert sentence(case, money=money).why
        timeline(records, case.subscription)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_words_that_stripe_has_yet_to_invent_are_read_as_they_are(data: st.DataObject) -> None:
    records = copy.deepcopy(data.draw(st.sampled_from(known()[1])))
    spoken = [(holder, key) for holder, key in all_places(records) if key in SPOKEN and isinstance(holder[key], str)]
    for holder, key in data.draw(st.lists(st.sampled_from(spoken), min_size=1, max_size=5)):
        holder[key] = "moon_phase"
    readable(records)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_fields_may_be_missing_or_empty(data: st.DataObject) -> None:
    records = copy.deepcopy(data.draw(st.sampled_from(known()[1])))
    named = [(holder, key) for holder, key in all_places(records) if isinstance(holder, dict) and key != "id"]
    for holder, key in data.draw(st.lists(st.sampled_from(named), min_size=1, max_size=8)):
        if data.draw(st.booleans()):
            holder[key] = None
        else:
            holder.pop(key, None)
    readable(records)


def unheard(**changes: Any) -> Made:
    made = failing(latest_invoice="in_1", **changes)
    made.card(default="customer")
    made.setup()
    return made


def stopped(outcome: str) -> Made:
    return refused(None, outcome=outcome, reason="moon_phase")


@pytest.mark.parametrize(
    ("made", "stage", "cause"),
    [
        pytest.param(refused("moon_phase"), Stage.FAILING, Cause.UNKNOWN, id="decline code"),
        pytest.param(refused(None, code="moon_phase"), Stage.FAILING, Cause.UNKNOWN, id="error code"),
        pytest.param(stopped("issuer_declined"), Stage.FAILING, Cause.UNKNOWN, id="outcome's reason"),
        pytest.param(stopped("blocked"), Stage.FAILING, Cause.BLOCKED_BY_STRIPE, id="reason of a block"),
        pytest.param(stopped("moon_phase"), Stage.FAILING, Cause.UNKNOWN, id="outcome's type"),
        pytest.param(refused("lost_card", advice="moon_phase"), Stage.FAILING, Cause.HARD_DECLINE, id="advice"),
        pytest.param(refused("do_not_honor", advice="moon_phase"), Stage.FAILING, Cause.GENERIC_DECLINE, id="advice 2"),
        pytest.param(unheard(status="moon_phase"), Stage.FAILING, Cause.ALREADY_FIXED, id="status"),
        pytest.param(unheard(collection_method="moon_phase"), Stage.FAILING, Cause.ALREADY_FIXED, id="collection"),
        pytest.param(unheard(pause_collection={"behavior": "x"}), Stage.FAILING, Cause.COLLECTION_PAUSED, id="pause"),
    ],
)
def test_where_an_unknown_word_decides_the_cause_is_unknown(made: Made, stage: Stage, cause: Cause) -> None:
    case = made.case()
    assert (case.stage, case.cause, case.pending) == (stage, cause, None)
    assert sentence(case, money=money).why


def test_an_unknown_decline_code_is_shown_as_it_came() -> None:
    case = refused("moon_phase").case()
    assert case.decline_code == "moon_phase"
    assert any(each.value == "moon_phase" for each in case.evidence)
