"""Whose verdicts may change with somebody's objects: his own, his namesakes', and theirs who share a card with him."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ghl_triage.store.fingerprints import customers_with_the_cards_of
from ghl_triage.store.objects import customers_of
from ghl_triage.store.split import fold_email
from ghl_triage.store.statements import chunks, marks

_WITH_SUBSCRIPTION = "SELECT DISTINCT customer FROM objects WHERE kind = 'subscription' AND customer IS NOT NULL"
_EMAILS = (
    "SELECT email FROM objects WHERE kind = 'customer' AND customer IN ({})",
    "SELECT DISTINCT email FROM cases WHERE customer IN ({})",
)


def affected(connection: sqlite3.Connection, customers: Iterable[str] | None) -> list[str]:
    """These customers (None: all) and those beside them, by their e-mails as they are now and as their cases stand."""
    if customers is None:
        return [customer for (customer,) in connection.execute(_WITH_SUBSCRIPTION)]
    wanted = list(dict.fromkeys(customers))
    emails = {
        folded
        for part in chunks(wanted)
        for query in _EMAILS
        for (email,) in connection.execute(query.format(marks(part)), part)
        if (folded := fold_email(email))
    }
    others = customers_of(connection, emails) | customers_with_the_cards_of(connection, wanted)
    return list(dict.fromkeys([*wanted, *sorted(others)]))
