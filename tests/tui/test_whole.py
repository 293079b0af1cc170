"""The app as it is started: a sandbox, the sync's own process, a plan carried out, a case that is mended."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.config import load_settings
from ghl_triage.tui.viewmodels.plan import Phase
from ghl_triage.tui.wiring import make_app
from tests.sandbox_server import SandboxServer
from tests.tui.driving import busy, main_screen, screen_text, settled, the_plan, until

LATER = ("stripe", "httpx", "sqlite_utils", "keyring", "tomlkit", "jinja2", "babel", "starlette", "uvicorn")


def test_the_first_paint_waits_for_nothing_that_it_does_not_need() -> None:
    code = f"import sys, ghl_triage.tui.wiring; print([name for name in {LATER!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.anyio
async def test_from_an_empty_folder_to_a_card_that_is_the_default(tmp_path: Path, fresh_sandbox: SandboxServer) -> None:
    info = fresh_sandbox.info()
    environment = {
        "STRIPE_API_KEY": info["stripe_key"],
        "STRIPE_API_BASE": fresh_sandbox.stripe_base,
        "HIGHLEVEL_TOKEN": info["highlevel_token"],
        "HIGHLEVEL_AGENCY_TOKEN": info["highlevel_agency_token"],
        "HIGHLEVEL_LOCATION_ID": info["highlevel_location_id"],
        "HIGHLEVEL_API_BASE": fresh_sandbox.highlevel_base,
        "GHL_TRIAGE_HOME": str(tmp_path),
    }
    settings = replace(load_settings(environment), rate=0.0)
    async with make_app(settings).run_test(size=(120, 36)) as pilot:
        main = main_screen(pilot)
        await until(pilot, lambda: "synced" in screen_text(pilot.app) and len(main.table.ids) > 0, "the first sync")
        main.box.put("cause:card_not_default stage:failing")
        await until(pilot, lambda: main.question is not None and main.question.text == main.box.value)
        await settled(pilot)
        mended = len(main.table.ids)
        assert mended
        await pilot.press("a", "D")
        screen = await the_plan(pilot)
        todo = len(screen.state.to_do)
        assert todo
        await pilot.press("y")
        await until(pilot, lambda: screen.state.phase is Phase.DONE, "the results")
        await pilot.pause()
        assert f"{todo} done" in screen_text(pilot.app)
        await pilot.press("escape")
        await until(
            pilot, lambda: len(main.table.ids) == mended - todo and not busy(pilot.app), "the mended cases to go"
        )
