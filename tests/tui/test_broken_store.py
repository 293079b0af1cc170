"""A store with broken pages: the app says so, names what mends it, and stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghl_triage.config import load_settings, remember_database
from ghl_triage.errors import StoreDamaged
from ghl_triage.store import schema
from ghl_triage.store.version import VERSION
from ghl_triage.tui.wiring import make_app
from tests.store.old import make_old
from tests.store.spoil import root_page, spoil
from tests.tui import world
from tests.tui.driving import busy, main_screen, screen_text, until


@pytest.mark.parametrize(("table", "size"), [("cases_in_order", (120, 36)), ("state", (80, 24))])
@pytest.mark.anyio
async def test_what_cannot_be_read_is_told_where_the_rows_would_be(
    store: Path, table: str, size: tuple[int, int]
) -> None:
    spoil(store, root_page(store, table))
    async with world.app(store).run_test(size=size) as pilot:
        await until(pilot, lambda: "cannot be read" in screen_text(pilot.app), "the fault")
        said = " ".join(screen_text(pilot.app).split())
        assert "is damaged" in said
        for word in ("store check", "store", "rebuild"):
            assert word in said
        await pilot.press("j", "r", "slash", "a", "escape", "question_mark", "escape")
        assert pilot.app.is_running


@pytest.mark.parametrize("tables", [("cases",), ("case_details", "objects", "journal")])
@pytest.mark.anyio
async def test_the_app_stays_whatever_is_asked_of_broken_tables(store: Path, tables: tuple[str, ...]) -> None:
    spoil(store, *(root_page(store, table) for table in tables))
    async with world.app(store).run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: main_screen(pilot).asked and not busy(pilot.app), "the first answers")
        await pilot.press("j", "space", "y", "escape", "R", "escape", "enter", "escape", "J", "escape")
        await until(pilot, lambda: not busy(pilot.app), "quiet")
        assert pilot.app.is_running
        told = [str(note.message) for note in pilot.app._notifications]
        assert any("store rebuild" in text for text in told), told


@pytest.mark.parametrize("version", [VERSION - 1, VERSION])
def test_a_store_that_cannot_be_opened_is_told_at_the_start(tmp_path: Path, version: int) -> None:
    settings = load_settings({"STRIPE_API_KEY": "rk_test_x", "GHL_TRIAGE_HOME": str(tmp_path / "home")})
    path = remember_database(settings, "acct_1")
    make_old(path, version)
    spoil(path, root_page(path, "_sqlite_migrations") if version < VERSION else 1)
    schema._seen.clear()
    with pytest.raises(StoreDamaged, match="damaged") as caught:
        make_app(settings)
    assert "store rebuild" in caught.value.hint
