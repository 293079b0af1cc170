"""The durable record of every intended and finished request that changes something outside.

Append-only: an entry's text never changes, and its states are rows of their own, the newest of which counts. A commit
here is on the disk when it returns: the row with its idempotency key is there before the request leaves. Each row is
chained to the one before by a digest (chain.py).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ghl_triage.errors import StoreError
from ghl_triage.model import OwnAttempt
from ghl_triage.store import chain
from ghl_triage.store.connection import as_store_errors, connect_writer, transaction
from ghl_triage.store.own_attempts import own_attempts
from ghl_triage.store.redact import holds_secret, redact
from ghl_triage.store.schema import open_store


class EntryState(StrEnum):
    """What became of an entry; each is a row of its own, appended."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    DECLINED = "declined"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN_STATES = (EntryState.PLANNED, EntryState.SENT, EntryState.UNKNOWN)
"""Entries in these states wait for a definite answer."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request: what was to be sent, what was shown for it, who said yes, and what came of it.

    `id` is 0 until it is written. `shown` is the plan's line for it; `by` a command or a screen.
    """

    plan: str
    case: str
    action: str
    method: str
    path: str
    params: Mapping[str, Any]
    idempotency_key: str
    shown: str
    by: str
    created: int
    id: int = 0
    state: EntryState = EntryState.PLANNED
    sent_at: int | None = None
    settled_at: int | None = None
    request_id: str | None = None
    error: str | None = None
    undo: Mapping[str, Any] | None = None
    """The parameters that put back what stood there before; None where nothing can be put back."""
    undoes: int | None = None
    """The entry that this one takes back."""

    @property
    def outcome(self) -> EntryState | None:
        """How it ended; None while it has not."""
        return None if self.state in OPEN_STATES and self.state is not EntryState.UNKNOWN else self.state


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan that got a yes: what was shown as a whole."""

    id: str
    action: str
    livemode: bool
    shown: Mapping[str, Any]
    by: str
    created: int


@dataclass(frozen=True, slots=True)
class Finish:
    """What is still to do once the customer has completed a set-up Checkout: set the level, then retry if `retry`."""

    subscription: str
    customer: str
    session: str
    plan: str
    by: str
    retry: bool
    created: int
    id: int = 0
    done_at: int | None = field(default=None)
    outcome: str | None = field(default=None)


class Journal:
    """Reads and writes the journal; every method is one durable commit. One thread at a time."""

    def __init__(self, path: Path) -> None:
        open_store(path)
        self._path = path
        self._connection = connect_writer(path, durable=True)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add_plan(self, plan: PlanRecord) -> None:
        """Keep what was shown, before anything of it is intended."""
        with self._write() as connection:
            _insert_plan(connection, plan)

    def plan(self, plan_id: str) -> PlanRecord | None:
        """A plan as it was shown."""
        row = self._connection.execute(
            'SELECT id, action, livemode, shown, "by", created FROM plans WHERE id = ?', (plan_id,)
        ).fetchone()
        if row is None:
            return None
        identity, action, livemode, shown, by, created = row
        return PlanRecord(identity, action, bool(livemode), json.loads(shown), by, created)

    def intend(self, entry: JournalEntry) -> int:
        """Write down a request that is about to leave, and its number. Refuses parameters that hold a secret."""
        return self.intend_all([entry])[0]

    def intend_all(self, entries: Sequence[JournalEntry], *, plan: PlanRecord | None = None) -> list[int]:
        """The same for several requests, all or none: an action of two requests is known whole before the first.

        `plan` is the one that they belong to, written in the same commit.
        """
        for entry in entries:
            if holds_secret(entry.params) or holds_secret(entry.path) or holds_secret(entry.idempotency_key):
                raise ValueError("a request with a secret in it cannot be written down")
        with self._write() as connection:
            if plan is not None:
                _insert_plan(connection, plan)
            return [_insert(connection, entry) for entry in entries]

    def sent(self, entry: int, at: int) -> None:
        """The request leaves now."""
        self._append(entry, EntryState.SENT, at)

    def settle(
        self, entry: int, outcome: EntryState, *, at: int, request_id: str | None = None, error: str | None = None
    ) -> None:
        """What came of it. `error` is one sentence; secrets in it are hidden."""
        self._append(entry, outcome, at, request_id, redact(error) if error else None)

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
                """INSERT OR IGNORE INTO finishes (subscription, customer, session, plan, "by", retry, created)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (
                    finish.subscription,
                    finish.customer,
                    finish.session,
                    finish.plan,
                    finish.by,
                    finish.retry,
                    finish.created,
                ),
            )
            row = connection.execute("SELECT id FROM finishes WHERE session = ?", (finish.session,)).fetchone()
        return int(row[0])

    def finishes(self, *, all: bool = False) -> list[Finish]:
        """What is still to be finished, oldest first; with `all` also what was."""
        with as_store_errors(self._path):
            rows = self._connection.execute(
                f"""SELECT id, subscription, customer, session, plan, "by", retry, created, done_at, outcome
                    FROM finishes {"" if all else "WHERE done_at IS NULL"} ORDER BY id"""  # noqa: S608
            ).fetchall()
        return [
            Finish(subscription, customer, session, plan, by, bool(retry), created, identity, done_at, outcome)
            for identity, subscription, customer, session, plan, by, retry, created, done_at, outcome in rows
        ]

    def finish_done(self, finish: int, *, at: int, outcome: str) -> None:
        """A finish is over, in one word: done, expired, refused."""
        with self._write() as connection:
            connection.execute("UPDATE finishes SET done_at = ?, outcome = ? WHERE id = ?", (at, outcome, finish))

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with as_store_errors(self._path), transaction(self._connection):
            yield self._connection

    def _append(
        self, entry: int, state: EntryState, at: int, request_id: str | None = None, error: str | None = None
    ) -> None:
        with self._write() as connection:
            if connection.execute("SELECT 1 FROM journal WHERE id = ?", (entry,)).fetchone() is None:
                raise StoreError(f"The journal has no entry {entry}.")
            _add_event(connection, entry, state, at=at, request_id=request_id, error=error)

    def _entries(self, clause: str, params: Any = ()) -> list[JournalEntry]:
        with as_store_errors(self._path):
            rows = self._connection.execute(f"{_ENTRIES} {clause}", params).fetchall()
        return [_entry(row) for row in rows]


_PAY = re.compile(r"/v1/invoices/([^/]+)/pay")

_ENTRIES = """
SELECT journal.id, journal.plan, journal."case", journal.action, journal.method, journal.path, journal.params,
       journal.idempotency_key, journal.shown, journal."by", journal.created, last.state, last.at, last.request_id,
       last.error, (SELECT min(at) FROM journal_events WHERE entry = journal.id AND state <> 'planned'),
       journal.undo, journal.undoes
FROM journal JOIN journal_events AS last
  ON last.seq = (SELECT max(seq) FROM journal_events WHERE entry = journal.id)
"""


def _insert_plan(connection: sqlite3.Connection, plan: PlanRecord) -> None:
    connection.execute(
        'INSERT INTO plans (id, action, livemode, shown, "by", created) VALUES (?, ?, ?, ?, ?, ?)',
        (
            plan.id,
            plan.action,
            plan.livemode,
            json.dumps(redact(plan.shown), ensure_ascii=False),
            plan.by,
            plan.created,
        ),
    )
    chain.append(connection, "plans", plan.id)


def _insert(connection: sqlite3.Connection, entry: JournalEntry) -> int:
    paid = _PAY.fullmatch(entry.path)
    card = entry.params.get("payment_method") if paid else None
    row = connection.execute(
        """INSERT INTO journal (plan, "case", action, method, path, params, idempotency_key, shown, "by", created,
                                paid_invoice, payment_method, undo, undoes)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            entry.plan,
            entry.case,
            str(entry.action),
            entry.method,
            entry.path,
            json.dumps(entry.params, ensure_ascii=False),
            entry.idempotency_key,
            redact(entry.shown),
            entry.by,
            entry.created,
            paid.group(1) if paid else None,
            card,
            None if entry.undo is None else json.dumps(entry.undo, ensure_ascii=False),
            entry.undoes,
        ),
    ).fetchone()
    chain.append(connection, "journal", row[0])
    _add_event(connection, row[0], EntryState.PLANNED, at=entry.created)
    return int(row[0])


def _add_event(
    connection: sqlite3.Connection,
    entry: int,
    state: EntryState,
    *,
    at: int,
    request_id: str | None = None,
    error: str | None = None,
) -> None:
    row = connection.execute(
        "INSERT INTO journal_events (entry, state, at, request_id, error) VALUES (?, ?, ?, ?, ?) RETURNING seq",
        (entry, str(state), at, request_id, error),
    ).fetchone()
    chain.append(connection, "journal_events", row[0])


def _entry(row: Sequence[Any]) -> JournalEntry:
    identity, plan, case, action, method, path, params, key, shown, by, created, state, at, request, error, sent = row[
        :16
    ]
    undo, undoes = row[16:]
    reached = EntryState(state)
    return JournalEntry(
        plan=plan,
        case=case,
        action=action,
        method=method,
        path=path,
        params=json.loads(params),
        idempotency_key=key,
        shown=shown,
        by=by,
        created=created,
        id=identity,
        state=reached,
        sent_at=sent,
        settled_at=None if reached in {EntryState.PLANNED, EntryState.SENT} else at,
        request_id=request,
        error=error,
        undo=json.loads(undo) if undo else None,
        undoes=undoes,
    )
