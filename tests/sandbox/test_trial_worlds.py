"""The worlds with a known answer have it: counted in the objects, not in the labels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import pytest

from ghl_triage.sandbox.world.api import WorldName
from ghl_triage.sandbox.world.build import build
from ghl_triage.sandbox.world.trial_worlds import truth
from tests.sandbox.default_world import NOW

DAY = 86_400
READ = 60 * DAY
"""How far back a sync reads charges and set-ups."""


@dataclass(frozen=True)
class First:
    """A trial of the api path whose first charge was due within what a sync reads."""

    created: int
    set_up: bool
    failed: bool
    codes: frozenset[str]


@cache
def first_charges(name: WorldName) -> tuple[First, ...]:
    """Told by Stripe's objects: a card's set-ups, the charges of its customer."""
    world = build(2, 400, NOW, name)
    engine, labels = world.engine, world.labels()
    proven = {each["payment_method"] for each in engine.list("setup_intent") if each["status"] == "succeeded"}
    refused: dict[str, set[str]] = defaultdict(set)
    paid: set[str] = set()
    for charge in engine.list("charge"):
        if charge["status"] == "failed":
            refused[charge["customer"]].add(charge["outcome"]["reason"] or charge["failure_code"])
        elif charge["amount"] > 100:
            paid.add(charge["customer"])
    found = []
    for sub in engine.list("subscription", {"status": "all"}):
        due = sub["trial_end"] + 3_600 <= NOW
        if labels[sub["id"]]["path"] != "api" or not due or sub["created"] < NOW - READ or sub["ended_at"]:
            continue
        customer = engine.get("customer", sub["customer"])
        card = sub["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
        cards = {card} if card else {each["id"] for each in engine.list("payment_method", {"customer": customer["id"]})}
        failed = bool(refused[customer["id"]]) or customer["id"] not in paid
        found.append(First(sub["created"], bool(cards & proven), failed, frozenset(refused[customer["id"]])))
    return tuple(found)


def rate(trials: list[First]) -> float:
    return sum(each.failed for each in trials) / len(trials)


def halves(name: WorldName) -> tuple[list[First], list[First]]:
    """Those with a set-up, and those without."""
    trials = first_charges(name)
    return [each for each in trials if each.set_up], [each for each in trials if not each.set_up]


def asked(trials: tuple[First, ...]) -> float:
    """The share of `authentication_required` among the failures."""
    failures = [each for each in trials if each.failed]
    return sum("authentication_required" in each.codes for each in failures) / len(failures)


def test_where_the_hypothesis_is_true_cards_without_a_set_up_fail_and_others_hardly() -> None:
    with_set_up, without = halves("hypothesis-true")
    assert rate(without) > 0.4
    assert rate(with_set_up) < 0.15
    assert asked(first_charges("hypothesis-true")) > 0.6
    assert 0.2 < rate(list(first_charges("hypothesis-true"))) < 0.32


def test_where_it_is_false_both_fail_as_often_and_banks_seldom_ask() -> None:
    with_set_up, without = halves("hypothesis-false")
    assert rate(without) == pytest.approx(rate(with_set_up), abs=0.06)
    assert asked(first_charges("hypothesis-false")) < 0.12
    assert 0.2 < rate(list(first_charges("hypothesis-false"))) < 0.32


def test_where_nothing_can_be_told_eight_trials_were_due() -> None:
    assert len(first_charges("undecidable")) == 8


def test_the_deploy_shows_in_the_weeks_of_sign_up() -> None:
    deployed = truth("hypothesis-true", NOW)["deploy_at"]
    before = [each for each in first_charges("hypothesis-true") if each.created < deployed]
    since = [each for each in first_charges("hypothesis-true") if each.created >= deployed]
    assert rate(before) < 0.2
    assert rate(since) > 0.3
    assert sum(each.set_up for each in before) / len(before) > 0.8
    assert sum(each.set_up for each in since) / len(since) < 0.4
    assert truth("hypothesis-false", NOW) == {"hypothesis": False, "deploy_at": None, "deploy_path": None}
