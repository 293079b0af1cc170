"""Windows of a list: together they hold every object, whatever its times and whenever the program is killed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ghl_triage.sync.windows import MOST_WINDOWS, PAGES_IN_ONE_PIECE, ListState, Window, list_state

PAGE = 3


@dataclass(frozen=True)
class Listing:
    """Objects newest first, and Stripe's way of cutting pages out of them."""

    times: tuple[int, ...]

    def rows(self) -> list[dict[str, Any]]:
        ordered = sorted(enumerate(self.times), key=lambda pair: (-pair[1], pair[0]))
        return [{"id": f"x{number}", "created": created} for number, created in ordered]

    def page(self, query: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        rows = self.rows()
        if after := query.get("starting_after"):
            names = [row["id"] for row in rows]
            rows = rows[names.index(after) + 1 :]
        created = query.get("created", {})
        rows = [
            row
            for row in rows
            if created.get("gte", row["created"]) <= row["created"] < created.get("lt", row["created"] + 1)
        ]
        return rows[:PAGE], len(rows) > PAGE


def read(state: ListState, listing: Listing, *, turns: list[int], kill_after: int | None = None) -> list[str]:
    """Read the windows in a mixed order; stop dead after `kill_after` pages."""
    seen: list[str] = []
    pages = 0
    while state.windows and pages != kill_after:
        window = state.windows[turns[pages % len(turns)] % len(state.windows)]
        rows, has_more = listing.page(window.query())
        pages += 1
        seen += [row["id"] for row in rows]
        if rows:
            window.advance(rows)
        if not rows or not has_more:
            state.windows.remove(window)
        else:
            state.windows.extend(window.cut(MOST_WINDOWS - len(state.windows)))
        assert len(state.windows) <= MOST_WINDOWS
    return seen


LISTINGS = st.builds(
    Listing,
    st.lists(st.integers(0, 400_000), max_size=200).map(tuple)
    | st.lists(st.integers(0, 3), max_size=200).map(tuple)
    | st.lists(st.sampled_from([0, 5, 200_000, 200_001]), max_size=200).map(tuple),
)
TURNS = st.lists(st.integers(0, 10), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None)
@given(listing=LISTINGS, turns=TURNS, since=st.none() | st.integers(0, 300_000))
def test_every_object_comes_exactly_once(listing: Listing, turns: list[int], since: int | None) -> None:
    seen = read(list_state(None, since=since), listing, turns=turns)
    wanted = [row["id"] for row in listing.rows() if since is None or row["created"] >= since]
    assert sorted(seen) == sorted(wanted)


@settings(max_examples=80, deadline=None)
@given(listing=LISTINGS, turns=TURNS, killed=st.integers(0, 60))
def test_a_killed_reading_goes_on_where_it_was(listing: Listing, turns: list[int], killed: int) -> None:
    state = list_state(None, since=None)
    first = read(state, listing, turns=turns, kill_after=killed)
    second = read(list_state(state.to_json(), since=None), listing, turns=turns)
    assert sorted(first + second) == sorted(row["id"] for row in listing.rows())


def test_a_short_list_stays_in_one_piece() -> None:
    window = Window(gte=0)
    for number in range(PAGES_IN_ONE_PIECE - 1):
        window.advance([{"id": f"x{number}", "created": 1_000_000 - number * 10_000}])
        assert window.cut(MOST_WINDOWS - 1) == []


def test_a_long_list_is_cut_into_pieces_of_about_ten_pages() -> None:
    window = Window(gte=0)
    for number in range(PAGES_IN_ONE_PIECE):
        window.advance([{"id": f"x{number}", "created": 1_000_000 - number * 20_000}])
    others = window.cut(MOST_WINDOWS - 1)
    assert len(others) == 4
    assert others[-1].gte == 0
    assert window.query()["starting_after"] == "x9"


def test_where_the_cursors_object_is_gone_time_leads_on() -> None:
    window = Window(gte=5)
    window.advance([{"id": "x1", "created": 90}])
    window.reopen()
    assert window.query() == {"created": {"gte": 5, "lt": 91}}
