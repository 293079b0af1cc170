"""A sandbox of these tests' own, and what a finished sync left behind, in a form that can be compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from ghl_triage.clock import SystemClock
from ghl_triage.config import Settings, known_database, load_settings
from ghl_triage.model import Case, SyncProgress
from ghl_triage.sandbox.server import SandboxOptions
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.sync.run import Workspace
from tests.sandbox_server import NOW, SandboxServer


class QuickClock(SystemClock):
    """Stripe's time, and no waiting: what is retried is retried at once."""

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - that is the point
        await super().sleep(0)


@dataclass(frozen=True)
class Desk:
    """One workspace in a folder of its own, pointed at a sandbox."""

    settings: Settings

    async def sync(self, **options: Any) -> SyncProgress:
        """One run, as the command line makes it, without waiting."""
        return await self.follow([], **options)

    async def follow(self, told: list[SyncProgress], *, full: bool = False) -> SyncProgress:
        """The same, with all that was told on the way."""
        workspace = Workspace(self.settings, clock=QuickClock())
        try:
            return await workspace.sync(full=full, on_progress=told.append, lock_wait=5.0)
        finally:
            await workspace.close()

    @property
    def path(self) -> Path:
        path = known_database(self.settings)
        assert path is not None
        return path

    def but(self, **changes: Any) -> Desk:
        """The same workspace with other settings."""
        return Desk(replace(self.settings, **changes))

    def reader(self) -> Reader:
        return Reader(self.path)

    def cases(self) -> dict[str, Case]:
        with self.reader() as reader:
            rows = reader.ids(to_sql(parse(""), NOW, default_queue=False), DEFAULT_SORT)
            return {case.subscription: case for case in reader.cases_of(rows)}

    def forget(self, cursor: str, value: str | None = None) -> None:
        """Set a cursor as a test wants it."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("DELETE FROM state WHERE key = ?", (f"cursor:{cursor}",))
            if value is not None:
                connection.execute("INSERT INTO state VALUES (?, ?)", (f"cursor:{cursor}", value))
        connection.close()


def desk_at(server: SandboxServer, home: Path, **changes: Any) -> Desk:
    """A workspace pointed at a sandbox, without pace."""
    info = server.info()
    environment = {
        "STRIPE_API_KEY": info["stripe_key"],
        "STRIPE_API_BASE": server.stripe_base,
        "HIGHLEVEL_TOKEN": info["highlevel_token"],
        "HIGHLEVEL_AGENCY_TOKEN": info["highlevel_agency_token"],
        "HIGHLEVEL_LOCATION_ID": info["highlevel_location_id"],
        "HIGHLEVEL_API_BASE": server.highlevel_base,
        "GHL_TRIAGE_HOME": str(home),
    }
    return Desk(replace(load_settings(environment, rate=0), **changes))


def contents(path: Path, *, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What a sync left: objects, verdicts and look-ups, without the times at which they were read."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        objects = {
            identity: (kind, customer, deleted, orjson.loads(text))
            for identity, kind, customer, deleted, text in connection.execute(
                "SELECT id, kind, customer, deleted, json FROM objects"
            )
            if kind not in leave_out
        }
        cases = {
            subscription: orjson.loads(text)
            for subscription, text in connection.execute(
                "SELECT subscription, json FROM cases JOIN case_details USING (row)"
            )
        }
        lookups = set(connection.execute("SELECT kind, id FROM lookups"))
    finally:
        connection.close()
    return {"objects": objects, "cases": cases, "lookups": lookups}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The ids that differ: a whole dump of two stores helps nobody. To have looked up more is no difference."""
    found = []
    for name in ("objects", "cases"):
        keys = one[name].keys() | other[name].keys()
        found += [f"{name} {key}" for key in sorted(keys) if one[name].get(key) != other[name].get(key)]
    return found + [f"lookup {key}" for key in sorted(other["lookups"] - one["lookups"])]


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxServer]:
    """A small world whose faults may be ordered; nothing in it changes."""
    with SandboxServer(SandboxOptions(customers=80, now=NOW, rate_limit=False)) as server:
        yield server


@pytest.fixture
def desk(world: SandboxServer, tmp_path: Path) -> Iterator[Desk]:
    """A fresh workspace on the small world, which is well again afterwards."""
    world.reset_counters()
    yield desk_at(world, tmp_path)
    world.clear_faults()
