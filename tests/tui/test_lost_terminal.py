"""A window that is closed takes the app with it, also where another program stands between (`make demo`)."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

from ghl_triage.config import load_settings, remember_database
from tests.tui import world
from tests.tui.driving import PATIENCE

# As make does: gets the terminal's signal, and waits for its child.
_BETWEEN = """
import fcntl, signal, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGHUP, lambda *_: None)
child = subprocess.Popen([sys.executable, "-m", "ghl_triage"])
print(f"child {child.pid} ", flush=True)
while child.poll() is None:
    try:
        child.wait()
    except InterruptedError:
        pass
"""


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def shown(window: int, *, until: bytes) -> bytes:
    """What came to the window, up to the words that are waited for."""
    seen, deadline = b"", monotonic() + PATIENCE
    while until not in seen:
        ready, _, _ = select.select([window], [], [], max(0.0, deadline - monotonic()))
        assert ready, seen[-500:]
        try:
            seen += os.read(window, 65_536)
        except OSError:
            raise AssertionError(seen[-500:]) from None
    return seen


def test_the_app_ends_with_its_window(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "STRIPE_API_KEY": "rk_test_nobody",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "GHL_TRIAGE_HOME": str(tmp_path),
    }
    world.fill(remember_database(load_settings(environment), "acct_1"), world.world(), status=world.synced())
    window, terminal = pty.openpty()
    between = subprocess.Popen(
        [sys.executable, "-c", _BETWEEN],
        stdin=terminal, stdout=terminal, stderr=terminal, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        seen = shown(window, until=b"Customer")
        app = int(seen.split(b"child ")[1].split(b" ")[0])
        assert is_alive(app)
    finally:
        os.close(window)
        try:
            between.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(between.pid, signal.SIGKILL)
            raise
    assert not is_alive(app)
