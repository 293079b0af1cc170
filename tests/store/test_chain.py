"""Nothing in the journal can be changed, taken out or put in without `verify` saying so."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghl_triage.errors import StoreDamaged, StoreError
from ghl_triage.store.chain import START
from ghl_triage.store.journal import EntryState, Journal, PlanRecord
from ghl_triage.store.migrations import MIGRATIONS
from ghl_triage.store.migrations.journal import JOURNAL_CHAIN
from tests.store.given import NOW
from tests.store.test_journal import ENTRY

STATES = [EntryState.SENT, EntryState.DONE, EntryState.DECLINED, EntryState.FAILED, EntryState.UNKNOWN]


def fill(path: Path, entries: int = 4) -> str:
    """A plan, some entries, some states; the head of the chain."""
    with Journal(path) as journal:
        journal.intend_all([], plan=PlanRecord("plan_1", "retry", False, {"steps": ["pay in_1"]}, "cli", NOW))
        for number in range(entries):
            entry = journal.intend(replace(ENTRY, idempotency_key=f"key-{number}", created=NOW + number))
            journal.sent(entry, NOW + number)
            journal.settle(entry, EntryState.DONE, at=NOW + number + 1, request_id=f"req_{number}")
        return journal.verify().head


def tamper(path: Path, *statements: str) -> None:
    """Somebody with the file in his hands: the triggers do not stop him."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def verdict(path: Path, noted: str | None = None) -> str | None:
    with Journal(path) as journal:
        return journal.verify(noted=noted).fault


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE journal SET shown = 'pay in_9 $1.00' WHERE id = 2", "Entry 2 of the journal is not as it was"),
        ("UPDATE journal SET \"by\" = 'somebody else' WHERE id = 1", "Entry 1 of the journal is not as it was"),
        ("UPDATE journal_events SET state = 'failed' WHERE seq = 3", "State 3 of the journal is not as it was"),
        ("UPDATE plans SET shown = '{}'", "Plan plan_1 of the journal is not as it was"),
        ("UPDATE journal SET shown = CAST(shown AS BLOB) WHERE id = 2", "Entry 2 of the journal is not as it was"),
        ("UPDATE journal_events SET at = 9e999 WHERE seq = 3", "State 3 of the journal is not as it was"),
        ("DELETE FROM journal_events WHERE seq = 5", "State 5 of the journal was taken out"),
        ("DELETE FROM journal_chain WHERE seq = 4", "Link 4 of the chain is missing"),
        (
            "INSERT INTO journal_events (entry, state, at) VALUES (1, 'done', 5)",
            "State 13 of the journal was put in past the chain",
        ),
    ],
)
def test_what_was_tampered_with_is_named(path: Path, statement: str, said: str) -> None:
    fill(path)
    assert verdict(path) is None
    tamper(path, statement)
    assert (verdict(path) or "").startswith(said)


CUT_OFF = (
    "DELETE FROM journal_chain WHERE of_table = 'journal_events' AND of_row = '12'",
    "DELETE FROM journal_events WHERE seq = 12",
)


def test_an_end_that_was_cut_off_with_its_link_is_seen(path: Path) -> None:
    fill(path)
    tamper(path, *CUT_OFF)
    assert verdict(path) == "Rows at its end were taken out: State 11 of the journal is the last one left."


def test_a_journal_that_was_emptied_is_not_an_empty_one(path: Path) -> None:
    fill(path)
    tamper(path, *(f"DELETE FROM {table}" for table in ("journal_chain", "journal_events", "journal", "plans")))  # noqa: S608
    assert verdict(path) == "All its rows were taken out."


def test_a_commit_that_was_rolled_back_is_not_missed(path: Path) -> None:
    fill(path)
    with Journal(path) as journal, pytest.raises(StoreError):
        journal.intend_all([replace(ENTRY, idempotency_key="later"), replace(ENTRY, idempotency_key="key-1")])
    assert verdict(path) is None


def test_an_end_that_was_cut_off_with_its_count_is_seen_by_a_head_that_was_noted(path: Path) -> None:
    head = fill(path)
    assert verdict(path, noted=head) is None
    tamper(path, *CUT_OFF, "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'journal_chain'")
    assert verdict(path) is None
    assert "noted head" in (verdict(path, noted=head) or "")


def test_a_journal_grows_past_a_noted_head(path: Path) -> None:
    head = fill(path)
    with Journal(path) as journal:
        journal.intend(replace(ENTRY, idempotency_key="later"))
        report = journal.verify(noted=head)
    assert report.whole
    assert report.head != head


def test_a_journal_of_an_older_program_is_chained_when_it_is_opened(path: Path) -> None:
    fill(path)
    tamper(
        path,
        "DROP TABLE journal_chain",
        "DROP INDEX journal_undoes",
        "ALTER TABLE journal DROP COLUMN undo",
        "ALTER TABLE journal DROP COLUMN undoes",
        f"DELETE FROM _sqlite_migrations WHERE name = '{JOURNAL_CHAIN.name}'",  # noqa: S608
        f"PRAGMA user_version = {MIGRATIONS.index(JOURNAL_CHAIN)}",
    )
    old = path.with_name("old.sqlite3")
    shutil.copy(path, old)
    with Journal(old) as journal:
        report = journal.verify()
    assert report.whole
    assert report.rows == 17
    tamper(old, "UPDATE journal SET params = '{}' WHERE id = 3")
    assert "Entry 3" in (verdict(old) or "")


def test_an_empty_journal_is_whole(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.verify() == journal.verify(noted=START)
        assert journal.verify().rows == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(STATES)), max_size=8),
    st.sampled_from([("journal", "id"), ("journal_events", "seq")]),
    st.integers(0, 50),
)
def test_any_history_is_whole_until_any_row_of_it_goes(
    tmp_path_factory: pytest.TempPathFactory, states: list[tuple[int, EntryState]], of: tuple[str, str], pick: int
) -> None:
    path = tmp_path_factory.mktemp("chain") / "store.sqlite3"
    fill(path, entries=4)
    with Journal(path) as journal:
        for entry, state in states:
            journal.settle(entry + 1, state, at=NOW)
        assert journal.verify().whole
    table, key = of
    count = len(read(path, lambda c: c.execute(f"SELECT {key} FROM {table}").fetchall()))  # noqa: S608
    tamper(path, f"DELETE FROM {table} WHERE {key} = {1 + pick % count}")  # noqa: S608
    assert verdict(path) is not None


def read(path: Path, ask: Callable[[sqlite3.Connection], list[tuple[object, ...]]]) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return ask(connection)
    finally:
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET params = 'nonsense' WHERE id = 3",
        "UPDATE journal_events SET state = 'weird' WHERE seq = 12",
        "UPDATE plans SET shown = x'ff'",
    ],
)
def test_a_row_that_makes_no_sense_is_told_as_damage(path: Path, statement: str) -> None:
    fill(path)
    tamper(path, statement)
    with Journal(path) as journal, pytest.raises(StoreDamaged, match="a row of it cannot be read"):
        assert (journal.entries(), journal.plan("plan_1")) is None
