"""The journal remembers every request, changes nothing that it said, and knows what is still open."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghl_triage.actions.keys import idempotency_key
from ghl_triage.errors import StoreError
from ghl_triage.model import OwnAttempt
from ghl_triage.store.journal import EntryState, Finish, Journal, JournalEntry, PlanRecord
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, invoice, subscription

ENTRY = JournalEntry(
    plan="plan_1",
    case="sub_1",
    action="retry",
    method="POST",
    path="/v1/invoices/in_1/pay",
    params={"payment_method": "pm_1", "off_session": True, "expand": ["payments"]},
    idempotency_key="ghlt:retry:in_1:1",
    shown="pay in_1 $97.00",
    by="cli",
    created=NOW,
)


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


def test_an_entry_comes_back_as_it_was_intended(journal: Journal) -> None:
    number = journal.intend(ENTRY)
    assert journal.entry(number) == replace(ENTRY, id=number)
    assert journal.open_entries() == [replace(ENTRY, id=number)]


def test_states_follow_one_another(journal: Journal) -> None:
    number = journal.intend(ENTRY)
    journal.sent(number, NOW + 1)
    journal.settle(number, EntryState.UNKNOWN, at=NOW + 20, error="timed out")
    (hanging,) = journal.open_entries()
    assert (hanging.state, hanging.sent_at) == (EntryState.UNKNOWN, NOW + 1)
    journal.settle(number, EntryState.DECLINED, at=NOW + 30, request_id="req_1", error="insufficient_funds")
    settled = journal.entry(number)
    assert settled is not None
    assert (settled.state, settled.settled_at, settled.request_id) == (EntryState.DECLINED, NOW + 30, "req_1")
    assert settled.sent_at == NOW + 1
    assert journal.open_entries() == []


def test_one_key_is_one_entry(journal: Journal) -> None:
    journal.intend(ENTRY)
    with pytest.raises(StoreError, match="UNIQUE"):
        journal.intend(ENTRY)
    with pytest.raises(StoreError, match="UNIQUE"):
        journal.intend_all([replace(ENTRY, idempotency_key="another"), ENTRY])
    assert len(journal.entries()) == 1, "all of them or none"


def test_nothing_in_it_can_be_changed_or_taken_out(journal: Journal, path: Path) -> None:
    journal.intend_all([], plan=PlanRecord("plan_1", "retry", False, {"rows": 1}, "cli", NOW))
    journal.intend(ENTRY)
    connection = sqlite3.connect(path)
    for statement in (
        "DELETE FROM plans",
        "DELETE FROM journal",
        "DELETE FROM journal_events",
        "UPDATE plans SET shown = '{}'",
        "UPDATE journal SET params = '{}'",
        "UPDATE journal_events SET state = 'done'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_an_entry_that_does_not_exist_has_no_outcome(journal: Journal) -> None:
    with pytest.raises(StoreError, match="no entry 7"):
        journal.sent(7, NOW)
    with pytest.raises(StoreError, match="no entry 7"):
        journal.settle(7, EntryState.DONE, at=NOW)


@pytest.mark.parametrize("state", [state for state in EntryState if state is not EntryState.PLANNED])
def test_a_request_leaves_once(journal: Journal, path: Path, state: EntryState) -> None:
    """Whatever another program made of the entry meanwhile."""
    number = journal.intend(ENTRY)
    with Journal(path) as other:
        if state is EntryState.SENT:
            other.sent(number, NOW)
        else:
            other.settle(number, state, at=NOW)
    with pytest.raises(StoreError, match=f"Entry {number} of the journal is {state} already"):
        journal.sent(number, NOW + 1)
    assert journal.entries()[0].state is state


def test_what_never_left_has_no_time_at_which_it_left(journal: Journal) -> None:
    number = journal.intend(ENTRY)
    journal.settle(number, EntryState.FAILED, at=NOW + 9, error="not sent: it was paid meanwhile")
    (entry,) = journal.entries()
    assert (entry.sent_at, entry.settled_at) == (None, NOW + 9)


def test_entries_are_listed_newest_first_by_case_and_plan(journal: Journal) -> None:
    for number in range(3):
        journal.intend(replace(ENTRY, case=f"sub_{number}", idempotency_key=f"k{number}", plan=f"plan_{number % 2}"))
    assert [entry.case for entry in journal.entries()] == ["sub_2", "sub_1", "sub_0"]
    assert [entry.case for entry in journal.entries(1)] == ["sub_2"]
    assert [entry.case for entry in journal.entries(plan="plan_0")] == ["sub_2", "sub_0"]
    assert [entry.case for entry in journal.entries(case="sub_1")] == ["sub_1"]


def test_our_own_tries_are_those_that_left(journal: Journal, path: Path) -> None:
    for number, state in enumerate(EntryState):
        entry = journal.intend(replace(ENTRY, idempotency_key=f"k{number}", card=f"pm_{state}"))
        if state is not EntryState.PLANNED:
            journal.sent(entry, NOW + number)
        if state not in {EntryState.PLANNED, EntryState.SENT}:
            journal.settle(entry, state, at=NOW + 100)
    journal.intend(replace(ENTRY, idempotency_key="other", path="/v1/customers/cus_1", params={}))
    tried = [EntryState.SENT, EntryState.DONE, EntryState.DECLINED, EntryState.UNKNOWN]
    expected = [OwnAttempt("in_1", f"pm_{state}", NOW + list(EntryState).index(state)) for state in tried]
    assert journal.own_attempts("in_1") == expected
    assert journal.own_attempts("in_2") == []
    with Writer(path) as writer, Reader(path) as reader:
        writer.write_objects([subscription(), invoice()], fetched_at=NOW)
        assert reader.records("cus_1").own_attempts == tuple(expected)


def test_a_retry_that_only_an_event_tells_of_was_ours_too(journal: Journal, path: Path) -> None:
    """Another store made it, or one that was deleted; what this journal holds is not counted twice."""
    mine, other = (idempotency_key("retry", "in_1", 1, "", salt) for salt in ("mine", "other"))
    journal.sent(journal.intend(replace(ENTRY, idempotency_key=mine, card="pm_1")), NOW)

    def event(number: int, key: str | None, kind: str = "invoice") -> dict[str, Any]:
        about = {"object": kind, "id": "in_1" if kind == "invoice" else "ch_1", "customer": "cus_1"}
        request = {"id": "req_1", "idempotency_key": key}
        return {
            "object": "event", "id": f"evt_{number}", "type": "invoice.payment_failed", "created": NOW + number,
            "data": {"object": about}, "request": request if number else None,
        }  # fmt: skip

    told = [event(0, None), event(1, mine), event(2, other, "charge"), event(5, other), event(4, other), event(6, "x")]
    with Writer(path) as writer, Reader(path) as reader:
        writer.write_objects([subscription(), invoice(), *told], fetched_at=NOW)
        found = reader.records("cus_1").own_attempts
    assert found == (OwnAttempt("in_1", "pm_1", NOW), OwnAttempt("in_1", None, NOW + 4, journaled=False))


def test_a_plan_comes_back_as_it_was_shown(journal: Journal) -> None:
    plan = PlanRecord("plan_1", "retry", True, {"steps": [{"case": "sub_1"}]}, "screen", NOW)
    journal.intend_all([], plan=plan)
    assert journal.plan("plan_1") == plan
    assert journal.plan("plan_2") is None


def test_a_finish_waits_until_it_is_done(journal: Journal) -> None:
    finish = Finish("sub_1", "cus_1", "cs_1", "plan_1", "cli", retry=True, created=NOW)
    number = journal.queue_finish(finish)
    assert journal.queue_finish(finish) == number, "queued twice is queued once"
    assert journal.finishes() == [replace(finish, id=number)]
    journal.finish_done(number, at=NOW + 9, outcome="done")
    assert journal.finishes() == []
    assert journal.finishes(all=True) == [replace(finish, id=number, done_at=NOW + 9, outcome="done")]


_INTEND = """
import os, signal, sys
from pathlib import Path
from ghl_triage.store.journal import Journal
from tests.store.test_journal import ENTRY
Journal(Path(sys.argv[1])).intend(ENTRY)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_an_entry_outlives_its_program(path: Path) -> None:
    subprocess.run([sys.executable, "-c", _INTEND, str(path)], check=False, timeout=60)
    with Journal(path) as journal:
        assert [entry.idempotency_key for entry in journal.open_entries()] == [ENTRY.idempotency_key]


_MOVES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([state for state in EntryState if state is not EntryState.PLANNED])),
    max_size=12,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=_MOVES)
def test_the_last_word_on_each_entry_counts(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, EntryState]]
) -> None:
    with Journal(tmp_path_factory.mktemp("journal") / "j.sqlite3") as journal:
        numbers = journal.intend_all([replace(ENTRY, idempotency_key=f"k{each}") for each in range(4)])
        last = dict.fromkeys(numbers, EntryState.PLANNED)
        for at, (which, state) in enumerate(moves):
            journal.settle(numbers[which], state, at=NOW + at)
            last[numbers[which]] = state
        assert {entry.id: entry.state for entry in journal.entries()} == last
        hanging = {EntryState.PLANNED, EntryState.SENT, EntryState.UNKNOWN}
        assert [entry.id for entry in journal.open_entries()] == [each for each in numbers if last[each] in hanging]
