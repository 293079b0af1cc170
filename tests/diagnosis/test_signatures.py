"""What tells one seller's sales from another's, and what the consultant's names for it do to the path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.diagnosis.signatures import beginning, first_match, matches
from ghl_triage.model import Confidence, LearnedName, Path, Signature
from tests.diagnosis.build import DAY, PRICE, START, World, failing
from tests.diagnosis.test_paths import HIGHLEVEL, applied, foreign, listed, marked, overridden, plain, sold_by_session

OURS = {"plan": "gold", "order_48213": "x"}


def signature(world: World) -> Signature:
    found = world.case().signature
    assert found is not None
    return found


def own_code(world: World | None = None, **changes: Any) -> World:
    """Sold by the client's own code, which writes metadata and a description."""
    world = world or plain()
    raw = world.objects["subscriptions"]["sub_1"]
    raw.update({"metadata": OURS, "description": "Course trial for Jane", **changes})
    return world


def test_it_is_made_of_application_keys_description_and_price() -> None:
    assert signature(own_code()) == Signature("", ("order_#", "plan"), "Course trial for", PRICE)
    assert signature(applied(plain())).application == HIGHLEVEL
    assert signature(plain()) == Signature(price=PRICE)


def test_what_the_sign_up_left_counts_too() -> None:
    world = own_code()
    world.card(default="sub_1")
    world.setup(metadata={"locationId": "loc"}, application="ca_shop", description="Sign-up")
    assert signature(world) == Signature("ca_shop", ("locationId", "order_#", "plan"), "Course trial for", PRICE)


def test_a_later_charge_does_not_change_it() -> None:
    before = signature(own_code())
    world = own_code()
    world.charge(world.intent(metadata={"altId": "loc"}), metadata={"transactionId": "tx"}, description="Invoice 12")
    assert signature(world) == before


def test_the_first_payment_speaks_where_the_sign_up_was_silent() -> None:
    world = plain()
    intent = world.intent(created=START + 31 * DAY, metadata={"altId": "loc", "altType": "location"})
    world.charge(intent, created=START + 32 * DAY, metadata={"transactionId": "tx"})
    assert signature(world).metadata == ("altId", "altType")


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Custom checkout v2", "Custom checkout v2"),
        ("Order #4711 for a course", "Order"),
        ("Trial 2024-05 spring", "Trial"),
        ("Jane Roe: course", ""),
        ("for jane@acme.test", "for"),
        ("  a   long   line   of   words ", "a long line"),
        ("x" * 40, ""),
        ("Subscription creation", ""),
    ],
)
def test_a_description_ends_where_the_single_sale_begins(description: str, expected: str) -> None:
    assert signature(own_code(description=description)).description == expected


@given(st.text(), st.frozensets(st.text(min_size=2), max_size=3))
def test_a_beginning_is_a_beginning(description: str, own: frozenset[str]) -> None:
    found = beginning(description, own)
    assert " ".join(description.split()).startswith(found)
    assert len(found) <= 32
    assert beginning(found, own) == found


_texts = st.none() | st.sampled_from(["", "a", "b"])
_keys = st.none() | st.sampled_from([(), ("a",), ("a", "b")])
_names = st.builds(
    LearnedName,
    name=st.sampled_from(["one", "two"]),
    path=st.sampled_from(Path),
    application=_texts,
    metadata=_keys,
    description=_texts,
    price=_texts,
)
_signatures = st.builds(
    Signature,
    application=st.sampled_from(["", "a", "b"]),
    metadata=st.sampled_from([(), ("a",), ("a", "b")]),
    description=st.sampled_from(["", "a", "b"]),
    price=st.sampled_from(["", "a", "b"]),
)


@given(st.lists(_names, max_size=5), _signatures)
def test_the_name_that_says_most_wins_and_then_the_first(names: list[LearnedName], shape: Signature) -> None:
    def said(name: LearnedName) -> int:
        return 4 - [name.application, name.metadata, name.description, name.price].count(None)

    found = first_match(names, shape)
    fitting = [name for name in names if matches(name, shape)]
    assert (found is None) == (not fitting)
    if found is not None:
        assert found == next(name for name in fitting if said(name) == max(map(said, fitting)))


def named(world: World, path: Path, **changes: Any) -> World:
    """The consultant named the kind that this world's subscription is of."""
    shape = replace(signature(world), **changes)
    name = LearnedName("custom v2", path, shape.application, shape.metadata, shape.description, shape.price)
    return world.cover(learned=(name,))


def test_a_name_decides_the_path_of_all_of_its_kind() -> None:
    case = named(own_code(), Path.HIGHLEVEL).case()
    assert (case.path, case.path_confidence) == (Path.HIGHLEVEL, Confidence.STRONG)
    assert case.path_evidence.startswith('learned name "custom v2": metadata order_# plan')
    other = named(own_code(), Path.HIGHLEVEL, price="price_other").case()
    assert other.path is Path.API


def test_a_name_may_leave_the_price_open() -> None:
    world = own_code().cover(learned=(LearnedName("any", Path.UNKNOWN, metadata=("order_#", "plan")),))
    assert world.case().path is Path.UNKNOWN


@pytest.mark.parametrize("surer", [overridden, listed, sold_by_session])
def test_surer_signs_outweigh_a_name(surer: Any) -> None:
    world = surer(own_code())
    before = world.case()
    after = named(world, Path.UNKNOWN).case()
    assert (after.path, after.path_confidence, after.path_evidence) == (
        before.path,
        Confidence.CERTAIN,
        before.path_evidence,
    )


def test_highlevels_application_outweighs_a_name_that_names_none() -> None:
    world = applied(plain()).cover(learned=(LearnedName("all of this price", Path.API, price=PRICE),))
    assert world.case().path is Path.HIGHLEVEL


def test_a_name_outweighs_marks_in_metadata_and_a_foreign_application() -> None:
    assert named(marked(plain()), Path.API).case().path is Path.API
    case = named(foreign(plain()), Path.API).case()
    assert (case.path, case.path_confidence) == (Path.API, Confidence.STRONG)
    assert "(Kajabi)" in case.path_evidence


def test_a_name_for_an_application_outweighs_highlevels_and_the_sessions_it_opens() -> None:
    world = sold_by_session(foreign(plain()))
    assert named(world, Path.HIGHLEVEL).case().path is Path.HIGHLEVEL
    assert named(applied(plain()), Path.API).case().path is Path.API


def test_a_name_is_weak_while_a_session_may_come_to_light() -> None:
    world = named(own_code(), Path.HIGHLEVEL).cover(checkout_sessions_since=None)
    case = world.case()
    assert (case.path, case.path_confidence) == (Path.HIGHLEVEL, Confidence.WEAK)
    assert "not read yet" in case.path_evidence
    known = named(foreign(failing()), Path.API).cover(checkout_sessions_since=None)
    assert known.case().path_confidence is Confidence.STRONG, "no session could change it"
