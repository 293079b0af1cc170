"""The people of the world, their identifiers, and the holes that they fill."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.sandbox.world.ids import MarkedIds, Scrambler
from ghl_triage.sandbox.world.people import Person, cell_of_email, person
from ghl_triage.sandbox.world.template import STAND_IN, Filler, Template
from tests.sandbox.default_world import NOW

CELLS = 100_000
numbers = st.integers(0, CELLS - 1)


@given(seed=st.integers(0, 1 << 32), cell=numbers)
def test_an_address_says_whose_it_is_and_can_reach_nobody(seed: int, cell: int) -> None:
    who = person(seed, cell)
    assert cell_of_email(who.email) == cell_of_email(who.email.upper()) == cell
    assert who.email.rsplit(".", 1)[1] in {"test", "example"}
    assert who.email.isascii()
    assert who == person(seed, cell)


def test_names_come_in_many_scripts_and_some_are_hostile() -> None:
    names = [person(1, cell).name for cell in range(1_000)]
    scripts = {unicodedata.name(name[0], "").split(" ")[0] for name in names}
    assert {"LATIN", "CJK", "HANGUL", "ARABIC", "HEBREW", "CYRILLIC", "GREEK", "DEVANAGARI", "THAI"} <= scripts
    text = "".join(names)
    assert "[/] [bold]x" in names
    assert "\x1b[" in text
    assert "\u202e" in text
    assert max(map(len, names)) > 500
    assert {"=", "+", "-"} <= {name[0] for name in names}
    assert len(set(names)) > 500


@given(seed=st.integers(0, 1 << 32), cell=numbers, slot=st.integers(0, 4_095), prefix=st.sampled_from(["cus_", "si_"]))
def test_identifiers_lead_back_to_their_cell(seed: int, cell: int, slot: int, prefix: str) -> None:
    scrambler = Scrambler(seed, CELLS)
    assert scrambler.cell_of(prefix + scrambler.characters(cell, slot, 14)) == cell
    assert scrambler.cell_of("sub_1" + scrambler.characters(cell, slot, 23)) == cell
    assert scrambler.cell_of("cs_test_a1" + scrambler.characters(cell, slot, 56)) == cell
    assert scrambler.cell_of_hexadecimal(scrambler.hexadecimal(cell, slot)) == cell


@given(text=st.text(max_size=40))
def test_no_other_text_leads_to_a_cell_by_accident(text: str) -> None:
    scrambler = Scrambler(1, 1_000)
    assert scrambler.cell_of("cus_" + text) is None
    assert scrambler.cell_of_hexadecimal(text) is None


def marked() -> st.SearchStrategy[str]:
    ids = MarkedIds()
    marks = [ids.make(kind, 0) for kind in ("customer", "charge", "checkout.session")] + [ids.characters(8).upper()]
    return st.sampled_from([*marks, ids.hexadecimal(), STAND_IN.name, STAND_IN.email, STAND_IN.email.upper(), "plain"])


data = st.recursive(
    st.one_of(marked(), st.integers(0, 5_000), st.integers(NOW - 1_000, NOW), st.none(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(marked(), st.sampled_from(["id", "created"])), inner, max_size=4),
        st.tuples(inner, inner),
    ),
    max_leaves=20,
)


def filled(value: Any, filler: Filler) -> Any:
    """The same as a template does, in the plainest way."""
    if isinstance(value, str):
        alone: str = Template([value], NOW).fill(filler)[0]
        return alone
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value + filler.shift if value > 1_000_000 else value
    if isinstance(value, dict):
        return {filled(key, filler): filled(item, filler) for key, item in value.items()}
    return type(value)(filled(item, filler) for item in value)


@given(value=data, cell=st.integers(0, 999), shift=st.integers(-80_000, 0))
def test_a_copy_is_the_story_with_its_holes_filled(value: Any, cell: int, shift: int) -> None:
    filler = Filler(cell, Person("Jane Roe", "jane.1@acme.test", "+1"), shift, Scrambler(1, 1_000))
    template = Template(value, NOW)
    copy = template.fill(filler)
    assert copy == filled(value, filler)
    assert "zz-" not in repr(copy).lower()
    assert "~" not in repr(copy)
    assert template.fill(filler) == copy


def test_what_was_one_object_in_the_story_is_one_object_in_the_copy() -> None:
    shared = {"created": NOW}
    copy = Template({"now": shared, "then": [shared]}, NOW).fill(
        Filler(1, Person("Jane", "j@acme.test", ""), -5, Scrambler(1, 9))
    )
    assert copy["now"] is copy["then"][0]
    assert copy["now"]["created"] == NOW - 5
    assert shared["created"] == NOW
