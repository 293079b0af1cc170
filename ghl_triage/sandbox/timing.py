"""Which time it is in the sandbox: a fixed one that tests move, or this machine's with an offset."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ghl_triage.sandbox.engine import Engine


@dataclass(slots=True)
class SandboxTime:
    """Drives the engine's clock. `live` says that it follows this machine's; else it stands until it is moved."""

    engine: Engine
    live: bool
    wall: Callable[[], float] = time.time
    offset: int = 0

    def __post_init__(self) -> None:
        self.offset = self.engine.clock.now - int(self.wall())

    def bring_up_to_date(self) -> None:
        """Lets the engine do all that is due by now."""
        if self.live and (now := int(self.wall()) + self.offset) > self.engine.clock.now:
            self.engine.clock.advance_to(now)

    def advance(self, seconds: int) -> int:
        """Goes on by this much; returns the new time."""
        self.bring_up_to_date()
        self.offset += seconds
        return self.engine.clock.advance(seconds)

    def advance_to(self, epoch: int) -> int:
        """Goes on to a moment. One in the past is ignored."""
        return self.advance(max(0, epoch - self.engine.clock.now))
