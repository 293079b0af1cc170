"""What tests of all rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.sandbox_server import SandboxServer

# How long one example takes says how busy the machine is, not whether the program is right.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


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
