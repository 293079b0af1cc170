"""Has a report reckoned by its command in a process of its own: the app's event loop never waits for figures."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress

from ghl_triage.config import Settings
from ghl_triage.errors import TriageError
from ghl_triage.report import codec
from ghl_triage.report.document import Document
from ghl_triage.secrets.handing import inheritance
from ghl_triage.sources.secrets import mask

COMMAND = (sys.executable, "-m", "ghl_triage")


async def reckon(settings: Settings, arguments: Sequence[str], *, command: Sequence[str] = COMMAND) -> Document:
    """The report that `ghl-triage ARGUMENTS` makes. Cancelled, it ends the process.

    Raises TriageError with the one sentence that the process said at its end.
    """
    with inheritance(settings, os.environ) as inherited:
        process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            "--format",
            "blocks",
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=inherited.environment,
            pass_fds=inherited.descriptors,
            start_new_session=True,
        )
    try:
        out, err = await process.communicate()
    finally:
        # It only reads: it can be cut off anywhere.
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            # Reads what still lies in its pipes, so that they are closed.
            await process.communicate()
    if process.returncode:
        raise TriageError(_last_words(err) or f"The report ended with code {process.returncode}.")
    try:
        return codec.from_json(out)
    except ValueError as fault:
        raise TriageError("The report's process answered what cannot be read.") from fault


def _last_words(said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    sentence = lines[-1].removeprefix("ghl-triage: ").removeprefix("Error: ") if lines else ""
    return mask(sentence)
