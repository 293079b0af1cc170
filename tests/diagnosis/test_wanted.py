"""Which look-ups a case asks for."""

from __future__ import annotations

from ghl_triage.diagnosis.cards_wanted import (
    Want,
    customers_to_read,
    wanted,
    wants_cards,
    wants_proof,
    wants_sessions,
)
from ghl_triage.model import ActionKind
from tests.diagnosis.build import NOW, READ, World, failing, refused, trial


def test_cards_are_read_where_they_decide() -> None:
    world = failing().unread()
    assert wants_cards(world.records(), world.case())
    assert customers_to_read(world.records(), world.case()) == ("cus_jane",)
    read = failing()
    assert not wants_cards(read.records(), read.case())
    refusal = refused("insufficient_funds").unread()
    assert not wants_cards(refusal.records(), refusal.case())
    assert customers_to_read(refusal.records(), refusal.case()) == ()


def test_namesakes_are_read_after_the_customer_himself() -> None:
    other = World("cus_twin").unread()
    world = failing().namesake(other)
    assert customers_to_read(world.records(), world.case()) == ("cus_twin",)
    assert customers_to_read(world.unread().records(), world.case()) == ("cus_jane",)


def test_his_address_is_sought_after_his_own_cards_and_before_his_namesakes_cards() -> None:
    world = failing().namesake(World("cus_twin").unread())
    world.extra |= {"namesakes_read": False, "cards_read_at": None}

    def asked() -> tuple[Want, ...]:
        return wanted(world.records(), world.case(), coverage=READ)

    assert asked() == (Want("cards", "cus_jane"),)
    world.extra["cards_read_at"] = NOW
    assert asked() == (Want("namesakes", "jane@acme.test"),)
    assert world.case().pending == "cards not read yet"
    world.extra["namesakes_read"] = True
    assert asked() == (Want("cards", "cus_twin"),)


def test_nobody_is_sought_where_a_known_namesake_decides_or_there_is_no_address() -> None:
    twin = World("cus_twin")
    twin.card("pm_theirs")
    world = failing().namesake(twin)
    world.extra["namesakes_read"] = False
    assert wanted(world.records(), world.case(), coverage=READ) == ()
    nameless = failing()
    nameless.extra["namesakes_read"] = False
    nameless.customer["email"] = ""
    assert nameless.case().cause == "no_payment_method"
    assert wanted(nameless.records(), nameless.case(), coverage=READ) == ()


def test_a_crowd_of_namesakes_is_not_read_whole() -> None:
    world = failing()
    for number in range(9):
        world.namesake(World(f"cus_{number}").unread())
    assert len(customers_to_read(world.records(), world.case())) == 5


def test_proof_is_looked_up_for_the_card_in_question() -> None:
    world = refused("authentication_required")
    world.objects["setup_intents"].clear()
    world.card("pm_visa", created=NOW - 90 * 86_400)
    assert wants_proof(world.records(), world.case(), coverage=READ) == ("pm_visa",)
    world.extra["proof_read_for"] = frozenset({"pm_visa"})
    assert wants_proof(world.records(), world.case(), coverage=READ) == ()


def test_proof_is_looked_up_to_choose_among_several_old_cards() -> None:
    world = failing()
    world.card("pm_old", created=NOW - 90 * 86_400)
    world.card("pm_new")
    assert wants_proof(world.records(), world.case(), coverage=READ) == ("pm_old",)


def test_no_proof_is_looked_up_before_the_lists_were_read() -> None:
    world = refused("authentication_required")
    world.objects["setup_intents"].clear()
    world.card("pm_visa", created=NOW - 90 * 86_400)
    world.cover(charges_since=None)
    assert world.case().pending == "set-ups not read yet"
    assert wants_proof(world.records(), world.case(), coverage=world.coverage) == ()


def test_sessions_are_not_looked_up_for_healthy_ones() -> None:
    world = trial()
    world.card(default="customer")
    world.setup()
    world.cover(checkout_sessions_since=NOW)
    assert not wants_sessions(world.records(), world.case())


def test_a_default_whose_object_was_never_read_is_read() -> None:
    world = failing().unread()
    world.customer["default_source"] = "card_old"
    assert wants_cards(world.records(), world.case())
    world.extra["cards_read_at"] = NOW
    assert not wants_cards(world.records(), world.case())


def test_a_default_that_nobody_has_seen_is_looked_for_and_charged_by_nobody_where_it_is_gone() -> None:
    world = refused("insufficient_funds").unread()
    world.sub(latest_invoice="in_1", default_payment_method="pm_never_seen")
    assert wanted(world.records(), world.case(), coverage=READ) == (Want("cards", "cus_jane"),)
    world.extra["cards_read_at"] = NOW
    case = world.case()
    assert case.cause == "payment_method_detached"
    assert ActionKind.RETRY in case.blocked
    assert wanted(world.records(), case, coverage=READ) == ()
