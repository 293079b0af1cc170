"""What the consultant teaches in the app: asked for here, carried out by a process of its own.

Giving thousands of cases new verdicts takes seconds of a processor: in this process every key would wait for it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ghl_triage.clock import Clock
from ghl_triage.config import Settings
from ghl_triage.errors import TriageError
from ghl_triage.model import Path as SoldThrough

if TYPE_CHECKING:
    from ghl_triage.kind import Kind


class Teaching:
    """Names kinds of subscriptions, and gives single ones a path. `path` says where the store lies, once it does."""

    def __init__(self, settings: Settings, clock: Clock, path: Callable[[], Path]) -> None:
        self._settings = settings
        self._clock = clock
        self._path = path

    def kinds(self) -> list[Kind]:
        """The kinds of subscriptions in the account; reads the store, so it is called from a thread."""
        from ghl_triage.learning import kinds
        from ghl_triage.store.reader import Reader

        with Reader(self._path()) as reader:
            return kinds(reader)

    def teach(self, kind: str, *, path: str, name: str, any_price: bool) -> AsyncGenerator[str]:
        """Name a kind: how far the new verdicts are, in words; the last ones tell the result."""
        return self._told(kind, f"--path={path}", f"--name={name}", *(["--any-price"] if any_price else []))

    def forget(self, kind: str) -> AsyncGenerator[str]:
        """Take a name back; tells the same."""
        return self._told(kind, "--forget")

    def set_path(self, subscription: str, path: SoldThrough | None) -> None:
        """The consultant's own word on one subscription; None takes it back. Waits for the store: for a thread."""
        from ghl_triage.learning import Lessons

        Lessons(self._path(), self._clock, self._settings.caps).set_paths([subscription], path)

    async def _told(self, *arguments: str) -> AsyncGenerator[str]:
        from ghl_triage.secrets.handing import inheritance
        from ghl_triage.secrets.hiding import shows
        from ghl_triage.sources.secrets import mask

        if any(shows(argument) for argument in arguments):
            raise TriageError("That looks like a key or a link that lets one pay: it is written down nowhere.")
        with inheritance(self._settings, os.environ) as inherited:
            process = await asyncio.create_subprocess_exec(
                *_command(arguments),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                env=inherited.environment,
                pass_fds=inherited.descriptors,
                start_new_session=True,
            )
        if process.stdout is None or process.stderr is None:
            raise TriageError("Nothing can be heard of the new verdicts.")
        yield "waiting for the store…"
        async for line in process.stdout:
            yield _words(line)
        complaint = (await process.stderr.read()).decode(errors="replace").strip()
        if await process.wait():
            raise TriageError(mask(complaint.removeprefix("ghl-triage: ")) or "It was not learned.")


def _command(arguments: Sequence[str]) -> tuple[str, ...]:
    return (sys.executable, "-m", "ghl_triage", "learn", *arguments, "--follow")


def _words(line: bytes) -> str:
    told = json.loads(line)
    if "said" in told:
        return str(told["said"])
    return f"new verdicts for {told['done']:,} of {told['total']:,} customers"
