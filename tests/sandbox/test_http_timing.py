"""The sandbox's time, and who may reach it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.server import make_server
from ghl_triage.sandbox.timing import SandboxTime

START = 1_795_392_000


@pytest.mark.parametrize(("live", "after_a_minute"), [(True, START + 60), (False, START)])
def test_a_live_clock_follows_the_machines_and_a_fixed_one_stands(live: bool, after_a_minute: int) -> None:
    wall = [1_000.0]
    engine = Engine("time", START)
    time = SandboxTime(engine, live=live, wall=lambda: wall[0])
    wall[0] += 60
    time.bring_up_to_date()
    assert engine.clock.now == after_a_minute
    assert time.advance(3_600) == after_a_minute + 3_600
    time.bring_up_to_date()
    assert engine.clock.now == after_a_minute + 3_600
    assert time.advance_to(START) == after_a_minute + 3_600


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::"])  # noqa: S104
def test_the_sandbox_is_for_this_machine_alone(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        make_server(Starlette(), host=host)
