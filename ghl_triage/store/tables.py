"""The tables, as migrations: each a name and its statements. Append only; a landed migration is never edited."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from ghl_triage.store import chain

APPLICATION_ID = 0x47484C54
"""Marks an SQLite file as ours ("GHLT"), in its header (SQLite's PRAGMA application_id)."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One forward step of the schema; `then` fills what SQL alone cannot, in the same transaction."""

    name: str
    statements: tuple[str, ...]
    then: Callable[[sqlite3.Connection], None] | None = None


OBJECTS = Migration(
    "objects",
    (
        # `parent` is the object through which a row that names no customer finds him: an invoice payment's invoice.
        # The JSON stands last: SQLite then reads the columns before it without walking its overflow pages.
        """CREATE TABLE objects (
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            customer TEXT,
            parent TEXT,
            subscription TEXT,
            invoice TEXT,
            payment_intent TEXT,
            payment_method TEXT,
            email TEXT,
            status TEXT,
            created INTEGER,
            fetched_at INTEGER NOT NULL,
            deleted INTEGER NOT NULL DEFAULT 0,
            json TEXT NOT NULL
        )""",
        "CREATE INDEX objects_by_customer ON objects (customer, kind)",
        "CREATE INDEX objects_by_email ON objects (email, kind) WHERE email IS NOT NULL",
        "CREATE INDEX orphans_by_parent ON objects (parent) WHERE customer IS NULL AND parent IS NOT NULL",
        "CREATE INDEX objects_of_nobody ON objects (kind) WHERE customer IS NULL",
        """CREATE INDEX open_objects ON objects (kind) WHERE deleted = 0
            AND status IN ('open', 'trialing', 'past_due', 'unpaid', 'paused', 'incomplete')""",
        "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE lookups (
            kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (kind, id)
        ) WITHOUT ROWID""",
    ),
)

CASES = Migration(
    "cases",
    (
        # AUTOINCREMENT: the number of a case that went is never given to another one.
        """CREATE TABLE cases (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            subscription TEXT NOT NULL UNIQUE,
            customer TEXT NOT NULL,
            rank INTEGER NOT NULL,
            rank_at INTEGER NOT NULL,
            path TEXT NOT NULL,
            status TEXT NOT NULL,
            stage TEXT NOT NULL,
            cause TEXT NOT NULL,
            pending TEXT NOT NULL,
            actor TEXT NOT NULL,
            findings TEXT NOT NULL,
            amount INTEGER NOT NULL,
            amount_milli INTEGER NOT NULL,
            currency TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            next_retry_at INTEGER,
            trial_end INTEGER,
            failed_at INTEGER,
            created INTEGER NOT NULL,
            since INTEGER NOT NULL,
            email TEXT NOT NULL,
            name TEXT NOT NULL,
            sort_name TEXT NOT NULL,
            card TEXT NOT NULL,
            brand TEXT NOT NULL,
            funding TEXT NOT NULL,
            country TEXT NOT NULL,
            price TEXT NOT NULL,
            code TEXT NOT NULL,
            advice TEXT NOT NULL,
            search TEXT NOT NULL
        )""",
        # Holds all that the usual filters, the facets and the sums ask for, in the table's own order: none of them
        # touches the table itself.
        """CREATE INDEX cases_in_order ON cases (
            rank, rank_at, path, cause, currency, actor, stage, status, amount, amount_milli, attempts, next_retry_at,
            trial_end, since
        )""",
        "CREATE INDEX cases_by_customer ON cases (customer)",
        "CREATE INDEX cases_by_email ON cases (email COLLATE NOCASE)",
        "CREATE TABLE case_details (row INTEGER PRIMARY KEY, json TEXT NOT NULL)",
        """CREATE TABLE notes (
            id INTEGER PRIMARY KEY, subscription TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL
        )""",
        "CREATE INDEX notes_by_subscription ON notes (subscription, at)",
        """CREATE TABLE tags (
            subscription TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (subscription, tag)
        ) WITHOUT ROWID""",
        """CREATE TABLE path_overrides (
            subscription TEXT PRIMARY KEY, path TEXT NOT NULL, at INTEGER NOT NULL
        ) WITHOUT ROWID""",
    ),
)

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

FINGERPRINT = (
    "CASE kind WHEN 'card' THEN json_extract(json, '$.fingerprint') ELSE json_extract(json, '$.card.fingerprint') END"
)
"""The fingerprint of a stored card, as its index and every statement that uses it must write it."""

DUPLICATES = Migration(
    "duplicates",
    (
        f"""CREATE INDEX cards_by_fingerprint ON objects ({FINGERPRINT}, customer)
            WHERE kind IN ('payment_method', 'card') AND customer IS NOT NULL""",
        # What look-ups a case waits for, found when its verdict is given: nobody has to go over all cases for it.
        """CREATE TABLE wants (
            subscription TEXT PRIMARY KEY,
            customer TEXT NOT NULL,
            rank INTEGER NOT NULL,
            rank_at INTEGER NOT NULL,
            look_ups TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX wants_in_order ON wants (rank, rank_at)",
        "CREATE INDEX wants_by_customer ON wants (customer)",
        # The verdicts of an older program know neither: all are given again.
        "INSERT OR REPLACE INTO state (key, value) SELECT 'cursor:undiagnosed', '1' FROM cases LIMIT 1",
    ),
)

SIGNATURES = Migration(
    "signatures",
    (
        """CREATE TABLE signatures (
            id INTEGER PRIMARY KEY,
            application TEXT NOT NULL,
            metadata TEXT NOT NULL,
            description TEXT NOT NULL,
            price TEXT NOT NULL,
            UNIQUE (application, metadata, description, price)
        )""",
        """CREATE TABLE signatures_of_cases (
            row INTEGER PRIMARY KEY,
            signature INTEGER NOT NULL,
            path TEXT NOT NULL,
            confidence TEXT NOT NULL,
            created INTEGER NOT NULL
        )""",
        "CREATE INDEX signatures_counted ON signatures_of_cases (signature, path, confidence)",
        "CREATE INDEX signatures_by_age ON signatures_of_cases (signature, created DESC)",
        # The verdicts of before hold no signature: the next sync gives everybody a new one.
        """INSERT OR REPLACE INTO state (key, value)
            SELECT 'cursor:undiagnosed', '1' WHERE EXISTS (SELECT 1 FROM cases)""",
    ),
)

TRIALS = Migration(
    "trials",
    (
        # In the order of the data class: a row is one.
        """CREATE TABLE trials (
            subscription TEXT PRIMARY KEY,
            customer TEXT NOT NULL,
            path TEXT NOT NULL,
            confidence TEXT NOT NULL,
            price TEXT,
            currency TEXT NOT NULL,
            amount INTEGER NOT NULL,
            created INTEGER NOT NULL,
            trial_start INTEGER NOT NULL,
            trial_end INTEGER NOT NULL,
            status TEXT NOT NULL,
            state TEXT NOT NULL,
            first_charge TEXT NOT NULL,
            set_up TEXT NOT NULL,
            left_out TEXT,
            first_charge_at INTEGER,
            failure TEXT,
            code TEXT,
            advice TEXT,
            paid_at INTEGER,
            amount_paid INTEGER NOT NULL,
            checked_at_sign_up INTEGER,
            ready_at_start INTEGER,
            duplicate_customer INTEGER NOT NULL,
            brand TEXT,
            funding TEXT,
            country TEXT,
            tries TEXT NOT NULL
        )""",
        "CREATE INDEX trials_by_customer ON trials (customer)",
        "CREATE INDEX trials_by_end ON trials (trial_end)",
        # A load that is complete has read what older programs did not note; its windows are those of sync/plan.py.
        """UPDATE state SET value = json_set(
                value,
                '$.paid_payments_since', json_extract(value, '$.charges_since'),
                '$.subscriptions_since',
                (SELECT json_extract(value, '$.started') FROM state WHERE key = 'cursor:load') - 10368000)
            WHERE key = 'coverage' AND json_extract(value, '$.invoice_payments_read')
              AND (SELECT json_extract(value, '$.complete') FROM state WHERE key = 'cursor:load' AND value <> '')""",
        "INSERT OR REPLACE INTO state (key, value) SELECT 'cursor:undiagnosed', '1' FROM cases LIMIT 1",
    ),
)

POSSIBLE = Migration(
    "possible",
    (
        # NULL: the verdict does not say yet; such a row is written again although nothing else in it changed.
        "ALTER TABLE cases ADD COLUMN possible TEXT",
        "INSERT OR REPLACE INTO state (key, value) SELECT 'cursor:undiagnosed', '1' FROM cases LIMIT 1",
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

CHARGE_FINGERPRINT = "json_extract(json, '$.payment_method_details.card.fingerprint')"
"""The fingerprint of the card that a charge took, as its index and every statement that uses it must write it."""

CARD_CHARGES = Migration(
    "card_charges",
    (
        # Whoever paid with a card, it was paid: a customer's other account, or a guest's.
        f"""CREATE INDEX charges_by_fingerprint ON objects ({CHARGE_FINGERPRINT}, created)
            WHERE kind = 'charge' AND status = 'succeeded'""",
        "INSERT OR REPLACE INTO state (key, value) SELECT 'cursor:undiagnosed', '1' FROM cases LIMIT 1",
    ),
)

MIGRATIONS = (OBJECTS, CASES, JOURNAL, DUPLICATES, SIGNATURES, TRIALS, POSSIBLE, JOURNAL_CHAIN, CARD_CHARGES)
VERSION = len(MIGRATIONS)
"""The schema that this program reads and writes; the file keeps its own in PRAGMA user_version."""


def shapes(version: int = VERSION) -> frozenset[tuple[str, str]]:
    """The tables, indexes and triggers of a schema, each as its kind and name."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for migration in MIGRATIONS[:version]:
            for statement in migration.statements:
                fresh.execute(statement)
        return found_shapes(fresh)


def found_shapes(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """The same of a file, as far as it has them."""
    return frozenset(connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
