"""The durable record of every intended and finished request that changes something outside.

Append-only: an entry's text never changes, and its states are rows of their own, the newest of which counts. A commit
here is on the disk when it returns: the row with its idempotency key is there before the request leaves. Each row is
chained to the one before by a digest (chain.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

from ghl_triage.errors import StoreError
from ghl_triage.model import OwnAttempt
from ghl_triage.store import chain
from ghl_triage.store.connection import OpenFile, as_store_errors, connect_writer, reading, transaction
from ghl_triage.store.entries import (
    OPEN_STATES,
    EntryState,
    Finish,
    JournalEntry,
    PlanRecord,
    add_state,
    insert_entry,
    insert_plan,
    read_plan,
    select_entries,
)
from ghl_triage.store.own_attempts import own_attempts
from ghl_triage.store.redact import holds_secret, redact
from ghl_triage.store.schema import open_store

__all__ = ["OPEN_STATES", "EntryState", "Finish", "Journal", "JournalEntry", "PlanRecord"]

_FINISH = 'subscription, customer, session, plan, "by", retry, created'
"""The columns of a finish in the order of its data class; `id`, `done_at` and `outcome` follow."""


class Journal(OpenFile):
    """Reads and writes the journal; every method is one durable commit. One thread at a time."""

    def __init__(self, path: Path) -> None:
        open_store(path)
        self._path = path
        self._connection = connect_writer(path, durable=True)

    def plan(self, plan_id: str) -> PlanRecord | None:
        """A plan as it was shown."""
        with reading(self._path):
            return read_plan(self._connection, plan_id)

    def intend(self, entry: JournalEntry) -> int:
        """Write down a request that is about to leave, and its number. Refuses parameters that hold a secret."""
        return self.intend_all([entry])[0]

    def intend_all(self, entries: Sequence[JournalEntry], *, plan: PlanRecord | None = None) -> list[int]:
        """The same for several requests, all or none: an action of two requests is known whole before the first.

        `plan` is the one that they belong to, written in the same commit.
        """
        for entry in entries:
            if holds_secret(entry.params) or holds_secret(entry.path) or holds_secret(entry.idempotency_key):
                raise StoreError(
                    f"A request of {entry.action} holds what looks like a secret: it is not written down, so not sent.",
                    hint="Look at --return-url, and at `return_url` in the settings.",
                )
        with self._write() as connection:
            if plan is not None:
                insert_plan(connection, plan)
            return [insert_entry(connection, entry) for entry in entries]

    def sent(self, entry: int, at: int) -> None:
        """The request leaves now. Raises StoreError where it left before, or never will: it must not leave again."""
        with self._write() as connection:
            found = self._state(entry)
            if found is not EntryState.PLANNED:
                raise StoreError(f"Entry {entry} of the journal is {found} already: it is not sent.")
            add_state(connection, entry, EntryState.SENT, at=at)

    def settle(
        self, entry: int, outcome: EntryState, *, at: int, request_id: str | None = None, error: str | None = None
    ) -> None:
        """What came of it. `error` is one sentence; secrets in it are hidden."""
        with self._write() as connection:
            self._state(entry)
            add_state(connection, entry, outcome, at=at, request_id=request_id, error=redact(error) if error else None)

    def entry(self, entry: int) -> JournalEntry | None:
        """One entry as it stands now."""
        found = self._entries("WHERE journal.id = ?", (entry,))
        return found[0] if found else None

    def open_entries(self) -> list[JournalEntry]:
        """The entries that wait for a definite answer, oldest first."""
        states = ",".join(f"'{state}'" for state in OPEN_STATES)
        return self._entries(f"WHERE last.state IN ({states}) ORDER BY journal.id")

    def entries(
        self, limit: int | None = None, *, case: str | None = None, plan: str | None = None
    ) -> list[JournalEntry]:
        """The newest entries first, of one case or plan where it is given."""
        return self._entries(
            """WHERE (:case IS NULL OR journal."case" = :case) AND (:plan IS NULL OR journal.plan = :plan)
               ORDER BY journal.id DESC LIMIT :limit""",
            {"case": case, "plan": plan, "limit": -1 if limit is None else limit},
        )

    def undoable(self, case: str, *, continues: str | None = None) -> list[JournalEntry]:
        """What can be taken back on a case: done, and not taken back or being taken back; newest first.

        What the plan `continues` was to take back, and never sent, is still to be taken back.
        """
        return self._entries(
            """WHERE journal."case" = ? AND journal.undo IS NOT NULL AND last.state = 'done'
               AND NOT EXISTS (
                   SELECT 1 FROM journal AS later JOIN journal_events AS latest
                   ON latest.seq = (SELECT max(seq) FROM journal_events WHERE entry = later.id)
                   WHERE later.undoes = journal.id AND latest.state <> 'failed'
                   AND NOT (later.plan IS ? AND latest.state = 'planned')
               ) ORDER BY journal.id DESC""",
            (case, continues),
        )

    def own_attempts(self, invoice: str) -> list[OwnAttempt]:
        """Our retries of an invoice that left, oldest first: Stripe does not count them."""
        with as_store_errors(self._path):
            return own_attempts(self._connection, [invoice])

    def verify(self, *, noted: str | None = None) -> chain.ChainReport:
        """Whether all is as it was written; `noted` is the head that an earlier check gave."""
        with as_store_errors(self._path):
            return chain.verify(self._connection, noted=noted)

    def queue_finish(self, finish: Finish) -> int:
        """Remember what is to be done after a set-up Checkout; one row a session, however often it is queued."""
        with self._write() as connection:
            connection.execute(
                f"INSERT OR IGNORE INTO finishes ({_FINISH}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                astuple(finish)[:7],
            )
            row = connection.execute("SELECT id FROM finishes WHERE session = ?", (finish.session,)).fetchone()
        return int(row[0])

    def finishes(self, *, all: bool = False) -> list[Finish]:
        """What is still to be finished, oldest first; with `all` also what was."""
        with as_store_errors(self._path):
            rows = self._connection.execute(
                f"""SELECT {_FINISH}, id, done_at, outcome
                    FROM finishes {"" if all else "WHERE done_at IS NULL"} ORDER BY id"""  # noqa: S608
            ).fetchall()
        return [
            Finish(subscription, customer, session, plan, by, bool(retry), created, identity, done_at, outcome)
            for subscription, customer, session, plan, by, retry, created, identity, done_at, outcome in rows
        ]

    def finish_done(self, finish: int, *, at: int, outcome: str) -> None:
        """A finish is over, in one word: done, expired, refused."""
        with self._write() as connection:
            connection.execute("UPDATE finishes SET done_at = ?, outcome = ? WHERE id = ?", (at, outcome, finish))

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with as_store_errors(self._path), transaction(self._connection):
            yield self._connection

    def _state(self, entry: int) -> EntryState:
        """Where an entry stands. Raises StoreError for one that there is not."""
        row = self._connection.execute(
            "SELECT state FROM journal_events WHERE entry = ? ORDER BY seq DESC LIMIT 1", (entry,)
        ).fetchone()
        if row is None:
            raise StoreError(f"The journal has no entry {entry}.")
        return EntryState(row[0])

    def _entries(self, clause: str, params: Any = ()) -> list[JournalEntry]:
        with reading(self._path):
            return select_entries(self._connection, clause, params)
