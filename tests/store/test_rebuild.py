"""A rebuild keeps the journal and what the consultant wrote, or keeps everything as it was; nothing is lost unasked."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.errors import StoreDamaged, StoreError, StoreForeign, StoreLocked, StoreNewer
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store import schema
from ghl_triage.store.backups import backup
from ghl_triage.store.checkup import check
from ghl_triage.store.journal import EntryState, Finish, Journal
from ghl_triage.store.lock import WriteLock
from ghl_triage.store.reader import Reader
from ghl_triage.store.rebuild import Rebuilt
from ghl_triage.store.rebuild import rebuild as _rebuild
from ghl_triage.store.state import Account
from ghl_triage.store.version import VERSION
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, case, expanded
from tests.store.old import kept_rows, make_old
from tests.store.spoil import pages_with, root_page, spoil
from tests.store.test_chain import fill, tamper
from tests.store.test_journal import ENTRY

ROOT = Path(__file__).parents[2]
ENTRIES = 150
OWN = ("plans", "journal", "journal_events", "notes", "tags", "path_overrides")


def rebuild(path: Path, *, accept_loss: bool = False) -> Rebuilt:
    """A rebuild that waits for nobody."""
    return _rebuild(path, now=NOW, accept_loss=accept_loss, lock_timeout=0.0)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which somebody worked, its journal on many pages."""
    path = tmp_path_factory.mktemp("worked") / "acme.sqlite3"
    fill(path, entries=3)
    with Journal(path) as journal:
        journal.intend_all([replace(ENTRY, idempotency_key=f"more-{number}") for number in range(3, ENTRIES)])
        journal.queue_finish(Finish("sub_1", "cus_1", "cs_1", "plan_1", "cli", True, NOW))
    with Writer(path) as writer:
        writer.set_account(Account("acct_1", "Acme", livemode=False))
        writer.write_objects([expanded(number) for number in range(20)], fetched_at=NOW)
        writer.write_events([{"id": "evt_1", "object": "event", "type": "a", "data": {}, "created": 1}], fetched_at=NOW)
        writer.save_cases([case(number) for number in range(20)])
        writer.add_note("sub_1", "asked her", NOW)
        writer.change_tags(["sub_1"], add=["vip"])
        writer.set_path_override("sub_1", SoldThrough.API, NOW)
        writer.save_cursor("load", "half way")
    return path


@pytest.fixture
def used(worked: Path, path: Path) -> Path:
    """The same, of the test's own."""
    path.parent.mkdir(mode=0o700)
    shutil.copy(worked, path)
    return path


def middle_of_the_journal(path: Path) -> int:
    """A page that holds rows of the journal, and neither the first nor the last ones."""
    pages = pages_with(path, ENTRY.path)
    assert len(pages) > 3
    return pages[len(pages) // 2]


def own(path: Path) -> dict[str, str]:
    """What the consultant did and wrote."""
    return {table: rows for table, rows in kept_rows(path).items() if table in OWN}


def test_the_own_rows_come_over_and_the_rest_is_loaded_again(used: Path) -> None:
    before, head = own(used), check(used).journal_head
    done = rebuild(used)
    assert own(used) == before
    assert (done.head, done.lost, done.missed, done.from_backups) == (head, (), False, 0)
    assert check(used).sound
    with Reader(used) as reader, Journal(used) as journal:
        assert reader.counts() == {"cases": 0, "queue": 0, "event": 1}
        assert reader.account() == Account("acct_1", "Acme", livemode=False)
        assert reader.cursor("load") is None, "nothing is claimed to be loaded"
        assert [finish.session for finish in journal.finishes()] == ["cs_1"]
        assert journal.intend(replace(ENTRY, idempotency_key="next")) == ENTRIES + 1
    assert own(done.kept) == before
    assert done.kept.name == "acme.sqlite3.20261118T110640Z.replaced"
    assert {each.stat().st_mode & 0o777 for each in used.parent.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "table", ["cases", "cases_in_order", "objects", "state", "case_details", "journal_by_case", "sqlite_sequence"]
)
def test_pages_of_what_can_be_loaded_again_cost_nothing(used: Path, table: str) -> None:
    before = own(used)
    spoil(used, root_page(used, table))
    assert not check(used).sound
    done = rebuild(used)
    assert own(used) == before
    assert done.lost == ()
    assert done.missed == (table == "objects")
    assert check(used).sound


@pytest.mark.parametrize("table", ["journal", "journal_events", "plans", "journal_chain", "notes", "tags"])
def test_what_would_be_lost_is_told_and_the_store_stays(used: Path, table: str) -> None:
    spoil(used, root_page(used, table))
    before = used.read_bytes()
    with pytest.raises(StoreDamaged, match="not rebuilt") as caught:
        rebuild(used)
    assert "--accept-loss" in caught.value.hint
    assert used.read_bytes() == before
    assert {name.removeprefix(used.name) for name in os.listdir(used.parent)} == {"", ".lock", ".setup"}


def test_rows_on_a_broken_page_are_named_and_all_others_saved(used: Path) -> None:
    spoil(used, middle_of_the_journal(used))
    with pytest.raises(StoreDamaged, match=r"\d+ entries of the journal cannot be read"):
        rebuild(used)
    done = rebuild(used, accept_loss=True)
    saved = done.rows["journal"]
    assert ENTRIES / 2 < saved < ENTRIES
    assert f"{ENTRIES - saved} entries of the journal cannot be read." in done.lost
    assert check(used).sound, "what is left is chained anew"
    with Journal(used) as journal:
        assert len(journal.entries()) == saved
        assert journal.intend(replace(ENTRY, idempotency_key="next")) == ENTRIES + 1, "no number is given out twice"
    assert done.kept.exists()


def test_a_broken_page_is_made_good_from_a_backup(used: Path) -> None:
    backup(used, used.with_name(f"{used.name}.mine.backup"))
    with Journal(used) as journal:
        journal.settle(1, EntryState.DONE, at=NOW + 99)
    before = own(used)
    spoil(used, middle_of_the_journal(used), root_page(used, "notes"))
    with pytest.raises(StoreDamaged, match="`notes` cannot be read"):
        rebuild(used)
    done = rebuild(used, accept_loss=True)
    assert done.from_backups > 5
    assert own(used) == before
    assert check(used).sound


def test_a_lost_state_makes_an_entry_unknown_and_never_unsent(used: Path) -> None:
    with Journal(used) as journal:
        sent = journal.intend(replace(ENTRY, idempotency_key="on its way"))
        journal.sent(sent, NOW)
    spoil(used, root_page(used, "journal_events"))
    rebuild(used, accept_loss=True)
    with Journal(used) as journal:
        assert {entry.state for entry in journal.entries()} == {EntryState.UNKNOWN}
        assert len(journal.entries()) == ENTRIES + 1


def test_a_journal_that_was_tampered_with_is_not_made_good_unasked(used: Path) -> None:
    tamper(used, "UPDATE journal SET shown = 'pay in_9 $1.00' WHERE id = 2")
    with pytest.raises(StoreDamaged, match="Entry 2 of the journal is not as it was written"):
        rebuild(used)
    done = rebuild(used, accept_loss=True)
    assert "Entry 2" in done.lost[0]


def test_a_store_that_cannot_be_opened_comes_back_from_its_backup(used: Path) -> None:
    before = own(used)
    backup(used, used.with_name(f"{used.name}.mine.backup"))
    used.write_bytes(b"\0" * 5_000)
    with pytest.raises(StoreForeign):
        Reader(used)
    with pytest.raises(StoreDamaged, match="not rebuilt"):
        rebuild(used)
    rebuild(used, accept_loss=True)
    assert own(used).items() - before.items() == {("journal_events", own(used)["journal_events"])}
    assert check(used).sound
    with Journal(used) as journal:
        states = {entry.state for entry in journal.entries()}
    assert states == {EntryState.DONE, EntryState.UNKNOWN}, "what was sent after the backup nobody knows"


def test_a_store_of_an_older_program_is_moved_forward_on_the_way(path: Path) -> None:
    make_old(path, 3)
    before = own(path)
    spoil(path, root_page(path, "cases"))
    rebuild(path)
    assert own(path) == before
    assert check(path).sound


def test_a_store_of_a_newer_program_is_not_touched(used: Path) -> None:
    with closing(sqlite3.connect(used)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    schema._seen.clear()
    with pytest.raises(StoreNewer):
        rebuild(used, accept_loss=True)


def test_nothing_is_made_where_there_is_no_store(path: Path) -> None:
    with pytest.raises(StoreError, match="no local data"):
        rebuild(path)
    assert not path.exists()


_READS = "import sys; from pathlib import Path; from ghl_triage.store.reader import Reader\n" + (
    "reader = Reader(Path(sys.argv[1])); reader.counts(); print('open', flush=True); sys.stdin.read()"
)
_ADDS_A_NOTE = "import sys; from pathlib import Path; from ghl_triage.store.writer import Writer\n" + (
    "with Writer(Path(sys.argv[1])) as writer: writer.add_note('sub_2', 'meanwhile', 1)"
)


@pytest.fixture
def app(used: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store open, and does nothing."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", _READS, str(used)], cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "open\n"
        yield process


def test_it_waits_for_nobody_who_has_the_store_open(used: Path, app: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreLocked, match="open in another ghl-triage") as caught:
        rebuild(used)
    assert caught.value.exit_code == 4
    assert "Leave the app" in caught.value.hint
    assert not list(used.parent.glob("*.re*"))
    app.send_signal(signal.SIGKILL)
    app.wait()
    assert rebuild(used).lost == ()


def test_it_waits_for_nobody_who_writes(used: Path) -> None:
    with WriteLock(used, "sync"), pytest.raises(StoreLocked, match="being written by sync"):
        rebuild(used)


def test_whoever_comes_meanwhile_waits_and_writes_to_the_new_store(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    swap = sys.modules["ghl_triage.store.rebuild"]._swap

    def slow(path: Path, draft: Path, now: int) -> Path:
        other = subprocess.Popen([sys.executable, "-c", _ADDS_A_NOTE, str(path)], cwd=ROOT)
        started.append(other)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.6)
        kept: Path = swap(path, draft, now)
        return kept

    monkeypatch.setattr("ghl_triage.store.rebuild._swap", slow)
    rebuild(used)
    assert started[0].wait(30) == 0
    assert "meanwhile" in own(used)["notes"]
    assert check(used).sound


def test_a_rebuild_that_was_killed_is_as_if_it_had_not_been(used: Path) -> None:
    before = own(used)
    program = (
        "import os, signal, sys; from pathlib import Path; from ghl_triage.store import rebuild\n"
        "rebuild.Keepsakes.write = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "rebuild.rebuild(Path(sys.argv[1]), now=1)"
    )
    subprocess.run([sys.executable, "-c", program, str(used)], cwd=ROOT, check=False)
    assert used.with_name(f"{used.name}.rebuild").exists()
    with Reader(used) as reader:
        assert reader.counts()["cases"] == 20
    assert not list(used.parent.glob("*.rebuild*")), "the next start clears away"
    assert own(used) == before


def test_the_columns_of_a_row_keep_their_values(used: Path) -> None:
    with Journal(used) as journal:
        journal.intend(replace(ENTRY, idempotency_key="undoes", undo={"a": None}, undoes=2))
        before = journal.entries()
    rebuild(used)
    with Journal(used) as journal:
        assert journal.entries() == before
        assert json.dumps(dict(journal.entries()[0].undo or {})) == '{"a": null}'


def misspell(path: Path, old: str, new: str) -> None:
    """Change letters in the text of the schema, as a failing disk does: to the first page and the pages below it."""
    assert len(old) == len(new)
    root_page(path, "cases")
    content = path.read_bytes()
    assert content.count(old.encode()) == 1, content.count(old.encode())
    path.write_bytes(content.replace(old.encode(), new.encode()))


@pytest.mark.parametrize("old", ["INDEX journal_by_case", "TRIGGER plans_DELETE", "TABLE case_details"])
def test_a_letter_in_the_schema_s_text_costs_nothing_that_is_whole(used: Path, old: str) -> None:
    before, head = own(used), check(used).journal_head
    misspell(used, old, old.replace(" ", ";", 1))
    with pytest.raises(StoreDamaged, match="malformed"):
        Reader(used).counts()
    done = rebuild(used)
    assert own(used) == before
    assert (done.head, done.lost) == (head, ())
    assert check(used).sound


@pytest.mark.parametrize("table", ["notes", "tags", "journal_chain", "journal"])
def test_a_table_that_the_schema_does_not_tell_of_any_more_is_a_loss(used: Path, table: str) -> None:
    misspell(used, f"TABLE {table} (", f"TABLE {table} ;")
    with pytest.raises(
        StoreDamaged, match=f"`{table}` cannot be read|{ENTRIES} entries of the journal|links of the journal's chain"
    ):
        rebuild(used)
    assert rebuild(used, accept_loss=True).lost
    assert check(used).sound


def test_rows_that_do_not_fit_their_table_are_a_loss_and_not_counted(used: Path) -> None:
    misspell(used, "idempotency_key TEXT NOT NULL UNIQUE", "idempotency_kez TEXT NOT NULL UNIQUE")
    with pytest.raises(StoreDamaged, match=f"{ENTRIES} entries of the journal cannot be read"):
        rebuild(used)
    assert rebuild(used, accept_loss=True).rows["journal"] == 0


def test_a_store_that_was_emptied_comes_back_from_its_backup(used: Path) -> None:
    before = own(used)["notes"]
    backup(used, used.with_name(f"{used.name}.mine.backup"))
    used.write_bytes(b"")
    with pytest.raises(StoreDamaged, match="Nothing in the file can be read: what its backups do not hold is lost"):
        rebuild(used)
    rebuild(used, accept_loss=True)
    assert own(used)["notes"] == before


@pytest.mark.parametrize("table", ["journal", "journal_events"])
def test_a_count_that_was_damaged_is_not_believed_against_the_chain(used: Path, table: str) -> None:
    before = own(used)
    with closing(sqlite3.connect(used)) as connection, connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (2**62, table))
    assert rebuild(used).lost == ()
    assert own(used) == before
    with Journal(used) as journal:
        assert journal.intend(replace(ENTRY, idempotency_key="next")) < 2**20


def test_a_chain_whose_count_was_damaged_is_told_of_in_time(used: Path) -> None:
    with closing(sqlite3.connect(used)) as connection, connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'journal_chain'", (2**62,))
    with pytest.raises(StoreDamaged, match="links of the journal's chain cannot be read"):
        rebuild(used)
    rebuild(used, accept_loss=True)
    assert check(used).sound
