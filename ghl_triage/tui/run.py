"""Starts the app. The garbage collector rests until the first paint: what a start makes is what stays."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghl_triage.config import Settings


def run_app(settings: Settings) -> None:
    """The app, until the user leaves it. Raises StoreNewer and StoreForeign: such a file is not touched."""
    gc.disable()
    from ghl_triage.tui.wiring import make_app

    app = make_app(settings)
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
