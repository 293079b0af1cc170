"""A window that is closed takes the app with it, also where another program stands between (`make demo`)."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from time import monotonic

from ghl_triage.config import load_settings, remember_database
from tests.tui import world

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
    seen, deadline = b"", monotonic() + 30
    while b"help" not in seen:
        assert monotonic() < deadline, seen[-500:]
        seen += os.read(window, 65_536)
    app = int(seen.split(b"child ")[1].split(b" ")[0])
    assert is_alive(app)
    os.close(window)
    between.wait(30)
    assert not is_alive(app)
