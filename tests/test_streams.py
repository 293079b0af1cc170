"""Standard output that is closed, full, read by nobody, or of another encoding: a sentence and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import environment_of
from tests.sandbox_server import SandboxServer

COMMAND = (sys.executable, "-m", "ghl_triage")


def unread_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def run(*arguments: str, output: int, **environment: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
            check=False,
        )
    finally:
        if output >= 0:
            os.close(output)


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    ran = run("--help", output=unread_pipe())
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_full_disk_is_a_sentence() -> None:
    ran = run("--help", output=os.open("/dev/full", os.O_WRONLY))
    assert ran.returncode == 1
    assert ran.stderr == "ghl-triage: The output cannot be written: No space left on device.\n"


def test_what_goes_into_a_pipe_is_utf_8_whatever_the_locale() -> None:
    ran = subprocess.run(
        [*COMMAND, "import-log", "--help"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert "FILE…" in ran.stdout.decode()


def test_closed_streams_are_not_taken_for_the_next_file(sandbox: SandboxServer, tmp_path: Path) -> None:
    environment = {**os.environ, **environment_of(sandbox, tmp_path)}
    closed = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND, "cases"], env=environment, check=False
    )
    assert closed.returncode == 0
    checked = subprocess.run([*COMMAND, "store", "check"], env=environment, capture_output=True, text=True, check=False)
    assert "Nothing is wrong." in checked.stdout, checked.stderr


@pytest.mark.slow
def test_a_plan_whose_reader_goes_away_ends_after_the_case_in_hand(
    fresh_sandbox: SandboxServer, tmp_path: Path
) -> None:
    environment = {**os.environ, **environment_of(fresh_sandbox, tmp_path)}
    subprocess.run([*COMMAND, "sync"], env=environment, check=True, capture_output=True)
    acting = subprocess.Popen(
        [*COMMAND, "resend-link", "stage:at_risk", "--apply", "--yes"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert acting.stdout is not None
    assert acting.stdout.readline().startswith("link:")
    acting.stdout.close()
    assert acting.stderr is not None
    said = acting.stderr.read()
    acting.stderr.close()
    assert acting.wait(60) == 1
    assert "The output cannot be written: Broken pipe." in said
    assert "`ghl-triage journal` shows what was done" in said
    resumed = subprocess.run([*COMMAND, "resume"], env=environment, capture_output=True, text=True, check=True)
    assert "Nothing hangs." in resumed.stderr


@pytest.mark.parametrize("arguments", [(), ("--read-only",), ("demo",)])
def test_the_app_is_not_begun_where_nobody_could_end_it(arguments: tuple[str, ...], tmp_path: Path) -> None:
    environment = {"STRIPE_API_KEY": "rk_test_sandbox", "GHL_TRIAGE_HOME": str(tmp_path)}
    ran = run(*arguments, output=subprocess.PIPE, **environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "needs a terminal" in ran.stderr
