"""Run by `benchmarks.imports` and by a test, in a process of its own: the app until its first row is painted.

Prints that row, and then the modules that were imported by then. The environment says which workspace.
"""

from __future__ import annotations

import sys

from ghl_triage.config import load_settings
from ghl_triage.tui.app import TriageApp
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.wiring import make_app


def main() -> None:
    """Open the app without a terminal."""
    TriageApp.painted = _tell  # type: ignore[assignment, method-assign]
    make_app(load_settings()).run(headless=True, size=(120, 36))


def _tell(app: TriageApp) -> None:
    """In the place of what follows the first paint: the sync's child, and all that the threads then read."""
    screen = app.screen
    assert isinstance(screen, MainScreen)
    print(screen.table.render_line(1).text)
    print("\n".join(sorted(sys.modules)))
    app.exit()


if __name__ == "__main__":
    main()
