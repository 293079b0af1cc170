"""A town of a few customers, served, and known to a store of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings
from ghl_triage.model import Caps
from tests.actions.desk import Desk
from tests.actions.loading import load
from tests.actions.town import Town
from tests.sandbox_server import NOW, SandboxServer


@pytest.fixture
def town() -> Town:
    """The place, without anybody in it."""
    return Town()


@pytest.fixture
def residents(town: Town) -> None:
    """Three whose card is not the default, three that a retry will charge; tests that want others say so."""
    for name in ("dan", "eve", "fay"):
        town.failing(name)
    town.mended("ann", "bob", "cem")


@pytest.fixture
def server(town: Town, residents: None) -> Iterator[SandboxServer]:
    """The town at NOW, behind HTTP."""
    with town.now().served() as server:
        yield server


@pytest.fixture
async def desk(town: Town, server: SandboxServer, tmp_path: Path) -> Desk:
    """A session over a store into which the town was loaded."""
    clock = FixedClock(NOW)
    settings = Settings(
        stripe_key="rk_test_sandbox",
        stripe_base=server.stripe_base,
        livemode=False,
        data_dir=tmp_path,
        log_dir=tmp_path,
        rate=0,
        caps=Caps(payments_per_second=0),
    )
    database = tmp_path / "store.sqlite3"
    await load(settings, database, clock)
    return Desk(town, server, settings, database, clock)
