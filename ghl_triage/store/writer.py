"""Writes the store: what sources read, what diagnosis says, what the consultant notes.

Everything is in transactions, so a reader sees whole batches and a killed program leaves whole ones. Two writers do
not harm the file; that they do not undo each other's work is what `lock.WriteLock` is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from ghl_triage.model import Caps, Case, Coverage, LearnedName, Raw, SyncProgress
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store import highlevel
from ghl_triage.store.affected import affected
from ghl_triage.store.cases import drop_cases, write_cases
from ghl_triage.store.connection import OpenFile, as_store_errors, connect_writer, reading, transaction
from ghl_triage.store.fingerprints import payers_alike
from ghl_triage.store.log_lines import Line, write_lines
from ghl_triage.store.objects import known_ids, mark_deleted, mark_detached, write_rows
from ghl_triage.store.records import load_records
from ghl_triage.store.redact import redact
from ghl_triage.store.schema import open_store
from ghl_triage.store.signatures import renamed_customers
from ghl_triage.store.split import OLD, Splitter, event_row, highlevel_row
from ghl_triage.store.state import Account, State
from ghl_triage.store.trials import drop_trials, write_trials
from ghl_triage.store.undelivered import mark_undelivered
from ghl_triage.store.wants import write_wants

if TYPE_CHECKING:
    from ghl_triage.rights import Rights

OBJECTS_AT_ONCE = 500
CUSTOMERS_AT_ONCE = 300
"""Sizes of one transaction: big enough to be fast, small enough that nobody waits long for the file."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a call wrote: rows (expanded objects counted once each), and the customers whose verdict may change."""

    objects: int
    customers: set[str]


class Writer(OpenFile):
    """Writes the store. Threads may share one: each call is carried out whole before the next."""

    def __init__(self, path: Path) -> None:
        """Makes the store, or moves it forward, where that is to be done."""
        open_store(path)
        self._path = path
        self._connection = connect_writer(path)
        self._state = State(self._connection, path)
        self._one_at_a_time = RLock()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written inside is one transaction: rows and the cursor that claims them."""
        with self._one_at_a_time:
            if self._connection.in_transaction:
                yield
                return
            with as_store_errors(self._path), transaction(self._connection):
                yield

    # what sources read

    def write_objects(self, objects: Iterable[Raw], *, fetched_at: int, authoritative: bool = True) -> WriteResult:
        """Store API objects, possibly with others expanded inside them: each becomes a row of its own, without secrets.

        `fetched_at` is when the request began; a row that was read later stays. What is not `authoritative` (a copy
        inside something else) is stored only where nothing is.
        """
        written, touched = 0, set[str]()
        for batch in _batches(objects, OBJECTS_AT_ONCE):
            splitter = Splitter(fetched_at if authoritative else OLD)
            for obj in batch:
                splitter.add(obj)
            rows = splitter.rows()
            with self.together():
                touched |= write_rows(self._connection, rows, overwrite=authoritative)
                touched |= payers_alike(self._connection, [row.id for row in rows.values() if row.kind == "charge"])
            written += len(rows)
        return WriteResult(written, touched)

    def write_events(self, events: Iterable[Raw], *, fetched_at: int) -> WriteResult:
        """Keep events as evidence; one that is there already stays as it is. Counts the new ones."""
        written, touched = 0, set[str]()
        for batch in _batches(events, OBJECTS_AT_ONCE):
            rows = {row.id: row for row in (event_row(event, fetched_at) for event in batch)}
            with self.together():
                for known in known_ids(self._connection, list(rows)):
                    del rows[known]
                touched |= write_rows(self._connection, rows, overwrite=False)
            written += len(rows)
        return WriteResult(written, touched)

    def write_highlevel(self, kind: str, rows: Iterable[Raw], *, fetched_at: int) -> WriteResult:
        """Store HighLevel rows; `kind` is subscription, transaction, contact, saas_location or workflow.

        The customers are those whom rows that are new, or other than before, are about: before and now.
        """
        written, touched = 0, set[str]()
        for batch in _batches(rows, OBJECTS_AT_ONCE):
            found = {row.id: row for row in (highlevel_row(f"highlevel_{kind}", each, fetched_at) for each in batch)}
            with self.together():
                changed = highlevel.news(self._connection, found)
                touched |= highlevel.concerned(self._connection, changed)
                touched |= write_rows(self._connection, changed)
                touched |= highlevel.concerned(self._connection, changed)
            written += len(found)
        return WriteResult(written, touched)

    def keep_only_highlevel(self, kind: str, kept: set[str]) -> set[str]:
        """A list of HighLevel's was read whole: rows that are not in it are gone; the customers concerned."""
        with self.together():
            return highlevel.keep_only(self._connection, f"highlevel_{kind}", kept)

    def mark_contacts_read(self, emails: Sequence[str], found: set[str], at: int) -> set[str]:
        """HighLevel was asked for the contacts of these e-mails (folded): `found`. Whom that is news to."""
        with self.together():
            return highlevel.contacts_read(self._connection, emails, found, at)

    def mark_deleted(self, kind: str, ids: Iterable[str]) -> set[str]:
        """These objects are gone at their source; the customers whose verdict that may change."""
        with self.together():
            return mark_deleted(self._connection, kind, ids)

    def mark_cards_read(self, customer: str, at: int, *, attached: Iterable[str] | None = None) -> None:
        """A customer's payment methods were listed whole at `at`; stored ones that are not `attached` are detached."""
        with self.together():
            self._mark_read("cards", customer, at)
            if attached is not None:
                mark_detached(self._connection, customer, attached=attached, at=at)

    def mark_proof_read(self, payment_method: str, at: int = 0) -> None:
        """The SetupIntents of a card were looked up, whatever their age."""
        with self.together():
            self._mark_read("proof", payment_method, at)

    def mark_namesakes_read(self, emails: Iterable[str], at: int = 0) -> None:
        """The customers of these e-mail addresses (folded) were sought, whatever their age."""
        with self.together():
            for email in emails:
                self._mark_read("namesakes", email, at)

    def mark_undelivered(self, events: Iterable[Raw], at: int, *, since: int) -> set[str]:
        """These events, and no others made from `since` on, stand undelivered; the customers for whom that is news."""
        with self.together():
            return mark_undelivered(self._connection, [str(event["id"]) for event in events], at, since=since)

    def write_log_lines(self, file: str, lines: Sequence[Line], at: int) -> tuple[int, set[str]]:
        """Keep lines of the client's own log; how many were new, and the customers that they name."""
        with self.together():
            return write_lines(self._connection, file, lines, at)

    def forget_lookups(self) -> None:
        """What was looked up one by one may have changed unseen: it counts as never looked up.

        What other reads than a look-up put right again stays: HighLevel's contacts, undelivered events.
        """
        with self.together():
            self._connection.execute(
                "DELETE FROM lookups WHERE kind NOT IN (?, 'undelivered')", (highlevel.CONTACT_LOOKUP,)
            )

    def mark_sessions_read(self, subscription: str, at: int = 0) -> None:
        """The Checkout Sessions of a subscription were looked up."""
        with self.together():
            self._mark_read("sessions", subscription, at)

    # what a sync leaves behind

    def cursor(self, name: str) -> str | None:
        """A saved cursor."""
        with self._one_at_a_time:
            return self._state.cursor(name)

    def save_cursor(self, name: str, value: str | None) -> None:
        """Save how far a list was read, after its rows; None forgets it."""
        with self.together():
            self._state.put(f"cursor:{name}", value)

    def save_coverage(self, coverage: Coverage) -> None:
        """Save how far back each list was read. Names are kept apart: `save_learned`."""
        with self.together():
            self._state.put_json("coverage", replace(coverage, learned=()))

    def save_learned(self, names: tuple[LearnedName, ...]) -> set[str]:
        """Save the consultant's names, for all verdicts from now on; the customers to whom they make a difference."""
        with self.together():
            known = self._state.learned()
            if names != known:
                self._state.put_json("learned", names)
            return renamed_customers(self._connection, known, names)

    def save_sync_status(self, progress: SyncProgress) -> None:
        """Save how far a sync is, for whoever opens the store next."""
        with self.together():
            self._state.put_json("sync_status", progress)

    def set_account(self, account: Account) -> None:
        """Bind the file to an account and mode. Raises `StoreForeign` where it belongs to another one."""
        with self.together():
            self._state.set_account(account)

    def save_rights(self, key: str, rights: Rights) -> None:
        """Keep what is known of a Stripe key's rights; `key` is its fingerprint."""
        with self.together():
            self._state.save_rights(key, rights)

    def set_clock_offset(self, seconds: int) -> None:
        """Save Stripe's clock less this machine's."""
        with self.together():
            self._state.put("clock_offset", str(seconds))

    # verdicts

    def rediagnose(self, customers: Iterable[str] | None, now: int, caps: Caps) -> int:
        """New verdicts for these customers (None: all) and those who share an e-mail or a card; how many cases."""
        from ghl_triage.diagnosis.cards_wanted import wanted
        from ghl_triage.diagnosis.verdicts import verdicts

        coverage = self._state.coverage()
        count = 0
        with self._one_at_a_time, as_store_errors(self._path):
            due = affected(self._connection, customers)
        for batch in _batches(due, CUSTOMERS_AT_ONCE):
            with self._one_at_a_time, as_store_errors(self._path):
                # Outside the transaction: thinking must not keep others from writing.
                with reading(self._path):
                    records = load_records(self._connection, batch)
                told = [verdicts(each, now, coverage=coverage, caps=caps) for each in records.values()]
                cases = [case for each in told for case in each.cases]
                trials = [trial for each in told for trial in each.trials]
                wants = [(case, wanted(records[case.customer], case, coverage=coverage)) for case in cases]
                with self.together():
                    write_cases(self._connection, cases)
                    write_wants(self._connection, batch, wants)
                    write_trials(self._connection, trials)
                    drop_cases(self._connection, batch, keep=(case.subscription for case in cases))
                    drop_trials(self._connection, batch, keep=(trial.subscription for trial in trials))
            count += len(cases)
        return count

    def save_cases(self, cases: Sequence[Case]) -> int:
        """Insert or update cases; how many were new or other than before."""
        with self.together():
            return write_cases(self._connection, cases)

    # what the consultant says

    def add_note(self, subscription: str, text: str, at: int) -> None:
        """Keep a note on a case; secrets pasted into it are hidden."""
        with self.together():
            self._connection.execute(
                "INSERT INTO notes (subscription, at, text) VALUES (?, ?, ?)", (subscription, at, redact(text))
            )

    def change_tags(self, subscriptions: Sequence[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give cases labels, and take others away; case does not count, and secrets pasted into one are hidden."""

        def pairs(tags: Iterable[str]) -> list[tuple[str, str]]:
            wanted = sorted({redact(tag).strip().casefold() for tag in tags} - {""})
            return [(subscription, tag) for subscription in subscriptions for tag in wanted]

        with self.together():
            self._connection.executemany("DELETE FROM tags WHERE subscription = ? AND tag = ?", pairs(remove))
            self._connection.executemany("INSERT OR IGNORE INTO tags (subscription, tag) VALUES (?, ?)", pairs(add))

    def set_path_override(self, subscription: str, path: SoldThrough | None, at: int = 0) -> None:
        """The consultant's own word on how a subscription was sold; None takes it back. Takes effect with a verdict."""
        with self.together():
            self._connection.execute("DELETE FROM path_overrides WHERE subscription = ?", (subscription,))
            if path is not None:
                self._connection.execute(
                    "INSERT INTO path_overrides (subscription, path, at) VALUES (?, ?, ?)",
                    (subscription, str(path), at),
                )

    def _mark_read(self, kind: str, identity: str, at: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO lookups (kind, id, at) VALUES (?, ?, ?)", (kind, identity, at))


def _batches(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
