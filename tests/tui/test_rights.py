"""What a missing right takes away is shown before a key is pressed; and a live account is one on every screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.screen import Screen

from ghl_triage.config import fingerprint
from ghl_triage.model import Case
from ghl_triage.rights import INVOICES, WRITES, Held, Right, Rights
from ghl_triage.store.writer import Writer
from ghl_triage.tui.screens.case import CaseScreen
from ghl_triage.tui.screens.help import HelpScreen
from ghl_triage.tui.screens.journal import JournalScreen
from ghl_triage.tui.screens.learn import LearnScreen
from ghl_triage.tui.screens.plan import PlanScreen
from ghl_triage.tui.screens.report import ReportScreen
from ghl_triage.tui.viewmodels.plan import Phase
from tests.tui import world
from tests.tui.driving import ready, screen_text, settled, table_text, until
from tests.tui.live import live_app

pytestmark = pytest.mark.anyio
WIDE, NARROW = (120, 36), (80, 24)
REASON = "the key lacks Invoices: Write (rak_invoice_write)"


def lack(store: Path, *rights: Right) -> None:
    """Let the store know that the key has all rights to write but these."""
    known = Rights()
    for right in WRITES:
        known = known.learned(right.slug, *((Held.NO, f"rak_{right.slug}") if right in rights else (Held.YES, "")))
    with Writer(store) as writer:
        writer.save_rights(fingerprint(world.settings(store.parent)), known)


async def test_a_missing_right_greys_its_key_and_says_so_on_row_and_case(store: Path, cases: list[Case]) -> None:
    lack(store, INVOICES)
    async with world.app(store, cases).run_test(size=WIDE, notifications=True) as pilot:
        main = await ready(pilot)
        await pilot.press("slash", *"cause:already_fixed", "enter")
        await settled(pilot)
        rows = [row for row in table_text(main.table)[1:] if "already fixed" in row]
        assert rows
        assert all("·LD" in row for row in rows)
        assert f"R not now: {REASON}" in screen_text(pilot.app)
        hints = {hint.key: hint.dim for hint in main.home.hints(main.refused)}
        assert hints["R"]
        assert not hints["L"]
        await pilot.press("R")
        await settled(pilot)
        assert pilot.app.screen is main
        assert [str(note.message) for note in pilot.app._notifications] == [f"R retry is off: {REASON}."]
        # He adds the right in the Dashboard, and the sync sees it.
        lack(store)
        main.tick()
        await until(pilot, lambda: "RLD" in "\n".join(table_text(main.table)), "the keys")
        await until(pilot, lambda: "not now" not in screen_text(pilot.app), "the detail pane")


async def test_a_key_that_may_only_read_leaves_the_link_of_an_invoice(store: Path, cases: list[Case]) -> None:
    lack(store, *WRITES)
    async with world.app(store, cases).run_test(size=WIDE) as pilot:
        main = await ready(pilot)
        assert "read only" in screen_text(pilot.app).splitlines()[0]
        acting = {hint.key for hint in main.home.hints(main.refused)} & set("RLDPXU")
        assert acting == {"L"}


async def test_every_screen_of_a_live_account_says_live_in_its_first_line(store: Path, cases: list[Case]) -> None:
    async with live_app(store, cases).run_test(size=NARROW) as pilot:

        def is_live(screen: type[Screen[None]]) -> bool:
            shown = pilot.app.screen
            first = screen_text(pilot.app).splitlines()
            return isinstance(shown, screen) and bool(first) and " LIVE " in first[0] and shown.has_class("-live")

        main = await ready(pilot)
        await until(pilot, lambda: is_live(type(main)))
        for key, screen in (
            ("enter", CaseScreen),
            ("l", JournalScreen),
            ("t", LearnScreen),
            ("c", ReportScreen),
            ("question_mark", HelpScreen),
        ):
            await pilot.press(key)
            await until(pilot, lambda screen=screen: is_live(screen), f"LIVE on {screen.__name__}")  # type: ignore[misc]
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is main)
        await pilot.press("D")
        await until(pilot, lambda: is_live(PlanScreen), "LIVE on the plan")
        plan = pilot.app.screen
        assert isinstance(plan, PlanScreen)
        await until(pilot, lambda: plan.state.phase is Phase.READY)
        assert screen_text(pilot.app).splitlines()[-1].startswith("  LIVE ")
