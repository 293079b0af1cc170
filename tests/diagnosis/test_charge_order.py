"""Every combination of the five default levels, each unset, good, expired, detached or just refused."""

from __future__ import annotations

from itertools import product

import pytest

from ghl_triage.model import Cause, Level
from tests.diagnosis.build import FINALIZED, START, World, failing

LEVELS = (
    Level.INVOICE,
    Level.SUBSCRIPTION,
    Level.SUBSCRIPTION_SOURCE,
    Level.CUSTOMER,
    Level.CUSTOMER_SOURCE,
)
UNSET, GOOD, EXPIRED, DETACHED, REFUSED = "unset", "good", "expired", "detached", "refused"
STATES = (UNSET, GOOD, EXPIRED, DETACHED, REFUSED)


def world_of(states: tuple[str, ...]) -> World:
    """Past due, with a card of its own on each level that is set; a lower level's card is the newer one.

    The refused ones were tried one after the other, that of the highest level last.
    """
    world = failing()
    for rank, (level, state) in enumerate(zip(LEVELS, states, strict=True)):
        if state == UNSET:
            continue
        name = f"pm_{level}"
        year = 2024 if state == EXPIRED else 2030
        world.card(name, attached=state != DETACHED, exp_year=year, created=START + 60 * rank)
        _set(world, level, name)
    for rank, (level, state) in reversed(list(enumerate(zip(LEVELS, states, strict=True)))):
        if state == REFUSED:
            world.declined(f"pm_{level}", "insufficient_funds", at=FINALIZED + 600 * (len(LEVELS) - rank))
    return world


def _set(world: World, level: Level, name: str) -> None:
    invoice, sub = world.objects["invoices"]["in_1"], world.objects["subscriptions"]["sub_1"]
    match level:
        case Level.INVOICE:
            invoice["default_payment_method"] = name
        case Level.SUBSCRIPTION:
            sub["default_payment_method"] = name
        case Level.SUBSCRIPTION_SOURCE:
            sub["default_source"] = name
        case Level.CUSTOMER:
            world.customer["invoice_settings"] = {"default_payment_method": name}
        case _:
            world.customer["default_source"] = name


def expected(states: tuple[str, ...]) -> Cause:
    """What design.md section 5 makes of them, said anew."""
    named = [state for state in states if state != UNSET]
    if not named:
        return Cause.NO_PAYMENT_METHOD
    top, lower = named[0], named[1:]
    if top == GOOD:
        return Cause.ALREADY_FIXED
    if top == DETACHED:
        return Cause.PAYMENT_METHOD_DETACHED
    # The one that was refused last is not usable; of the others that were refused, any is.
    refused_below = lower.count(REFUSED) - (0 if top == REFUSED else 1)
    if GOOD in lower or refused_below > 0:
        return Cause.DEFAULT_SHADOWED
    return Cause.SOFT_DECLINE if REFUSED in named else Cause.CARD_EXPIRED


@pytest.mark.parametrize("first", STATES)
def test_the_highest_level_that_is_set_is_charged_and_decides(first: str) -> None:
    for rest in product(STATES, repeat=len(LEVELS) - 1):
        states = (first, *rest)
        case = world_of(states).case()
        named = [level for level, state in zip(LEVELS, states, strict=True) if state != UNSET]
        assert case.effective_level == (named[0] if named else None), states
        assert case.effective_payment_method == (f"pm_{named[0]}" if named else None), states
        assert (case.cause, case.pending) == (expected(states), None), states
