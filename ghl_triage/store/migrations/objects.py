"""Tables and indexes of what sources read: API objects, and how far each list was read."""

from __future__ import annotations

from ghl_triage.store.migrations.step import Migration

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
