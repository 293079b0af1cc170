"""What a sync asks the store: what is open, what cases want looked up, whose verdict is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ghl_triage.store.connection import as_store_errors, reading
from ghl_triage.store.statements import chunks, marks

if TYPE_CHECKING:
    from ghl_triage.store.wants import WantedFor

Params: TypeAlias = Sequence[Any] | Mapping[str, Any]


class SyncReads:
    """The half of the Reader that a sync uses; whoever derives from it sets path and connection."""

    _path: Path
    _connection: sqlite3.Connection

    def _all(self, sql: str, params: Params = ()) -> list[Any]:
        with as_store_errors(self._path):
            return self._connection.execute(sql, params).fetchall()

    def _one(self, sql: str, params: Params = ()) -> Any:
        rows = self._all(sql, params)
        return rows[0][0] if rows else None

    def wants(self, limit: int) -> list[WantedFor]:
        """The look-ups that the first so many waiting cases want, in the order of the queue, each once."""
        from ghl_triage.store.wants import read_wants

        with reading(self._path):
            return read_wants(self._connection, limit)

    def open_ids(self) -> dict[str, set[str]]:
        """The subscriptions and invoices that the store holds to be open, by kind: what a reconcile compares."""
        found: dict[str, set[str]] = {"subscription": set(), "invoice": set()}
        for kind, identity in self._all(_OPEN):
            found[kind].add(identity)
        return found

    def unlisted_subscriptions(self, limit: int) -> list[str]:
        """The subscriptions that invoices name and the store does not hold: those of open invoices first, then those of
        the newest."""
        return [each for (each,) in self._all(_UNLISTED, (limit,))]

    def known_ids(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that the store holds."""
        from ghl_triage.store.objects import known_ids

        with as_store_errors(self._path):
            return known_ids(self._connection, ids)

    def spellings(self, emails: Sequence[str]) -> list[str]:
        """How the customers of these addresses (folded) write them."""
        found: dict[str, None] = {}
        for part in chunks(emails):
            rows = self._all(
                f"""SELECT json_extract(json, '$.email') FROM objects
                    WHERE kind = 'customer' AND email IN ({marks(part)})""",  # noqa: S608
                part,
            )
            found |= {email: None for (email,) in rows if email}
        return list(found)

    def payers(self, subscriptions: Sequence[str]) -> dict[str, str]:
        """The customers of these subscriptions, as far as the store holds them."""
        return {
            subscription: customer
            for part in chunks(subscriptions)
            for subscription, customer in self._all(
                f"""SELECT id, customer FROM objects
                    WHERE kind = 'subscription' AND customer IS NOT NULL AND id IN ({marks(part)})""",  # noqa: S608
                part,
            )
        }

    def customers(self) -> list[str]:
        """All customers that have a subscription."""
        rows = self._all(
            "SELECT DISTINCT customer FROM objects WHERE kind = 'subscription' AND customer IS NOT NULL AND deleted = 0"
        )
        return [customer for (customer,) in rows]

    def due(self, since: int, now: int) -> set[str]:
        """Customers whose verdict may change by the passing of time alone: a trial's end, a retry, two hours, a day."""
        rows = self._all(_DUE, {"since": since, "now": now})
        return {customer for (customer,) in rows}


_OPEN = """
SELECT kind, id FROM objects INDEXED BY open_objects
WHERE kind IN ('subscription', 'invoice') AND deleted = 0
  AND status IN ('open', 'trialing', 'past_due', 'unpaid', 'paused', 'incomplete')
"""

_UNLISTED = """
SELECT subscription FROM objects AS invoice
WHERE kind = 'invoice' AND deleted = 0 AND subscription IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM objects WHERE id = invoice.subscription)
GROUP BY subscription ORDER BY max(status = 'open') DESC, max(created) DESC LIMIT ?
"""

_DUE = """
SELECT DISTINCT customer FROM cases
WHERE trial_end > :since AND trial_end <= :now
   OR trial_end > :since - 7200 AND trial_end <= :now - 7200
   OR trial_end > :since - 86400 AND trial_end <= :now - 86400
   OR next_retry_at > :since AND next_retry_at <= :now
   OR next_retry_at > :since + 3600 AND next_retry_at <= :now + 3600
   OR stage = 'recovered' AND since < :now - 5184000
"""
