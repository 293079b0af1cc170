"""Other customers who may be the same person: shown, and without any bearing on the verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ghl_triage.diagnosis.timeline import timeline
from ghl_triage.model import Case, Cause, Finding, Lane, Likeness, Records
from tests.diagnosis.build import DAY, NOW, START, World, failing, refused, trial

EMAIL, CARD = Likeness.EMAIL, Likeness.CARD


def twin(name: str = "cus_twin", **changes: Any) -> World:
    world = World(name, **changes)
    world.card("pm_twin", fingerprint="fp_same", default="customer")
    return world


def with_mates(world: World, *others: World) -> World:
    world.extra["card_mates"] = tuple(other.records() for other in others)
    return world


def plain(case: Case) -> Case:
    return replace(case, duplicates=(), own_customer=None)


def test_alone_there_is_nobody_beside_him() -> None:
    case = failing().case()
    assert (case.duplicates, case.own_customer) == ((), None)


def test_what_is_alike_is_told_the_newest_first() -> None:
    other, both = twin("cus_card", email="work@acme.test"), twin("cus_both")
    both.customer["created"] = START + DAY
    world = with_mates(failing().namesake(both), both, other)
    assert [(each.id, each.alike) for each in world.case().duplicates] == [
        ("cus_both", (EMAIL, CARD)),
        ("cus_card", (CARD,)),
    ]


def test_each_is_told_with_cards_subscriptions_and_maker() -> None:
    other = twin()
    other.customer["metadata"] = {"locationId": "loc", "contactId": "con"}
    other.sub("active", "sub_theirs", items={"data": []})
    other.sub("canceled", "sub_over", items={"data": []})
    other.setup("pm_twin", application="ca_hl")
    other.listed("sub_theirs")
    other.put("applications", {"id": "ca_hl", "object": "application", "name": "HighLevel"})
    world = failing().namesake(other)
    case = world.case()
    (told,) = case.duplicates
    assert [card.id for card in told.cards] == ["pm_twin"]
    assert (told.default, told.cards[0].off_session_proof) == ("pm_twin", True)
    assert [(sub.id, sub.status, sub.highlevel) for sub in told.subscriptions] == [("sub_theirs", "active", True)]
    assert (told.application, told.metadata, told.highlevel) == ("HighLevel", ("contactId", "locationId"), True)
    assert case.own_customer is not None
    assert (case.own_customer.id, case.own_customer.cards, case.own_customer.highlevel) == ("cus_jane", (), False)


@pytest.mark.parametrize("build", [failing, trial, lambda: refused("insufficient_funds")])
def test_a_shared_card_changes_no_verdict(build: Any) -> None:
    """Rows 2 and 18 go by the e-mail address alone: his card and his subscription of the same price are others'."""
    other = twin(email="work@acme.test")
    other.sub("active", "sub_theirs")
    other.charge(created=NOW - 60)
    alone, together = build().case(), with_mates(build(), other).case()
    assert plain(together) == alone
    assert together.duplicates[0].alike == (CARD,)


def test_a_crowd_is_cut_off() -> None:
    world = failing()
    for number in range(15):
        world.namesake(World(f"cus_{number}"))
    assert len(world.case().duplicates) == 10


def test_the_order_in_which_they_came_changes_nothing() -> None:
    one, other = twin("cus_a"), twin("cus_b")
    assert with_mates(failing(), one, other).case() == with_mates(failing(), other, one).case()


# what was observed beside


def undelivered(*subscriptions: str | None) -> World:
    world = failing()
    for name in subscriptions:
        body = {"id": "cs_1", "object": "checkout.session", "customer": "cus_jane", "subscription": name}
        world.event("checkout.session.completed", body, NOW - DAY)
    world.extra["undelivered"] = frozenset(world.objects["events"])
    return world


def test_an_undelivered_event_is_a_finding_with_its_id_and_a_line_of_the_history() -> None:
    world = undelivered("sub_1")
    (name,) = world.objects["events"]
    case = world.case()
    assert [proof.object_id for proof in case.finding_evidence[Finding.WEBHOOK_UNDELIVERED]] == [name]
    (told,) = [row for row in timeline(world.records(), "sub_1") if row.kind == "webhook_undelivered"]
    assert (told.lane, told.object_id, told.ok) == (Lane.API, name, False)
    assert Finding.WEBHOOK_UNDELIVERED not in undelivered("sub_other").case().findings
    assert Finding.WEBHOOK_UNDELIVERED in undelivered(None).case().findings
    assert len(undelivered(*["sub_1"] * 9).case().finding_evidence[Finding.WEBHOOK_UNDELIVERED]) == 3
    delivered = undelivered("sub_1")
    delivered.extra["undelivered"] = frozenset()
    assert Finding.WEBHOOK_UNDELIVERED not in delivered.case().findings


def logged(**changes: Any) -> Records:
    line = {"id": "log_1", "object": "log_line", "file": "app.log", "line": 17, "at": NOW - DAY, "failed": True}
    line |= {"text": "client_secret is null", "secret_was_null": True, "ids": ["sub_1"]}
    return replace(failing().records(), log_lines=({**line, **changes},))


def test_a_logged_null_secret_is_a_finding_with_file_and_line() -> None:
    world = failing()
    world.extra["log_lines"] = logged().log_lines
    case = world.case()
    assert case.cause is Cause.NO_PAYMENT_METHOD
    (proof,) = case.finding_evidence[Finding.CLIENT_SECRET_NULL_LOGGED]
    assert (proof.object_id, proof.field, proof.value, proof.at) == ("app.log:17", "client_secret", "null", NOW - DAY)
    (told,) = [row for row in timeline(world.records(), "sub_1") if row.kind == "log"]
    assert (told.lane, told.ok) == (Lane.API, False)
    assert "app.log:17" in told.summary


@pytest.mark.parametrize(
    "changes", [{"secret_was_null": False}, {"ids": ["sub_other"]}, {"ids": "x", "secret_was_null": 1}]
)
def test_a_line_of_another_subscription_or_another_matter_is_none(changes: dict[str, Any]) -> None:
    world = failing()
    world.extra["log_lines"] = logged(**changes).log_lines
    assert Finding.CLIENT_SECRET_NULL_LOGGED not in world.case().findings
