"""Tables of the journal: append-only, each row chained to the one before."""

from __future__ import annotations

from ghl_triage.store import chain
from ghl_triage.store.migrations.step import Migration

_APPEND_ONLY = """CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"""

JOURNAL = Migration(
    "journal",
    (
        """CREATE TABLE plans (
            id TEXT PRIMARY KEY,
            action TEXT NOT NULL,
            livemode INTEGER NOT NULL,
            shown TEXT NOT NULL,
            "by" TEXT NOT NULL,
            created INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            plan TEXT NOT NULL,
            "case" TEXT NOT NULL,
            action TEXT NOT NULL,
            method TEXT NOT NULL,
            path TEXT NOT NULL,
            params TEXT NOT NULL,
            idempotency_key TEXT NOT NULL UNIQUE,
            shown TEXT NOT NULL,
            "by" TEXT NOT NULL,
            created INTEGER NOT NULL,
            paid_invoice TEXT,
            payment_method TEXT
        )""",
        """CREATE TABLE journal_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            entry INTEGER NOT NULL REFERENCES journal (id),
            state TEXT NOT NULL,
            at INTEGER NOT NULL,
            request_id TEXT,
            error TEXT
        )""",
        'CREATE INDEX journal_by_case ON journal ("case")',
        "CREATE INDEX journal_by_invoice ON journal (paid_invoice) WHERE paid_invoice IS NOT NULL",
        "CREATE INDEX journal_events_by_entry ON journal_events (entry, seq)",
        *(
            _APPEND_ONLY.format(table=table, verb=verb)
            for table in ("plans", "journal", "journal_events")
            for verb in ("UPDATE", "DELETE")
        ),
        """CREATE TABLE finishes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            subscription TEXT NOT NULL,
            customer TEXT NOT NULL,
            session TEXT NOT NULL UNIQUE,
            plan TEXT NOT NULL,
            "by" TEXT NOT NULL,
            retry INTEGER NOT NULL,
            created INTEGER NOT NULL,
            done_at INTEGER,
            outcome TEXT
        )""",
        "CREATE INDEX finishes_waiting ON finishes (id) WHERE done_at IS NULL",
    ),
)

JOURNAL_CHAIN = Migration(
    "journal_chain",
    (
        "ALTER TABLE journal ADD COLUMN undo TEXT",
        "ALTER TABLE journal ADD COLUMN undoes INTEGER REFERENCES journal (id)",
        "CREATE INDEX journal_undoes ON journal (undoes) WHERE undoes IS NOT NULL",
        """CREATE TABLE journal_chain (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            of_table TEXT NOT NULL,
            of_row TEXT NOT NULL,
            digest TEXT NOT NULL,
            UNIQUE (of_table, of_row)
        )""",
        *(_APPEND_ONLY.format(table="journal_chain", verb=verb) for verb in ("UPDATE", "DELETE")),
    ),
    then=chain.adopt,
)
