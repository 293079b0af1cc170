"""`ghl-triage store`: check, backup and rebuild as they are typed. None of them asks Stripe for anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghl_triage.config import load_settings, remember_database
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.command_line import CommandLine
from tests.store.given import NOW, case, expanded
from tests.store.spoil import root_page, spoil
from tests.store.test_chain import fill


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    environment = {"STRIPE_API_KEY": "rk_test_x", "STRIPE_API_BASE": "http://127.0.0.1:9", "TZ": "UTC"}
    return CommandLine({**environment, "GHL_TRIAGE_HOME": str(tmp_path / "home")}, capsys)


@pytest.fixture
def path(shell: CommandLine) -> Path:
    """A store with a journal, a note and a case."""
    path = remember_database(load_settings(shell.environment), "acct_1")
    fill(path)
    with Writer(path) as writer:
        writer.write_objects([expanded(1)], fetched_at=NOW)
        writer.save_cases([case(1)])
        writer.add_note("sub_1", "asked her", NOW)
    return path


def test_check_says_that_nothing_is_wrong_or_what_is_and_what_mends_it(shell: CommandLine, path: Path) -> None:
    ran = shell.run("store", "check")
    assert (ran.code, ran.err) == (0, "")
    assert "Nothing is wrong." in ran.out
    assert "17 rows, head " in ran.out
    found = shell.run("store", "check", "--json").document
    assert (found["file"], found["sound"], found["faults"], found["journal"]["rows"]) == (str(path), True, [], 17)
    spoil(path, root_page(path, "cases"))
    ran = shell.run("store", "check")
    assert ran.code == 1
    assert "WRONG" in ran.out
    assert "mends it: `ghl-triage store rebuild`" in ran.out
    assert "is not sound" in ran.err
    ran = shell.run("store", "check", "--json")
    assert ran.code == 1
    assert {fault["kind"] for fault in ran.document["faults"]} == {"pages"}


def test_backup_makes_a_checked_copy_beside_the_store_or_where_it_is_told(
    shell: CommandLine, path: Path, tmp_path: Path
) -> None:
    with Writer(path) as writer:
        writer.add_note("sub_1", "while the app runs", NOW)
        ran = shell.run("store", "backup")
    assert ran.code == 0
    assert "Nothing is wrong." in ran.out
    (copy,) = path.parent.glob("*.backup")
    assert copy.stat().st_mode & 0o777 == 0o600
    with Reader(copy) as reader:
        assert [note.text for note in reader.notes("sub_1")] == ["asked her", "while the app runs"]
    elsewhere = tmp_path / "copy.sqlite3"
    assert shell.run("store", "backup", str(elsewhere), "--json").document["sound"]
    assert shell.run("store", "check", str(elsewhere)).code == 0
    assert shell.run("store", "backup", str(elsewhere)).code == 2, "nothing is written over"
    assert shell.run("store", "backup", str(tmp_path)).code == 0
    assert list(tmp_path.glob("acct_1*.backup"))
    ran = shell.run("store", "backup", str(tmp_path / "nowhere" / "copy"))
    assert ran.code == 1
    assert "cannot be made: No such file or directory" in ran.err
    spoil(path, root_page(path, "cases"))
    ran = shell.run("store", "backup", str(tmp_path / "damaged.sqlite3"))
    assert ran.code == 1
    assert "store rebuild" in ran.err


def test_rebuild_mends_what_check_found(shell: CommandLine, path: Path) -> None:
    head = shell.run("journal", "verify", "--json").document["head"]
    spoil(path, root_page(path, "cases"))
    ran = shell.run("cases")
    assert ran.code == 1
    assert "store rebuild" in ran.err
    done = shell.run("store", "rebuild", "--json").document
    assert done["rows"]["journal"] == 4
    assert (done["lost"], done["journal_head"]) == ([], head)
    assert Path(done["kept"]).exists()
    assert shell.run("store", "check").code == 0
    assert shell.run("journal", "verify", "--noted", head).code == 0
    assert "4 journal entries, 1 note" in shell.run("store", "rebuild").out
    assert "Nothing is loaded since the store was made anew" in shell.run("cases").err


def test_rebuild_loses_nothing_unasked_and_waits_for_writers(shell: CommandLine, path: Path) -> None:
    spoil(path, root_page(path, "notes"))
    ran = shell.run("store", "rebuild")
    assert ran.code == 1
    assert "not rebuilt" in ran.err
    assert "--accept-loss" in ran.err
    ran = shell.run("store", "rebuild", "--accept-loss")
    assert ran.code == 0
    assert "LOST     1 note cannot be read." in ran.out or "LOST     A part of the table `notes`" in ran.out
    with WriteLock(path, "sync"), pytest.MonkeyPatch.context() as patched:
        patched.setattr("ghl_triage.store.rebuild.rebuild.__kwdefaults__", {"accept_loss": False, "lock_timeout": 0.0})
        ran = shell.run("store", "rebuild")
    assert ran.code == 4
    assert "being written by sync" in ran.err


@pytest.mark.parametrize("command", ["check", "backup", "rebuild"])
def test_without_a_store_there_is_nothing_to_do(shell: CommandLine, command: str) -> None:
    ran = shell.run("store", command)
    assert ran.code == 1
    assert "no local data" in ran.err
