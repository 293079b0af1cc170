"""The file itself: whose it is, who may read it, what is refused, what survives."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ghl_triage.errors import StoreError, StoreForeign, StoreLocked, StoreNewer
from ghl_triage.store import schema
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.migrations import MIGRATIONS
from ghl_triage.store.migrations.step import Migration
from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import migrations, open_store, stored_version
from ghl_triage.store.state import Account
from ghl_triage.store.version import VERSION
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, case


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_file_and_folder_are_the_users_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        with Writer(path) as writer, WriteLock(path, "test"):
            writer.save_cases([case()])
            assert mode(path.parent) == 0o700
            assert {mode(each) for each in path.parent.iterdir()} == {0o600}
            assert len(list(path.parent.iterdir())) >= 3, "the write-ahead log is there too"
    finally:
        os.umask(old)


def test_a_newer_file_is_refused_and_untouched(path: Path) -> None:
    open_store(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    schema._seen.clear()
    before = path.read_bytes(), sorted(os.listdir(path.parent))
    for opener in (open_store, Writer, Reader):
        with pytest.raises(StoreNewer, match="newer ghl-triage") as caught:
            opener(path)
        assert "Update ghl-triage" in caught.value.hint
    assert (path.read_bytes(), sorted(os.listdir(path.parent))) == before


@pytest.mark.parametrize("content", [b"hello, I am a letter\n" * 9, b"short", None])
def test_a_foreign_file_is_refused_and_untouched(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "letters.db"
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE letters (text TEXT)")
        connection.commit()
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    for opener in (open_store, Writer, Reader):
        with pytest.raises(StoreForeign, match="no store of ghl-triage"):
            opener(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["letters.db"]


def test_an_older_file_is_copied_before_it_is_moved_forward(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlite_utils import Database

    monkeypatch.setattr(schema, "migrations", lambda: _first_steps(migrations(), 2))
    monkeypatch.setattr(schema, "VERSION", 2)
    open_store(path)
    assert stored_version(path) == 2
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO notes (subscription, at, text) VALUES ('sub_1', 1, 'keep me')")
    connection.close()
    monkeypatch.undo()
    with Reader(path) as reader:
        assert [note.text for note in reader.notes("sub_1")] == ["keep me"]
    assert stored_version(path) == VERSION
    copy = path.with_name("acme.sqlite3.v2.backup")
    assert stored_version(copy) == 2
    assert mode(copy) == 0o600
    backup = Database(copy)
    assert "journal" not in backup.table_names()
    assert [row["text"] for row in backup["notes"].rows] == ["keep me"]
    backup.close()


def _first_steps(steps: object, count: int) -> object:
    del steps._migrations[count:]  # type: ignore[attr-defined]
    return steps


def test_a_broken_migration_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "migrations", lambda: _first_steps(migrations(), 2))
    monkeypatch.setattr(schema, "VERSION", 2)
    open_store(path)
    monkeypatch.undo()
    broken = Migration("journal", ("CREATE TABLE plans (id TEXT)", "CREATE TABLE nonsense ("))
    monkeypatch.setattr("ghl_triage.store.migrations.MIGRATIONS", (*MIGRATIONS[:2], broken))
    with pytest.raises(StoreError):
        open_store(path)
    assert stored_version(path) == 2
    with sqlite3.connect(path) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'plans'").fetchall()
    connection.close()
    monkeypatch.undo()
    open_store(path)
    assert stored_version(path) == VERSION


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be read: Not a directory") as caught:
        open_store(tmp_path / "file" / "acme.sqlite3")
    assert "folder" in caught.value.hint


def test_a_missing_store_is_not_made_by_reading(path: Path) -> None:
    with pytest.raises(StoreError, match="no local data") as caught:
        Reader(path)
    assert "ghl-triage sync" in caught.value.hint
    assert not path.exists()


def test_a_damaged_file_is_told_as_such(path: Path) -> None:
    with Writer(path) as writer:
        writer.save_cases([case(number) for number in range(300)])
    content = bytearray(path.read_bytes())
    content[8192 * 3 :] = b"\xff" * (len(content) - 8192 * 3)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), Reader(path) as reader:
        reader.find("sub_1")


def test_a_full_disk_loses_nothing_that_was_stored(path: Path) -> None:
    with Writer(path) as writer:
        writer.save_cases([case(1)])
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="full") as caught:
            writer.save_cases([case(number) for number in range(2, 500)])
        assert "Make room" in caught.value.hint
        writer._connection.execute("PRAGMA max_page_count = 1000000")
        assert writer.save_cases([case(2)]) == 1
    with Reader(path) as reader:
        assert reader.counts()["cases"] == 2


def test_a_file_belongs_to_one_account_and_mode(writer: Writer, reader: Reader) -> None:
    account = Account("acct_1", "Course Creator", livemode=False)
    writer.set_account(account)
    writer.set_account(Account("acct_1", "Renamed", livemode=False))
    for other in (Account("acct_2", "Other", False), Account("acct_1", "Renamed", True)):
        with pytest.raises(StoreForeign, match="belongs to Renamed"):
            writer.set_account(other)
    assert reader.account() == Account("acct_1", "Renamed", livemode=False)


_HOLD = """
import sys
from pathlib import Path
from ghl_triage.store.lock import WriteLock
with WriteLock(Path(sys.argv[1]), "sync of acme"):
    print("held", flush=True)
    sys.stdin.read()
"""

_WRITE = """
import sys
from pathlib import Path
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, expanded
writer = Writer(Path(sys.argv[1]))
for page in range(100000):
    numbers = range(page * 100, page * 100 + 100)
    with writer.together():
        writer.write_objects([expanded(number) for number in numbers], fetched_at=NOW)
        writer.save_cursor("subscriptions", str(page + 1))
    print("page", flush=True)
"""


def run(program: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_lock_held_elsewhere_names_its_holder_and_ends_with_him(path: Path) -> None:
    lock = WriteLock(path, "plan")
    with run(_HOLD, path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreLocked, match="sync of acme") as caught:
            lock.acquire(timeout=0.0)
        assert caught.value.exit_code == 4
        assert caught.value.holder == f"sync of acme (process {other.pid})"
        assert lock.holder() == caught.value.holder
        other.kill()
        other.wait()
    lock.acquire(timeout=5.0)
    assert lock.held
    assert WriteLock(path, "other").holder() == f"plan (process {os.getpid()})"
    lock.release()
    assert lock.holder() is None


def test_a_lock_is_given_to_whoever_waits(path: Path) -> None:
    with run(_HOLD, path) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        other.stdin.close()
        with WriteLock(path, "plan", timeout=30.0) as lock:
            assert lock.held


def test_a_kill_in_the_middle_leaves_whole_pages_and_their_cursor(path: Path) -> None:
    with run(_WRITE, path) as other:
        assert other.stdout is not None
        for _ in range(3):
            other.stdout.readline()
        other.send_signal(signal.SIGKILL)
        other.wait()
    with Writer(path) as writer, Reader(path) as reader:
        pages = int(writer.cursor("subscriptions") or 0)
        assert pages >= 3
        counts = reader.counts()
        assert counts["subscription"] == counts["customer"] == counts["invoice_payment"] == pages * 100
        assert writer._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        writer.write_objects([{"id": "cus_new", "object": "customer"}], fetched_at=NOW)
