"""A store that was deleted and loaded anew permits nothing that the first one refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ghl_triage.clock import FixedClock
from ghl_triage.model import ActionKind
from tests.actions.doomed import session_of
from tests.actions.loading import load
from tests.actions.trial import staged
from tests.sandbox_server import NOW


def test_a_retry_of_a_deleted_store_still_counts(tmp_path: Path) -> None:
    with staged(tmp_path, {"retry_declined": 1}) as stage:
        cases = stage.peopled.subscriptions("retry_declined")
        assert [outcome for _, outcome, _ in stage.here(ActionKind.RETRY, cases=cases)] == ["declined"]
        stage.database = tmp_path / "anew.sqlite3"
        settings = session_of(stage.order("resume"))._settings
        asyncio.run(load(settings, stage.database, FixedClock(NOW + 600)))
        ((_, outcome, why),) = stage.here(ActionKind.RETRY, NOW + 600, cases=cases)
        assert outcome == "skipped"
        assert "our last retry is less than 24 hours ago" in (why or "")
        assert len(stage.server.keys()) == 1
