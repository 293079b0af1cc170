"""What of a store no sync can bring back, as rows on their way from one file to another."""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from dataclasses import dataclass, field, replace

from ghl_triage.store import chain
from ghl_triage.store.migrations import shapes
from ghl_triage.store.salvage import Key, Row, Salvaged, Wanted, last_number, salvage
from ghl_triage.text import plural

_CHAIN = Wanted("journal_chain", ("seq",))
_CHAINED = (
    Wanted("plans", ("id",), numbered=False),
    Wanted("journal", ("id",)),
    Wanted("journal_events", ("seq",)),
)
"""What the chain knows all rows of; it is read first."""
_BESIDE = (
    Wanted("finishes", ("id",)),
    Wanted("notes", ("id",)),
    Wanted("tags", ("subscription", "tag"), numbered=False),
    Wanted("path_overrides", ("subscription",), numbered=False),
)
_APART = (
    # Stripe forgets events after 30 days, and a log that was imported may be gone. A sync brings back the most.
    Wanted("objects", ("rowid",), where="kind IN ('event', 'log_line') AND json_valid(json)"),
    Wanted("state", ("key",), numbered=False, where="key IN ('account', 'clock_offset')"),
)
"""Kept as far as it can be read, and no loss where it cannot."""
_WORDS = {
    "plans": ("plan", "plans"),
    "journal": ("entry of the journal", "entries of the journal"),
    "journal_events": ("state of a journal entry", "states of journal entries"),
    "journal_chain": ("link of the journal's chain", "links of the journal's chain"),
    "finishes": ("promised finish", "promised finishes"),
    "notes": ("note", "notes"),
}
_MOST_UNSEEN = 100_000
"""So many numbers beyond the last row that is known of are believed to have been given out."""
_DOUBT = "the store was damaged: what became of it is not known"


@dataclass(slots=True)
class Keepsakes:
    """The rows by table, and the last numbers that were given out."""

    found: dict[str, Salvaged] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    from_backups: int = 0
    _blank: bool = False

    @property
    def lost(self) -> tuple[str, ...]:
        """What cannot be read, and no sync brings back, in sentences."""
        if self._blank:
            return ("Nothing in the file can be read: what its backups do not hold is lost.",)
        said = (self._lost_of(of) for of in (_CHAIN, *_CHAINED, *_BESIDE))
        return tuple(filter(None, said))

    @property
    def missed(self) -> bool:
        """Whether old events, or lines of a log that was imported, could not be read."""
        objects = self.found["objects"]
        return objects.unsure or bool(objects.unreadable)

    def gather(self, store: sqlite3.Connection | None, version: int) -> None:
        """Read a store of this schema; None is one of which nothing can be read."""
        expected = shapes(version)
        for of in (_CHAIN, *_CHAINED, *_BESIDE, *_APART):
            if store is None:
                self.found[of.table] = Salvaged(unsure=True)
                continue
            self.found[of.table] = salvage(store, of, self._named(of), expected=("table", of.table) in expected)
            self.last[of.table] = self._last_given(store, of)
        self._blank = all(each.unsure and not each.rows for each in self.found.values())

    def fill_from(self, older: sqlite3.Connection) -> None:
        """Take what is missing from a backup: the journal only grows, what stood there once stood there later."""
        for of in (_CHAIN, *_CHAINED, *_BESIDE, *_APART):
            mine, missing = self.found[of.table], self._missing(of)
            if not (missing or mine.unsure):
                continue
            there = salvage(older, of, missing)
            news = {key: row for key, row in there.rows.items() if key not in mine.rows}
            if not mine.unsure:
                news = {key: row for key, row in news.items() if key in missing}
            mine.rows |= news
            self.from_backups += len(news)
            self.last[of.table] = max(self.last.get(of.table, 0), self._last_given(older, of))

    def write(self, to: sqlite3.Connection, *, chained: bool = True) -> None:
        """Put the rows into a new store, in the caller's transaction. Without `chained` the chain begins anew.

        A row that does not fit its table counts as unreadable from then on.
        """
        for table, salvaged in self.found.items():
            if table == _CHAIN.table and not chained:
                continue
            columns = {name for _, name, *_ in to.execute(f'PRAGMA table_info("{table}")')}
            unfit = {key for key, row in salvaged.rows.items() if not _put(to, table, row, columns)}
            salvaged.unreadable |= unfit
            salvaged.rows = {key: row for key, row in salvaged.rows.items() if key not in unfit}
            self._go_on_counting(to, table)
        if not chained or not self.found[_CHAIN.table].rows:
            chain.adopt(to)

    def without_dangling(self) -> Keepsakes:
        """The same without what belongs to entries that are lost: their states, and the word that one undoes them."""
        entries = {row["id"] for row in self.found["journal"].rows.values()}
        events, journal = self.found["journal_events"], self.found["journal"]
        states = {key: row for key, row in events.rows.items() if row["entry"] in entries}
        kept = {
            key: row if row.get("undoes") in entries else {**row, "undoes": None} for key, row in journal.rows.items()
        }
        found = {
            **self.found,
            "journal": replace(journal, rows=kept),
            "journal_events": replace(events, rows=states),
        }
        return replace(self, found=found)

    def doubt(self, to: sqlite3.Connection, at: int) -> None:
        """Where states are lost, an entry may look as if it had never left: it is written down as not known."""
        unsettled = to.execute(
            """SELECT id FROM journal WHERE NOT EXISTS (
                   SELECT 1 FROM journal_events WHERE entry = journal.id AND state <> 'planned')"""
        ).fetchall()
        for (entry,) in unsettled:
            row = to.execute(
                "INSERT INTO journal_events (entry, state, at, error) VALUES (?, 'unknown', ?, ?) RETURNING seq",
                (entry, at, _DOUBT),
            ).fetchone()
            chain.append(to, "journal_events", row[0])

    @property
    def states_lost(self) -> bool:
        """Whether states of entries are missing."""
        return bool(self._lost_of(_CHAINED[2]))

    def _go_on_counting(self, to: sqlite3.Connection, table: str) -> None:
        """A number that was given out once is never given out again, also where its row is lost."""
        counts = "SELECT 1 FROM sqlite_master WHERE name = ? AND sql LIKE '%AUTOINCREMENT%'"
        last = self.last.get(table, 0)
        if not last or to.execute(counts, (table,)).fetchone() is None:
            return
        raised = "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ? RETURNING 1"
        if not to.execute(raised, (last, table)).fetchall():
            to.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))

    def _last_given(self, store: sqlite3.Connection, of: Wanted) -> int:
        """The last number that was given out in a table; a count that was damaged may be any number."""
        if not of.numbered:
            return 0
        highest = max((int(key[0]) for key in (*self.found[of.table].rows, *self._named(of))), default=0)
        return max(highest, min(last_number(store, of.table), highest + _MOST_UNSEEN))

    def _named(self, of: Wanted) -> set[Key]:
        """The rows of a table of which the chain tells."""
        chain_rows = self.found[_CHAIN.table].rows.values() if _CHAIN.table in self.found else ()
        named = {str(row["of_row"]) for row in chain_rows if row["of_table"] == of.table}
        return {(int(name) if of.numbered else name,) for name in named if name.isdecimal() or not of.numbered}

    def _missing(self, of: Wanted) -> set[Key]:
        mine = self.found[of.table]
        expected = self._named(of) | mine.unreadable
        if of is _CHAIN or (of in _CHAINED[1:] and not self._chain_is_whole):
            # Nothing of the journal is ever taken out: its numbers have no gaps.
            expected |= {(number,) for number in range(1, self.last.get(of.table, 0) + 1)}
        return expected.difference(mine.rows)

    def _lost_of(self, of: Wanted) -> str:
        missing = len(self._missing(of))
        if missing:
            one, many = _WORDS.get(of.table, (f"row of {of.table}", f"rows of {of.table}"))
            return f"{plural(missing, one, many)} cannot be read."
        if self.found[of.table].unsure and not (of in _CHAINED and self._chain_is_whole):
            return f"A part of the table `{of.table}` cannot be read."
        return ""

    @property
    def _chain_is_whole(self) -> bool:
        links = self.found[_CHAIN.table]
        return bool(links.rows) and not links.unsure and not self._missing(_CHAIN)


def _put(to: sqlite3.Connection, table: str, row: Row, columns: Set[str]) -> bool:
    """Write a row; False where it does not fit: a damaged one may have a strange column, or be there twice."""
    if not row.keys() <= columns:
        return False
    listed, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    put = to.execute(
        f'INSERT OR IGNORE INTO "{table}" ({listed}) VALUES ({marks})',  # noqa: S608
        list(row.values()),
    )
    return put.rowcount == 1
