"""A store that is moved forward: killed at any statement, by several at once, on a full disk, it keeps what it had."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ghl_triage.errors import StoreError, StoreLocked, StoreNewer
from ghl_triage.store import backups, schema
from ghl_triage.store.chain import verify
from ghl_triage.store.lock import setting_up
from ghl_triage.store.migrations import MIGRATIONS
from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import open_store
from ghl_triage.store.version import VERSION
from tests.store.old import is_whole, kept_rows, make_old, version_of

ROOT = Path(__file__).parents[2]


def killed_everywhere(folder: Path, version: int, step: int = 1) -> None:
    """Move a store of this version forward with a kill before every statement; each time all is as it was, or done."""
    folder.mkdir()
    before = {}
    if version:
        make_old(folder / "old.sqlite3", version)
        before = kept_rows(folder / "old.sqlite3")
    command = [sys.executable, "-m", "tests.store.killer", str(folder), "0", str(step)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    count = int(run.stdout)
    assert count > 20, "the kills did hit statements"
    for number in range(0, count, step):
        path = folder / str(number) / "store.sqlite3"
        cut_off = version_of(path)
        assert version <= cut_off <= VERSION
        assert is_whole(path)
        if version and cut_off > version:
            assert path.with_name(f"{path.name}.v{version}.backup").exists()
        for copy in backups.backups_of(path):
            assert is_whole(copy)
            assert kept_rows(copy) == before
        open_store(path)
        assert version_of(path) == VERSION
        assert before.items() <= kept_rows(path).items()
        with closing(sqlite3.connect(path)) as connection:
            assert verify(connection).whole
        if version:
            oldest = path.with_name(f"{path.name}.v{version}.backup")
            assert version_of(oldest) == version
            assert kept_rows(oldest) == before
        assert not list(path.parent.glob("*.partial"))


def test_a_kill_at_any_statement_leaves_the_old_store_or_the_new_one(tmp_path: Path) -> None:
    killed_everywhere(tmp_path / "last", VERSION - 1, step=8)
    killed_everywhere(tmp_path / "first", 0, step=59)


@pytest.mark.slow
@pytest.mark.parametrize("version", [0, 3])
def test_a_kill_at_any_statement_of_any_migration(tmp_path: Path, version: int) -> None:
    killed_everywhere(tmp_path / "store", version)


def test_the_version_counts_the_migrations() -> None:
    assert len(MIGRATIONS) == VERSION


def test_several_that_start_at_once_move_a_store_forward_once(path: Path) -> None:
    make_old(path, VERSION - 2)
    before = kept_rows(path)
    program = (
        "import sys; from pathlib import Path; from ghl_triage.store.journal import Journal; Journal(Path(sys.argv[1]))"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=ROOT) for _ in range(3)]
    assert [each.wait(60) for each in started] == [0, 0, 0]
    assert before.items() <= kept_rows(path).items()
    assert [copy.name for copy in backups.backups_of(path)] == [f"{path.name}.v{VERSION - 2}.backup"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (VERSION,)


def test_whoever_finds_it_being_moved_forward_waits_and_then_says_so(path: Path) -> None:
    make_old(path, VERSION - 1)
    with setting_up(path), pytest.raises(StoreLocked, match="moved forward") as caught, setting_up(path, timeout=0.0):
        pass
    assert caught.value.exit_code == 4


def test_a_full_disk_while_the_backup_is_made_leaves_the_old_store(path: Path) -> None:
    make_old(path, VERSION - 1, rows=3_000)
    before = kept_rows(path)
    program = (
        "import resource, sys; from pathlib import Path; from ghl_triage.store.schema import open_store\n"
        "from ghl_triage.errors import StoreError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: open_store(Path(sys.argv[1]))\n"
        "except StoreError as error: print(error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "disk" in run.stdout
    assert "what was stored before is whole" in run.stdout
    assert version_of(path) == VERSION - 1
    assert backups.backups_of(path) == []
    assert list(path.parent.glob("*.partial*")) == []
    open_store(path)
    assert before.items() <= kept_rows(path).items()


def test_copies_of_the_oldest_schemas_go_and_the_user_s_own_stay(path: Path) -> None:
    make_old(path, 5)
    own = path.with_name(f"{path.name}.20260101T000000Z.backup")
    backups.backup(path, own)
    for version in (2, 3, 4):
        backups.backup(path, path.with_name(f"{path.name}.v{version}.backup"))
    schema._seen.clear()
    open_store(path)
    assert {copy.name.removeprefix(f"{path.name}.") for copy in backups.backups_of(path)} == {
        "v5.backup",
        "v4.backup",
        "v3.backup",
        "20260101T000000Z.backup",
    }


def test_a_newer_schema_that_only_the_write_ahead_log_knows_of_is_refused(path: Path) -> None:
    make_old(path, VERSION - 1)
    program = (
        "import os, signal, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        f"connection.execute('PRAGMA user_version = {VERSION + 1}')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    with pytest.raises(StoreNewer, match="newer ghl-triage"):
        open_store(path)
    assert version_of(path) == VERSION + 1


@pytest.mark.parametrize("opener", [open_store, Reader])
def test_an_sqlite_that_is_too_old_is_told(path: Path, monkeypatch: pytest.MonkeyPatch, opener: type) -> None:
    open_store(path)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match=r"needs SQLite 3\.35") as caught:
        opener(path)
    assert "newer Python" in caught.value.hint
