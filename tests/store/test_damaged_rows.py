"""A row that was damaged after it was written is told as damage, with what mends it: never as our own fault."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ghl_triage.errors import StoreDamaged
from ghl_triage.model import Caps, LearnedName, SyncProgress
from ghl_triage.model import Path as SoldThrough
from ghl_triage.rights import EVERY
from ghl_triage.store import schema
from ghl_triage.store.checkup import check
from ghl_triage.store.filters import DEFAULT_SORT, CompiledFilter
from ghl_triage.store.reader import Reader
from ghl_triage.store.rebuild import rebuild
from ghl_triage.store.state import Account
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, expanded

ALL = CompiledFilter("1")
SIGNED = "UPDATE signatures_of_cases SET path = 'apm'"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with something in every table that is read."""
    path = tmp_path_factory.mktemp("made") / "acme.sqlite3"
    trial = expanded(1) | {"status": "trialing", "trial_start": NOW - 86_400, "trial_end": NOW + 86_400}
    with Writer(path) as writer:
        writer.set_account(Account("acct_1", "Acme", livemode=False))
        writer.write_objects([trial, expanded(2)], fetched_at=NOW)
        writer.rediagnose(None, NOW, Caps())
        writer.save_rights("key", EVERY)
        writer.save_learned((LearnedName("shop", SoldThrough.API, "", (), "", "price"),))
        writer.save_sync_status(SyncProgress("full"))
        writer.set_clock_offset(1)
        writer.set_path_override("sub_1", SoldThrough.API, NOW)
    return path


@pytest.fixture
def used(made: Path, path: Path) -> Path:
    """The same, of the test's own."""
    path.parent.mkdir(mode=0o700)
    shutil.copy(made, path)
    return path


def spoiled(path: Path, statement: str) -> Path:
    """The store with some letters in it changed."""
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement).rowcount > 0
    return path


@pytest.mark.parametrize(
    ("statement", "ask"),
    [
        ("UPDATE case_details SET json = replace(json, '\"stage\"', '\"stbge\"')", lambda it: it.case("sub_1")),
        ("UPDATE case_details SET json = substr(json, 2)", lambda it: it.case("sub_1")),
        ("UPDATE cases SET stage = 'heacthy'", lambda it: it.totals(ALL)),
        ("UPDATE cases SET cause = 'no_cbuse'", lambda it: it.case_rows(it.ids(ALL, DEFAULT_SORT))),
        ("UPDATE cases SET actor = 'nobodx'", lambda it: list(it.report_cases())),
        ("UPDATE trials SET state = 'x'", lambda it: list(it.trials())),
        (SIGNED, lambda it: it.signatures()),
        ("UPDATE state SET value = replace(value, 'id', 'iq') WHERE key = 'account'", lambda it: it.account()),
        ("UPDATE state SET value = 'one' WHERE key = 'clock_offset'", lambda it: it.clock_offset()),
        ("UPDATE state SET value = replace(value, 'path', 'pbth') WHERE key = 'learned'", lambda it: it.coverage()),
        ("UPDATE state SET value = '[]' WHERE key = 'sync_status'", lambda it: it.sync_status()),
        ("UPDATE state SET value = '{}' WHERE key = 'rights:key'", lambda it: it.rights("key")),
        ("UPDATE objects SET json = '{' WHERE kind = 'customer'", lambda it: it.records("cus_1")),
        ("UPDATE objects SET json = '{' WHERE kind = 'subscription'", lambda it: it.raw_of_case("sub_1")),
        ("UPDATE path_overrides SET path = 'apm'", lambda it: it.records("cus_1")),
    ],
)
def test_a_row_that_makes_no_value_is_damage(used: Path, statement: str, ask: Callable[[Reader], object]) -> None:
    with Reader(spoiled(used, statement)) as reader, pytest.raises(StoreDamaged, match="is damaged") as caught:
        ask(reader)
    assert "store rebuild" in caught.value.hint


def test_a_sync_tells_it_too(used: Path) -> None:
    spoiled(used, "UPDATE objects SET json = '{' WHERE kind = 'customer'")
    with Writer(used) as writer, pytest.raises(StoreDamaged, match="a row of it cannot be read"):
        writer.rediagnose(None, NOW, Caps())


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE case_details SET json = replace(json, '\"stage\"', '\"stbge\"')", "2 cases cannot be read."),
        ("UPDATE trials SET state = 'x'", "The trials cannot be read"),
        (SIGNED, "The signatures cannot be read"),
        ("UPDATE cases SET stage = 'heacthy'", "The table of cases cannot be read"),
        ("UPDATE state SET value = 'one' WHERE key = 'clock_offset'", "What the last sync left cannot be read"),
        ("UPDATE state SET value = replace(value, 'id', 'iq') WHERE key = 'account'", "What the last sync left"),
    ],
)
def test_a_check_finds_what_the_app_could_not_read_and_a_rebuild_mends_it(
    used: Path, statement: str, said: str
) -> None:
    assert check(used).sound
    found = check(spoiled(used, statement)).faults
    assert any(said in fault.what for fault in found), found
    assert rebuild(used, now=NOW, lock_timeout=0.0).lost == ()
    assert check(used).sound


@pytest.mark.parametrize("beside", ["acme.sqlite3.mine.backup", "acme.sqlite3-wal"])
def test_a_store_that_was_emptied_is_no_new_one(used: Path, beside: str) -> None:
    used.write_bytes(b"")
    schema._seen.clear()
    used.with_name(beside).write_bytes(b"something")
    for opener in (Reader, Writer):
        with pytest.raises(StoreDamaged, match="is empty, and was not always") as caught:
            opener(used)
        assert "store rebuild" in caught.value.hint
    (fault, *_) = [fault for fault in check(used).faults if fault.kind == "pages"]
    assert "is empty" in fault.what
