"""What stands in the journal, and how each part of it is written as rows and read back."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ghl_triage.store import chain
from ghl_triage.store.redact import redact


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

    `id` is 0 until it is written. `shown` is the plan's line for it; `by` a command or a screen. `sent_at` is when it
    first left, None for what never did.
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
    card: str | None = None
    """The payment method that a payment charges, whether its request names it or leaves the choice to Stripe."""


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
    done_at: int | None = None
    outcome: str | None = None


_PAY = re.compile(r"/v1/invoices/([^/]+)/pay")


def insert_plan(connection: sqlite3.Connection, plan: PlanRecord) -> None:
    """Write a plan, inside the caller's transaction."""
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


def read_plan(connection: sqlite3.Connection, plan: str) -> PlanRecord | None:
    """A plan as it was written."""
    row = connection.execute(
        'SELECT id, action, livemode, shown, "by", created FROM plans WHERE id = ?', (plan,)
    ).fetchone()
    if row is None:
        return None
    identity, action, livemode, shown, by, created = row
    return PlanRecord(identity, action, bool(livemode), json.loads(shown), by, created)


def insert_entry(connection: sqlite3.Connection, entry: JournalEntry) -> int:
    """Write an entry as planned, inside the caller's transaction; its number."""
    paid = _PAY.fullmatch(entry.path)
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
            entry.card,
            None if entry.undo is None else json.dumps(entry.undo, ensure_ascii=False),
            entry.undoes,
        ),
    ).fetchone()
    chain.append(connection, "journal", row[0])
    add_state(connection, row[0], EntryState.PLANNED, at=entry.created)
    return int(row[0])


def add_state(
    connection: sqlite3.Connection,
    entry: int,
    state: EntryState,
    *,
    at: int,
    request_id: str | None = None,
    error: str | None = None,
) -> None:
    """Append a state of an entry, inside the caller's transaction."""
    row = connection.execute(
        "INSERT INTO journal_events (entry, state, at, request_id, error) VALUES (?, ?, ?, ?, ?) RETURNING seq",
        (entry, str(state), at, request_id, error),
    ).fetchone()
    chain.append(connection, "journal_events", row[0])


_ENTRIES = """
SELECT journal.id, journal.plan, journal."case", journal.action, journal.method, journal.path, journal.params,
       journal.idempotency_key, journal.shown, journal."by", journal.created, last.state, last.at, last.request_id,
       last.error, (SELECT min(at) FROM journal_events WHERE entry = journal.id AND state = 'sent'),
       journal.undo, journal.undoes, journal.payment_method
FROM journal JOIN journal_events AS last
  ON last.seq = (SELECT max(seq) FROM journal_events WHERE entry = journal.id)
"""


def select_entries(connection: sqlite3.Connection, clause: str, params: Any = ()) -> list[JournalEntry]:
    """The entries that a clause picks, each with its last state; its tables are `journal` and `last`."""
    return [_entry(row) for row in connection.execute(f"{_ENTRIES} {clause}", params)]


def _entry(row: Sequence[Any]) -> JournalEntry:
    identity, plan, case, action, method, path, params, key, shown, by, created, *end = row
    state, at, request, error, sent, undo, undoes, card = end
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
        card=card,
    )
