"""A fault of the program's own ends it with a report that gives nothing away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui import world
from tests.tui.driving import ready

PLANTED = "sk_live_planted_in_a_variable"


@pytest.mark.anyio
async def test_the_report_of_a_fault_names_the_place_and_no_variable(
    store: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app = world.app(store)

    def fail() -> None:
        key = PLANTED
        try:
            raise KeyError(key)
        except KeyError as cause:
            raise RuntimeError(f"broken after {len(key)} characters by {key}") from cause

    async def use() -> None:
        async with app.run_test(size=(120, 36)) as pilot:
            await ready(pilot)
            app.call_later(fail)
            await pilot.pause()

    with pytest.raises(RuntimeError, match="broken after"):
        await use()
    printed = capfd.readouterr().err
    assert "broken after 29 characters" in printed
    assert "resume" in printed
    assert "KeyError" in printed
    assert "test_breakdown.py" in printed
    assert PLANTED not in printed
    assert app.return_code == 1
