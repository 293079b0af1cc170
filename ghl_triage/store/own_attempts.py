"""Our own retries, out of the journal: they count towards the caps of design.md section 6, rule 4."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ghl_triage.model import OwnAttempt
from ghl_triage.store.statements import marks


def own_attempts(connection: sqlite3.Connection, invoices: Sequence[str]) -> list[OwnAttempt]:
    """Our retries of these invoices that left, oldest first. A planned one did not; a failed one charged nobody."""
    rows = connection.execute(
        f"""SELECT paid_invoice, payment_method, at FROM (
                SELECT journal.paid_invoice, journal.payment_method, events.state,
                       min(CASE WHEN events.state <> 'planned' THEN events.at END) OVER whole AS at,
                       row_number() OVER (PARTITION BY journal.id ORDER BY events.seq DESC) AS newest
                FROM journal JOIN journal_events AS events ON events.entry = journal.id
                WHERE journal.paid_invoice IN ({marks(invoices)})
                WINDOW whole AS (PARTITION BY journal.id)
            ) WHERE newest = 1 AND state IN ('sent', 'done', 'declined', 'unknown') ORDER BY at""",  # noqa: S608
        invoices,
    )
    return [OwnAttempt(invoice, payment_method, at) for invoice, payment_method, at in rows]
