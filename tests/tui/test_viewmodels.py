"""What the screens say, as pure functions: fits its cells whatever the names, and means what it should."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.model import (
    ActionKind,
    CaseRow,
    Cause,
    Lane,
    PartState,
    Path,
    Stage,
    SyncPart,
    SyncProgress,
    TimelineEvent,
)
from ghl_triage.text import cells_of, clean, fit, wrap
from ghl_triage.tui.keys import ACT_KEYS, GROUPS, all_keys, row_letters
from ghl_triage.tui.spans import Span, Tone, clip_line, line, plain, spread, width_of
from ghl_triage.tui.viewmodels import rows
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.filter_text import has_value, is_view, toggled, tokens, with_view
from ghl_triage.tui.viewmodels.header import HeaderState, header_line
from ghl_triage.tui.viewmodels.help import help_lines
from ghl_triage.tui.viewmodels.hints import triage_hints
from ghl_triage.tui.viewmodels.key_bar import Marked, key_bar
from ghl_triage.tui.viewmodels.notice import notice_lines
from ghl_triage.tui.viewmodels.rows import MARKS, NARROW, WIDE, cells, fitted, key_cells
from ghl_triage.tui.viewmodels.timeline import timeline_lines
from tests.tui.world import HOSTILE, NOW

KEYS = key_cells(row_letters({}))
DISPLAY = Display(NOW)
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Mn", "Me", "Zl", "Zp", "Cn", "Co"]), max_size=60)


@dataclass(frozen=True)
class Sums:
    count: int
    amounts: dict[str, int]


@dataclass(frozen=True)
class Totals:
    count: int
    by_stage: dict[Stage, Sums] = field(default_factory=dict)


QUEUE = Totals(
    414, {Stage.FAILING: Sums(318, {"usd": 3_148_200, "jpy": 40_000}), Stage.AT_RISK: Sums(96, {"usd": 931_200})}
)


def row(**changes: object) -> CaseRow:
    values: dict[str, object] = {
        "row": 1, "subscription": "sub_1", "email": "kim@lake.test", "name": "Kim", "path": Path.API,
        "status": "past_due", "stage": Stage.FAILING, "cause": Cause.CARD_NOT_DEFAULT, "pending": None,
        "amount_at_risk": 19_700, "currency": "usd", "next_retry_at": None, "trial_end": None,
        "failed_at": NOW - 3 * 86_400, "created": NOW - 40 * 86_400,
    }  # fmt: skip
    return CaseRow(**(values | changes))  # type: ignore[arg-type]


@given(names, st.integers(60, 200), st.booleans(), st.booleans())
def test_the_header_fills_its_line_and_always_says_the_mode(account: str, width: int, live: bool, many: bool) -> None:
    state = HeaderState(account, live, QUEUE if many else None, SyncProgress("tick", synced_at=NOW - 5, finished=True))
    text = plain(header_line(state, DISPLAY, width))
    assert cells_of(text) == width
    assert ("LIVE" if live else "TEST") in text
    assert "synced 5 s ago" in text


def test_the_header_of_the_design() -> None:
    state = HeaderState(
        "Course Creator 360",
        False,
        QUEUE,
        SyncProgress("tick", synced_at=NOW - 12, finished=True),
        main_currency="usd",
    )
    text = plain(header_line(state, DISPLAY, 120))
    assert "failing 318  $31,482.00 ¥40,000   at risk 96  $9,312.00" in text


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (None, "connecting…"),
        (SyncProgress("full", (SyncPart("charges", PartState.RUNNING),), objects=1840), "loading charges  1,840"),
        (SyncProgress("tick", synced_at=NOW - 300, finished=True), "synced 5m ago"),
        (
            SyncProgress("tick", (SyncPart("charges", PartState.FAILED, retry_at=NOW + 20),)),
            "charges failed, again in 20 s",
        ),
        (SyncProgress("tick", finished=True, error="The key was revoked."), "The key was revoked."),
        (SyncProgress("tick", synced_at=NOW, finished=True, missing=("HighLevel: no token",)), "no HighLevel"),
    ],
)
def test_the_state_of_the_sync_is_told_in_plain_words(progress: SyncProgress | None, words: str) -> None:
    assert words in plain(header_line(HeaderState("", False, None, progress, started=True), DISPLAY, 100))


@given(names, names, st.sampled_from([WIDE, NARROW]), st.integers(60, 160))
def test_columns_stay_in_line_whatever_the_names(email: str, name: str, columns: object, width: int) -> None:

    assert columns in (WIDE, NARROW)
    chosen = WIDE if columns is WIDE else NARROW
    made = cells(row(email=email, name=name), DISPLAY, KEYS)
    for column, room in zip(chosen, fitted(chosen, width), strict=True):
        assert cells_of(fit(made[column.key].text, room, right=column.right)) == room


def test_a_case_as_cells() -> None:
    made = cells(row(possible=(ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT)), DISPLAY, KEYS)
    assert {key: span.text for key, span in made.items()} == {
        "customer": "kim@lake.test", "path": "api", "path2": "AP", "status": "past_due", "cause": "card not default",
        "keys": "·LD", "amount": "$197.00", "next": "–", "age": "3d",
    }  # fmt: skip
    trial = cells(row(stage=Stage.AT_RISK, trial_end=NOW + 5 * 86_400 + 9, failed_at=None), DISPLAY, KEYS)
    assert trial["next"].text == "5d"
    assert trial["age"].text == "40d"
    assert cells(row(cause=None, pending="cards not read yet"), DISPLAY, KEYS)["cause"].text == "cards not read yet"
    assert cells(row(status="brand_new_status"), DISPLAY, KEYS)["status"].text == "brand_new_status"
    assert "\x1b" not in cells(row(email="", name=HOSTILE), DISPLAY, KEYS)["customer"].text


@pytest.mark.parametrize(
    ("possible", "shown"),
    [
        ((), "···"),
        ((ActionKind.RETRY,), "R··"),
        ((ActionKind.RETRY, ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT), "RLD"),
        ((ActionKind.RESUME_SUBSCRIPTION,), "P··"),
        ((ActionKind.RESEND_LINK, ActionKind.CANCEL_DUPLICATE), "XL·"),
        (None, ""),
    ],
)
def test_a_row_shows_the_keys_that_act_and_dots_for_those_refused(
    possible: tuple[ActionKind, ...] | None, shown: str
) -> None:
    assert cells(row(possible=possible), DISPLAY, KEYS)["keys"].text == shown


def test_a_row_shows_the_keys_as_the_user_has_bound_them() -> None:
    bound = key_cells(row_letters({"act.retry": "T", "act.fix_default": "f5"}))
    assert bound((ActionKind.RETRY, ActionKind.FIX_DEFAULT)).text == "T·D"


def test_where_nothing_may_be_changed_no_key_is_offered() -> None:
    for narrow in (True, False):
        assert "keys" in {column.key for column in rows.columns(narrow=narrow, read_only=False)}
        assert "keys" not in {column.key for column in rows.columns(narrow=narrow, read_only=True)}


@pytest.mark.parametrize(
    ("width", "customer", "status", "cause"),
    [(99, 23, 10, 24), (108, 32, 10, 24), (115, 32, 17, 24), (135, 48, 18, 27)],
)
def test_addresses_get_room_first_and_causes_never_more_than_they_need(
    width: int, customer: int, status: int, cause: int
) -> None:
    rooms = dict(zip((column.key for column in WIDE), fitted(WIDE, width), strict=True))
    assert (rooms["customer"], rooms["status"], rooms["cause"]) == (customer, status, cause)
    assert MARKS + sum(rooms.values()) + sum(column.gap for column in WIDE) == width


@given(st.text(max_size=200), st.integers(2, 60))
def test_wrapped_text_fits_and_loses_no_word(value: str, width: int) -> None:

    value = clean(value)
    rows = wrap(value, width)
    assert all(cell_len(each) <= width for each in rows)
    assert "".join("".join(rows).split()) == "".join(value.split())


@given(st.lists(st.tuples(names, st.sampled_from(list(Tone))), max_size=6), st.integers(1, 60))
def test_clipped_and_spread_lines_keep_to_their_cells(parts: list[tuple[str, Tone]], width: int) -> None:
    spans = tuple(Span(text, tone) for text, tone in parts)
    assert width_of(clip_line(spans, width)) <= width
    assert width_of(spread(spans, line("end"), width + 4)) == width + 4


def test_lanes_stand_under_each_other_and_are_readable_without_colour() -> None:
    events = [TimelineEvent(NOW + place, lane, "kind", lane.value, "obj_1") for place, lane in enumerate(Lane)]
    texts = [plain(each) for each in timeline_lines(events, DISPLAY, 80)]
    assert [text[14:18] for text in texts] == ["H···", "·C··", "··A·", "···B"]
    failed = TimelineEvent(NOW, Lane.BILLING, "charge", "declined " * 12, "ch_1", 9700, "usd", ok=False)
    first, *rest = [plain(each) for each in timeline_lines([failed], DISPLAY, 60)]
    assert "✗ declined" in first
    assert rest
    assert all(text.startswith(" " * 20) and cell_len(text) <= 60 for text in rest)
    assert "$97.00" in rest[-1]


@given(st.text(max_size=40), st.sampled_from(["api", "card_expired", "a b"]))
def test_choosing_a_facet_twice_takes_it_off_again(text: str, value: str) -> None:
    base = " ".join(word for word in tokens(text) if not word.startswith("path:"))
    once = toggled(base, "path", value)
    assert tokens(once)[-1].startswith("path:")
    assert toggled(once, "path", value) == " ".join(tokens(base))


def test_views_and_facets_as_filter_text() -> None:
    assert toggled("path:api kim", "path", "checkout") == "kim path:checkout"
    assert toggled('-path:api "x y"', "path", "api") == '-path:api "x y" path:api'
    assert has_value("kim path:api", "path", "api")
    assert with_view("kim", "stage:lost") == "stage:lost"
    assert with_view("stage:lost", "stage:lost") == ""
    assert is_view("stage:at_risk kim trial-ends:<7d", "stage:at_risk trial-ends:<7d")
    assert not is_view("stage:at_risk", "stage:at_risk trial-ends:<7d")


@given(st.integers(60, 160), st.integers(0, 500), st.integers(0, 50))
def test_the_key_bar_keeps_the_important_keys_to_the_last(width: int, count: int, hidden: int) -> None:
    hints = triage_hints(ACTIONS, {}, {})
    marked = Marked(count, hidden, {"usd": 123_456} if count else {})
    text = plain(key_bar(marked, hints, DISPLAY, width))
    assert cells_of(text) == width
    assert {"R", "L", "D", "/", "?"} <= set(text.split())


def test_the_table_of_keys() -> None:
    assert {action.kind: action.key for action in ACTIONS} == ACT_KEYS
    ids = [key.id for key in all_keys()]
    assert len(ids) == len(set(ids))
    act = {key.keys for key in GROUPS[0].keys}
    others = {name for key in all_keys() for name in key.keys.split(",")} - act
    assert {name for name in others if len(name) == 1 and name.isupper()} == {"G", "S", "V"}


def test_help_is_searched_by_key_and_by_word() -> None:
    everything = [plain(each) for each in help_lines("", {}, 100)]
    assert any("act.retry" in text for text in everything)
    found = [plain(each) for each in help_lines("default", {"act.fix_default": "f5"}, 100)]
    assert any("f5" in text and "act.fix_default" in text for text in found)
    assert len(found) < len(everything)
    assert "Nothing of that name" in plain(help_lines("zzzz", {}, 100)[0])


@settings(max_examples=25)
@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["", "the key was revoked"]))
def test_an_empty_table_always_says_why(store: bool, filtered: bool, asked: bool, stopped: str) -> None:
    lines = notice_lines(None, store=store, filtered=filtered, asked=asked, stopped=stopped)
    assert any(plain(each).strip() for each in lines)


def test_dates_of_another_year_carry_it() -> None:
    stamps = [DISPLAY.when(NOW - days * 86_400) for days in (0, 400)]
    assert all(earlier != later for earlier, later in pairwise(stamps))
    assert "2024" in stamps[1]


def test_an_amount_stays_on_the_line_beside_a_name_that_terminals_measure_differently() -> None:
    name = "மீனா ராஜன்"
    beside = sum(unicodedata.category(character) == "Mc" for character in name)
    assert beside
    made = plain(spread((Span(name),), (Span("$29.00"),), 40)).rstrip()
    assert made.endswith("$29.00")
    assert cell_len(made) + beside <= 40


def test_refused_keys_lose_their_words_first() -> None:
    hints = triage_hints(
        ACTIONS, dict.fromkeys((ActionKind.RETRY, ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT), ""), {}
    )
    text = plain(key_bar(Marked(), hints, DISPLAY, 80))
    assert "X cancel duplicate" in text
    assert "enter open" in text
    assert "default card" not in text
    assert {"R", "L", "D"} <= set(text.split())


def test_a_fault_that_leaves_nothing_to_show_is_told_whole_at_eighty_cells() -> None:
    fault = (
        "Stripe (api.stripe.com) cannot be reached. Check the network; nothing was lost, the next sync goes on there."
    )
    lines = notice_lines(None, store=False, filtered=False, asked=False, stopped=fault)
    assert all(cells_of(plain(each)) <= 60 for each in lines)
    assert fault in " ".join(plain(each).strip() for each in lines)


@given(st.integers(50, 140))
def test_the_help_is_never_cut_off(width: int) -> None:
    assert all(cells_of(plain(each)) <= width for each in help_lines("", {}, width))
