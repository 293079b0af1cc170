"""Our own retries: they count towards the caps of design.md section 6, rule 4.

The journal holds those of this store. Of others, and of a store that was deleted, Stripe's events tell: each names the
key of the request that caused it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ghl_triage.model import OwnAttempt, Raw
from ghl_triage.store.statements import chunks, marks

RETRY_KEY = "ghlt:retry:"
"""How the idempotency key of each retry of ours begins (actions/keys.py)."""


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


def attempts_of_others(connection: sqlite3.Connection, events: Iterable[Raw]) -> list[OwnAttempt]:
    """The retries that these events tell of and this journal does not hold, oldest first."""
    ours = [event for event in events if _key(event).startswith(RETRY_KEY) and _about(event).get("object") == "invoice"]
    caused: dict[str, OwnAttempt] = {}
    for event in sorted(ours, key=_created):
        invoice = str(_about(event).get("id"))
        caused.setdefault(_key(event), OwnAttempt(invoice, None, _created(event), journaled=False))
    for part in chunks(list(caused)):
        held = connection.execute(
            f"SELECT idempotency_key FROM journal WHERE idempotency_key IN ({marks(part)})",  # noqa: S608
            part,
        ).fetchall()
        for (key,) in held:
            del caused[key]
    return list(caused.values())


def _key(event: Raw) -> str:
    request = event.get("request")
    return str(request.get("idempotency_key") or "") if isinstance(request, dict) else ""


def _about(event: Raw) -> Raw:
    data = event.get("data")
    found = data.get("object") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _created(event: Raw) -> int:
    at = event.get("created")
    return at if isinstance(at, int) else 0
