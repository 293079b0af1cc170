"""Text from outside on its way out: display text, cells of a spreadsheet, JSON; and on its way in: JSON, ids."""

from __future__ import annotations

import json
import re
import unicodedata

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ghl_triage import text
from ghl_triage.clock import FixedClock
from ghl_triage.errors import NotFound
from ghl_triage.output import csv_text, to_json
from ghl_triage.sources.json_text import loads
from ghl_triage.sources.logfile import parse
from ghl_triage.sources.stripe import stripe_reader
from ghl_triage.sources.stripe_ids import is_plain, object_path
from ghl_triage.sync.addresses import askable
from tests.hostile import CORPUS, LONG, cells_of, formulas, unsafe

ODD = st.sampled_from(
    "\x00\x07\t\n\r\x1b\x7f\x85\x9b\xad\u0301\u034f\u17b4\u0489\u061c\u0903\u093e\u115f\u1160\u1161\u180e\u200b\u200d\u200e\u202e"
    "\u2028\u2066\u20e3\u2800\u3000\u3164\ufe0e\ufe0f\ufeff\uffa0\uff1d\ufdfa漢👍🏽👩🇩🇪\U000e0041\U000f0000\ud83d\udc00"
    "a1=+-@|%;,\"' [/]"
)
ANY = st.one_of(
    st.text(st.one_of(ODD, st.characters()), max_size=120),
    st.text(st.characters(categories=("Cs", "Cc", "Cf", "Mn", "Mc", "Me", "Zs", "Co")), max_size=60),
    st.sampled_from(CORPUS),
)
"""Text of every kind, the odd kinds far more often than they occur."""


@given(ANY)
def test_display_text_is_one_line_of_what_can_be_seen_and_stays_so(value: str) -> None:
    shown = text.clean(value)
    assert unsafe(shown) == []
    assert "\n" not in shown
    assert text.clean(shown) == shown
    assert shown == shown.strip()
    assert not unicodedata.category(shown[:1] or "a").startswith("M"), "a mark stands on nothing of its own"
    shown.encode()


@given(ANY, st.integers(min_value=0, max_value=60), st.booleans())
def test_display_text_takes_the_cells_that_it_is_given(value: str, cells: int, right: bool) -> None:
    shown = text.clean(value)
    assert cell_len(text.clip(shown, cells)) <= cells
    assert text.cells_of(text.fit(shown, cells, right=right)) == cells
    assert sum(map(cell_len, shown)) == cell_len(shown), "one by one its characters are as wide as together"
    if cells > 2:
        assert all(cell_len(line) <= cells for line in text.wrap(shown, cells))


def test_wide_letters_and_marks_do_not_make_up_for_each_other() -> None:
    assert text.wrap("漢漢e\u0301\u0301", 4) == ["漢漢", "e\u0301\u0301"]


def test_what_terminals_draw_in_different_widths_is_drawn_plainly() -> None:
    assert text.clean("👍🏽 ❤️ 1️⃣ 👨\u200d👩") == "👍 ❤ 1⃣ 👨👩"


@given(ANY)
def test_the_last_door_keeps_the_layout_and_lets_nothing_through_that_acts(value: str) -> None:
    shown = text.printable(value)
    assert unsafe(shown) == []
    assert len(shown) == len(value)


@settings(max_examples=50)
@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5))
def test_a_spreadsheet_finds_its_columns_and_no_formula(rows: list[tuple[str, str]]) -> None:
    written = csv_text(("one", "two"), rows)
    assert {len(row) for row in cells_of(written)} == {2}
    assert list(formulas(written)) == []
    assert unsafe(written) == []


@given(ANY)
def test_ordinary_text_and_numbers_are_cells_as_they_are(value: str) -> None:
    assert text.csv_cell(-5) == "-5"
    assert text.csv_cell(-0.5) == "-0.5"
    assert text.csv_cell("o'brien@acme.test") == "o'brien@acme.test"
    shown = text.harmless(value)
    assert re.sub("'", "", text.csv_cell(value)) == re.sub("'", "", shown)


@settings(max_examples=50)
@given(st.dictionaries(ANY.filter(lambda value: value.isprintable()), ANY))
def test_json_gives_back_the_very_text_and_shows_a_terminal_nothing_that_acts(document: dict[str, str]) -> None:
    whole = {key: value.encode(errors="replace").decode() for key, value in document.items()}
    written = to_json(whole)
    assert unsafe(written) == []
    assert json.loads(written) == whole


def test_a_long_name_is_never_measured_beyond_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0

    def counted(value: str) -> int:
        nonlocal measured
        measured += len(value)
        return cell_len(value)

    names = [LONG, "漢" * 10_000, "e\u0301" * 10_000, "x" * 10_000]
    shown = [text.clean(name) for name in names]
    monkeypatch.setattr(text, "cell_len", counted)
    for name in shown:
        assert text.cells_of(text.fit(name, 32)) == 32
    assert measured < 4 * 32 * len(names) * 2
    measured = 0
    for name in names:
        text.clean(f"{name}!")
        text.clean(f"{name}!")
    assert measured <= 2_000 * len(names), "what is cut off is not looked at, and what was looked at is kept"


# On the way in


def test_a_broken_character_costs_that_character_alone() -> None:
    assert loads(rb'{"name": "half \ud83d", "tail": "\udc00x", "whole": "\ud83d\ude00"}') == {
        "name": "half \ufffd",
        "tail": "\ufffdx",
        "whole": "😀",
    }
    assert loads(b'{"a\xff": "b\xc3"}') == {"a\ufffd": "b\ufffd"}
    assert loads(b'[123456789012345678901234567890, "\xff"]') == [1.2345678901234568e29, "\ufffd"]


@pytest.mark.parametrize("broken", [b'{"a": "\xff"', b'[NaN, "\xff"]', rb'["\ud800', b"[" * 5_000 + b"\xff", b"\xff"])
def test_what_is_no_json_stays_none(broken: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        loads(broken)


@settings(max_examples=30)
@given(st.recursive(ANY | st.none() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner)))
def test_any_json_is_read_and_can_be_stored(document: object) -> None:
    orjson.dumps(loads(json.dumps(document).encode()))


def test_a_log_line_with_a_broken_character_still_names_its_customer() -> None:
    line = parse(1, b'{"ts": 1795392000, "message": "caf\xe9 cus_ABCDEFGH12345678 cut \\ud83d", "level": "error"}')
    assert line.ids == ("cus_ABCDEFGH12345678",)
    assert unsafe(line.text) == []


@pytest.mark.parametrize(
    "odd", ["../../customers/cus_2", "cus_1?expand=x", "cus_1#x", "a b", "%2e%2e", "\u202e", "half \ud83d", "a/../b"]
)
@pytest.mark.anyio
async def test_an_id_from_outside_leads_to_no_other_object(odd: str) -> None:
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path)
        return httpx.Response(404, json={"error": {"message": "No such customer"}})

    reader = stripe_reader("rk_test_x", "http://127.0.0.1:1", clock=FixedClock(1), handler=httpx.MockTransport(answer))
    with pytest.raises(NotFound):
        await reader.get(object_path("/v1/customers", odd))
    (path,) = asked
    assert re.fullmatch(rb"/v1/customers/[A-Za-z0-9_.%~-]+", path)
    assert not is_plain(odd)


@pytest.mark.parametrize("nothing", ["", ".", "..", "..."])
def test_what_can_be_no_id_is_not_asked_for(nothing: str) -> None:
    with pytest.raises(NotFound):
        object_path("/v1/customers", nothing)


def test_no_api_is_asked_for_an_address_that_nobody_can_have() -> None:
    assert askable("o'brien+trial@acme.test")
    assert askable("山田@例え.test")
    assert not any(askable(item) for item in CORPUS if "@" not in item or not item.isprintable())
    assert not askable(f"{'x' * 600}@acme.test")


@pytest.mark.parametrize("plain", ["cus_NffrFeUfNV2Hib", "in_1-a", "user@acme.test", "cs_test_a1B2"])
def test_ordinary_ids_stand_in_a_path_as_they_are(plain: str) -> None:
    assert is_plain(plain)
    assert object_path("/v1/invoices", plain, "pay").startswith("/v1/invoices/")
