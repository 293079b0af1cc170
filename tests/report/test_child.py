"""A report reckoned in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from ghl_triage.config import Settings
from ghl_triage.errors import TriageError
from ghl_triage.report import codec
from ghl_triage.report.child import reckon
from tests.report.sample import AUDIT

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("rk_test_secret", "http://127.0.0.1:9", False, tmp_path, tmp_path)


def program(code: str) -> tuple[str, ...]:
    """A process that runs this code."""
    return (sys.executable, "-c", code)


async def test_it_gets_what_the_process_prints_and_hands_the_arguments_on(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "blocks").write_bytes(codec.to_json(AUDIT))
    code = (
        "import sys, os, pathlib\n"
        "assert sys.argv[1:] == ['report', 'conversion', '--format', 'blocks'], sys.argv\n"
        "from ghl_triage.config import load_settings\n"
        "assert load_settings().stripe_key == 'rk_test_secret'\n"
        f"print(pathlib.Path({str(tmp_path)!r}, 'blocks').read_text())"
    )
    assert await reckon(settings, ("report", "conversion"), command=program(code)) == AUDIT


@pytest.mark.parametrize("given", ["stripe_key", "highlevel_token", "highlevel_agency_token"])
async def test_a_fault_is_the_last_sentence_that_was_said_without_the_key(settings: Settings, given: str) -> None:
    known = replace(settings, **{given: "not like any key"})  # type: ignore[arg-type]
    said = "ghl-triage: The key not like any key is refused."
    code = f"import sys; print('noise', file=sys.stderr); sys.exit({said!r})"
    with pytest.raises(TriageError, match=r"^The key \[hidden\] is refused\.$"):
        await reckon(known, ("audit",), command=program(code))


async def test_an_answer_that_is_no_report_is_a_fault(settings: Settings) -> None:
    with pytest.raises(TriageError, match="cannot be read"):
        await reckon(settings, ("audit",), command=program("print('hello')"))


async def test_the_real_command_says_in_one_sentence_what_is_wrong(settings: Settings) -> None:
    with pytest.raises(TriageError, match="No such command"):
        await reckon(settings, ("no-such-report",))


async def test_who_leaves_ends_the_process(settings: Settings, tmp_path: Path) -> None:
    alive = tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(alive)!r}).write_text(str(os.getpid())); time.sleep(600)"
    reckoning = asyncio.create_task(reckon(settings, ("audit",), command=program(code)))
    with anyio.fail_after(20):
        while not (alive.exists() and alive.read_text()):
            await anyio.sleep(0.005)
    reckoning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reckoning
    with pytest.raises(ProcessLookupError):
        os.kill(int(alive.read_text()), 0)
