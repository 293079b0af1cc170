"""The program in processes of its own, in Python's development mode and with every log on, watched while it runs."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ghl_triage.config import load_settings
from ghl_triage.sandbox.server import create_app
from ghl_triage.tui.screens.report import ReportScreen
from ghl_triage.tui.wiring import make_app
from tests.command_line import environment_of
from tests.sandbox_server import SandboxServer
from tests.secrets.planting import AGENCY_TOKEN, HIGHLEVEL_TOKEN, STRIPE_KEY, TEXT, Planting, leaks
from tests.secrets.test_nothing_leaks import OPTIONS
from tests.secrets.vault import FILE
from tests.tui.driving import main_screen, screen_text, settled, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="watches processes by /proc"),
]
ROOT = Path(__file__).resolve().parents[2]
LOUD = {
    "PYTHONDEVMODE": "1",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONFAULTHANDLER": "1",
    "STRIPE_LOG": "debug",
    "HTTPX_LOG_LEVEL": "trace",
}


@pytest.fixture
def garden() -> Iterator[SandboxServer]:
    app = Planting(create_app(OPTIONS), refused=("/highlevel/workflows",))
    with SandboxServer(OPTIONS, app) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def environment(garden: SandboxServer, tmp_path: Path) -> dict[str, str]:
    """A shell without keys: the keyring holds them, and counts who asks."""
    vault = tmp_path / "vault"
    held = dict(
        zip(
            ("t/stripe_key", "t/highlevel_token", "t/highlevel_agency_token"),
            (STRIPE_KEY, HIGHLEVEL_TOKEN, AGENCY_TOKEN),
            strict=True,
        )
    )
    vault.write_text(json.dumps(held))
    home = tmp_path / "home"
    home.mkdir()
    lines = [f'{name.removeprefix("t/")} = {{ keyring = "t" }}\n' for name in held]
    (home / "config.toml").write_text("rate = 0\n[secrets]\n" + "".join(lines))
    pointed = {
        name: value for name, value in environment_of(garden, home).items() if not name.endswith(("KEY", "TOKEN"))
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "HIGHLEVEL_"))}
    own = {FILE: str(vault), "PYTHON_KEYRING_BACKEND": "tests.secrets.vault.FileVault", "PYTHONPATH": str(ROOT)}
    return {**clean, **pointed, **own, "TZ": "UTC"}


class Watch:
    """Reads, again and again, the arguments and the environment of all processes that come from this one."""

    def __init__(self) -> None:
        self.arguments: set[bytes] = set()
        self.environments: set[bytes] = set()
        self._stop = threading.Event()

    @contextmanager
    def on(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            for process in _children(os.getpid()):
                for name, kept in (("cmdline", self.arguments), ("environ", self.environments)):
                    try:
                        kept.add(Path(f"/proc/{process}/{name}").read_bytes())
                    except OSError:
                        continue


def _children(process: int) -> Iterator[int]:
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = [int(each) for each in path.read_text().split()]
        except OSError:
            continue
        for child in found:
            yield child
            yield from _children(child)


def ran(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ghl_triage", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def asked(environment: dict[str, str]) -> int:
    """How often the keyring was asked so far."""
    path = Path(environment[FILE]).with_suffix(".asked")
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_nothing_shows_in_development_mode_with_all_logs_on(environment: dict[str, str], tmp_path: Path) -> None:
    watch = Watch()
    printed: dict[str, str] = {}
    with watch.on():
        for arguments in (
            ("sync", "--full"),
            ("keys", "show"),
            ("fix-default", "cause:card_not_default", "--apply", "--yes"),
            ("retry", "stage:failing", "--apply", "--yes"),
            ("resend-link", "stage:failing", "--apply", "--yes", "-o", str(tmp_path / "links")),
        ):
            done = ran({**environment, **LOUD}, *arguments)
            assert done.returncode in (0, 3), done.stderr
            printed[f"{arguments[0]} out"], printed[f"{arguments[0]} err"] = done.stdout, done.stderr
    shown = {"arguments": str(watch.arguments), "environments": str(watch.environments)}
    assert any(b"resend-link" in each for each in watch.arguments)
    assert leaks(tmp_path / "home", printed | shown) == []
    assert "PLANTED" in (tmp_path / "links").read_text()


@pytest.mark.anyio
async def test_the_app_its_sync_and_its_reports_ask_for_the_keys_once_and_show_them_nowhere(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import keyring

    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    keyring.set_keyring(keyring.core.load_env())  # type: ignore[arg-type]
    settings = replace(load_settings(environment), rate=0.0)
    assert asked(environment) == 3
    watch, seen = Watch(), ""

    def fail() -> None:
        raise RuntimeError(TEXT)

    async def use() -> None:
        nonlocal seen
        app = make_app(settings)
        async with app.run_test(size=(120, 36)) as pilot:
            main = main_screen(pilot)
            await until(pilot, lambda: "synced" in screen_text(app) and len(main.table.ids) > 0, "the first sync")
            await settled(pilot)
            seen += screen_text(app)
            await pilot.press("enter")
            await pilot.pause()
            seen += screen_text(app)
            await pilot.press("escape", "u")
            await until(pilot, lambda: isinstance(app.screen, ReportScreen), "the report's screen")
            await until(pilot, lambda: "hypothesis" in screen_text(app).lower(), "the report")
            seen += screen_text(app)
            app.log_line(f"noted {TEXT}")
            app.call_later(fail)
            await pilot.pause()

    with watch.on(), pytest.raises(RuntimeError):
        await use()
    assert asked(environment) == 3, "children are handed the keys"
    assert sum(b"--watch" in each for each in watch.arguments) == 1
    assert any(b"audit" in each for each in watch.arguments)
    said = capfd.readouterr()
    assert "RuntimeError" in said.err
    printed: dict[str, Any] = {"screen": seen, "out": said.out, "err": said.err}
    printed |= {"arguments": str(watch.arguments), "environments": str(watch.environments)}
    assert leaks(tmp_path / "home", printed) == []
    assert "broke off" in (tmp_path / "home" / "app.log").read_text()


def test_a_key_is_typed_without_an_echo(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home" / "config.toml").unlink()
    outside, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ghl_triage", "keys", "set", "stripe_key"],
        env=environment,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    shown = b""
    while b"not shown" not in shown:
        shown += os.read(outside, 1024)
    os.write(outside, f"{STRIPE_KEY}\n".encode())
    try:
        while more := os.read(outside, 1024):
            shown += more
    except OSError:
        pass  # the other end is gone
    assert process.wait(30) == 0, shown
    os.close(outside)
    assert b"is stored" in shown
    assert b"PLANTED" not in shown
    assert "PLANTED" not in (tmp_path / "home" / "config.toml").read_text()
