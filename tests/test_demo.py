"""The demo's sandbox lives exactly as long as whoever started it."""

from __future__ import annotations

import subprocess
import sys
from time import monotonic

import httpx

from ghl_triage.demo import sandbox_process

_STARTER = """
from ghl_triage.demo import sandbox_process
with sandbox_process(40, 1) as environment:
    print(environment["STRIPE_API_BASE"], flush=True)
    input()
"""


def is_served(base: str) -> bool:
    """Whether the sandbox answers."""
    try:
        return httpx.get(f"{base}/v1/account", headers={"Authorization": "Bearer rk_test_sandbox"}).is_success
    except httpx.TransportError:
        return False


def until_gone(base: str) -> None:
    """Wait until nobody answers any more."""
    deadline = monotonic() + 10
    while is_served(base):
        assert monotonic() < deadline, "the sandbox outlived its starter"


def test_the_sandbox_answers_inside_the_block_and_not_after() -> None:
    with sandbox_process(40, 1) as environment:
        assert is_served(environment["STRIPE_API_BASE"])
        assert environment["HIGHLEVEL_LOCATION_ID"]
    assert not is_served(environment["STRIPE_API_BASE"])


def test_the_sandbox_does_not_outlive_a_starter_that_is_killed() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        base = starter.stdout.readline().strip()
        assert is_served(base)
        starter.kill()
        starter.wait()
        until_gone(base)
