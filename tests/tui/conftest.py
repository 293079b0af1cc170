"""Snapshot plumbing: SVGs live in <repo>/snapshots/<test module>/<test name>.svg; terminals are the same everywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import pytest_textual_snapshot as pts  # type: ignore[import-untyped]
import textual._wait
import textual.constants
from syrupy.location import PyTestLocation
from textual.app import App
from textual.widgets import Input

from ghl_triage.model import Case
from ghl_triage.store.writer import Writer
from tests.tui import world

SNAPSHOT_ROOT = Path(__file__).resolve().parents[2] / "snapshots"


class TopLevelSVGExtension(pts.SVGImageExtension):  # type: ignore[misc]
    """The plugin's SVG extension, rooted at the repository's `snapshots/` folder."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(SNAPSHOT_ROOT / test_location.basename)


@pytest.fixture(autouse=True)
def _snapshots_at_top_level(monkeypatch: pytest.MonkeyPatch) -> None:
    # snap_compare() resolves this name as a module global each time it is called.
    monkeypatch.setattr(pts, "SVGImageExtension", TopLevelSVGExtension)


@pytest.fixture(autouse=True)
def _same_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    # The pytest plugin imports textual before this file runs, so TEXTUAL_* variables set here come too late.
    monkeypatch.setattr(textual.constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(App.theme, "_default", "textual-dark")
    # After each key Textual sleeps this long twice, to see the process at rest. Our tests await what they are about.
    monkeypatch.setattr(textual._wait, "SLEEP_GRANULARITY", 0.005)
    for name in ("NO_COLOR", "TEXTUAL_FILTERS", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _self: None)


@pytest.fixture
def cases() -> list[Case]:
    """The cases of the small world."""
    return world.world()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds them, for copying."""
    path = tmp_path_factory.mktemp("world") / "triage.sqlite3"
    world.fill(path, world.world(), status=world.synced())
    return path


@pytest.fixture
def store(tmp_path: Path, filled: Path) -> Path:
    """A store of the test's own that holds them."""
    with Writer(filled):
        pass  # whatever still lies in the write-ahead log goes into the file
    return Path(shutil.copy(filled, tmp_path / "triage.sqlite3"))
