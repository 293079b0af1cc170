"""The main screen, as its user meets it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from ghl_triage.model import Case, PartState, Stage, SyncPart, SyncProgress
from ghl_triage.store.writer import Writer
from ghl_triage.tui.widgets.line_bar import LineBar
from tests.tui import world
from tests.tui.driving import emails, main_screen, ready, screen_text, settled, table_text, until, view_text

pytestmark = pytest.mark.anyio
WIDE, NARROW = (120, 36), (80, 24)


async def test_the_queue_stands_there_with_what_is_at_stake(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        text = screen_text(pilot.app)
        assert "TEST" in text
        assert "failing 31" in text
        assert "at risk 10" in text
        assert "$3,137.00" in text
        assert "synced 12 s ago" in text
        assert "41 cases" in text
        assert emails(main.table)[0] == "kim@lake.test"
        assert "A card is on file but is not the default" in text
        assert "D makes Visa 4242" in text


async def test_letters_that_come_with_the_slash_are_the_filter_s(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        for letter in "/Rover/a":
            pilot.app.post_message(events.Key("slash" if letter == "/" else letter, letter))
        await until(pilot, lambda: main.box.value == "Rover/a")
        assert main_screen(pilot) is pilot.app.screen


async def test_at_80x24_the_rail_gives_way_and_the_path_is_two_letters(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=NARROW) as pilot:
        main = await ready(pilot)
        assert "Fix now" not in screen_text(pilot.app)
        header, first, *_ = table_text(main.table)
        assert "Cause" in header
        assert "Status" not in header
        assert " AP " in first
        assert all(key in screen_text(pilot.app).splitlines()[-1] for key in ("R", "L", "D", "/", "?"))
        await pilot.press("v")
        assert "Fix now" in screen_text(pilot.app)
        await pilot.press("escape")
        assert "Fix now" not in screen_text(pilot.app)
        assert main.table.has_focus


async def test_typing_filters_and_escape_restores_what_was(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("j", "j", "j")
        before = main.table.cursor_row
        await pilot.press("slash")
        main.box.put("path:highleve")
        await pilot.press("l")
        await settled(pilot)
        assert 0 < len(main.table.ids) < 41
        assert f"{len(main.table.ids)} cases of 41" in screen_text(pilot.app)
        assert all(" highlevel " in row for row in table_text(main.table)[1:] if row.strip())
        await pilot.press("escape")
        await settled(pilot)
        assert main.box.value == ""
        assert len(main.table.ids) == 41
        assert main.table.cursor_row == before
        assert main.table.has_focus


async def test_a_filter_that_cannot_be_read_shows_the_place_and_keeps_the_rows(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("slash", *"path:api")
        await settled(pilot)
        shown = main.table.ids
        main.box.put("path:api amount:>x")
        await settled(pilot)
        fault = main.query_one("#fault", LineBar)
        assert fault.display
        line = fault.render_line(0).text
        assert line.index("▲") >= 3 + len("path:api ")
        assert main.table.ids == shown
        await pilot.press("backspace", "5")
        await settled(pilot)
        assert not main.query_one("#fault").display


async def test_words_are_completed_and_earlier_filters_come_back(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("slash", *"path:hi")
        await until(pilot, lambda: "highlevel" in main.box._suggestion)
        await pilot.press("tab", "enter")
        assert main.box.value.strip() == "path:highlevel"
        await pilot.press("slash", "ctrl+u", *"kim", "enter", "slash", "ctrl+u", "up")
        assert main.box.value == "kim"
        await pilot.press("up")
        assert main.box.value.strip() == "path:highlevel"
        await pilot.press("down")
        assert main.box.value == "kim"


async def test_movement_by_letters(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("j", "j", "k")
        assert main.table.cursor == 1
        await pilot.press("G")
        assert main.table.cursor == 40
        assert main.table.scroll_offset.y + main.table.page_size == 41
        await pilot.press("g")
        assert main.table.cursor == 0
        await pilot.press("ctrl+d")
        assert main.table.cursor == round(main.table.page_size / 2)
        await pilot.press("ctrl+u")
        assert main.table.cursor == 0


async def test_marks_survive_the_filter_and_hidden_ones_are_counted(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("space", "space", "space")
        await settled(pilot)
        assert "3 selected" in screen_text(pilot.app)
        main.box.put("kim")
        await settled(pilot)
        assert "3 selected, 2 hidden" in screen_text(pilot.app)
        targets = main.targets()
        assert len(targets.rows) == 1
        assert len(targets.hidden) == 2
        await pilot.press("escape")
        await settled(pilot)
        assert main.box.value == ""
        await pilot.press("escape")
        await settled(pilot)
        assert "selected" not in screen_text(pilot.app)


async def test_ranges_and_all(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("j", "V", "j", "j", "V")
        assert main.table.selection.rows == set(main.table.ids[1:4])
        await pilot.press("a")
        assert main.table.selection.rows == set(main.table.ids)
        await pilot.press("a")
        assert not main.table.selection.rows


async def test_cursor_and_marks_stay_on_their_cases_while_others_come(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("j", "space", "j", "j")
        await settled(pilot)
        row, marked = main.table.cursor_row, set(main.table.selection.rows)
        on_screen = main.table.cursor - main.table.scroll_offset.y
        with Writer(store) as writer:
            writer.save_cases([world.case(number, failed_at=world.NOW - 60) for number in range(100, 140)])
        main.tick()
        await until(pilot, lambda: len(main.table.ids) == 81, "the new cases")
        assert main.table.cursor_row == row
        assert main.table.cursor - main.table.scroll_offset.y == on_screen
        assert main.table.selection.rows == marked


async def test_a_case_that_leaves_the_queue_leaves_the_selection(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE, notifications=True) as pilot:
        main = await ready(pilot)
        await pilot.press("space", "space")
        await until(pilot, lambda: len(main.selection_facts.queued) == 2)
        paid = next(one for one in cases if one.email == "kim@lake.test")
        with Writer(store) as writer:
            writer.save_cases([replace(paid, stage=Stage.RECOVERED, status="active", cause=None)])
        main.tick()
        await until(pilot, lambda: len(main.table.selection) == 1, "the paid case to lose its mark")
        await settled(pilot)
        assert "1 selected" in screen_text(pilot.app)
        assert any("kim@lake.test is recovered now" in str(note.message) for note in pilot.app._notifications)


async def test_views_and_facets_write_the_filter(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("v", "enter")
        await settled(pilot)
        assert main.box.value == "actor:consultant"
        assert "▸ Fix now" in screen_text(pilot.app)
        keys = [entry.key for entry in main.rail.entries]
        main.rail.cursor = keys.index("path:api")
        await pilot.press("enter")
        await settled(pilot)
        assert main.box.value == "actor:consultant path:api"
        await pilot.press("enter")
        await settled(pilot)
        assert main.box.value == "actor:consultant"


async def test_sorting_by_menu_and_by_a_click_on_a_title(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        await pilot.press("s", "j", "enter")
        await settled(pilot)
        assert "At risk↓" in table_text(main.table)[0]
        assert "¥9,800" in table_text(main.table)[1]
        await pilot.click("#table", offset=(table_text(main.table)[0].index("Customer"), 0))
        await settled(pilot)
        assert "Customer↑" in table_text(main.table)[0]
        shown = emails(main.table)
        await pilot.click("#table", offset=(4, 0))
        await settled(pilot)
        assert emails(main.table) != shown


async def test_a_key_that_cannot_act_says_why(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE, notifications=True) as pilot:
        main = await ready(pilot)
        assert "R not now: no effective payment method" in view_text(main.detail)
        await pilot.press("R")
        await settled(pilot)
        assert pilot.app.screen is main
        assert any("no effective payment method" in str(note.message) for note in pilot.app._notifications)


async def test_a_read_only_session_has_no_action_keys(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases, read_only=True).run_test(size=WIDE, notifications=True) as pilot:
        main = await ready(pilot)
        assert "retry" not in screen_text(pilot.app).splitlines()[-1]
        await pilot.press("D")
        await settled(pilot)
        assert pilot.app.screen is main
        assert any("read only" in str(note.message) for note in pilot.app._notifications)


async def test_keys_can_be_bound_anew(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases, keymap={"table.down": "f6", "act.fix_default": "f5"}).run_test(
        size=WIDE
    ) as pilot:
        main = await ready(pilot)
        await pilot.press("f6")
        assert main.table.cursor == 1
        await pilot.press("j")
        assert main.table.cursor == 1
        assert "f5 default card" in screen_text(pilot.app)


async def test_the_words_name_the_keys_as_they_are_bound(store: Path, cases: list[Case]) -> None:
    keymap = {"act.retry": "f7", "act.fix_default": "f5"}
    async with world.app(store, cases, keymap=keymap).run_test(size=WIDE, notifications=True) as pilot:
        main = await ready(pilot)
        said = view_text(main.detail)
        assert "f5 makes Visa 4242" in said
        assert "then f7 retries" in said
        assert "f7 not now: no effective payment method" in said
        await pilot.press("f7")
        await until(pilot, lambda: bool(pilot.app._notifications), "the toast")
        assert any("f7 retry not now" in str(note.message) for note in pilot.app._notifications)


async def test_copying_says_what_was_copied(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("y", "enter")
        await pilot.pause()
        assert pilot.app.clipboard == world.case(0).subscription
        assert any(world.case(0).subscription in str(note.message) for note in pilot.app._notifications)


async def test_over_ssh_the_dashboard_link_is_copied(
    store: Path, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1.2.3.4 22")
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("o")
        await pilot.pause()
        link = f"https://dashboard.stripe.com/test/subscriptions/{world.case(0).subscription}"
        assert pilot.app.clipboard == link


async def test_without_a_store_it_says_that_it_connects_and_then_shows_what_comes(
    tmp_path: Path, cases: list[Case]
) -> None:
    path = tmp_path / "later.sqlite3"
    async with world.app(path, cases, sync=world.QuietSync()).run_test(size=WIDE) as pilot:
        main = main_screen(pilot)
        await until(pilot, lambda: "Connecting to Stripe" in screen_text(pilot.app), "the connecting notice")
        world.fill(path, cases)
        main.tick()
        await ready(pilot)
        assert emails(main.table)[0] == "kim@lake.test"
        assert "Course Creator 360" in screen_text(pilot.app)


async def test_a_first_load_shows_its_top_until_the_cursor_is_moved(tmp_path: Path, cases: list[Case]) -> None:
    path = tmp_path / "later.sqlite3"
    first, *rest = sorted(cases, key=lambda one: one.failed_at or 0)
    async with world.app(path, cases, sync=world.QuietSync()).run_test(size=WIDE) as pilot:
        main = main_screen(pilot)
        await until(pilot, lambda: "Connecting to Stripe" in screen_text(pilot.app), "the connecting notice")
        world.fill(path, [first])
        main.tick()
        await until(pilot, lambda: len(main.table.ids) == 1, "the first case")
        with Writer(path) as writer:
            writer.save_cases(rest)
        main.refresh_cases()
        await until(pilot, lambda: len(main.table.ids) > 20, "all cases")
        assert main.table.cursor == 0
        assert main.table.scroll_offset.y == 0
        await pilot.press("j", "j")
        chosen = main.table.cursor_row
        with Writer(path) as writer:
            writer.save_cases([replace(one, stage=Stage.HEALTHY, cause=None) for one in cases[:1]])
        main.refresh_cases()
        await until(pilot, lambda: main.table.cursor == 1, "the row above is gone")
        assert main.table.cursor_row == chosen


async def test_a_failed_part_is_named_in_the_header(store: Path, cases: list[Case]) -> None:
    failed = SyncPart("charges", PartState.FAILED, 0, "Stripe answered 500.", world.NOW + 20)
    sync = world.QuietSync([SyncProgress("tick", (failed,), 3, 0, 41, world.NOW - 60)])
    async with world.app(store, cases, sync=sync).run_test(size=WIDE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: "charges failed, again in 20 s" in screen_text(pilot.app), "the fault")


async def test_r_syncs_now_and_leaving_stops_the_sync(store: Path, cases: list[Case]) -> None:
    sync = world.QuietSync([world.synced()])
    async with world.app(store, cases, sync=sync).run_test(size=WIDE) as pilot:
        await ready(pilot)
        await pilot.press("r")
        await until(pilot, lambda: sync.asked == 1)
        await pilot.press("q")
    assert sync.stopped


async def test_names_from_outside_stay_text(store: Path, cases: list[Case]) -> None:
    async with world.app(store, cases).run_test(size=WIDE, notifications=True) as pilot:
        main = await ready(pilot)
        main.box.put("hostile@x")
        await settled(pilot)
        assert "[/] [bold]x" in view_text(main.detail)
        for keys in (("enter",), ("x",), ("escape", "escape"), ("y", "enter"), ("L",)):
            await pilot.press(*keys)
            await pilot.pause()
            await until(pilot, lambda: not any(w.group != "sync" and not w.is_finished for w in pilot.app.workers))
            text = screen_text(pilot.app)
            assert not any(character in text for character in "\x1b\x07\u202e")
