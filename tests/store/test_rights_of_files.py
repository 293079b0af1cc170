"""Files and folders that may not be written, looked at with a user's own rights: as root nothing would be refused."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ghl_triage.store.checkup import check
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.writer import Writer
from tests.store.given import NOW

ROOT = Path(__file__).parents[2]
NOBODY = 65_534
_TRY = """
import os
import sys
from pathlib import Path
from ghl_triage.errors import TriageError
from ghl_triage.store.checkup import check
from ghl_triage.store.journal import Journal
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.reader import Reader
from ghl_triage.store.rebuild import rebuild
from ghl_triage.store.backups import backup
from ghl_triage.store.writer import Writer
import sqlite_utils.migrations
import ghl_triage.store.private
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
path = Path(sys.argv[1])
def lock():
    with WriteLock(path, "test"):
        pass
def note():
    with Writer(path) as writer:
        writer.add_note("sub_1", "hello", 1)
def read():
    with Reader(path) as reader:
        reader.counts()
work = {
    "read": read, "note": note, "lock": lock, "holder": WriteLock(path, "").holder,
    "journal": lambda: Journal(path).entries(), "backup": lambda: backup(path, path.with_name("copy")),
    "rebuild": lambda: rebuild(path, now=1, lock_timeout=0), "check": lambda: check(path),
}
for name in sys.argv[2:]:
    try:
        work[name]()
        print(f"{name}: fine")
    except TriageError as error:
        print(f"{name}: {error}")
"""


@pytest.fixture
def as_a_user() -> Callable[..., dict[str, str]]:
    """Tries things in a process without special rights; what came of each."""

    def tried(path: Path, *names: str) -> dict[str, str]:
        command = [sys.executable, "-c", _TRY, str(path), *names]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert run.returncode == 0, run.stderr
        return dict(line.split(": ", 1) for line in run.stdout.splitlines())

    return tried


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of that user's, which he can get to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "data"
        path.mkdir(mode=0o700)
        yield path
        path.chmod(0o700)


@contextmanager
def owned(home: Path, *, folder: int, files: int) -> Iterator[None]:
    """All in it belongs to the user, with these modes."""
    for each in (*home.iterdir(), home):
        if os.geteuid() == 0:
            os.chown(each, NOBODY, NOBODY)
        each.chmod(folder if each == home else files)
    yield
    for each in (home, *home.iterdir()):
        each.chmod(0o700)


def made(home: Path) -> Path:
    """A store in it, with a note."""
    path = home / "acme.sqlite3"
    with Writer(path) as writer, WriteLock(path, "test"):
        writer.add_note("sub_1", "asked her", NOW)
    return path


def test_a_folder_that_may_not_be_written_is_named(home: Path, as_a_user: Callable[..., dict[str, str]]) -> None:
    path = made(home)
    before = path.read_bytes()
    with owned(home, folder=0o500, files=0o600):
        said = as_a_user(path, "read", "note", "lock", "journal", "backup", "rebuild", "check")
    for name in ("read", "note", "journal", "backup", "rebuild"):
        assert said[name] != "fine", name
        assert str(home) in said[name]
        assert "belong to you" in said[name] or "can be written" in said[name], said[name]
    assert said["check"] == "fine", "what it finds is a fault to tell, not one of its own"
    assert path.read_bytes() == before


def test_a_file_that_may_not_be_written_is_named(home: Path, as_a_user: Callable[..., dict[str, str]]) -> None:
    path = made(home)
    before = path.read_bytes()
    with owned(home, folder=0o700, files=0o400):
        said = as_a_user(path, "read", "note", "lock", "holder", "rebuild")
    assert said["read"] == "fine"
    assert "readonly database" in said["note"]
    assert "belong to you" in said["note"]
    assert "cannot be made or read" in said["lock"]
    assert path.read_bytes() == before


def test_a_file_that_may_not_be_read_is_named(home: Path, as_a_user: Callable[..., dict[str, str]]) -> None:
    path = made(home)
    with owned(home, folder=0o700, files=0o000):
        said = as_a_user(path, "read", "note", "holder", "backup")
    assert all("Permission denied" in text or "can be written" in text for text in said.values()), said
    assert check(path).journal_rows == 0


def test_there_is_no_room_for_a_store_under_proc() -> None:
    with pytest.raises(Exception, match="cannot be made") as caught:
        Writer(Path("/proc/ghl-triage/acme.sqlite3"))
    assert "can be written" in str(caught.value)
