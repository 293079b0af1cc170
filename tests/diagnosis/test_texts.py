"""Verdicts in words."""

from __future__ import annotations

import pytest

from ghl_triage.diagnosis import texts
from ghl_triage.diagnosis.labels import (
    ACTION_LABELS,
    ACTOR_LABELS,
    CAUSE_TITLES,
    FINDING_TITLES,
    LEVEL_LABELS,
    LINK_LABELS,
    PATH_LABELS,
)
from ghl_triage.diagnosis.reasons import MENDS, WHY
from ghl_triage.model import ActionKind, Actor, Cause, Finding, Level, LinkKind, Path
from ghl_triage.text import money
from tests.diagnosis.build import NOW, World, failing, refused, trial


def said(world: World) -> texts.Sentence:
    return texts.sentence(world.case(), money=money)


def test_every_slug_has_its_words() -> None:
    assert set(CAUSE_TITLES) == set(WHY) == set(MENDS) == set(Cause)
    assert set(FINDING_TITLES) == set(Finding)
    assert set(ACTOR_LABELS) == set(Actor)
    assert set(ACTION_LABELS) == set(ActionKind)
    assert set(LEVEL_LABELS) == set(Level)
    assert set(LINK_LABELS) == set(LinkKind)
    assert set(PATH_LABELS) == set(Path)


@pytest.mark.parametrize("cause", list(Cause))
def test_texts_are_whole_sentences(cause: Cause) -> None:
    assert CAUSE_TITLES[cause][0].isupper()
    assert WHY[cause].endswith(".")
    assert MENDS[cause].endswith(".")


def test_the_sentence_of_the_detail_pane() -> None:
    world = failing()
    world.card()
    world.setup()
    found = said(world)
    assert found.why == "A card is on file but is not the default, so Stripe had nothing to charge."
    assert found.who == "You"
    assert found.next_step.startswith(
        "D makes Visa 4242 (exp 08/28, set up off-session) the default, then R retries $97.00."
    )


def test_the_code_is_explained() -> None:
    assert "Code insufficient_funds: not enough money or credit." in said(refused("insufficient_funds")).why
    assert "does not know" in said(refused("moon_phase")).why


def test_the_customer_gets_the_right_page() -> None:
    assert said(failing()).next_step == "L gives the invoice's payment page."
    assert said(trial()).next_step == "L gives the card page of the customer portal."
    world = trial()
    world.card(default="sub_1")
    assert "a set-up Checkout, and the default is set once it is done" in said(world).next_step
    assert said(world).who == "The customer; for good, the developer"


def test_nobody_has_a_key_to_press() -> None:
    found = said(refused("insufficient_funds"))
    assert (found.who, found.next_step) == ("Nobody", "Wait for Stripe's next attempt, or retry at another hour.")


def test_a_refusal_is_said_beside_the_step() -> None:
    world = refused("do_not_honor")
    world.objects["invoices"]["in_1"]["next_payment_attempt"] = NOW + 60
    assert "R is refused now: Stripe tries by itself within the hour" in said(world).next_step


def test_no_cause_is_said_plainly() -> None:
    assert said(failing().unread()).why == "The verdict is still to come: cards not read yet."
    world = World()
    world.sub("active")
    assert said(world).why == "Nothing is wrong."
    world = failing(status="incomplete_expired")
    world.sub("active", "sub_2")
    assert "another" not in said(world).why
    assert "open subscription of the same price" in said(world).why


def test_a_scheduled_end_comes_first() -> None:
    world = refused("insufficient_funds")
    world.objects["subscriptions"]["sub_1"]["cancel_at_period_end"] = True
    assert said(world).next_step.startswith("It is set to be canceled")
