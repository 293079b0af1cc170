"""`ghl-triage demo`: the app on a sandbox of its own, in a folder that goes away with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from ghl_triage.config import load_settings
from ghl_triage.errors import TriageError


def run_demo(*, customers: int, seed: int, read_only: bool = False) -> None:
    """Start the sandbox, open the app on it, and take both down again."""
    from ghl_triage.tui.run import run_app

    with (
        tempfile.TemporaryDirectory(prefix="ghl-triage-demo-") as home,
        sandbox_process(customers, seed) as environment,
    ):
        own = {**_without_own_keys(os.environ), **environment, "GHL_TRIAGE_HOME": home}
        run_app(load_settings(own, read_only=read_only))


@contextmanager
def sandbox_process(customers: int, seed: int, *more: str, log: IO[str] | None = None) -> Iterator[dict[str, str]]:
    """A sandbox as a child process: gives the environment variables that point ghl-triage at it.

    Its complaints go into `log`, where one is given: on standard error they would be written over the app's screen.

    It is a process of its own so that serving requests never delays a key. It ends when its standard input closes,
    so it cannot outlive us, however we end.
    """
    command = [sys.executable, "-m", "ghl_triage", "sandbox", "--port", "0", "--child"]
    command += ["--customers", str(customers), "--seed", str(seed), *more]
    # The sandbox has no use for the user's own keys.
    env = _without_own_keys(os.environ)
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=env)  # noqa: S603
    try:
        announced = child.stdout.readline().strip() if child.stdout else ""
        if not announced.isdigit():
            raise TriageError("The sandbox did not start.", hint="Run `ghl-triage sandbox` to see why.")
        yield _environment(f"http://127.0.0.1:{announced}")
    finally:
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _environment(url: str) -> dict[str, str]:
    # No proxy: the address is our own child's, on loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_sandbox/info", timeout=60) as answer:
        info: dict[str, Any] = json.load(answer)
    return {
        "STRIPE_API_KEY": info["stripe_key"],
        "STRIPE_API_BASE": f"{url}/stripe",
        "HIGHLEVEL_TOKEN": info["highlevel_token"],
        "HIGHLEVEL_LOCATION_ID": info["highlevel_location_id"],
        "HIGHLEVEL_AGENCY_TOKEN": info["highlevel_agency_token"],
        "HIGHLEVEL_API_BASE": f"{url}/highlevel",
    }


def _without_own_keys(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("STRIPE_", "HIGHLEVEL_"))}
