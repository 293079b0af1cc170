"""`store check` finds what is wrong with a file, says what mends it, and changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ghl_triage.errors import StoreError
from ghl_triage.store.backups import backup
from ghl_triage.store.checkup import Fault, check, check_copy
from ghl_triage.store.journal import Journal, PlanRecord
from ghl_triage.store.schema import open_store
from ghl_triage.store.version import VERSION
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, case, expanded
from tests.store.old import make_old
from tests.store.spoil import root_page, spoil
from tests.store.test_chain import fill, tamper


@pytest.fixture
def sound(path: Path) -> Path:
    """A store with a bit of everything."""
    head = fill(path)
    with Writer(path) as writer:
        writer.write_objects([expanded(number) for number in (1, 2)], fetched_at=NOW)
        writer.save_cases([case(1), case(2)])
        writer.add_note("sub_1", "asked her", NOW)
    assert check(path).journal_head == head
    return path


def faults(path: Path) -> list[Fault]:
    """What is wrong."""
    return list(check(path).faults)


def test_a_sound_store_is_sound_also_while_it_is_used(sound: Path) -> None:
    with Writer(sound) as writer:
        writer.add_note("sub_2", "wrote to him", NOW)
        found = check(sound)
        assert found.sound, found.faults
    assert (found.schema, found.journal_rows) == (VERSION, 17)
    assert found.size == sound.stat().st_size


def test_an_empty_store_and_an_older_one_are_sound(path: Path) -> None:
    open_store(path)
    assert check(path).sound
    older = path.with_name("older.sqlite3")
    make_old(older, VERSION - 1)
    assert check(older).sound
    assert check(older).schema == VERSION - 1


def test_what_others_can_read_is_told_with_the_command_that_mends_it(sound: Path) -> None:
    sound.chmod(0o644)
    sound.parent.chmod(0o755)
    assert {fault.mend for fault in faults(sound)} == {f"chmod 600 '{sound}'", f"chmod 700 '{sound.parent}'"}
    assert sound.stat().st_mode & 0o777 == 0o644, "a check changes nothing"


@pytest.mark.parametrize("table", ["cases", "cases_in_order", "objects", "journal", "sqlite_autoindex_journal_1"])
def test_a_broken_page_is_found(sound: Path, table: str) -> None:
    spoil(sound, root_page(sound, table))
    found = faults(sound)
    assert {fault.kind for fault in found} == {"pages"}
    assert "store rebuild" in found[0].mend


def test_a_schema_that_cannot_be_read_is_found(sound: Path) -> None:
    root_page(sound, "cases")
    spoil(sound, 1)
    (fault,) = faults(sound)
    assert fault.kind == "pages"


@pytest.mark.parametrize(
    ("statement", "kind", "said"),
    [
        ("UPDATE journal SET shown = 'pay $1' WHERE id = 2", "journal", "Entry 2 of the journal is not as it was"),
        ("DELETE FROM objects WHERE id = 'sub_1'", "rows", "1 case has no subscription behind it."),
        ("DELETE FROM case_details", "rows", "2 cases have no details."),
        ("DELETE FROM cases WHERE subscription = 'sub_2'", "rows", "1 row of details belongs to no case."),
        ("UPDATE objects SET json = '{\"id\": ' WHERE id = 'sub_1'", "rows", "1 object is no JSON."),
        ("DROP INDEX journal_by_case", "schema", "The index `journal_by_case` is missing."),
        ("UPDATE journal_events SET entry = 77 WHERE seq = 1", "rows", "A row of `journal_events` names one"),
    ],
)
def test_what_does_not_belong_together_is_found(sound: Path, statement: str, kind: str, said: str) -> None:
    with closing(sqlite3.connect(sound)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
    found = faults(sound)
    assert any(fault.kind == kind and said in fault.what for fault in found), found
    assert all(fault.mend for fault in found)


def test_a_journal_that_is_no_longer_append_only_is_found(sound: Path) -> None:
    tamper(sound)
    assert "The trigger `journal_DELETE` is missing." in {fault.what for fault in faults(sound)}


@pytest.mark.parametrize("content", ["hello, I am a letter\n" * 9, "short"])
def test_a_file_that_is_no_store_is_told_as_such(tmp_path: Path, content: str) -> None:
    letters = tmp_path / "acme.sqlite3"
    letters.write_text(content)
    letters.chmod(0o600)
    (fault,) = faults(letters)
    assert fault.kind == "file"
    assert "no store of ghl-triage" in fault.what
    assert letters.read_text() == content


def test_a_newer_store_is_told_as_such(sound: Path) -> None:
    with closing(sqlite3.connect(sound)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (fault,) = faults(sound)
    assert "newer ghl-triage" in fault.what
    assert "Update" in fault.mend


def test_there_is_nothing_to_check_without_a_store(path: Path) -> None:
    with pytest.raises(StoreError, match="no local data"):
        check(path)


def test_a_backup_is_checked_alone_and_with_its_store(sound: Path, tmp_path: Path) -> None:
    copy = sound.with_name(f"{sound.name}.mine.backup")
    with Journal(sound) as journal:
        backup(sound, copy)
        head = journal.verify().head
        journal.intend_all([], plan=PlanRecord("later", "retry", False, {}, "cli", NOW))
    found = check_copy(copy)
    assert found.sound
    assert found.journal_head == head
    assert check(sound).backups == (copy,)
    assert not list(sound.parent.glob("*.backup-*")), "nothing is made beside a copy"
    spoil(copy, root_page(copy, "objects"))
    assert [fault.kind for fault in faults(sound)] == ["backup"]
    assert not check_copy(copy).sound


def test_a_folder_in_the_place_of_a_store_is_told_as_such(path: Path) -> None:
    path.mkdir(parents=True)
    path.parent.chmod(0o700)
    (fault,) = faults(path)
    assert "Is a directory" in fault.what


def test_a_backup_of_a_newer_program_stays_and_an_empty_one_is_none(sound: Path) -> None:
    newer, empty = (sound.with_name(f"{sound.name}.{name}.backup") for name in ("newer", "empty"))
    backup(sound, newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    empty.touch(0o600)
    told = {fault.what.partition(".backup")[0].rpartition(".")[2]: fault.mend for fault in faults(sound)}
    assert told.keys() == {"newer", "empty"}
    assert "Remove" in told["empty"]
    assert "Remove" not in told["newer"]
    assert "Update" in told["newer"]


def test_a_copy_with_its_log_beside_it_is_checked_together_with_it(sound: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    with Journal(sound) as journal:
        journal.intend_all([], plan=PlanRecord("later", "retry", False, {}, "cli", NOW))
        head = journal.verify().head
        for side in ("", "-wal"):
            shutil.copy(f"{sound}{side}", f"{copy}{side}")
    assert check_copy(copy).journal_head == head
