"""Nobody else may look at what is stored, whatever the umask was, and however the file came here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ghl_triage.store.backups import backup
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import open_store
from ghl_triage.store.writer import Writer
from tests.store.given import case


def modes(folder: Path) -> dict[str, int]:
    """The modes of all that lies in a folder."""
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


@pytest.fixture(params=[0o000, 0o022, 0o277])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """The widest, the usual and an absurd one."""
    old = os.umask(request.param)
    yield
    os.umask(old)


@pytest.mark.usefixtures("umask")
def test_all_files_are_the_users_alone_under_any_umask(path: Path) -> None:
    with Writer(path) as writer, WriteLock(path, "test"):
        writer.save_cases([case()])
        backup(path, path.with_name(f"{path.name}.mine.backup"))
        found = modes(path.parent)
    assert {name.removeprefix(path.name) for name in found} == {
        "", "-wal", "-shm", ".lock", ".setup", ".mine.backup",
    }  # fmt: skip
    assert set(found.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_others_could_read_is_taken_back_when_it_is_opened(path: Path) -> None:
    with Writer(path) as writer, WriteLock(path, "test"):
        writer.save_cases([case()])
        for each in path.parent.iterdir():
            each.chmod(0o644)
        path.parent.chmod(0o755)
        Reader(path).close()
        assert set(modes(path.parent).values()) == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_with_other_things_in_it_is_left_as_the_user_made_it(path: Path) -> None:
    open_store(path)
    path.parent.chmod(0o755)
    path.chmod(0o644)
    (path.parent / "letters.txt").write_text("not ours")
    (path.parent / "letters.txt").chmod(0o644)
    Reader(path).close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755
    assert modes(path.parent)["letters.txt"] == 0o644
    assert modes(path.parent)[path.name] == 0o600


def test_a_foreign_file_keeps_its_mode(tmp_path: Path) -> None:
    letters = tmp_path / "acme.sqlite3"
    letters.write_text("hello, I am a letter\n" * 9)
    letters.chmod(0o644)
    with pytest.raises(Exception, match="no store of ghl-triage"):
        open_store(letters)
    assert modes(tmp_path) == {"acme.sqlite3": 0o644}
