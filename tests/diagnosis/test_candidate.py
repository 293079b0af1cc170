"""Which card a fix would take, and which link mends a case."""

from __future__ import annotations

from itertools import product

import pytest

from ghl_triage.diagnosis.links import link_kind
from ghl_triage.model import ActionKind, Finding, Level, LinkKind, Stage
from tests.diagnosis.build import DAY, NOW, START, World, failing, refused, trial


def two_cards(*proven: str) -> World:
    world = failing()
    world.card("pm_a", created=START)
    world.card("pm_b", created=START + DAY)
    for name in proven:
        world.setup(name)
    return world


@pytest.mark.parametrize(
    ("proven", "candidate"), [(("pm_a",), "pm_a"), (("pm_b",), "pm_b"), (("pm_a", "pm_b"), "pm_b"), ((), None)]
)
def test_the_newest_proven_card_is_taken_and_none_is_guessed(proven: tuple[str, ...], candidate: str | None) -> None:
    case = two_cards(*proven).case()
    assert case.candidate_payment_method == candidate
    assert (Finding.SEVERAL_CARDS in case.findings) == (candidate is None)
    assert ("one must be chosen" in case.blocked.get(ActionKind.FIX_DEFAULT, "")) == (candidate is None)


def test_the_only_card_needs_no_proof() -> None:
    world = failing()
    world.card()
    assert world.case().candidate_payment_method == "pm_visa"


def test_unusable_cards_are_no_candidates() -> None:
    world = refused("lost_card")
    world.card("pm_expired", exp_year=2024)
    world.card("pm_gone", attached=False)
    world.card("pm_again", fingerprint="fp_pm_visa")
    assert world.case().candidate_payment_method is None
    assert "no other usable card" in world.case().blocked[ActionKind.FIX_DEFAULT]
    world.card("pm_good")
    case = world.case()
    assert case.candidate_payment_method == "pm_good"
    assert case.recommended == (ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT)


def test_a_shadowed_card_is_the_candidate_among_several() -> None:
    world = failing()
    world.card("pm_top", default="sub_1")
    world.card("pm_low", default="customer", created=START + DAY)
    world.card("pm_loose", created=START + 2 * DAY)
    world.declined("pm_top", "lost_card")
    assert world.case().candidate_payment_method == "pm_low"


def test_a_usable_proven_default_needs_no_candidate() -> None:
    world = trial()
    world.card(default="customer")
    world.setup()
    world.card("pm_newer", created=NOW - DAY)
    world.setup("pm_newer")
    case = world.case()
    assert (case.stage, case.candidate_payment_method) == (Stage.HEALTHY, None)


def test_a_proven_card_is_better_than_an_unproven_default() -> None:
    world = trial()
    world.card(default="customer")
    world.card("pm_proven")
    world.setup("pm_proven")
    assert world.case().candidate_payment_method == "pm_proven"


def test_the_views_of_the_cards_say_level_and_proof() -> None:
    world = trial()
    world.card(default="customer")
    world.setup()
    view = world.case().payment_methods[0]
    assert (view.last4, view.default_at, view.off_session_proof, view.attached) == (
        "4242",
        (Level.CUSTOMER,),
        True,
        True,
    )


@pytest.mark.parametrize(("stage", "open_invoice", "level"), product(Stage, (False, True), (None, *Level)))
def test_the_link_follows_stage_invoice_and_level(stage: Stage, open_invoice: bool, level: Level | None) -> None:
    kind = link_kind(stage, open_invoice=open_invoice, level=level)
    if stage is Stage.LOST:
        assert kind is LinkKind.NEW_CHECKOUT
    elif stage is Stage.ENDED:
        assert kind is None
    elif open_invoice:
        assert kind is LinkKind.HOSTED_INVOICE
    elif level in (Level.SUBSCRIPTION, Level.SUBSCRIPTION_SOURCE):
        assert kind is LinkKind.SETUP_CHECKOUT
    else:
        assert kind is LinkKind.PORTAL


def test_links_of_whole_cases() -> None:
    assert failing().case().link is LinkKind.HOSTED_INVOICE
    assert trial().case().link is LinkKind.PORTAL
    world = trial()
    world.card(default="sub_1")
    assert world.case().link is LinkKind.SETUP_CHECKOUT
