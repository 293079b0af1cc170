"""What tests of all rooms share."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from ghl_triage.store import schema

if TYPE_CHECKING:
    from tests.sandbox_server import SandboxServer

# How long one example takes says how busy the machine is, not whether the program is right.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# httpcore imports sniffio at each lock of each request: as it is not installed, that would be a search of all folders.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

LONG = frozenset(
    {
        "actions/test_full_disk.py",
        "sandbox/test_engine_property.py",
        "sandbox/test_test_clocks.py",
        "sandbox/test_trial_worlds.py",
        "sandbox/test_verify.py",
        "store/test_migrations.py",
        "store/test_rebuild.py",
        "sync/test_bad_days.py",
        "sync/test_highlevel_side.py",
        "sync/test_watch.py",
        "test_audit_command.py",
        "test_doctor.py",
        "test_learning.py",
        "tui/test_rights.py",
    }
)
"""Modules whose every test plays a world of its own or kills processes: CI runs them. The everyday suite has quicker
tests of the same subjects."""


HEAVY = (
    "sync/test_load.py",
    "sync/test_keeping_up.py",
    "actions/test_carrying_out.py",
    "actions/test_crashes.py",
    "test_command_line.py",
    "tui/test_plan.py",
    "tui/test_triage.py",
    "actions/test_settling.py",
)
"""The modules that take longest, the longest first: begun last, one of them would keep a worker busy alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long modules; put the heavy ones first."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix() in LONG:
            item.add_marker(pytest.mark.slow)
    place = {name: number for number, name in enumerate(HEAVY)}
    items.sort(key=lambda item: place.get(item.path.relative_to(here).as_posix(), len(HEAVY)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: a collector that walks it again and again costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_runtest_setup() -> None:
    """A new file may get the number of one that an earlier test deleted: each test is a process that has seen none."""
    schema._seen.clear()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the program does."""
    return "asyncio"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    """A world of 300 subscriptions for reading alone: no writes, no clock, no faults."""
    from ghl_triage.sandbox.server import SandboxOptions
    from tests.sandbox_server import NOW, SandboxServer

    with SandboxServer(SandboxOptions(customers=300, now=NOW, rate_limit=False)) as server:
        yield server


@pytest.fixture
def fresh_sandbox() -> Iterator[SandboxServer]:
    """A small world of the test's own."""
    from tests.sandbox_server import SandboxServer

    with SandboxServer() as server:
        yield server
