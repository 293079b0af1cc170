"""The background process: it loads, follows, hears "sync now", and ends with whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.config import Settings, load_settings
from ghl_triage.model import Stage, SyncProgress
from ghl_triage.secrets.handing import inheritance
from ghl_triage.store.lock import WriteLock
from ghl_triage.sync.child import SyncChild
from ghl_triage.sync.progress import progress_from_json
from tests.sandbox_server import SandboxServer
from tests.sync.conftest import desk_at

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One small world for all of these; each test has a workspace of its own."""
    with SandboxServer() as server:
        yield server


async def finished(progresses: AsyncIterator[SyncProgress]) -> SyncProgress:
    """The last word of the run that goes on."""
    async for progress in progresses:
        if progress.finished:
            return progress
    raise AssertionError("the child ended")


async def test_the_app_is_told_everything_and_can_ask_for_more(server: SandboxServer, tmp_path: Path) -> None:
    desk = desk_at(server, tmp_path)
    child = SyncChild(desk.settings)
    async with asyncio.timeout(60), aclosing(child.told()) as progresses:
        first = await finished(progresses)
        assert (first.kind, first.failed_parts, first.error) == ("full", (), None)
        case = next(case for case in desk.cases().values() if case.stage is Stage.FAILING and case.status == "past_due")
        server.play("pay_hosted_invoice", invoice=case.invoice)
        await child.sync_now()
        second = await finished(progresses)
        assert second.kind == "tick"
        assert desk.cases()[case.subscription].status == "active"
        await child.stop()
    assert child.returncode == 0


async def test_a_store_that_another_writes_is_waited_for(server: SandboxServer, tmp_path: Path) -> None:
    desk = desk_at(server, tmp_path)
    await desk.sync()
    lock = WriteLock(desk.path, "a plan")
    lock.acquire()
    child = SyncChild(desk.settings)
    async with asyncio.timeout(60), aclosing(child.told()) as progresses:
        told = await finished(progresses)
        assert told.error is not None
        assert "a plan" in told.error
        lock.release()
        assert (await finished(progresses)).error is None
        await child.stop()


async def test_a_wrong_key_is_told_and_not_printed(server: SandboxServer, tmp_path: Path) -> None:
    desk = desk_at(server, tmp_path)
    child = SyncChild(replace(desk.settings, stripe_key="rk_test_wrong9876543210"))
    async with asyncio.timeout(60), aclosing(child.told()) as progresses:
        told = await finished(progresses)
        await child.stop()
    assert "does not accept the key" in (told.error or "")
    assert "wrong9876543210" not in (told.error or "")


async def test_a_child_that_dies_is_started_again_and_its_last_words_are_told(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    key = "rk_test_secret1234567890"
    script = (
        f"import os, sys; m = {str(mark)!r}\n"
        "if not os.path.exists(m):\n"
        "    open(m, 'w').close()\n"
        f"    sys.exit('boom with ' + {key!r})\n"
        'print(\'{"kind": "tick", "parts": [], "missing": [], "finished": true}\', flush=True)\n'
        "sys.stdin.read()\n"
    )
    settings = replace(_settings(tmp_path), stripe_key=key)
    child = SyncChild(settings, command=[sys.executable, "-c", script], pause=0.01)
    async with asyncio.timeout(30), aclosing(child.told()) as progresses:
        obituary = await anext(progresses)
        assert "boom" in (obituary.error or "")
        assert key not in (obituary.error or "")
        assert (await anext(progresses)).error is None
        await child.stop()


@pytest.mark.parametrize("end", ["input closes", "SIGTERM"])
async def test_it_ends_with_whoever_started_it(server: SandboxServer, tmp_path: Path, end: str) -> None:
    desk = desk_at(server, tmp_path)
    with inheritance(desk.settings, os.environ) as inherited:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ghl_triage", "--rate", "5", "sync", "--watch", "--json"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=inherited.environment,
            pass_fds=inherited.descriptors,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while progress_from_json((await process.stdout.readline()).decode()).objects == 0:
            pass
        if end == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        said = await process.stderr.read()
        await process.stdout.read()
        assert await process.wait() == 0
    assert said == b""
    assert WriteLock(desk.path, "test").holder() is None


def _settings(home: Path) -> Settings:
    return load_settings({"STRIPE_API_KEY": "rk_test_1", "GHL_TRIAGE_HOME": str(home)})
