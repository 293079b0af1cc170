"""What the sandbox's own tests share: clients, and the published documents."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox_server import SandboxServer

HEADERS = {"Authorization": "Bearer rk_test_sandbox", "Stripe-Version": "2026-10-28.endive"}


@pytest.fixture(scope="session")
def stripe(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Speaks to the shared world's Stripe."""
    with httpx.Client(base_url=sandbox.stripe_base, headers=HEADERS, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def fresh_stripe(fresh_sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Speaks to the Stripe of the test's own world."""
    with httpx.Client(base_url=fresh_sandbox.stripe_base, headers=HEADERS, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def highlevel(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Speaks to the shared world's HighLevel."""
    headers = {"Authorization": "Bearer pit-sandbox", "Version": "2021-07-28"}
    with httpx.Client(base_url=sandbox.highlevel_base, headers=headers, timeout=30, trust_env=False) as client:
        yield client
