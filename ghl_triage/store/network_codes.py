"""What the card networks said beside Stripe's own code, of the charge that failed last in each case."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ghl_triage.store.filters import CompiledFilter
from ghl_triage.store.scan import cases_for


@dataclass(frozen=True, slots=True)
class NetworkCode:
    """How many cases of Stripe's `code` have this answer of the network; empty where the charge holds none.

    `decline` is the issuer's code (ISO 8583), `advice` Mastercard's merchant advice code (Stripe: charge.outcome).
    """

    code: str
    decline: str
    advice: str
    cases: int


def count_network_codes(connection: sqlite3.Connection, where: CompiledFilter) -> list[NetworkCode]:
    """By code of the cases that match and whose failed charge was read, the most frequent first."""
    table = cases_for({"customer", "code", "failed_at", *where.columns})
    rows = connection.execute(
        f"""SELECT code, ifnull(json_extract(charge.json, '$.outcome.network_decline_code'), ''),
                   ifnull(json_extract(charge.json, '$.outcome.network_advice_code'), ''), count(*)
            FROM (SELECT customer AS payer, code, failed_at FROM {table} WHERE code <> '' AND {where.sql}) AS hit
            JOIN objects AS charge ON charge.customer = payer AND charge.kind = 'charge'
                 AND charge.created = failed_at AND charge.status = 'failed'
            GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3""",  # noqa: S608
        where.params,
    )
    return [NetworkCode(*row) for row in rows]
