"""A disk that is full: what cannot be written down is not sent, and what was sent is written down.

The system's own limit on the size of files stands for the disk: SQLite's log, which every commit lengthens, is the
first that does not fit.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ghl_triage.errors import StoreError
from ghl_triage.model import ActionKind
from ghl_triage.store.checkup import check
from ghl_triage.store.journal import EntryState, Journal
from tests.actions.desk import Desk
from tests.actions.town import Town
from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import SandboxServer

OPEN = {EntryState.PLANNED, EntryState.SENT, EntryState.UNKNOWN}


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestActing:
    """A batch of six, tried again and again with a little more room."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        town.mended("ann", "bob", "cem", "dan", "eve", "fay")

    @pytest.mark.anyio
    @pytest.mark.parametrize("step", [pytest.param(16_384, marks=pytest.mark.slow), 196_608])
    async def test_nothing_is_sent_that_is_not_written_down(self, desk: Desk, step: int) -> None:
        wanted = {desk.case(subscription).customer for subscription in desk.payable()}
        size, said = 0, list[str]()
        while len(desk.charged()) < 6:
            plan = await desk.opened(ActionKind.RETRY, *desk.payable())
            before = set(desk.charged())
            try:
                with room(size):
                    await desk.run(plan)
            except StoreError as fault:
                said.append(str(fault))
            self.is_accounted_for(desk, before)
            async for _ in desk.session().settle():
                pass
            for old in desk.session().cut_off():
                await desk.session().discard(old)
            size += step
        assert len(said) >= 3
        assert [text for text in said if "disk" not in text and "cannot be made" not in text] == []
        assert sorted(desk.charged()) == sorted(wanted), "each once"
        assert not OPEN & set(desk.states())
        assert check(desk.database).sound

    def is_accounted_for(self, desk: Desk, before: set[str]) -> None:
        """Whom we charged stands in the journal as sent, or as more than that."""
        paid = set(desk.charged()) - before
        left = {desk.case(entry.case).customer for entry in desk.journal() if entry.sent_at is not None}
        assert paid <= left
        with Journal(desk.database) as journal:
            assert journal.verify().whole


@pytest.mark.slow
@pytest.mark.parametrize("size", [10, 40_000, 200_000, 1_000_000])
def test_a_sync_says_so_and_goes_on_when_there_is_room(
    fresh_sandbox: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: int
) -> None:
    shell = CommandLine({**environment_of(fresh_sandbox, tmp_path), "TZ": "UTC"}, capsys)
    with room(size):
        ran = shell.run("sync")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "disk" in ran.err
    assert shell.run("sync").code == 0
    assert shell.run("store", "check").code == 0
    assert shell.run("cases", "--json").document["total"] > 10
