"""Tables of what diagnosis says, and of what the consultant notes beside it."""

from __future__ import annotations

from ghl_triage.store.migrations.step import Migration

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
