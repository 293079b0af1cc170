"""HighLevel's rows in the store: whom they are about, and what the audit asks of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set

import orjson

from ghl_triage.model import Raw
from ghl_triage.store.objects import customers_of, mark_deleted
from ghl_triage.store.split import MAPPING, Row
from ghl_triage.store.statements import chunks, marks

CONTACT = "highlevel_contact"
CONTACT_LOOKUP = "contact"
"""The kind of a look-up of an e-mail's contacts; its id is the e-mail as it is compared."""


def news(connection: sqlite3.Connection, rows: Mapping[str, Row]) -> dict[str, Row]:
    """Those of the rows that are not stored just so: HighLevel's lists come whole each time, and hardly change."""
    stored: dict[str, str] = {}
    for part in chunks(list(rows)):
        stored.update(
            connection.execute(
                f"SELECT id, json FROM objects WHERE id IN ({marks(part)}) AND deleted = 0",  # noqa: S608
                part,
            ).fetchall()
        )
    return {identity: row for identity, row in rows.items() if stored.get(identity) != row.json}


def concerned(connection: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
    """The customers whom stored HighLevel rows are about: by customer, by subscription, by e-mail."""
    customers: set[str] = set()
    subscriptions: set[str] = set()
    emails: set[str] = set()
    for part in chunks(list(ids)):
        rows = connection.execute(
            f"""SELECT customer, CASE WHEN kind = '{MAPPING}' THEN json_extract(json, '$.customerId') END,
                       subscription, email FROM objects WHERE id IN ({marks(part)})""",  # noqa: S608
            part,
        )
        for customer, mapped, subscription, email in rows:
            customers.update(each for each in (customer, mapped) if isinstance(each, str))
            subscriptions.update(filter(None, (subscription,)))
            emails.update(filter(None, (email,)))
    return customers | _owners(connection, sorted(subscriptions)) | customers_of(connection, emails)


def _owners(connection: sqlite3.Connection, subscriptions: Sequence[str]) -> set[str]:
    return {
        customer
        for part in chunks(subscriptions)
        for (customer,) in connection.execute(
            f"SELECT customer FROM objects WHERE id IN ({marks(part)}) AND customer IS NOT NULL",  # noqa: S608
            part,
        )
    }


def keep_only(connection: sqlite3.Connection, kind: str, kept: set[str]) -> set[str]:
    """A list was read whole: what it does not hold any more is gone at HighLevel; the customers concerned."""
    stored = connection.execute("SELECT id FROM objects WHERE kind = ? AND deleted = 0", (kind,)).fetchall()
    gone = sorted({identity for (identity,) in stored} - kept)
    touched = concerned(connection, gone)
    mark_deleted(connection, kind, gone)
    return touched


def contacts_read(connection: sqlite3.Connection, emails: Sequence[str], found: set[str], at: int) -> set[str]:
    """HighLevel was asked at `at` for the contacts of these e-mails; `found` are all that there are.

    The customers to whom that is news: it was never asked before, or a contact is gone.
    """
    asked: set[str] = set()
    gone: list[str] = []
    for part in chunks(list(emails)):
        asked.update(
            email
            for (email,) in connection.execute(
                f"SELECT id FROM lookups WHERE kind = ? AND id IN ({marks(part)})",  # noqa: S608
                (CONTACT_LOOKUP, *part),
            )
        )
        gone += [
            identity
            for (identity,) in connection.execute(
                f"SELECT id FROM objects WHERE kind = ? AND deleted = 0 AND email IN ({marks(part)})",  # noqa: S608
                (CONTACT, *part),
            )
            if identity not in found
        ]
    touched = concerned(connection, gone) | customers_of(connection, set(emails) - asked)
    mark_deleted(connection, CONTACT, gone)
    connection.executemany(
        "INSERT OR REPLACE INTO lookups (kind, id, at) VALUES (?, ?, ?)",
        [(CONTACT_LOOKUP, email, at) for email in emails],
    )
    return touched


def mappings(
    connection: sqlite3.Connection, customers: Set[str], subscriptions: Set[str], emails: Set[str]
) -> list[tuple[str, str | None, Raw]]:
    """The locations that name one of these, as id, e-mail, row. They are few, and nobody's: all are looked at."""
    rows = connection.execute(
        """SELECT id, json_extract(json, '$.customerId'), subscription, email, CAST(json AS BLOB) FROM objects
           WHERE customer IS NULL AND kind = ? AND deleted = 0 ORDER BY id""",
        (MAPPING,),
    )
    return [
        (identity, email, orjson.loads(encoded))
        for identity, customer, subscription, email, encoded in rows
        if customer in customers or subscription in subscriptions or email in emails
    ]
