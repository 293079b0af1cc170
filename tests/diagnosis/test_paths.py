"""How a subscription was sold: the first sign counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghl_triage.diagnosis.cards_wanted import wants_sessions
from ghl_triage.model import Confidence, Path
from tests.diagnosis.build import DAY, NOW, START, World, failing

MARKS = {"altId": "loc_1", "altType": "location"}
WEAK_MARKS = {"locationId": "loc_1", "contactId": "contact_1"}
HIGHLEVEL = "ca_highlevel"


def plain() -> World:
    return failing()


def overridden(world: World) -> World:
    return world.override(Path.API)


def listed(world: World) -> World:
    world.listed("sub_1")
    return world


def applied(world: World, application: str = HIGHLEVEL) -> World:
    world.objects["subscriptions"]["sub_1"]["application"] = application
    return world.cover(highlevel_application=HIGHLEVEL)


def sold_by_session(world: World) -> World:
    world.session()
    return world


def marked(world: World, marks: dict[str, str] | None = None) -> World:
    world.objects["subscriptions"]["sub_1"]["metadata"] = marks or MARKS
    return world


def foreign(world: World) -> World:
    applied(world, "ca_other")
    world.put("applications", {"id": "ca_other", "object": "application", "name": "Kajabi"})
    return world


LADDER: list[tuple[Callable[[World], World], Path, Confidence]] = [
    (overridden, Path.API, Confidence.CERTAIN),
    (listed, Path.HIGHLEVEL, Confidence.CERTAIN),
    (applied, Path.HIGHLEVEL, Confidence.STRONG),
    (sold_by_session, Path.CHECKOUT, Confidence.CERTAIN),
    (marked, Path.HIGHLEVEL, Confidence.STRONG),
]


@pytest.mark.parametrize("step", range(len(LADDER)))
def test_an_earlier_sign_outweighs_all_later_ones(step: int) -> None:
    world = plain()
    for add, _, _ in reversed(LADDER[step:]):
        world = add(world)
    case = world.case()
    assert (case.path, case.path_confidence) == LADDER[step][1:]
    assert case.path_evidence


def test_without_any_sign_it_was_the_api() -> None:
    case = plain().case()
    assert (case.path, case.path_confidence) == (Path.API, Confidence.STRONG)
    assert case.path_evidence == "no Checkout Session, no application, not in HighLevel"
    weak = plain().cover(highlevel_subscriptions_read=False).case()
    assert (weak.path, weak.path_confidence) == (Path.API, Confidence.WEAK)


def test_an_application_that_nobody_knows_is_named() -> None:
    case = foreign(plain()).case()
    assert (case.path, case.path_confidence) == (Path.UNKNOWN, Confidence.WEAK)
    assert "Kajabi" in case.path_evidence


def test_highlevel_is_known_by_name_too() -> None:
    world = applied(plain(), "ca_named").cover(highlevel_application=None)
    world.put("applications", {"id": "ca_named", "object": "application", "name": "LeadConnector"})
    assert (world.case().path, world.case().path_confidence) == (Path.HIGHLEVEL, Confidence.STRONG)


def test_signs_of_payments_and_set_ups_count() -> None:
    world = plain().cover(highlevel_application=HIGHLEVEL)
    world.intent(application=HIGHLEVEL)
    assert world.case().path is Path.HIGHLEVEL
    world = plain().cover(highlevel_application=HIGHLEVEL)
    world.charge(world.intent(), metadata={"transactionId": "tx"})
    assert world.case().path is Path.HIGHLEVEL
    world = plain().cover(highlevel_application=HIGHLEVEL)
    world.session(setup_intent="seti_s")
    world.setup(None, id="seti_s", application=HIGHLEVEL)
    assert world.case().path is Path.HIGHLEVEL
    world = plain().cover(highlevel_application=HIGHLEVEL)
    world.intent(None, application=HIGHLEVEL, created=START)
    assert world.case().path is Path.API


def test_weak_marks_are_not_believed_where_highlevel_shows_itself() -> None:
    world = marked(plain(), WEAK_MARKS)
    assert (world.case().path, world.case().path_confidence) == (Path.HIGHLEVEL, Confidence.WEAK)
    assert world.cover(highlevel_listed_have_application=True).case().path is Path.API


def test_a_subscription_older_than_the_sessions_read_is_looked_up() -> None:
    world = plain().cover(checkout_sessions_since=START - 100)
    case = world.case()
    assert (case.path, wants_sessions(world.records(), case)) == (Path.UNKNOWN, True)
    world.extra["sessions_read_for"] = frozenset({"sub_1"})
    case = world.case()
    assert (case.path, wants_sessions(world.records(), case)) == (Path.API, False)
    young = plain().cover(checkout_sessions_since=START - 2 * DAY)
    assert young.case().path is Path.API


def test_a_row_of_another_subscription_is_no_sign() -> None:
    world = plain()
    world.listed("sub_other")
    world.session("sub_other")
    assert world.case().path is Path.API
    world.listed("sub_1", saasMode="saasV2", locationId="loc_saas", createdAt=NOW)
    case = world.case()
    assert (case.path, case.highlevel.saas_location) == (Path.API, "loc_saas")
