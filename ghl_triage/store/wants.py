"""The table of look-ups that cases wait for: written with the verdicts, read by the sync that makes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ghl_triage.diagnosis.cards_wanted import Want
from ghl_triage.model import Case
from ghl_triage.store.columns import rank
from ghl_triage.store.statements import chunks, marks

_Row = tuple[str, str, int, int, str]


@dataclass(frozen=True, slots=True)
class WantedFor:
    """A look-up, and the customer whose verdict waits for it."""

    want: Want
    customer: str


def write_wants(
    connection: sqlite3.Connection, customers: Sequence[str], wanted: Iterable[tuple[Case, Sequence[Want]]]
) -> None:
    """What the cases of these customers want now; what they wanted before goes. No change costs no write."""
    rows = {case.subscription: _row(case, wants) for case, wants in wanted if wants}
    stored = _stored(connection, customers)
    connection.executemany(
        "DELETE FROM wants WHERE subscription = ?", [(name,) for name in stored.keys() - rows.keys()]
    )
    connection.executemany(
        "INSERT OR REPLACE INTO wants (subscription, customer, rank, rank_at, look_ups) VALUES (?, ?, ?, ?, ?)",
        [row for name, row in rows.items() if stored.get(name) != row],
    )


def _row(case: Case, wants: Sequence[Want]) -> _Row:
    look_ups = orjson.dumps([(want.kind, want.id) for want in wants]).decode()
    return (case.subscription, case.customer, *rank(case), look_ups)


def _stored(connection: sqlite3.Connection, customers: Sequence[str]) -> Mapping[str, _Row]:
    found: dict[str, _Row] = {}
    for part in chunks(customers):
        rows = connection.execute(
            f"SELECT subscription, customer, rank, rank_at, look_ups FROM wants WHERE customer IN ({marks(part)})",  # noqa: S608
            part,
        )
        found.update({row[0]: row for row in rows})
    return found


def read_wants(connection: sqlite3.Connection, limit: int) -> list[WantedFor]:
    """The look-ups of the first so many waiting cases, in the order of the queue, each once."""
    rows = connection.execute("SELECT customer, look_ups FROM wants ORDER BY rank, rank_at LIMIT ?", (limit,))
    found: dict[Want, str] = {}
    for customer, look_ups in rows:
        for kind, identity in orjson.loads(look_ups):
            found.setdefault(Want(kind, identity), customer)
    return [WantedFor(want, customer) for want, customer in found.items()]
