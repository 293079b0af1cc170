"""The small world as a live account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ghl_triage.model import Case
from ghl_triage.tui.app import TriageApp
from tests.report.sample import CONVERSION
from tests.tui import world
from tests.tui.kinds import QuickLessons


def live_app(store: Path, cases: Sequence[Case]) -> TriageApp:
    """The app on a live account that holds these cases; `store` is made anew."""
    store.unlink()
    real = [replace(one, livemode=True) for one in cases]
    world.fill(store, real, status=world.synced(), livemode=True)
    return world.app(
        store,
        real,
        actions=world.ScriptedActions({one.subscription: one for one in real}, livemode=True),
        lessons=QuickLessons(store),
        reports=world.ScriptedReports(CONVERSION),
        livemode=True,
    )
