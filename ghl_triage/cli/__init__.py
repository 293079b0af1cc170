"""The command line. Without arguments it is the app, which comes up without the parser of the commands."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from ghl_triage.errors import TriageError, UsageError

_COMPLETION = "_GHL_TRIAGE_COMPLETE"
"""Set by a shell that asks what could come next; click answers."""


def main() -> NoReturn:
    """Run the command line; a TriageError becomes one message and its exit code."""
    try:
        if len(sys.argv) > 1 or _COMPLETION in os.environ:
            from ghl_triage.cli.commands import run

            sys.exit(run())
        _open_app()
    except KeyboardInterrupt:
        sys.exit(130)
    except TriageError as fault:
        from ghl_triage.cli.context import say

        say(f"ghl-triage: {fault}")
        sys.exit(fault.exit_code)
    except Exception as fault:
        from ghl_triage.breakdown import SENTENCE, told

        sys.stderr.write(f"{SENTENCE}\n{told(fault)}")
        sys.exit(1)
    sys.exit(0)


def _open_app() -> None:
    from ghl_triage.config import load_settings

    settings = load_settings()
    demand_terminal()
    from ghl_triage.tui.run import run_app

    run_app(settings)


def demand_terminal() -> None:
    """Raises UsageError where the app could neither be seen nor be ended: in cron, or behind a pipe."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise UsageError("The app needs a terminal.", hint="`ghl-triage --help` lists the commands for scripts.")
