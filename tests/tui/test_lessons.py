"""Lessons in the app are carried out by a process of their own, against a store that a real sync filled."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.clock import SystemClock
from ghl_triage.config import Settings, known_database, load_settings
from ghl_triage.errors import TriageError
from ghl_triage.learning import Lessons
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from ghl_triage.sync.owed import UNDIAGNOSED
from ghl_triage.sync.run import run_once
from ghl_triage.tui.lessons import Teaching
from ghl_triage.workspace_file import beside, load
from tests.command_line import environment_of
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio


def settings_for(sandbox: SandboxServer, home: Path) -> Settings:
    return replace(load_settings(environment_of(sandbox, home)), rate=0.0)


def store_of(settings: Settings) -> Path:
    path = known_database(settings)
    assert path is not None
    return path


async def told(words: AsyncGenerator[str]) -> list[str]:
    return [each async for each in words]


async def test_a_name_is_given_beside_the_app_and_what_was_cut_off_is_made_good(
    fresh_sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(fresh_sandbox, tmp_path)
    await run_once(settings, full=False, on_progress=lambda _: None)
    path = store_of(settings)
    teaching = Teaching(settings, SystemClock(), lambda: path)
    kind = next(each for each in teaching.kinds() if each.attributed[0][0] == "api")

    said = await told(teaching.teach(kind.id, path="highlevel", name="-- own [code]", any_price=False))
    assert said[-1].startswith(f"-- own [code], highlevel: {kind.count} subscription")
    with Reader(path) as reader:
        case = reader.case(kind.examples[0])
        assert case is not None
        assert (case.path, case.path_confidence) == ("highlevel", "strong")

    with pytest.raises(TriageError, match="no number or id"):
        await told(teaching.teach("nothing", path="api", name="x", any_price=False))
    assert settings.stripe_key not in repr(load(beside(path)))

    # Killed between the names and the verdicts: the next sync gives them.
    monkeypatch.setattr(Writer, "rediagnose", lambda *_: pytest.fail("killed"))
    named = teaching.kinds()[kind.number - 1].name
    assert named is not None
    with pytest.raises(pytest.fail.Exception):
        Lessons(path, SystemClock(), settings.caps).forget(named, lambda *_: None)
    monkeypatch.undo()
    with Reader(path) as reader:
        assert (reader.cursor(UNDIAGNOSED), reader.coverage().learned) == ("guest", ())
    await run_once(settings, full=False, on_progress=lambda _: None)
    with Reader(path) as reader:
        after = reader.case(kind.examples[0])
        assert after is not None
        assert (after.path, reader.cursor(UNDIAGNOSED)) == ("api", None)
